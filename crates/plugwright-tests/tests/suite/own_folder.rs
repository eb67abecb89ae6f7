//! An empty folder in which a plugin of its own contract is built, and goes through the stages of the pipeline.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::{Output, plugwright, program, root, target_folder};

use crate::build::PROFILE;

/// The verb that embeds a manifest in a plugin.
const EMBED: &str = "stamp";

/// The manifest of the plugin's crate, which is its own workspace. The crate's name and its dependencies are added
/// later.
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

/// A plugin of its own contract.
pub(crate) struct Own {
    /// The name of the crate. Cargo cannot tell apart two crates of one name.
    pub(crate) name: &'static str,
    /// The name of the plugin.
    pub(crate) plugin: &'static str,
    /// The files of the contract: name and text.
    pub(crate) wit: Vec<(&'static str, String)>,
    /// The text of `lib.rs`.
    pub(crate) source: &'static str,
    /// The text of `plugin.toml`.
    pub(crate) manifest: &'static str,
    /// Further files in the folder.
    pub(crate) files: &'static [(&'static str, &'static str)],
}

/// The folder of a project that uses nothing of this one.
pub(crate) struct Folder {
    path: PathBuf,
    name: &'static str,
    plugin: &'static str,
}

impl Folder {
    /// Creates the folder, with a contract, a plugin and the files that the plugin is granted.
    pub(crate) fn begin(own: Own) -> Self {
        let Own { name, plugin, wit, source, manifest, files } = own;
        // The folder is the same in each run, so that cargo compiles only once.
        let folder = Self { path: target_folder("pipeline").join(name), name, plugin };
        let _ = fs::remove_dir_all(&folder.path);
        for (file, text) in wit {
            folder.write(&format!("wit/{file}"), &text);
        }
        // This project's own plugwright.toml, in a folder above, must not apply.
        folder.write("plugwright.toml", "");
        let workspace = read(&root().join("Cargo.toml"));
        let bindings = workspace.lines().find(|line| line.starts_with("wit-bindgen ="));
        let bindings = bindings.expect("wit-bindgen is in the manifest");
        let cargo = format!("[package]\nname = \"{name}\"\n{CARGO}{bindings}\n");
        folder.write("plugin/Cargo.toml", &cargo);
        // Cargo removes the crates that this workspace does not use.
        folder.write("plugin/Cargo.lock", &read(&root().join("Cargo.lock")));
        folder.write("plugin/src/lib.rs", source);
        folder.write("plugin/plugin.toml", manifest);
        for (file, text) in files {
            folder.write(file, text);
        }
        folder
    }

    /// Compiles the plugin, and runs the stages of the pipeline.
    pub(crate) fn build(&self, version: &str) {
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
        let shipped = format!("dist/{}.wasm", self.plugin);
        let symbols = format!("dist/symbols/{}.wasm", self.plugin);
        fs::create_dir_all(self.path("dist/symbols")).expect("the folder can be created");
        fs::copy(
            target.join(format!("wasm32-wasip2/plugin/{}.wasm", self.name)),
            self.path(&symbols),
        )
        .expect("the plugin is built");

        self.tool(&["validate", &symbols]);
        self.tool(&["strip", "--all", &symbols, "--output", "stripped.wasm"]);
        self.label(version, "stripped.wasm", &shipped);
        self.expect(&[EMBED, "plugin/plugin.toml", &shipped]);
        self.expect(&["check", &shipped, "--symbols", &symbols]);
    }

    /// Writes the plugin's name and this version into a copy of `from`.
    pub(crate) fn label(&self, version: &str, from: &str, to: &str) {
        let version = ["--version", version, from, "--output", to];
        self.tool(&[&["metadata", "add", "--name", self.plugin][..], &version].concat());
    }

    /// Runs `wasm-tools`.
    fn tool(&self, arguments: &[&str]) {
        done(&mut program(Path::new("wasm-tools"), &self.path, arguments));
    }

    /// Runs the command in the folder, as a user does.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Output {
        Output::of(plugwright(&self.path, arguments).env("PLUGWRIGHT_DIST", "dist"))
    }

    /// Like [`Folder::run`], for a command that must succeed.
    pub(crate) fn expect(&self, arguments: &[&str]) {
        let output = self.run(arguments);
        assert_eq!(output.code, Some(0), "{arguments:?}: {output}");
    }

    /// Writes a file.
    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().expect("the path has a parent folder"))
            .expect("the folder can be created");
        fs::write(path, text).expect("the file can be written");
    }

    /// Returns the path of a file.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.path.join(file)
    }

    /// Returns the path of the plugin.
    pub(crate) fn plugin(&self) -> PathBuf {
        self.path(&format!("dist/{}.wasm", self.plugin))
    }
}

fn done(command: &mut Command) {
    let output = Output::of(command);
    assert_eq!(output.code, Some(0), "{output}");
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
}
