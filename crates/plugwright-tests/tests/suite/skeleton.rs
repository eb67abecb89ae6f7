//! Skeletons of difficult contracts. The generated plugins and applications in Rust compile without warnings, and
//! each function reports that it is not written yet.

mod applications;
mod refused;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use plugwright::Contract;
use plugwright_cli::skeleton::application::application;
use plugwright_cli::skeleton::rust_plugin::{Dependency, plugin};
use plugwright_cli::skeleton::{Request, Skeleton};
use tests::{Output, plugwright, program, root, target_folder};

use crate::build::PROFILE;
use crate::new::files;

/// A world of one of the contracts.
struct World {
    /// The contract's folder.
    contract: &'static str,
    world: &'static str,
}

impl World {
    fn name(&self) -> String {
        format!("made-{}-{}", self.contract, self.world)
    }

    /// Calls `make` for the world. `wit` is the path of the contract.
    fn made<R>(&self, wit: &str, make: impl FnOnce(&Request<'_>) -> R) -> R {
        let contract = Contract::read(folder().join("contracts").join(self.contract));
        let contract = contract.unwrap_or_else(|error| panic!("{}: {error}", self.contract));
        let (resolve, package) = contract.resolve();
        let world = resolve.packages[package].worlds[self.world];
        make(&Request { resolve, world, name: &self.name(), wit })
    }
}

const fn world(contract: &'static str, world: &'static str) -> World {
    World { contract, world }
}

/// All worlds that plugins in Rust can implement.
const WORLDS: [World; 14] = [
    world("bare", "empty"),
    world("bare", "imports-only"),
    world("bare", "state"),
    world("bare", "types-only"),
    world("both", "layer"),
    world("chain", "chain"),
    world("documented", "library"),
    world("greeting", "greeter"),
    world("traffic", "desk-world"),
    world("traffic", "handed"),
    world("traffic", "locked"),
    world("traffic", "quarter"),
    world("words", "plugin"),
    world("words", "state"),
];

fn folder() -> PathBuf {
    root().join("crates/plugwright-tests/tests/suite/skeleton")
}

/// Returns the workspace of plugins, which is kept between runs like other plugins of tests.
fn workspace() -> PathBuf {
    target_folder("pipeline").join("skeletons")
}

fn write(file: &Path, text: &str) {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return;
    }
    fs::create_dir_all(file.parent().expect("the file has this part"))
        .expect("the folder can be created");
    fs::write(file, text).expect("the file can be written");
}

fn plugin_of(world: &World) -> Skeleton {
    let wit = format!("../../contracts/{}", world.contract);
    let made = world.made(&wit, |request| plugin(request, Dependency::Workspace));
    made.unwrap_or_else(|error| panic!("{}: {error:#}", world.name()))
}

