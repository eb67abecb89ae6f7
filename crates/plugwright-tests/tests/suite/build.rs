//! `just build` in a small workspace: which plugins go through the stages again, and what happens to a broken
//! plugin.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use insta::assert_snapshot;
use tests::{
    Output, dist_folder, just, plugwright, program, root, target_folder, which, wit_files,
};

use crate::new::files;
use crate::{curious, guide};

/// The workspace, with the plugins that tests call: `shout` from the README, `panics`, which is a copy of it that
/// looks around and panics, `curious`, and the plugins of the guide.
pub(crate) static WORKSPACE: LazyLock<Workspace> = LazyLock::new(|| {
    let workspace = Workspace::kept();
    let shout = block("rust");
    let panics =
        replaced(&shout, "    Ok(input", "    look_around();\n    Ok(input") + LOOKS_AROUND;
    for (name, text) in [("shout", shout), ("panics", panics)] {
        workspace.add_manifest(name);
        workspace.write(&source(name), &text);
    }
    workspace.declare("shout", &block("toml"));
    workspace.declare("panics", "world = \"transformer\"\ngrants = [\"wall-clock\"]\n");
    workspace.add_plugin_of_bindings("curious", curious::SOURCE);
    workspace.write("crates/plugin-curious/curious.wit", curious::WIT);
    workspace.declare("curious", curious::MANIFEST);
    for (file, text) in &*guide::FILES {
        workspace.write(file, text);
    }
    for plugin in guide::plugins() {
        if !guide::FILES.contains_key(&*format!("crates/plugin-{plugin}/Cargo.toml")) {
            workspace.add_manifest(plugin);
        }
        if !guide::FILES.contains_key(&*format!("crates/plugin-{plugin}/plugin.toml")) {
            let source = guide::FILES[&*source(plugin)];
            let worlds = ["transformer", "streamer", "prettify"];
            let world = worlds.into_iter().find(|it| source.contains(&format!("\n{it}! {{")));
            let world = world.expect("the manifest names a world");
            workspace.declare(plugin, &format!("world = \"{world}\"\n"));
        }
    }
    let plugins: Vec<_> =
        ["shout", "panics", "curious"].into_iter().chain(guide::plugins()).collect();
    expect(&workspace.build("dist", &plugins), 0, "");
    workspace
});

/// A workspace with this project's pipeline and contract, without its plugins. The workspace and cargo's output are
/// kept between runs, so that nothing is compiled twice. All tests share it, because cargo would compile everything
/// again for another folder.
pub(crate) struct Workspace {
    folder: PathBuf,
    /// Held while a test changes the workspace.
    pub(crate) changes: Mutex<()>,
}

impl Workspace {
    fn kept() -> Self {
        let folder = target_folder("pipeline").join("workspace");
        let workspace = Self { folder, changes: Mutex::new(()) };
        // This project's own plugwright.toml, in a folder above, must not apply.
        workspace.write("plugwright.toml", "");
        workspace.write("Cargo.toml", &workspace_manifest());
        for file in ["justfile", "rust-toolchain.toml", ".config/tools"] {
            workspace.write(file, &read(&root().join(file)));
        }
        // Cargo removes the crates that this workspace does not use, once.
        let lock = read(&root().join("Cargo.lock"));
        if workspace.write("whole.lock", &lock) {
            workspace.write("Cargo.lock", &lock);
        }
        for file in wit_files() {
            workspace.write(&format!("wit/{file}"), &read(&root().join("wit").join(file)));
        }
        for file in files(&root().join("crates/plugwright-guest")) {
            let name = file
                .strip_prefix(root())
                .expect("the file is in this repository")
                .display()
                .to_string();
            workspace.write(&name, &read(&file));
        }
        workspace
    }

    /// Adds a plugin with this source text that depends only on `plugwright-guest`.
    pub(crate) fn add_plugin(&self, name: &str, text: &str) {
        self.add_manifest(name);
        self.write(&source(name), text);
    }

    /// Adds a plugin with this source text that depends only on `wit-bindgen`.
    pub(crate) fn add_plugin_of_bindings(&self, name: &str, text: &str) {
        let manifest = manifest_of(name);
        let manifest = replaced(&manifest, "plugwright-guest.workspace", "wit-bindgen.workspace");
        self.write(&format!("crates/plugin-{name}/Cargo.toml"), &manifest);
        self.write(&source(name), text);
    }

