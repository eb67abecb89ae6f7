//! Tools that are missing, or that have another version than the project requires.

use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;

use insta::assert_snapshot;
use tests::Output;

use crate::project::{COPY, Project};

/// Returns a project with a plugin that is a crate, which is never compiled here.
fn with_crate() -> Project {
    let project = Project::empty();
    project.write("Cargo.toml", "[workspace]\nmembers = [\"plugins/*\"]\nresolver = \"3\"\n");
    project.write(
        "plugins/shout/Cargo.toml",
        "[package]\nname = \"shout\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n",
    );
    project.write("plugins/shout/src/lib.rs", "");
    project.write("plugins/shout/plugin.toml", "world = \"transformer\"\n");
    project
}

fn found(name: &str) -> PathBuf {
    let path = env::var_os("PATH").expect("`PATH` is set");
    let mut found = env::split_paths(&path).map(|folder| folder.join(name));
    found.find(|it| it.is_file()).unwrap_or_else(|| panic!("{name} is not on the PATH"))
}

/// Puts links to these programs into the folder `bin`, which becomes the whole PATH.
fn only(project: &Project, programs: &[&str]) {
    let _ = fs::remove_dir_all(project.path("bin"));
    fs::create_dir(project.path("bin")).expect("the folder can be created");
    for name in programs {
        symlink(found(name), project.path("bin").join(name)).expect("the link can be created");
    }
}

fn build(project: &Project, arguments: &[&str]) -> Output {
    let mut command = project.command(&[&["build"], arguments].concat());
    // Cargo also looks for its subcommands in its home.
    command.env("PATH", project.path("bin")).env("CARGO_HOME", project.path("home"));
    Output::of(&mut command)
}

#[test]
fn a_tool_that_is_missing_is_told_with_what_to_type() {
    let project = Project::new();
    only(&project, &[]);
    assert_snapshot!(build(&project, &[]), @"
    ── stderr
    error: cannot run `wasm-tools --version`: it is not on the PATH: run `cargo install --locked wasm-tools`, or put `./dev` before the command
    [exit code 3]
    ");
    only(&project, &["wasm-tools"]);
    assert_snapshot!(build(&project, &[]), @"
    ── stderr
    error: cannot run `bash`: it is not on the PATH: install it, because it runs the builds of plugins in other languages
    error: plugin `echo` failed to compile: fix the errors of `echo` above; then build it again
    [exit code 1]
    ");
    let project = with_crate();
    only(&project, &["wasm-tools"]);
    assert_snapshot!(build(&project, &[]), @"
    ── stderr
    error: cannot run `cargo metadata --no-deps --format-version 1`: it is not on the PATH: install Rust (https://rustup.rs), or put `./dev` before the command
    [exit code 3]
    ");
    only(&project, &["wasm-tools", "cargo"]);
    assert_snapshot!(build(&project, &[]), @"
    ── stderr
    error: cannot run `rustc -vV`: it is not on the PATH: install Rust (https://rustup.rs), or put `./dev` before the command
    [exit code 3]
    ");
    only(&project, &["wasm-tools", "cargo", "rustc"]);
    let output = build(&project, &[]);
    let says = "cannot run `cargo component`: run `cargo install --locked cargo-component`, or put `./dev` before the \
                command, or use plain cargo with `--builder build`: ";
    assert!(output.code == Some(3) && output.stderr.contains(says), "{output}");
    project.write(".config/tools", "# of all\ncargo-component 0.21.1 first\n");
    let output = build(&project, &[]);
    assert!(output.stderr.contains("install --locked cargo-component@0.21.1`"), "{output}");
    assert!(!project.path("target/wasm32-wasip2").exists());
}

#[test]
fn a_tool_of_another_version_is_warned_of_once_with_both() {
    let project = Project::new();
    project.plugin("plugins/more", COPY);
    only(&project, &["wasm-tools", "bash", "cp"]);
    assert_snapshot!(build(&project, &[]), @"
    ── stderr
    2 built into dist/
    [exit code 0]
    ");
    project.write(".config/tools", "# wasm-tools 7\nwasm-tools 0.9.9 first\n");
    let output = build(&project, &[]);
    let says = ", but `.config/tools` asks for 0.9.9: run `cargo install --locked wasm-tools@0.9.9`, or put `./dev` \
                before the command\n2 built into dist/\n";
    assert!(output.code == Some(0) && output.stderr.ends_with(says), "{output}");
    assert!(output.stderr.starts_with("warn: `wasm-tools` on the PATH has version 1."), "{output}");
    assert_eq!(output.stderr.matches("warn:").count(), 1, "{output}");
    // If nothing is built, no tool is needed.
    assert_eq!(build(&project, &[]).stderr, "nothing to do: dist/ is up to date\n");
    // Malformed lines in the list do not matter here.
    project.write(".config/tools", "wasm-tools\n\n  \nanother\n");
    assert_eq!(build(&project, &[]).stderr, "2 built into dist/\n");

    let project = with_crate();
    project.write(".config/tools", "cargo-component 0.9.8 first\n");
    only(&project, &["wasm-tools", "rustc"]);
    let script = format!(
        "#!/bin/sh\ncase \"$1 $2\" in\n'component --version') echo cargo-component 0.1.2 ;;\ncomponent*) exit 1 ;;\n*) exec \
         '{}' \"$@\" ;;\nesac\n",
        found("cargo").display()
    );
    project.write("bin/cargo", script);
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(project.path("bin/cargo"), executable).expect("the file exists");
    // This prevents a download.
    fs::create_dir_all(project.path("home/registry/src/one")).expect("the folder can be created");
    assert_snapshot!(build(&project, &[]), @"
    ── stderr
    warn: `cargo-component` on the PATH has version 0.1.2, but `.config/tools` asks for 0.9.8: run `cargo install --locked cargo-component@0.9.8`, or put `./dev` before the command
    error: plugin `shout` failed to compile: fix the errors of `shout` above; then build it again
    [exit code 1]
    ");
}

#[test]
fn a_plugin_whose_tool_is_missing_is_an_error_in_ci_alone() {
    let project = Project::new();
    let manifest = project.read("plugins/echo/plugin.toml");
    project.write("plugins/echo/plugin.toml", manifest + "tools = [\"zag 7.0.0\"]\n");
    for (ci, code) in [("true", 1), ("", 0)] {
        let mut command = project.command(&["build"]);
        let output = Output::of(command.env("CI", ci));
        assert_eq!(output.code, Some(code), "{output}");
        assert!(output.stderr.contains("`echo` needs zag 7.0.0: "), "{output}");
    }
    assert!(!project.path("dist/echo.wasm").exists());
}
