//! `just build` in a small workspace of its own: what goes through the stages again, and what becomes
//! of a broken plugin.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use insta::assert_snapshot;
use tests::{Output, just, plugwright, root, target_folder, wit_files};

/// A workspace of this project's pipeline and contract, without its plugins. What cargo compiled for
/// it is kept from run to run.
pub(crate) struct Workspace(pub(crate) PathBuf);

/// The plugin in the README.
pub(crate) static SHOUT: LazyLock<Shout> = LazyLock::new(|| Shout::build("shout", None));

/// The same with another name, which looks around and panics.
pub(crate) static PANICS: LazyLock<Shout> =
    LazyLock::new(|| Shout::build("panics", Some(LOOKS_AROUND)));

/// A plugin made of the one in the README, in a workspace of its own.
pub(crate) struct Shout {
    name: &'static str,
    pub(crate) workspace: Workspace,
}

impl Workspace {
    /// The workspace as the last run of the tests left it, so that nothing in it is built twice.
    pub(crate) fn kept(name: &str) -> Self {
        let workspace = Self(target_folder("pipeline").join(name));
        let manifest = read(&root().join("Cargo.toml"));
        let manifest: Vec<_> = manifest
            .lines()
            .filter(|line| !line.starts_with("default-members"))
            .map(|line| if line.starts_with("members") { "members = [\"crates/*\"]" } else { line })
            .collect();
        workspace.write("Cargo.toml", &manifest.join("\n"));
        for file in ["Cargo.lock", "justfile"] {
            workspace.write(file, &read(&root().join(file)));
        }
        for file in wit_files() {
            workspace.write(&format!("wit/{file}"), &read(&root().join("wit").join(file)));
        }
        workspace
    }

    /// Adds a copy of the plugin `quote`.
    fn add_plugin(&self, name: &str) {
        self.add_plugin_of(name, &read(&root().join("crates/plugin-quote/src/lib.rs")));
    }

    /// Adds a plugin of this source text, which depends on `wit-bindgen` alone.
    pub(crate) fn add_plugin_of(&self, name: &str, text: &str) {
        let manifest = read(&root().join("crates/plugin-quote/Cargo.toml"));
        let manifest = manifest.replace("plugin-quote", &format!("plugin-{name}"));
        self.write(&format!("crates/plugin-{name}/Cargo.toml"), &manifest);
        self.write(&source(name), text);
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.0.join(file);
        // What is written anew is built anew.
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            return;
        }
        fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        self.write(file, &replaced(&read(&self.0.join(file)), from, to));
    }

    pub(crate) fn build(&self, plugins: &[&str]) -> Output {
        let arguments = ["build"].iter().chain(plugins);
        let mut command = just(&self.0, &target_folder("pipeline"), arguments);
        // Quick to compile; what is tested here is not the plugins.
        command
            .env("PLUGWRIGHT_DIST", "dist")
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_PROFILE_PLUGIN_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_PLUGIN_LTO", "false")
            .env("CARGO_PROFILE_PLUGIN_OPT_LEVEL", "0");
        Output::of(&mut command)
    }

    pub(crate) fn dist(&self, file: &str) -> PathBuf {
        self.0.join("dist").join(file)
    }
}

const LOOKS_AROUND: &str = r#"struct Shout;
#[inline(always)]
fn look_around() {
    println!("{} arguments, {} variables", std::env::args().count(), std::env::vars().count());
    println!("a root folder: {}", std::fs::read_dir("/").is_ok());
    println!("{:?}", std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH));
    eprintln!("half a line, ");
    eprint!("and one that does not end");
    panic!("that was all");
}"#;

impl Shout {
    fn build(name: &'static str, looks_around: Option<&str>) -> Self {
        let workspace = Workspace::kept(name);
        let readme = read(&root().join("README.md"));
        let block = |language: &str| {
            let (_, rest) = readme.split_once(&format!("```{language}\n")).expect("a code block");
            rest.split_once("```").expect("its end").0.to_owned()
        };
        let mut text = block("rust");
        if let Some(looks_around) = looks_around {
            text = replaced(&text, "struct Shout;", looks_around);
            text = replaced(&text, "Ok(Document", "look_around();\n        Ok(Document");
        }
        workspace.write(&source(name), &text);
        let manifest = replaced(&block("toml"), "plugin-shout", &format!("plugin-{name}"));
        workspace.write(&format!("crates/plugin-{name}/Cargo.toml"), &manifest);
        expect(&workspace.build(&[name]), 0, "");
        Self { name, workspace }
    }

    /// The plugin, stripped.
    pub(crate) fn plugin(&self) -> PathBuf {
        self.workspace.dist(&format!("{}.wasm", self.name))
    }

    /// Its symbols.
    pub(crate) fn symbols(&self) -> PathBuf {
        self.workspace.dist(&format!("symbols/{}.wasm", self.name))
    }

    /// Its source file, as the symbols have it.
    pub(crate) fn source(&self) -> String {
        source(self.name)
    }