    fn add_manifest(&self, name: &str) {
        self.write(&format!("crates/plugin-{name}/Cargo.toml"), &manifest_of(name));
    }

    /// Writes the plugin's manifest.
    pub(crate) fn declare(&self, name: &str, text: &str) {
        self.write(&format!("crates/plugin-{name}/plugin.toml"), text);
    }

    /// Writes a file, unless it already has this text, because a new file would cause a rebuild. Returns whether it
    /// was written.
    pub(crate) fn write(&self, file: &str, text: &str) -> bool {
        let path = self.path(file);
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            return false;
        }
        fs::create_dir_all(path.parent().expect("the path has a parent folder"))
            .expect("the folder can be created");
        fs::write(path, text).expect("the file can be written");
        true
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        self.write(file, &replaced(&read(&self.path(file)), from, to));
    }

    /// Builds these plugins into the folder `dist`.
    pub(crate) fn build(&self, dist: &str, plugins: &[&str]) -> Output {
        let arguments = ["build"].iter().chain(plugins);
        let mut command = just(&self.folder, &target_folder("pipeline"), arguments);
        // These settings make compiling fast. The tests here do not depend on the plugins' speed or size.
        command.env("PLUGWRIGHT_DIST", dist).env("CARGO_NET_OFFLINE", "true").envs(PROFILE);
        Output::of(&mut command)
    }

    /// Returns the path of a file in the workspace.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }
}

/// Returns the manifest of a plugin that depends only on `plugwright-guest`.
fn manifest_of(name: &str) -> String {
    let manifest = read(&root().join("crates/plugin-quote/Cargo.toml"));
    replaced(&manifest, "plugin-quote", &format!("plugin-{name}"))
}

/// Returns the manifest of this workspace, whose only members are in `crates/`.
pub(crate) fn workspace_manifest() -> String {
    let manifest = read(&root().join("Cargo.toml"));
    let (_, rest) =
        manifest.split_once("[workspace.package]").expect("the manifest has this table");
    format!("[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n\n[workspace.package]{rest}")
}

/// The manifest of a plugin that works like `quote`.
const MANIFEST: &str = "world = \"prettify\"\n";

/// Settings that make plugins quick to compile.
pub(crate) const PROFILE: [(&str, &str); 3] = [
    ("CARGO_PROFILE_PLUGIN_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_PLUGIN_LTO", "false"),
    ("CARGO_PROFILE_PLUGIN_OPT_LEVEL", "0"),
];

const LOOKS_AROUND: &str = r#"
#[inline(always)]
fn look_around() {
    println!("{} arguments, {} variables", std::env::args().count(), std::env::vars().count());
    println!("a root folder: {}", std::fs::read_dir("/").is_ok());
    println!("{:?}", std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH));
    eprintln!("half a line, ");
    eprint!("and one that does not end");
    panic!("that was all");
}
"#;

/// Runs a plugin of the workspace as a user does.
pub(crate) fn run(plugin: &str) -> Output {
    let asks = plugin == "panics";
    let grants = if asks { &["--grant", "wall-clock=0"][..] } else { &[] };
    let mut command = plugwright(&WORKSPACE.folder, [&["run", plugin, "-"], grants].concat());
    Output::of_with_input(command.env("PLUGWRIGHT_DIST", "dist"), b"hello\n")
}

/// Returns the path of a plugin's source file.
pub(crate) fn source(plugin: &str) -> String {
    format!("crates/plugin-{plugin}/src/lib.rs")
}

/// Replaces every `from` in the text, and panics if there is none.
fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "the text does not contain `{from}`: {text}");
    text.replace(from, to)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
}

/// Returns the README's first code block in this language for the plugin `shout`.
fn block(language: &str) -> String {
    let readme = read(&root().join("README.md"));
    let (_, section) =
        readme.split_once("\n## A plugin in fifteen lines\n").expect("the text has this section");
    let (_, rest) =
        section.split_once(&format!("```{language}\n")).expect("the text has a code block");
    rest.split_once("```").expect("the text has an end").0.to_owned()
}

/// Checks that the build ended with `code` and printed `words`.
fn expect(output: &Output, code: i32, words: &str) {
    assert_eq!(output.code, Some(code), "{output}");
    assert!(output.stderr.contains(words), "the output does not contain `{words}`: {output}");
}

