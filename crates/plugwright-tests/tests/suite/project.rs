//! `plugwright.toml`, and the plugins of a project. Errors name the line or the folder.

mod names;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use insta::assert_snapshot;
use tempfile::TempDir;
use tests::{Output, around, plugwright, root};

use crate::new::copy;

/// A transformer that returns its document unchanged.
static ECHO: LazyLock<Vec<u8>> =
    LazyLock::new(|| around(include_str!("../../../benches/src/echo.wat"), "transformer"));

/// The build command of this plugin, which is already built.
pub(crate) const COPY: &str = r#"cp echo.wasm "$COMPONENT""#;

/// A project in its own folder, with this repository's contract. Its plugins need no compiler.
pub(crate) struct Project(TempDir);

impl Project {
    /// Creates a project without plugins.
    pub(crate) fn empty() -> Self {
        let project = Self(tempfile::tempdir().expect("a temporary folder can be created"));
        copy(&root().join("wit"), &project.path("wit"));
        fs::remove_dir_all(project.path("wit/releases")).expect("the folder exists");
        project
    }

    /// Creates a project with the plugin `echo`.
    pub(crate) fn new() -> Self {
        let project = Self::empty();
        project.plugin("plugins/echo", COPY);
        project
    }

    /// Adds a plugin in this folder. The shell command `command` compiles it.
    pub(crate) fn plugin(&self, folder: &str, command: &str) {
        let command = serde_json::to_string(command).expect("the value can be serialised");
        let manifest = format!(
            "world = \"transformer\"\n\n[build]\nlanguage = \"WebAssembly\"\nversion = \"1.2.3\"\ncommand = {command}\n\
             reproducible = true\n"
        );
        self.write(&format!("{folder}/plugin.toml"), manifest);
        self.write(&format!("{folder}/echo.wasm"), &*ECHO);
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("the path has a parent folder"))
            .expect("the folder can be created");
        fs::write(path, text).expect("the file can be written");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("`{path}`: {error}"))
    }

    /// Returns the command in the project's folder. The environment names no paths.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_in("", arguments)
    }

    /// Returns the same command in a folder below.
    pub(crate) fn command_in(&self, folder: &str, arguments: &[&str]) -> Command {
        let folder = if folder.is_empty() { self.0.path().to_owned() } else { self.path(folder) };
        let mut command = plugwright(&folder, arguments);
        command.env_remove("PLUGWRIGHT_DIST").env("XDG_CACHE_HOME", self.path("cache"));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        Output::of(&mut self.command(arguments))
    }

    /// Runs the command, which must succeed, and returns its standard error.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.code, Some(0), "{arguments:?}: {output}");
        output.stderr
    }

    /// Returns the sorted names of a folder's entries, including hidden ones.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        names(&self.path(folder))
    }
}

/// Returns the sorted names of a folder's entries, including hidden ones.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Returns the output of a build with these settings.
fn told(settings: &[&str]) -> String {
    let project = Project::new();
    let told = settings.iter().map(|settings| {
        project.write("plugwright.toml", settings);
        let output = project.run(&["build"]);
        assert!(!project.path("dist").exists() && !project.path("target").exists(), "{output}");
        format!("{settings}\n{}\n", output.to_string().replace("── stderr\n", ""))
    });
    told.collect()
}

#[test]
fn a_key_that_nothing_reads_is_refused() {
    assert_snapshot!(told(&[
        "plugin = [\"plugins/*\"]",
        "wit = \"wit\"\n[[group]]\nplugins = [\"more/*\"]\nprofile = \"dev\"",
        "[[group]]\nfolder = \"more\"",
        "[build]\nwit = \"wit\"",
        "wit = \"wit\"\nwit = \"wit\"",
        "wit",
    ]));
}

#[test]
fn a_value_of_another_type_is_shown_as_it_is_written() {
    assert_snapshot!(told(&[
        "wit = 1",
        "plugins = \"plugins/*\"",
        "dist = [\"dist\"]",
        "profile = true",
        "templates = \"templates\"",
        "[templates]\nrust = 7",
        "group = \"more\"",
        "[[group]]\nplugins = \"more/*\"",
    ]));
}

#[test]
fn a_pattern_is_a_folder_in_the_project_with_one_name_in_it() {
    assert_snapshot!(told(&[
        "plugins = [\"plugins/*/*\"]",
        "plugins = [\"plugins/**\"]",
        "plugins = [\"../plugins/*\"]",
        "plugins = [\"plugins/../../*\"]",
        "plugins = [\"/plugins/*\"]",
        "plugins = [\"\"]",
        "plugins = [\"*\", \".\"]",
    ]));
}

#[test]
fn a_folder_is_named_and_stays_where_it_belongs() {
    let group = |rest: &str| format!("[[group]]\nplugins = [\"more/*\"]\n{rest}");
    let groups = [
        "folder = \"../more\"",
        "folder = \"/tmp\"",
        "folder = \"\"",
        "folder = \".\"",
        "folder = \"symbols\"",
        "folder = \"contracts\"",
        "wit = \"\"",
        "wit = \"*/wit/*\"",
    ];
    let groups = groups.map(group);
    let own = ["dist = \"\"", "wit = \"\"", "[templates]\nrust = \"\""];
    let all: Vec<&str> = own.into_iter().chain(groups.iter().map(|it| &**it)).collect();
    assert_snapshot!(told(&all));
}