    /// Runs the plugin as a person does.
    pub(crate) fn run(&self) -> Output {
        let arguments = ["run", self.name, "-", "--grant", "wall-clock=0"];
        let mut command = plugwright(&self.workspace.0, arguments);
        Output::of_with_input(command.env("PLUGWRIGHT_DIST", "dist"), b"hello\n")
    }
}

/// The text with all of `from` replaced, of which there has to be some.
fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "there is no `{from}` in: {text}");
    text.replace(from, to)
}

fn source(plugin: &str) -> String {
    format!("crates/plugin-{plugin}/src/lib.rs")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
}

/// Makes sure that the build ended with `code` and said `words`.
fn expect(output: &Output, code: i32, words: &str) {
    assert_eq!(output.code, Some(code), "{output}");
    assert!(output.stderr.contains(words), "no word of `{words}` in: {output}");
}

#[test]
fn only_what_changed_is_built_and_a_broken_plugin_stops_only_itself() {
    // As the last run left it, so that little is compiled.
    let workspace = Workspace::kept("edited");
    let _ = fs::remove_dir_all(workspace.dist(""));
    let three = workspace.0.join("crates/plugin-three");
    let gone = workspace.0.join("three");
    let _ = fs::rename(&gone, &three);
    for name in ["two", "three"] {
        workspace.add_plugin(name);
    }
    let one = workspace.0.join(source("one"));
    if !one.is_file() {
        workspace.add_plugin("one");
    }
    expect(&workspace.build(&[]), 0, "3 built into ");
    let manifest = read(&workspace.dist("plugins.json"));
    assert!(["one", "two", "three"].iter().all(|name| manifest.contains(&format!("\"{name}\""))));
    expect(&workspace.build(&[]), 0, "nothing to do: ");

    // One is edited, two does not compile, and three does not go through the stages again.
    let file = |name: &str| fs::read(workspace.dist(name)).expect("it is there");
    let stamp = || fs::metadata(workspace.dist("symbols/three.wasm")).and_then(|it| it.modified());
    let (two, before) = (file("two.wasm"), stamp().expect("it is there"));
    let words = ["\"Hello, ", "\"Good day, "];
    let [from, to] = if read(&one).contains(words[0]) { words } else { [words[1], words[0]] };
    workspace.edit(&source("one"), from, to);
    workspace.edit(&source("two"), "struct Quote;", "struct Quote");
    let output = workspace.build(&[]);
    let error = "error: plugin `two` failed to compile: mend the errors of `plugin-two` above; then type \
         `just build`";
    expect(&output, 1, error);
    assert!(!output.stderr.contains("plugin `one` failed"), "{output}");
    let one = file("one.wasm");
    assert!(String::from_utf8_lossy(&one).contains(to.trim_start_matches('"')));
    assert_eq!(file("two.wasm"), two);
    assert_eq!(stamp().expect("it is there"), before);

    // Two compiles and is no plugin.
    workspace.write(&source("two"), "//! Nothing.\n");
    expect(&workspace.build(&[]), 1, "plugin `two` failed to check: ");

    // It is not forgotten by the next build either. A file in dist/ was damaged: it is made again. A
    // plugin is gone.
    let mut damaged = one.clone();
    damaged[one.len() / 2] ^= 1;
    fs::write(workspace.dist("one.wasm"), damaged).expect("it is there");
    fs::rename(&three, &gone).expect("it is there");
    expect(&workspace.build(&[]), 1, "plugin `two` failed to check: ");
    assert_eq!(file("one.wasm"), one);
    assert_eq!(file("two.wasm"), two);
    assert!(!workspace.dist("three.wasm").exists());
    assert!(!read(&workspace.dist("plugins.json")).contains("\"three\""));
    let names = || fs::read_dir(workspace.dist("")).into_iter().flatten().flatten();
    assert!(names().all(|entry| !entry.file_name().to_string_lossy().starts_with('.')));

    // A plugin is named that is not there.
    expect(&workspace.build(&["three"]), 2, "error: there is no plugin `three`, only: one two");
}

#[test]
fn the_plugin_in_the_readme_is_built_and_run() {
    let output = SHOUT.run();
    assert_eq!((output.stdout.as_str(), output.code), ("HELLO\n", Some(0)), "{output}");

    // The same plugin looks around and panics: it finds nothing, and its words are log lines.
    let output = PANICS.run();
    // Where in the code it was, and how the standard library puts it, depends on the toolchain.
    let lines = output.stderr.lines();
    let stable = lines.filter(|line| {
        !line.starts_with("  in ") && !line.contains("thread '") && !line.contains("note: ")
    });
    assert_snapshot!(stable.collect::<Vec<_>>().join("\n"), @"
    info: panics (stdout): 0 arguments, 0 variables
    info: panics (stdout): a root folder: false
    info: panics (stdout): Ok(0ns)
    warn: panics (stderr): half a line, 
    warn: panics (stderr): and one that does not end
    warn: panics (stderr): that was all
    error: plugin `panics` trapped in `transform`: wasm trap: wasm `unreachable` instruction executed
    ");
    assert_eq!(output.code, Some(4), "{output}");
}