#[test]
fn only_what_changed_is_built_and_a_broken_plugin_stops_only_itself() {
    let workspace = &*WORKSPACE;
    let _changes = workspace.changes.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = fs::remove_dir_all(workspace.path("edited"));
    let (three, gone) = (workspace.path("crates/plugin-three"), workspace.path("three"));
    let _ = fs::rename(&gone, &three);
    let quote = read(&root().join("crates/plugin-quote/src/lib.rs"));
    for name in ["two", "three"] {
        workspace.add_plugin(name, &quote);
    }
    for name in ["one", "two", "three"] {
        workspace.declare(name, MANIFEST);
    }
    // First as the last run left it, then the other way round.
    let greetings = ["\"Hello, ", "\"Good day, "];
    let one = workspace.path(&source("one"));
    let [from, to] = match fs::read_to_string(&one) {
        Ok(text) if text.contains(greetings[1]) => [greetings[1], greetings[0]],
        _ => greetings,
    };
    workspace.add_plugin("one", &quote.replace(greetings[0], from));

    let build = || workspace.build("edited", &["one", "two", "three"]);
    let file = |name: &str| fs::read(workspace.path("edited").join(name)).expect("the file exists");
    let manifest = || read(&workspace.path("edited/plugins.json"));
    expect(&build(), 0, "3 built into ");
    assert!(["\"one\"", "\"two\"", "\"three\""].iter().all(|name| manifest().contains(name)));
    expect(&build(), 0, "nothing to do: ");

    // `one` is edited, `two` does not compile, and `three` does not go through the stages again.
    let symbols = workspace.path("edited/symbols/three.wasm");
    let stamp = || fs::metadata(&symbols).and_then(|it| it.modified()).expect("the file exists");
    let (two, before) = (file("two.wasm"), stamp());
    workspace.edit(&source("one"), from, to);
    workspace.edit(&source("two"), "struct Name {", "struct Name");
    let output = build();
    let error = "error: plugin `two` failed to compile: fix the errors of `plugin-two` above; then build \
         it again";
    expect(&output, 1, error);
    assert!(!output.stderr.contains("plugin `one` failed"), "{output}");
    let one = file("one.wasm");
    assert!(String::from_utf8_lossy(&one).contains(to.trim_start_matches('"')));
    assert_eq!((file("two.wasm"), stamp()), (two.clone(), before));

    // `two` compiles but is not a plugin. `one` is now larger than its budget, and `three` is within its own.
    workspace.write(&source("two"), "//! Nothing.\n");
    workspace.declare("one", &format!("{MANIFEST}budget = \"1 KiB\"\n"));
    workspace.declare("three", &format!("{MANIFEST}budget = \"1 MiB\"\n"));
    let output = build();
    expect(&output, 1, "plugin `two` failed to pass the check: ");
    expect(&output, 1, "plugin `one` failed to pass the check: ");
    expect(&output, 1, " more than its manifest allows: it");
    assert!(!output.stderr.contains("`three`"), "{output}");
    workspace.declare("one", MANIFEST);

    // The next build reports `two` again. A damaged file in dist/ is replaced, and a plugin that no longer exists
    // is removed.
    let mut damaged = one.clone();
    damaged[one.len() / 2] ^= 1;
    fs::write(workspace.path("edited/one.wasm"), damaged).expect("the file can be written");
    fs::rename(&three, &gone).expect("the path exists");
    let output = workspace.build("edited", &["one", "two"]);
    expect(&output, 1, "plugin `two` failed to pass the check: ");
    assert_eq!((file("one.wasm"), file("two.wasm")), (one, two));
    assert!(!workspace.path("edited/three.wasm").exists() && !symbols.exists());
    assert!(!manifest().contains("\"three\""));
    let left = fs::read_dir(workspace.path("edited")).into_iter().flatten().flatten();
    let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with('.')), "{left:?}");

    // The command names a plugin that does not exist.
    expect(&build(), 2, "error: there is no plugin `three`, only ");
}

