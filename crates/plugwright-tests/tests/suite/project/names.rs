//! The names of plugins: each must be unique, and usable as a file name.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use insta::assert_snapshot;

use super::{COPY, Project};

#[test]
fn two_plugins_of_one_name_are_refused_unless_they_are_in_different_groups() {
    let project = Project::new();
    project.plugin("more/echo", COPY);
    project.write("plugwright.toml", "plugins = [\"plugins/*\", \"more/*\"]\n");
    assert_snapshot!(project.run(&["build"]), @"
    ── stderr
    error: two plugins are named `echo`, in `plugins/echo` and in `more/echo`: rename one of the folders
    [exit code 2]
    ");
    project.write("plugwright.toml", "[[group]]\nplugins = [\"more/*\"]\nfolder = \"more\"\n");
    assert_snapshot!(project.done(&["build"]), @"
    1 built into dist/
    1 built into dist/more/
    ");
    // `echo` names both plugins, and `more/echo` names one of them.
    project.plugin("more/echo", "cp echo.wasm \"$COMPONENT\"; true");
    assert_snapshot!(project.done(&["build", "more/echo"]), @"1 built into dist/more/");
    fs::remove_dir_all(project.path("dist")).expect("the folder exists");
    assert_snapshot!(project.done(&["build", "echo"]), @"
    1 built into dist/
    1 built into dist/more/
    ");
}

#[test]
fn a_group_can_be_called_as_a_plugin() {
    let project = Project::new();
    for name in ["one", "two", "three"] {
        project.plugin(&format!("more/{name}"), COPY);
    }
    project.write("plugwright.toml", "[[group]]\nplugins = [\"more/*\"]\nfolder = \"echo\"\n");
    assert_snapshot!(project.done(&["build"]), @"
    1 built into dist/
    3 built into dist/echo/
    ");
    assert_eq!(project.done(&["build"]), "nothing to do: dist/ is up to date\n");
}

#[test]
fn a_group_that_is_no_default_is_built_when_it_is_named() {
    let project = Project::new();
    for name in ["one", "two"] {
        project.plugin(&format!("more/{name}"), COPY);
    }
    let group = "[[group]]\nplugins = [\"more/*\"]\nfolder = \"rare\"\ndefault = false\n";
    project.write("plugwright.toml", group);
    assert_snapshot!(project.done(&["build"]), @"1 built into dist/");
    assert_snapshot!(project.run(&["build", "--list"]), @r#"
    {"crate":false,"folder":"plugins/echo","group":"","name":"echo","wit":"wit"}
    [exit code 0]
    "#);
    assert_snapshot!(project.done(&["build", "two"]), @"1 built into dist/rare/");
    assert_snapshot!(project.done(&["build", "rare/"]), @"1 built into dist/rare/");
    // The existing plugins are unchanged.
    assert_snapshot!(project.done(&["build"]), @"nothing to do: dist/ is up to date");
    assert!(project.path("dist/rare/one.wasm").is_file());
    assert_snapshot!(project.run(&["build", "rarer"]), @"
    ── stderr
    error: there is no plugin `rarer`, only echo
    [exit code 2]
    ");
}

#[test]
fn a_folder_by_two_patterns_is_one_plugin_or_refused() {
    let project = Project::new();
    project
        .write("plugwright.toml", "plugins = [\"plugins/*\", \"plugins/echo\", \"plugins/./*\"]\n");
    assert_snapshot!(project.done(&["build"]), @"1 built into dist/");
    project.write("plugwright.toml", "plugins = [\"plugins/*\", \"plugins/e*\"]\n");
    assert_snapshot!(project.run(&["build"]), @"
    ── stderr
    error: the folder `plugins/echo` is both the plugin `cho` and the plugin `echo`: change `plugwright.toml` so that only one pattern matches it
    [exit code 2]
    ");
    project.write("plugwright.toml", "[[group]]\nplugins = [\"plugins/*\"]\nfolder = \"more\"\n");
    assert_snapshot!(project.run(&["build"]), @"
    ── stderr
    error: the folder `plugins/echo` is both the plugin `echo` and the plugin `more/echo`: change `plugwright.toml` so that only one pattern matches it
    [exit code 2]
    ");
}

#[test]
fn a_folder_that_says_nowhere_how_it_is_built_is_told() {
    let project = Project::new();
    project.write("plugins/notes/readme", "nothing");
    assert_snapshot!(project.run(&["build"]), @"
    ── stderr
    error: `plugins/notes` has neither a `plugin.toml` nor a `Cargo.toml`: if it is not a plugin, move it elsewhere
    1 built into dist/
    error: plugin `notes` failed to compile: fix the errors of `notes` above; then build it again
    [exit code 1]
    ");
    project.write("plugins/notes/plugin.toml", "world = \"transformer\"\n");
    assert_snapshot!(project.run(&["build", "notes"]), @"
    ── stderr
    error: `plugins/notes/plugin.toml` does not say how to build the plugin: add a `[build]` table with `language`, `version`, `command`, `tools` and `reproducible`, or put a `Cargo.toml` beside it
    error: plugin `notes` failed to compile: fix the errors of `notes` above; then build it again
    [exit code 1]
    ");
    // Files and hidden folders are not plugins.
    fs::remove_dir_all(project.path("plugins/notes")).expect("the folder exists");
    project.write("plugins/notes", "nothing");
    project.write("plugins/.hidden/notes", "nothing");
    assert_eq!(project.done(&["build"]), "nothing to do: dist/ is up to date\n");
    fs::remove_dir_all(project.path("plugins")).expect("the folder exists");
    assert_snapshot!(project.run(&["build"]), @"
    ── stderr
    error: there is no plugin in `$FOLDER`: create one with `plugwright new NAME`, or set the folders of plugins in `plugwright.toml`
    [exit code 2]
    ");
}

#[test]
fn a_tool_is_a_name_and_a_version() {
    let project = Project::new();
    let manifest = project.read("plugins/echo/plugin.toml");
    for tool in ["zig ", " 1", "zig  1", "../zig 1", ""] {
        project.write("plugins/echo/plugin.toml", format!("{manifest}tools = [\"{tool}\"]\n"));
        let output = project.run(&["build"]);
        assert!(output.code == Some(1) && output.stderr.contains("plugin.toml`"), "{output}");
        assert!(!project.path("dist/echo.wasm").exists(), "{tool}: {output}");
    }
}

#[test]
fn odd_names_are_built_and_those_that_no_file_can_have_are_refused() {
    for name in ["it's a \"plugin\"", "A B", "ünï", "$HOME", "a*b", "symbols", "x.y", "é\u{301}"]
    {
        let project = Project::empty();
        project.plugin(&format!("plugins/{name}"), COPY);
        assert_eq!(project.done(&["build"]), "1 built into dist/\n", "{name}");
        assert_eq!(project.done(&["build", name]), "nothing to do: dist/ is up to date\n");
        fs::write(project.path("words"), "words").expect("the file can be written");
        let output = project.run(&["run", name, "words"]);
        assert_eq!((&*output.stdout, output.code), ("words", Some(0)), "{name}: {output}");
    }
    let mut told = String::new();
    for name in ["-x", "a\nb", "\u{1b}[31m"] {
        let project = Project::new();
        project.plugin(&format!("plugins/{name}"), COPY);
        told += &project.run(&["build"]).to_string();
        assert!(!project.path("dist").exists());
    }
    let project = Project::new();
    let name = OsStr::from_bytes(b"a\xff");
    fs::create_dir(project.path("plugins").join(name)).expect("the folder can be created");
    told += &project.run(&["build"]).to_string();
    assert_snapshot!(told, @r"
    ── stderr
    error: `-x` is not a valid plugin name: rename the folder `plugins/-x`, using letters, digits and `-`
    [exit code 2]
    ── stderr
    error: `a\nb` is not a valid plugin name: rename the folder `plugins/a\nb`, using letters, digits and `-`
    [exit code 2]
    ── stderr
    error: `\u{1b}[31m` is not a valid plugin name: rename the folder `plugins/\u{1b}[31m`, using letters, digits and `-`
    [exit code 2]
    ── stderr
    error: `plugins/a\xff` is not UTF-8: rename the folder
    [exit code 2]
    ");
}
