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

/// The plugin in the README, built twice.
pub(crate) struct Shout {
    /// The workspace with the second build, in which the plugin looks around and panics.
    pub(crate) workspace: Workspace,
    /// What the first build, which is as in the README, makes of `hello`.
    output: Output,
    /// The symbols of the first build.
    pub(crate) symbols: Vec<u8>,
}

pub(crate) static SHOUT: LazyLock<Shout> = LazyLock::new(Shout::build);

impl Workspace {
    fn new(name: &str) -> Self {
        let folder = target_folder("pipeline").join(name);
        let _ = fs::remove_dir_all(folder.join("dist"));
        let _ = fs::remove_dir_all(folder.join("crates"));
        Self::kept(name)
    }

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
        let text = read(&self.0.join(file));
        assert!(text.contains(from), "`{file}` has no `{from}`");
        self.write(file, &text.replace(from, to));
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

impl Shout {
    /// The plugin's source file.
    pub(crate) const SOURCE: &str = "crates/plugin-shout/src/lib.rs";

    fn build() -> Self {
        let workspace = Workspace::new("readme");
        let readme = read(&root().join("README.md"));
        let block = |language: &str| {
            let (_, rest) = readme.split_once(&format!("```{language}\n")).expect("a code block");
            rest.split_once("```").expect("its end").0.to_owned()
        };
        workspace.write(Self::SOURCE, &block("rust"));
        workspace.write("crates/plugin-shout/Cargo.toml", &block("toml"));
        expect(&workspace.build(&["shout"]), 0, "1 built into ");
        let output = Self::run(&workspace);
        let symbols = fs::read(workspace.dist("symbols/shout.wasm")).expect("it is there");

        let looks_around = r#"struct Shout;
#[inline(always)]
fn look_around() {
    println!("{} arguments, {} variables", std::env::args().count(), std::env::vars().count());
    println!("a root folder: {}", std::fs::read_dir("/").is_ok());
    println!("{:?}", std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH));
    eprintln!("half a line, ");
    eprint!("and one that does not end");
    panic!("that was all");
}"#;
        workspace.edit(Self::SOURCE, "struct Shout;", looks_around);
        workspace.edit(Self::SOURCE, "Ok(Document", "look_around();\n        Ok(Document");
        expect(&workspace.build(&["shout"]), 0, "1 built into ");
        Self { workspace, output, symbols }
    }

    /// Runs the plugin as a person does.
    pub(crate) fn run(workspace: &Workspace) -> Output {
        let mut command =
            plugwright(&workspace.0, ["run", "shout", "-", "--grant", "wall-clock=0"]);
        Output::of_with_input(command.env("PLUGWRIGHT_DIST", "dist"), b"hello\n")
    }
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
    let workspace = Workspace::new("edited");
    workspace.add_plugin("one");
    workspace.add_plugin("two");
    expect(&workspace.build(&[]), 0, "2 built into ");
    let manifest = read(&workspace.dist("plugins.json"));
    assert!(manifest.contains("\"one\"") && manifest.contains("\"two\""), "{manifest}");
    expect(&workspace.build(&[]), 0, "nothing to do: ");

    // One is edited: the other does not go through the stages again.
    let stamp = || fs::metadata(workspace.dist("symbols/two.wasm")).and_then(|it| it.modified());
    let before = stamp().expect("it is there");
    workspace.edit(&source("one"), "\"Hello, ", "\"Good day, ");
    expect(&workspace.build(&[]), 0, "1 built into ");
    assert_eq!(stamp().expect("it is there"), before);

    // One does not compile, the other is edited.
    let good = fs::read(workspace.dist("two.wasm")).expect("it is there");
    workspace.edit(&source("two"), "struct Quote;", "struct Quote");
    workspace.edit(&source("one"), "\"Good day, ", "\"Good night, ");
    let output = workspace.build(&[]);
    let words = "error: plugin `two` failed to compile: mend the errors of `plugin-two` above; then type \
         `just build`";
    expect(&output, 1, words);
    assert!(!output.stderr.contains("plugin `one` failed"), "{output}");
    let one = fs::read(workspace.dist("one.wasm")).expect("it is there");
    assert!(String::from_utf8_lossy(&one).contains("Good night"));
    assert_eq!(fs::read(workspace.dist("two.wasm")).expect("it is there"), good);

    // One compiles and is no plugin; it is not forgotten by the next build either.
    workspace.write(&source("two"), "//! Nothing.\n");
    for _ in 0..2 {
        expect(&workspace.build(&[]), 1, "plugin `two` failed to check: ");
        assert_eq!(fs::read(workspace.dist("two.wasm")).expect("it is there"), good);
    }
    let names = || fs::read_dir(workspace.dist("")).into_iter().flatten().flatten();
    assert!(names().all(|entry| !entry.file_name().to_string_lossy().starts_with('.')));

    // A file in dist/ is damaged: it is made again.
    workspace.add_plugin("two");
    expect(&workspace.build(&[]), 0, "");
    let mut damaged = one.clone();
    damaged[one.len() / 2] ^= 1;
    fs::write(workspace.dist("one.wasm"), damaged).expect("it is there");
    expect(&workspace.build(&[]), 0, "1 built into ");
    assert_eq!(fs::read(workspace.dist("one.wasm")).expect("it is there"), one);

    // A plugin is named that is not there; a plugin goes.
    expect(&workspace.build(&["three"]), 2, "error: there is no plugin `three`, only: one two");
    fs::remove_dir_all(workspace.0.join("crates/plugin-two")).expect("it is there");
    expect(&workspace.build(&[]), 0, "1 built into ");
    assert!(!workspace.dist("two.wasm").exists());
    assert!(!read(&workspace.dist("plugins.json")).contains("\"two\""));
}

#[test]
fn the_plugin_in_the_readme_is_built_and_run() {
    let Shout { workspace, output, .. } = &*SHOUT;
    assert_eq!((output.stdout.as_str(), output.code), ("HELLO\n", Some(0)), "{output}");

    // The same plugin looks around and panics: it finds nothing, and its words are log lines.
    let output = Shout::run(workspace);
    // Where in the code it was, and how the standard library puts it, depends on the toolchain.
    let lines = output.stderr.lines();
    let stable = lines.filter(|line| {
        !line.starts_with("  in ") && !line.contains("thread '") && !line.contains("note: ")
    });
    assert_snapshot!(stable.collect::<Vec<_>>().join("\n"), @"
    info: shout (stdout): 0 arguments, 0 variables
    info: shout (stdout): a root folder: false
    info: shout (stdout): Ok(0ns)
    warn: shout (stderr): half a line, 
    warn: shout (stderr): and one that does not end
    warn: shout (stderr): that was all
    error: plugin `shout` trapped in `transform`: wasm trap: wasm `unreachable` instruction executed
    ");
    assert_eq!(output.code, Some(4), "{output}");
}