#[test]
fn a_crate_is_compiled_to_the_instructions_that_its_manifest_allows() {
    let validated = |features: &str| {
        let wasm_tools = which("wasm-tools").expect("the tool is on the PATH");
        let plugin = dist_folder().join("csv-json.wasm");
        let arguments = [OsStr::new("validate"), features.as_ref(), plugin.as_os_str()];
        Output::of(&mut program(&wasm_tools, &root(), arguments))
    };
    assert_eq!(validated("--features=all").code, Some(0));
    expect(&validated("--features=-simd"), 1, "SIMD support is not enabled");

    let workspace = &*WORKSPACE;
    let _changes = workspace.changes.lock().unwrap_or_else(PoisonError::into_inner);
    workspace.declare("shout", "world = \"transformer\"\ntarget-features = [\"+simd128\"]\n");
    let output = workspace.build("features", &["shout"]);
    workspace.declare("shout", &block("toml"));
    expect(
        &output,
        1,
        "plugin.toml`: `+simd128` is not the name of a target feature, such as `simd128`",
    );
}

#[test]
fn the_plugin_in_the_readme_is_built_and_run() {
    let output = run("shout");
    assert_eq!((output.stdout.as_str(), output.code), ("HELLO\n!", Some(0)), "{output}");

    // The copy that looks around and panics finds nothing. What it prints becomes log lines.
    let output = run("panics");
    // The place in the code, and the standard library's wording, depend on the toolchain.
    let lines = output.stderr.lines();
    let stable = lines.filter(|line| {
        !line.starts_with("  in ") && !line.contains("thread '") && !line.contains("note: ")
    });
    assert_snapshot!(stable.collect::<Vec<_>>().join("\n"), @"
    info: panics: 0 arguments, 0 variables
    info: panics: a root folder: false
    info: panics: Ok(0ns)
    warn: panics: half a line, 
    warn: panics: and one that does not end
    warn: panics: that was all
    error: plugin `panics` trapped in `transform`: it panicked at crates/plugin-panics/src/lib.rs:25:5: that was all
    ");
    assert_eq!(output.code, Some(4), "{output}");
}

/// A plugin that writes a file, reads a variable and prints.
const WRITER: &str = r#"//! Writes a file.
use plugwright_guest::{Document, Failure, transformer};

transformer! { summary: "writes a file", takes: ["*/*"], gives: ["*/*"], run: write }

fn write(input: Document) -> Result<Document, Failure> {
    print!("begun, ");
    println!("{}", "y".repeat(9000));
    eprint!("variable {:?}, ", std::env::var("NAME"));
    eprintln!("written {}", std::fs::write("/out/file", &input.body).is_ok());
    print!("not ended");
    Ok(input)
}
"#;

#[test]
fn what_prints_without_wasi_writes_no_files_and_is_not_built_if_it_asks_for_that() {
    let workspace = &*WORKSPACE;
    let _changes = workspace.changes.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = fs::remove_dir_all(workspace.path("out"));
    fs::create_dir(workspace.path("out")).expect("the folder can be created");
    let grants = ["--grant", "folder-rw=out:/out", "--grant", "variable=NAME=moon"];
    let run = |grants: &[&str]| {
        let arguments = [&["run", "writer", "-"], grants].concat();
        let mut command = plugwright(&workspace.folder, arguments);
        let output = Output::of_with_input(command.env("PLUGWRIGHT_DIST", "written"), b"hello\n");
        // How much WASI's library writes at once differs between its versions.
        let output = output.to_string().replace("\ninfo: writer (stdout): y", "y");
        output.replace(&"y".repeat(100), "y")
    };
    workspace.add_plugin("writer", WRITER);
    workspace.declare("writer", "world = \"transformer\"\n");
    expect(&workspace.build("written", &["writer"]), 0, "1 built into ");
    assert_snapshot!(run(&[]), @"
    hello
    ── stderr
    info: writer: begun, 
    info: writer: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy
    info: writer: yyyyyyyyyyyyyyyy
    warn: writer: variable Err(NotPresent), written false
    info: writer: not ended
    [exit code 0]
    ");
    workspace.declare(
        "writer",
        "world = \"transformer\"\ngrants = [\"folder-rw=/out\", \"variable=NAME\"]\n",
    );
    let output = workspace.build("written", &["writer"]);
    expect(
        &output,
        1,
        "built without WASI and cannot write files or read variables: add `wasi: true`",
    );
    workspace.add_plugin("writer", &WRITER.replace("run: write }", "run: write, wasi: true }"));
    expect(&workspace.build("written", &["writer"]), 0, "1 built into ");
    assert_snapshot!(run(&grants), @r#"
    hello
    ── stderr
    info: writer (stdout): begun, yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy
    warn: writer (stderr): variable Ok("moon"), written true
    [exit code 0]
    "#);
    assert_eq!(read(&workspace.path("out/file")), "hello\n");
}