/// Compiles a plugin of each world. There must be no warnings.
fn build() -> Output {
    let workspace = workspace();
    for file in files(&folder().join("contracts")) {
        let name = file.strip_prefix(folder()).expect("the path is inside the folder");
        write(&workspace.join(name), &fs::read_to_string(&file).expect("the file can be read"));
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the file exists");
    let bindings = manifest.lines().find(|line| line.starts_with("wit-bindgen ="));
    let (_, profile) = manifest.split_once("[profile.plugin]").expect("the file has this part");
    // The profiles of single plugins come after this one.
    let profile = profile.split("\n\n").next().unwrap_or_default();
    write(
        &workspace.join("Cargo.toml"),
        &format!(
            "[workspace]\nmembers = [\"plugins/*\"]\nresolver = \"3\"\n\n[workspace.dependencies]\n{}\n\n\
             [profile.plugin]{profile}",
            bindings.expect("wit-bindgen is in the manifest")
        ),
    );
    if !workspace.join("Cargo.lock").is_file() {
        let lock = fs::read_to_string(root().join("Cargo.lock")).expect("the file exists");
        write(&workspace.join("Cargo.lock"), &lock);
    }
    for world in &WORLDS {
        let Skeleton { files, cases } = plugin_of(world);
        for (path, text) in files.into_iter().chain(cases) {
            write(&workspace.join("plugins").join(world.name()).join(path), &text);
        }
    }
    let arguments = ["build", "--target=wasm32-wasip2", "--profile=plugin", "--keep-going"];
    let mut cargo = program(Path::new("cargo"), &workspace, arguments);
    cargo.env("CARGO_TARGET_DIR", target_folder("pipeline")).env("CARGO_NET_OFFLINE", "true");
    Output::of(cargo.envs(PROFILE))
}

#[test]
fn plugins_of_all_worlds_compile_and_their_first_cases_show_that_nothing_is_written() {
    let output = build();
    assert_eq!(output.code, Some(0), "{output}");
    assert!(!output.stderr.contains("warning"), "{output}");
    let mut told = String::new();
    for world in &WORLDS {
        let folder = workspace().join("plugins").join(world.name());
        told += &format!("{} {}:\n", world.contract, world.world);
        if !folder.join("first.calls").is_file() {
            told += "  no call\n";
            continue;
        }
        let file = format!("plugin_{}.wasm", world.name().replace('-', "_"));
        let file = target_folder("pipeline").join("wasm32-wasip2/plugin").join(file);
        let mut command = plugwright(&folder, ["call".as_ref(), file.as_os_str()]);
        let output = Output::of(command.args(["--calls", "first.calls"]));
        let lines = output.stdout.lines().chain(output.stderr.lines());
        let lines = lines.filter(|line| {
            line.starts_with(['>', '<', '!'])
                || line.contains("not written")
                || line.starts_with("error")
        });
        told.extend(lines.map(|line| format!("  {}\n", line.trim())));
    }
    assert_snapshot!(told, @r#"
    bare empty:
      no call
    bare imports-only:
      no call
    bare state:
      > tick()
      stderr: not yet implemented: `tick` is not written yet
      ! trap it panicked at plugins/made-bare-state/src/lib.rs:11:9: not yet implemented: `tick` is not written yet
      error: plugin `plugin_made_bare_state` trapped (see the last lines)
    bare types-only:
      no call
    both layer:
      > store.put({key: "key", value: utf8("value")})
      stderr: not yet implemented: `put` is not written yet
      ! trap it panicked at plugins/made-both-layer/src/lib.rs:16:9: not yet implemented: `put` is not written yet
      error: plugin `plugin_made_both_layer` trapped (see the last lines)
    chain chain:
      > one.run({place: {x: 1, y: 1}, name: "name"}, [{place: {x: 1, y: 1}, ways: [{name: "name", points: [{x: 1, y: 1}]}]}], {name: "name", points: [{x: 1, y: 1}]})
      stderr: not yet implemented: `run` is not written yet
      ! trap it panicked at plugins/made-chain-chain/src/lib.rs:20:9: not yet implemented: `run` is not written yet
      error: plugin `plugin_made_chain_chain` trapped (see the last lines)
    documented library:
      > papers.count("text", none, true, ["and-a-name-that-is-long"])
      < err("`count` is not written yet")
      error: plugin `plugin_made_documented_library` refused the call (see the last line)
    greeting greeter:
      > greet.greet("name")
      stderr: not yet implemented: `greet` is not written yet
      ! trap it panicked at plugins/made-greeting-greeter/src/lib.rs:15:9: not yet implemented: `greet` is not written yet
      error: plugin `plugin_made_greeting_greeter` trapped (see the last lines)
    traffic desk-world:
      > host-desk(1)
      stderr: not yet implemented: `host-desk` is not written yet
      ! trap it panicked at plugins/made-traffic-desk-world/src/lib.rs:16:9: not yet implemented: `host-desk` is not written yet
      error: plugin `plugin_made_traffic_desk_world` trapped (see the last lines)
    traffic handed:
      > let the-car = new vehicles.car
      < car#1
      > lots.take(the-car)
      stderr: not yet implemented: `take` is not written yet
      ! trap it panicked at plugins/made-traffic-handed/src/lib.rs:14:9: not yet implemented: `take` is not written yet
      error: plugin `plugin_made_traffic_handed` trapped (see the last lines)
    traffic locked:
      no call
    traffic quarter:
      > garages.garage([])
      stderr: not yet implemented: `garage` is not written yet
      ! trap it panicked at plugins/made-traffic-quarter/src/lib.rs:39:9: not yet implemented: `garage` is not written yet
      error: plugin `plugin_made_traffic_quarter` trapped (see the last lines)
    words plugin:
      > use.match({self: 1, type: "type", super: ["super"]}, %none, %ok, {true}, 1)
      < err("`match` is not written yet")
      error: plugin `plugin_made_words_plugin` refused the call (see the last line)
    words state:
      > dyn.all({self: 1, type: "type", super: ["super"]}, %none, %ok, {true}, 1, ("plugin", utf8("plugin")))
      stderr: not yet implemented: `all` is not written yet
      ! trap it panicked at plugins/made-words-state/src/lib.rs:21:9: not yet implemented: `all` is not written yet
      error: plugin `plugin_made_words_state` trapped (see the last lines)
    "#);
}

#[test]
fn what_is_made_for_a_contract() {
    let library = world("documented", "library");
    let Skeleton { files, cases } = plugin_of(&library);
    let all: String = files
        .iter()
        .chain(&cases)
        .map(|(path, text)| format!("--- {}\n{text}", path.display()))
        .collect();
    insta::with_settings!({ snapshot_path => "skeleton/snapshots", prepend_module_to_snapshot => false }, {
        assert_snapshot!("documented", all);
    });
}

#[test]
fn a_plugin_depends_on_the_release_that_this_one_has() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the file exists");
    let line = |text: &str| {
        let line = text.lines().find(|line| line.starts_with("wit-bindgen =")).map(str::to_owned);
        line.expect("the output names the dependency")
    };
    let made =
        world("greeting", "greeter").made("wit", |request| plugin(request, Dependency::Release));
    let made = made.expect("the skeleton can be generated");
    assert_eq!(line(&made.files[Path::new("Cargo.toml")]), line(&manifest));
}

/// The files in `skeleton/applications/` are compiled with these tests, and must be what is generated now.
#[test]
fn applications_are_those_that_are_compiled_with_the_tests() {
    let mut made = BTreeMap::new();
    for world in
        WORLDS.iter().filter(|it| it.contract != "bare" && it.name() != "made-words-plugin")
    {
        let wit = format!("tests/suite/skeleton/contracts/{}", world.contract);
        let files = world.made(&wit, |request| application(request, world.world));
        let files = files.unwrap_or_else(|error| panic!("{}: {error:#}", world.name()));
        assert_eq!(files.keys().collect::<Vec<_>>(), [Path::new("src/main.rs")]);
        let name = format!("{}_{}.rs", world.contract, world.world.replace('-', "_"));
        made.extend(files.into_values().map(|text| (name.clone(), text)));
    }
    let folder = folder().join("applications");
    let accepts = std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always");
    for (name, text) in &made {
        if accepts {
            write(&folder.join(name), text);
        }
        let kept = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert_eq!(
            kept, *text,
            "{name} differs: run this test with `INSTA_UPDATE=always` to accept it"
        );
    }
    let kept: Vec<_> = files(&folder)
        .iter()
        .filter_map(|it| it.file_name()?.to_str().map(str::to_owned))
        .collect();
    assert_eq!(kept, made.into_keys().collect::<Vec<_>>());
}

/// Only a few lines may be wider than rustfmt allows.
#[test]
fn sources_are_laid_out_as_rustfmt_does() {
    let mut sources: Vec<_> = WORLDS
        .iter()
        .map(|world| plugin_of(world).files[Path::new("src/lib.rs")].clone())
        .collect();
    for world in WORLDS.iter().filter(|it| !["bare", "words"].contains(&it.contract)) {
        let made = world.made("../wit", |request| application(request, world.world));
        sources.extend(made.expect("the skeleton can be generated").into_values());
    }
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    for (text, number) in sources.iter().zip(0..) {
        fs::write(folder.path().join(format!("{number}.rs")), text)
            .expect("the file can be written");
    }
    let begin = ["--edition", "2024", "--check", "--color", "never"].map(str::to_owned);
    let names = (0..sources.len()).map(|number| format!("{number}.rs"));
    let mut rustfmt = program(Path::new("rustfmt"), folder.path(), begin.into_iter().chain(names));
    let output = Output::of(&mut rustfmt);
    assert_eq!((&*output.stdout, output.code), ("", Some(0)), "{output}");
}