#[test]
fn a_profile_and_a_builder_are_ones() {
    assert_snapshot!(told(&[
        "profile = \"\"",
        "profile = \"--help\"",
        "profile = \"a b\"",
        "profile = \"../a\"",
        "builder = \"\"",
        "builder = \" \"",
        "builder = \"build\\n--offline\"",
    ]));
    let project = Project::new();
    let told =
        [["--profile", "../a"], ["--profile", ""], ["--builder", " "]].map(|[flag, value]| {
            let output = project.run(&["build", flag, value]);
            assert_eq!(output.code, Some(2), "{output}");
            output.stderr.lines().next().unwrap_or_default().to_owned() + "\n"
        });
    assert_snapshot!(told.concat());
    let mut command = project.command(&["build"]);
    let output = Output::of(command.env("PLUGWRIGHT_BUILDER", ""));
    assert_eq!(output.code, Some(2), "{output}");
}

#[test]
fn a_file_that_is_none_is_told_and_stops_no_help() {
    let project = Project::new();
    let file = project.path("plugwright.toml");
    let told = || project.run(&["build"]).to_string().replace("── stderr\n", "");
    let mut all = String::new();
    fs::write(&file, b"wit = \"\xff\"").expect("the file can be written");
    all += &told();
    fs::write(&file, "#".repeat((1 << 20) + 1)).expect("the file can be written");
    all += &told();
    fs::remove_file(&file).expect("the file exists");
    fs::create_dir(&file).expect("the folder can be created");
    all += &told();
    fs::remove_dir(&file).expect("the folder exists");
    symlink("nowhere", &file).expect("the link can be created");
    all += &told();
    assert_snapshot!(all);
    for arguments in [&["help"][..], &["key", "new", "a.key"]] {
        assert_eq!(project.run(arguments).code, Some(0), "{arguments:?}");
    }
}

#[test]
fn folders_are_found_from_below_and_not_beyond_a_repository() {
    let project = Project::new();
    project.write("plugwright.toml", "dist = \"out\"\n");
    fs::create_dir_all(project.path("deep/down")).expect("the folder can be created");
    let in_folder =
        |folder: &str, arguments: &[&str]| Output::of(&mut project.command_in(folder, arguments));
    let output = in_folder("deep/down", &["build"]);
    assert_snapshot!(output, @"
    ── stderr
    1 built into out/
    [exit code 0]
    ");
    assert_eq!(project.names("deep/down"), Vec::<String>::new());
    // Arguments are relative to the current folder: folders, keys and caches.
    project.done(&["key", "new", "deep/down/a.key"]);
    let key = ["--trust", "a.pub", "--cache", "kept", "--dist", "mine", "build"];
    let output = in_folder("deep/down", &key);
    let says = "is not signed";
    assert!(output.code == Some(1) && output.stderr.contains(says), "{output}");
    let output = in_folder("deep/down", &["--dist", "mine", "build"]);
    assert_eq!(output.code, Some(0), "{output}");
    assert!(project.path("deep/down/mine/echo.wasm").is_file());
    fs::write(project.path("deep/words"), "words").expect("the file can be written");
    let output = in_folder("deep", &["run", "echo", "words"]);
    assert_eq!((&*output.stdout, output.code), ("words", Some(0)), "{output}");

    // A repository below is another project.
    fs::create_dir(project.path("deep/.git")).expect("the folder can be created");
    assert_snapshot!(in_folder("deep/down", &["build"]), @"
    ── stderr
    error: there is no plugin in `$FOLDER`: create one with `plugwright new NAME`, or set the folders of plugins in `plugwright.toml`
    [exit code 2]
    ");
    // The settings in this folder count, whatever is above.
    fs::write(project.path("deep/plugwright.toml"), "wit = 1").expect("the file can be written");
    let output = in_folder("deep", &["build"]);
    assert!(
        output.code == Some(2) && output.stderr.contains("`plugwright.toml`, line 1"),
        "{output}"
    );
}

#[test]
fn plugins_are_listed_by_all_that_patterns_say() {
    let project = Project::empty();
    let list = "wit = \"wit\"\nplugins = [\"one\", \"plugins/a-*-z\"]\n[[group]]\nplugins = [\"deep/*/plugin\"]\n\
                wit = \"deep/*/wit\"\nfolder = \"deep/er\"\n[[group]]\nplugins = [\"more/*\"]\n";
    project.write("plugwright.toml", list);
    for folder in ["one", "plugins/a-b-z", "plugins/a--z", "plugins/b", "more/.hidden", "more/c"] {
        project.plugin(folder, COPY);
    }
    project.plugin("deep/b/plugin", COPY);
    project.write("more/d/Cargo.toml", "");
    assert_snapshot!(project.run(&["build", "--list"]), @r#"
    {"crate":false,"folder":"plugins/a-b-z","group":"","name":"b","wit":"wit"}
    {"crate":false,"folder":"more/c","group":"","name":"c","wit":"wit"}
    {"crate":true,"folder":"more/d","group":"","name":"d","wit":"wit"}
    {"crate":false,"folder":"one","group":"","name":"one","wit":"wit"}
    {"crate":false,"folder":"deep/b/plugin","group":"deep/er","name":"b","wit":"deep/b/wit"}
    [exit code 0]
    "#);
    assert!(!project.path("dist").exists());
    assert_snapshot!(project.run(&["build", "--list", "deep/er/b"]), @r#"
    {"crate":false,"folder":"deep/b/plugin","group":"deep/er","name":"b","wit":"deep/b/wit"}
    [exit code 0]
    "#);
}
