//! An empty folder in which a plugin of the contract is built, and goes through the stages of the pipeline.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use tests::{Output, plugwright, program, root, target_folder};

use crate::build::PROFILE;

/// The word by which a plugin is given its manifest.
const EMBED: &str = "stamp";

/// The plugin as it is built for today's contract, signed and listed.
pub(super) static CANVAS: LazyLock<Folder> = LazyLock::new(|| {
    let folder = Folder::begin("canvas", WIT);
    folder.build("0.1.0");
    folder.expect(&["index", "dist"]);
    folder.expect(&["key", "new", "release.key"]);
    folder.expect(&["sign", "--key", "release.key"]);
    folder
});

/// The same plugin as it is built for an older contract.
pub(super) static OLDER: LazyLock<Folder> = LazyLock::new(|| {
    let wit = WIT.map(|(file, text)| (file, text.replace(NEW, OLD)));
    assert!(wit.iter().any(|(_, text)| text.contains(OLD)));
    let folder = Folder::begin("older_canvas", wit);
    folder.build("0.0.9");
    folder
});

/// What changed in the contract.
const OLD: &str = "label: option<result<string, u16>>";
const NEW: &str = "label: option<result<string, u8>>";

/// The files of the contract.
pub(super) const WIT: [(&str, &str); 4] = [
    ("canvas.wit", include_str!("wit/canvas.wit")),
    ("shapes.wit", include_str!("wit/shapes.wit")),
    ("studio.wit", include_str!("wit/studio.wit")),
    ("tools.wit", include_str!("wit/tools.wit")),
];

/// The manifest of the plugin's crate, a workspace of its own, without the crate's name and what it depends on.
const CARGO: &str = "\
version = \"0.1.0\"
edition = \"2024\"

[workspace]

[lib]
crate-type = [\"cdylib\"]

[profile.plugin]
inherits = \"release\"
panic = \"abort\"
debug = \"line-tables-only\"

[dependencies]
";

/// The folder of a project that has nothing of this one.
pub(super) struct Folder {
    path: PathBuf,
    /// What the crate is called. Cargo takes two of one name for the same.
    name: &'static str,
}

impl Folder {
    /// Begins with an empty folder, in which there are a contract, a plugin and what the plugin is granted.
    fn begin<T: AsRef<str>>(
        name: &'static str,
        wit: impl IntoIterator<Item = (&'static str, T)>,
    ) -> Self {
        // In the same place in each run, so that cargo has one of each.
        let folder = Self { path: target_folder("pipeline").join(name), name };
        let _ = fs::remove_dir_all(&folder.path);
        for (file, text) in wit {
            folder.write(&format!("wit/{file}"), text.as_ref());
        }
        let workspace = read(&root().join("Cargo.toml"));
        let bindings = workspace.lines().find(|line| line.starts_with("wit-bindgen ="));
        let bindings = bindings.expect("the release that plugins have");
        let cargo = format!("[package]\nname = \"{name}\"\n{CARGO}{bindings}\n");
        folder.write("plugin/Cargo.toml", &cargo);
        // Cargo takes out of it what this workspace has not.
        folder.write("plugin/Cargo.lock", &read(&root().join("Cargo.lock")));
        folder.write("plugin/src/lib.rs", include_str!("plugin/lib.rs"));
        folder.write("plugin/plugin.toml", include_str!("plugin/plugin.toml"));
        folder.write("palette/ochre", "yellow brown\n");
        folder.write("palette/swamp", "mud\n");
        folder
    }

    /// Compiles the plugin, and puts it through the stages of the pipeline.
    fn build(&self, version: &str) {
        let arguments = [
            "build",
            "--target=wasm32-wasip2",
            "--profile=plugin",
            "--manifest-path=plugin/Cargo.toml",
        ];
        let mut cargo = program(Path::new("cargo"), &self.path, arguments);
        let target = target_folder("pipeline");
        cargo.env("CARGO_TARGET_DIR", &target).env("CARGO_NET_OFFLINE", "true").envs(PROFILE);
        done(&mut cargo);
        let built = self.path("dist/symbols/canvas.wasm");
        fs::create_dir_all(self.path("dist/symbols")).expect("a folder");
        fs::copy(target.join(format!("wasm32-wasip2/plugin/{}.wasm", self.name)), &built)
            .expect("it is built");

        self.tool(&["validate", "dist/symbols/canvas.wasm"]);
        self.tool(&["strip", "--all", "dist/symbols/canvas.wasm", "--output", "stripped.wasm"]);
        self.label(version, "stripped.wasm", "dist/canvas.wasm");
        self.expect(&[EMBED, "plugin/plugin.toml", "dist/canvas.wasm"]);
        self.expect(&["check", "dist/canvas.wasm", "--symbols", "dist/symbols/canvas.wasm"]);
    }

    /// Writes the plugin's name and this version into a copy of `from`.
    pub(super) fn label(&self, version: &str, from: &str, to: &str) {
        let version = ["--version", version, from, "--output", to];
        self.tool(&[&["metadata", "add", "--name", "canvas"][..], &version].concat());
    }

    /// Runs `wasm-tools`.
    fn tool(&self, arguments: &[&str]) {
        done(&mut program(Path::new("wasm-tools"), &self.path, arguments));
    }

    /// Runs the command, as a person does in the folder.
    pub(super) fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Output {
        Output::of(plugwright(&self.path, arguments).env("PLUGWRIGHT_DIST", "dist"))
    }

    /// As [`Folder::run`], of what is known to go well.
    fn expect(&self, arguments: &[&str]) {
        let output = self.run(arguments);
        assert_eq!(output.code, Some(0), "{arguments:?}: {output}");
    }

    /// Writes a file.
    pub(super) fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Where a file is.
    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.path.join(file)
    }

    /// Where the plugin is.
    pub(super) fn plugin(&self) -> PathBuf {
        self.path("dist/canvas.wasm")
    }
}

fn done(command: &mut Command) {
    let output = Output::of(command);
    assert_eq!(output.code, Some(0), "{output}");
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
}
