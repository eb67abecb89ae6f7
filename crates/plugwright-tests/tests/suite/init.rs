//! `plugwright init`: what it writes, where, and that the example builds, runs and passes its tests.

mod refused;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use tempfile::TempDir;
use tests::{Output, plugwright, program, root, target_folder};

use crate::build::PROFILE;
use crate::new::files;

/// A source that needs nothing of this machine.
const SOURCE: &str = "git:https://example.org/plugwright#v1.0.0";

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn init<S: AsRef<OsStr>>(folder: &Path, arguments: &[S]) -> Output {
    let arguments = arguments.iter().map(AsRef::as_ref);
    Output::of(&mut plugwright(folder, [OsStr::new("init")].into_iter().chain(arguments)))
}

fn expect<S: AsRef<OsStr>>(folder: &Path, arguments: &[S]) {
    let output = init(folder, arguments);
    assert_eq!(output.code, Some(0), "{output}");
}

/// What is below the folder, as paths from there.
fn list(folder: &Path) -> String {
    let files = files(folder);
    let files = files.iter().map(|file| file.strip_prefix(folder).expect("it is below"));
    files.map(|file| format!("{}\n", file.display())).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

/// The folder of a template.
fn template(name: &str) -> PathBuf {
    root().join("crates/plugwright-cli/templates").join(name)
}

#[test]
fn it_writes_a_repository() {
    let folder = folder();
    let output = init(folder.path(), &["shop", "--source", SOURCE]);
    assert_snapshot!(output, @"
    created `shop`; next, in that folder:
      ./dev just run     prints what the plugin answers
      ./dev just test    tests the plugin
    [exit code 0]
    ");
    let shop = folder.path().join("shop");
    assert_snapshot!(list(&shop), @"
    .config/tools
    .config/tools.lock
    .config/without-registries/Cargo.toml
    .config/without-registries/lib.rs
    .gitattributes
    .github/workflows/ci.yml
    .gitignore
    Cargo.toml
    README.md
    app/Cargo.toml
    app/src/main.rs
    crates/plugin-hello/Cargo.toml
    crates/plugin-hello/plugin.toml
    crates/plugin-hello/src/lib.rs
    crates/plugwright/Cargo.toml
    crates/plugwright/src/main.rs
    dev
    flake.nix
    justfile
    plugwright.toml
    rust-toolchain.toml
    tests/cases/hello/greetings.calls
    tests/cases/hello/no-name.calls
    tests/cases/hello/too-long.calls
    tests/snapshots/hello/greetings.calls.snap
    tests/snapshots/hello/no-name.calls.snap
    tests/snapshots/hello/too-long.calls.snap
    tests/snapshots/hello/wit.snap
    wit/greeting.wit
    ");
    assert_snapshot!(read(&shop.join("README.md")), @"
    # shop

    An application, and plugins that extend it: WebAssembly components of the contract
    `example:greeting@0.1.0`. A plugin touches what the contract names and nothing else, so anybody may write one.

    ```sh
    ./dev just run
    ./dev just test
    ```

    The first builds the plugin `hello` and the application, and prints what the plugin answers. The second tests the very
    plugins that ship, by the cases in `tests/cases/`. They need Nix, or rustup and a C compiler, or Debian 12. The first call
    compiles the tools, the command `plugwright` and the plugin, which takes some ten minutes on two cores; later calls start
    at once.

    | where | what |
    | --- | --- |
    | `wit/` | the contract: what plugins export, and what the application does for them |
    | `crates/plugin-*/` | plugins in Rust, a crate each |
    | `plugins/*/` | plugins in other languages, a folder each |
    | `tests/cases/NAME/`, `tests/snapshots/NAME/` | the tests of the plugin `NAME`, a file each, and what comes out of them |
    | `app/` | the application: what plugins import is a trait there, and calls are typed |
    | `crates/plugwright/` | the command `plugwright`, a program of this workspace |
    | `plugwright.toml` | where the pipeline finds what |
    | `dist/` | what it makes: `NAME.wasm`, the list `plugins.json`, and where each plugin comes from |

    | plugin | world | what it does |
    | --- | --- | --- |
    | [hello](crates/plugin-hello/src/lib.rs) | `greeter` | Says hello |

    ## How to go on

    ```sh
    # Another plugin in Rust; with --lang in JavaScript, TypeScript, Python, C, C++ or Zig.
    ./dev just new mine
    # What can be called, with its documentation; and calls, as a case has them.
    ./dev just call hello
    ./dev just call hello --calls tests/cases/hello/greetings.calls
    # Takes what comes out of the cases now as what has to; `git diff` shows it.
    ./dev just bless
    # Keeps the contract as released: from then on a change that would break plugins is refused.
    ./dev just contract --release
    # Signs the plugins with a key that `./target/debug/plugwright key new release.key` makes.
    ./dev just sign release.key
    ```

    `./dev` sets the pinned toolchain up. In the shell of `nix develop`, `just` alone does, and `just` lists all recipes.
    A change of the contract is told by the compiler, in the plugin and in the application.
    ");
    assert_snapshot!(read(&shop.join("flake.nix")), @r#"
    {
      description = "Plugins of the contract example:greeting@0.1.0, and the application that runs them";

      # The long part is there.
      inputs.plugwright.url = "git+https://example.org/plugwright?ref=refs/tags/v1.0.0";

      outputs = { plugwright, ... }: plugwright.lib.pipeline { src = ./.; };
    }
    "#);
    let cargo = read(&shop.join("Cargo.toml"));
    let lines: Vec<_> = cargo.lines().filter(|line| line.starts_with("plugwright")).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    plugwright = { git = "https://example.org/plugwright", tag = "v1.0.0" }
    plugwright-cli = { git = "https://example.org/plugwright", tag = "v1.0.0" }
    plugwright-guest = { git = "https://example.org/plugwright", tag = "v1.0.0" }
    "#);
    // Nothing is left to fill in, and what others may read of new folders and files they may read.
    for file in files(&shop) {
        let text = read(&file);
        let mut words = text.split('@').skip(1);
        let is_name =
            |it: &str| !it.is_empty() && it.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        assert!(!words.any(is_name), "{}: {text}", file.display());
    }
    fs::create_dir(folder.path().join("new")).expect("a folder");
    assert_eq!(mode(&shop), mode(&folder.path().join("new")));
    assert_eq!(mode(&shop.join("dev")) & 0o100, 0o100);
    assert_eq!(mode(&shop.join("justfile")) & 0o111, 0);
    // Nothing stays beside it.
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
}

#[test]
fn an_empty_folder_is_taken_as_it_is() {
    let folder = folder();
    expect(folder.path(), &[".", "--source", SOURCE]);
    let one = list(folder.path());
    let other = self::folder();
    let path = other.path().join("with a space");
    fs::create_dir(&path).expect("a folder");
    symlink(&path, other.path().join("link")).expect("a link");
    expect(other.path(), &["link", "--source", SOURCE]);
    assert_eq!(one, list(&path));
}

#[test]
fn it_has_the_licence_that_is_asked_for() {
    let folder = folder();
    for (license, names) in [
        ("none", &[][..]),
        ("mit", &["LICENSE"]),
        ("apache-2.0", &["LICENSE"]),
        ("both", &["LICENSE-APACHE", "LICENSE-MIT"]),
    ] {
        expect(folder.path(), &[license, "--source", SOURCE, "--license", license]);
        let all = list(&folder.path().join(license));
        let found: Vec<_> = all.lines().filter(|file| file.starts_with("LICENSE")).collect();
        assert_eq!(found, names);
    }
    assert_eq!(
        read(&folder.path().join("both/LICENSE-APACHE")),
        read(&root().join("LICENSE-APACHE"))
    );
    let mit = read(&folder.path().join("mit/LICENSE"));
    let ours = read(&root().join("LICENSE-MIT"));
    let body = |text: &str| text.split_once("Permission is").expect("the text").1.to_owned();
    assert_eq!(body(&mit), body(&ours));
    assert!(mit.contains("Copyright (c) the authors of mit\n"), "{mit}");
}

#[test]
fn it_copies_the_contract_that_is_given() {
    let folder = folder();
    let wit = folder.path().join("wit");
    fs::create_dir_all(wit.join("deps/money")).expect("folders");
    fs::write(
        wit.join("deps/money/money.wit"),
        "package shop:money;\ninterface money { type cents = u64; }\n",
    )
    .expect("a file");
    fs::write(wit.join("rules.wit"), RULES).expect("a file");
    fs::write(wit.join("README"), "not a part of it").expect("a file");
    expect(folder.path(), &["mine", "--wit", "wit", "--source", SOURCE]);
    let mine = folder.path().join("mine");
    assert_snapshot!(list(&mine.join("wit")), @"
    deps/money/money.wit
    rules.wit
    ");
    assert_eq!(read(&mine.join("wit/rules.wit")), RULES);
    assert!(read(&mine.join("README.md")).contains("`shop:rules@2.0.0`"));
    assert!(mine.join("crates/plugin-rule/src/lib.rs").is_file());
    assert!(mine.join("app/src/main.rs").is_file());
    expect(folder.path(), &["named", "--wit", "wit", "--name", "half-price", "--source", SOURCE]);
    assert!(folder.path().join("named/crates/plugin-half-price/src/lib.rs").is_file());
}

const RULES: &str = "\
package shop:rules@2.0.0;

/// What a rule is for.
interface prices {
    use shop:money/money.{cents};
    /// Prices so many of an article.
    price: func(sku: string, quantity: u32) -> result<cents, string>;
}

/// A plugin that prices.
world rule {
    export prices;
}
";

#[test]
fn it_depends_on_the_source_that_is_named_or_else_on_the_checkout() {
    let folder = folder();
    let checkout = folder.path().join("a \"checkout\"");
    for name in ["plugwright", "plugwright-cli"] {
        fs::create_dir_all(checkout.join("crates").join(name)).expect("folders");
        fs::write(checkout.join("crates").join(name).join("Cargo.toml"), "").expect("a file");
    }
    fs::write(checkout.join("Cargo.lock"), "version = 4\n").expect("a file");
    let told = |name: &str| {
        let shown = |file: &str, begin: &str| {
            let text = read(&folder.path().join(name).join(file));
            let mut lines = text.lines().filter(|line| line.trim_start().starts_with(begin));
            format!("{}\n", lines.next().expect("it says so"))
        };
        let text =
            shown("Cargo.toml", "plugwright-cli =") + &shown("flake.nix", "inputs.plugwright");
        text.replace(
            folder.path().canonicalize().expect("a folder").to_str().expect("UTF-8"),
            "$FOLDER",
        )
    };
    expect(folder.path(), &["one", "--source", "path:a \"checkout\""]);
    assert_snapshot!(told("one"), @r#"
    plugwright-cli = { path = '$FOLDER/a "checkout"/crates/plugwright-cli' }
      inputs.plugwright.url = "path:$FOLDER/a%20%22checkout%22";
    "#);
    assert_eq!(read(&folder.path().join("one/Cargo.lock")), "version = 4\n");
    assert!(read(&folder.path().join("one/README.md")).contains("a checkout on this machine"));
    fs::create_dir(checkout.join(".git")).expect("a folder");
    expect(folder.path(), &["two", "--source", "path:a \"checkout\""]);
    assert_snapshot!(told("two"), @r#"
    plugwright-cli = { path = '$FOLDER/a "checkout"/crates/plugwright-cli' }
      inputs.plugwright.url = "git+file://$FOLDER/a%20%22checkout%22";
    "#);
    let commit = "0123456789abcdef0123456789abcdef01234567";
    expect(
        folder.path(),
        &["three", "--source", &format!("git:ssh://git@example.org/it#{commit}")],
    );
    assert_snapshot!(told("three"), @r#"
    plugwright-cli = { git = "ssh://git@example.org/it", rev = "0123456789abcdef0123456789abcdef01234567" }
      inputs.plugwright.url = "git+ssh://git@example.org/it?rev=0123456789abcdef0123456789abcdef01234567";
    "#);
    // A command that was built elsewhere has another checkout.
    if std::env::var_os("PLUGWRIGHT").is_none() {
        expect(folder.path(), &["four"]);
        let cli = root().join("crates/plugwright-cli");
        assert!(told("four").starts_with(&format!("plugwright-cli = {{ path = {cli:?} }}")));
    }
}

/// The template of the flake is a copy, because nothing can be run where flakes are evaluated: it is what the command
/// writes, with the source from where the flake is, and without the list of crates, which is that of a checkout.
#[test]
fn the_template_of_the_flake_is_what_it_writes() {
    let folder = folder();
    let checkout = root().display().to_string();
    expect(folder.path(), &["repository", "--source", &format!("path:{checkout}")]);
    let (written, kept) = (folder.path().join("repository"), root().join("nix/template"));
    fs::remove_file(written.join("Cargo.lock")).expect("it is there");
    for file in files(&written) {
        let path = file.strip_prefix(&written).expect("it is below");
        let text = read(&file).replace(&checkout, "../plugwright");
        let text = text.replace("git+file://../plugwright", "flake:plugwright");
        let text = text.replace("path:../plugwright", "flake:plugwright");
        if std::env::var("INSTA_UPDATE").is_ok_and(|it| it == "always") {
            fs::create_dir_all(kept.join(path).parent().expect("a folder")).expect("a folder");
            fs::copy(&file, kept.join(path)).expect("a copy");
            fs::write(kept.join(path), &text).expect("a file");
        }
        let again = "with `INSTA_UPDATE=always` this test writes it anew";
        assert!(text == read(&kept.join(path)), "`nix/template/{}`: {again}", path.display());
    }
    assert_eq!(list(&written), list(&kept));
}

#[test]
fn the_templates_are_those_of_this_repository() {
    let repository = template("repository");
    let without_registries = ".config/without-registries/Cargo.toml";
    for file in [
        "dev",
        "rust-toolchain.toml",
        ".config/tools.lock",
        ".config/without-registries/lib.rs",
        without_registries,
    ] {
        // Cargo leaves a folder that is a package out of the package around it.
        let theirs =
            if file == without_registries { format!("{file}.in") } else { file.to_owned() };
        assert!(read(&repository.join(theirs)) == read(&root().join(file)), "copy `{file}` there");
    }
    // What is called in both is the same, to the letter.
    let ours = |file: &str, begin: &str| {
        let ours = read(&root().join(file));
        let theirs = if file == "Cargo.toml" { "Cargo.toml.in" } else { file };
        for line in read(&repository.join(theirs)).lines().filter(|line| line.contains(begin)) {
            assert!(ours.lines().any(|it| it == line), "`{file}` here does not have `{line}`");
        }
    };
    ours(".config/tools", " first");
    ours(".config/tools", " called");
    ours(".github/workflows/ci.yml", "uses: ");
    ours("Cargo.toml", "wit-bindgen = ");
    let ours = read(&root().join("Cargo.toml"));
    let theirs = read(&repository.join("Cargo.toml.in"));
    let profiles = |text: &str| {
        let sections = text.split("\n\n").filter(|it| it.contains("[profile."));
        let sections = sections.filter(|it| !it.contains("[profile.plugin.package."));
        let code = |it: &str| {
            it.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n")
        };
        let sections = sections.map(code).filter(|it| !it.contains("[profile.bench]"));
        sections.map(|it| it.trim().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(profiles(&theirs), profiles(&ours));
}

#[test]
fn the_example_builds_runs_and_passes_its_tests() {
    // In the same place in each run, so that cargo compiles what changed and no more.
    let target = target_folder("pipeline");
    let folder = target.join("example");
    let _ = fs::remove_dir_all(&folder);
    let source = format!("path:{}", root().display());
    expect(&target, &["example", "--source", &source]);

    let dist = folder.join("dist");
    let own = |arguments: &[&str]| {
        let mut command = plugwright(&folder, arguments);
        command.env("PLUGWRIGHT_DIST", "dist").env("CARGO_TARGET_DIR", &target);
        Output::of(command.env("CARGO_NET_OFFLINE", "true").envs(PROFILE))
    };
    let built = own(&["build"]);
    assert_eq!(built.code, Some(0), "{built}");
    let tested = own(&["test"]);
    assert_eq!(tested.code, Some(0), "{tested}");
    for case in ["greetings", "no-name", "too-long"] {
        assert!(tested.stdout.contains(&format!("hello/{case}.calls")), "{tested}");
    }

    // All of them: for one alone, cargo compiles the host once more, with fewer features.
    let cargo = ["build", "--quiet", "--bins"];
    let mut compile = program(Path::new("cargo"), &root(), cargo);
    let compiled = Output::of(compile.env("CARGO_TARGET_DIR", target_folder("")));
    assert_eq!(compiled.code, Some(0), "{compiled}");
    let app = target_folder("debug/greeting-app");
    let run = |names: &[&str]| {
        let cache = target_folder("xdg");
        Output::of(program(&app, &folder, names).env("XDG_CACHE_HOME", cache))
    };
    assert_snapshot!(run(&[]), @"
    Hello, Ada!
    ── stderr
    hello: greeting Ada
    [exit code 0]
    ");
    assert_snapshot!(run(&["", "Grace", &"a".repeat(41)]), @"
    refused: nobody is named
    Hello, Grace!
    refused: the name has more than 40 characters
    ── stderr
    hello: greeting Grace
    [exit code 0]
    ");
    fs::remove_file(dist.join("hello.wasm")).expect("it is there");
    assert_snapshot!(run(&[]), @"
    ── stderr
    error: cannot read the plugin `dist/hello.wasm`: No such file or directory (os error 2)
    [exit code 1]
    ");
}
