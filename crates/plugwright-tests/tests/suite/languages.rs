//! `just build-languages`: plugins that are not compiled by cargo go through the same stages.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use tempfile::TempDir;
use tests::{Output, around, candidate, just, root};

use crate::new::copy;

/// A transformer that returns its document unchanged.
const ECHO: &str = include_str!("../../../benches/src/echo.wat");

const GUEST: &str = r#"world = "transformer"
limits = ["memory=8MiB"]
budget = "100KiB"

[build]
language = "WebAssembly"
version = "1.2.3"
command = "cp echo.wasm \"$COMPONENT\""
reproducible = true
"#;

/// Returns a folder with what guests are built with, and one prebuilt guest, `echo`.
fn project() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    for name in ["justfile", "plugwright.toml", "wit", ".config/tools"] {
        copy(&root().join(name), &folder.path().join(name));
    }
    write(folder.path(), "plugin.toml", GUEST);
    let component = around(ECHO, "transformer");
    fs::write(folder.path().join("tests/languages/echo/echo.wasm"), component)
        .expect("the file can be written");
    folder
}

/// Writes a file of the guest.
fn write(project: &Path, file: &str, text: &str) {
    let folder = project.join("tests/languages/echo");
    fs::create_dir_all(&folder).expect("the folder can be created");
    fs::write(folder.join(file), text).expect("the file can be written");
}

/// Builds guests as a user does, or as CI does.
fn build(project: &Path, arguments: &[&str], ci: bool) -> Output {
    let arguments = [&["build-languages"], arguments].concat();
    let mut command = just(project, &project.join("target"), arguments);
    // The tools of guests go into a cache folder for this project only.
    command.env("XDG_CACHE_HOME", project.join("cache")).env("PLUGWRIGHT_DIST", "dist");
    if ci {
        command.env("CI", "true");
    }
    Output::of(&mut command)
}

#[test]
fn a_guest_goes_through_the_stages_once() {
    let project = project();
    assert_snapshot!(build(project.path(), &[], true), @"
    ── stderr
    1 built into dist/languages/
    [exit code 0]
    ");
    assert_snapshot!(build(project.path(), &["echo"], true), @"
    ── stderr
    nothing to do: dist/ is up to date
    [exit code 0]
    ");
    let folder = project.path().join("dist/languages");
    let statement =
        fs::read_to_string(folder.join("echo.provenance.json")).expect("the statement exists");
    for part in
        [r#""builder": "cp echo.wasm"#, r#""name": "tests/languages/echo""#, r#""name": "wit""#]
    {
        assert!(statement.contains(part), "no `{part}` in {statement}");
    }
    let index = fs::read_to_string(folder.join("plugins.json")).expect("the manifest exists");
    assert!(index.contains("1.2.3"), "{index}");
    let bytes = fs::read(folder.join("echo.wasm")).expect("the component exists");
    let echo = candidate("echo", &bytes);
    assert_eq!(echo.manifest().expect("the manifest exists").budget, Some(100 << 10));

    // The guest is built again when a file in its folder changes, and removed together with its folder.
    write(project.path(), "notes.txt", "new");
    assert_snapshot!(build(project.path(), &[], true), @"
    ── stderr
    1 built into dist/languages/
    [exit code 0]
    ");
    fs::remove_dir_all(project.path().join("tests/languages/echo")).expect("the folder exists");
    fs::create_dir(project.path().join("tests/languages/none")).expect("the folder can be created");
    assert_snapshot!(build(project.path(), &[], true), @"
    ── stderr
    error: `tests/languages/none` has neither a `plugin.toml` nor a `Cargo.toml`: if it is not a plugin, move it elsewhere
    removing `dist/languages/echo.wasm`, whose plugin is no longer in the project
    error: plugin `none` failed to compile: fix the errors of `none` above; then build it again
    error: recipe `build-languages` failed with exit code 1
    [exit code 1]
    ");
    assert!(!folder.join("echo.wasm").exists());
}

#[test]
fn a_guest_that_fails_says_at_which_stage() {
    let project = project();
    let built_as = |from: &str, to: &str| {
        write(project.path(), "plugin.toml", &GUEST.replace(from, to));
        build(project.path(), &[], false)
    };
    let command = r#"cp echo.wasm \"$COMPONENT\""#;
    assert_snapshot!(built_as(command, "echo no >&2; exit 1"), @"
    ── stderr
    no
    error: plugin `echo` failed to compile: fix the errors of `echo` above; then build it again
    error: recipe `build-languages` failed with exit code 1
    [exit code 1]
    ");
    assert_snapshot!(built_as(command, "true"), @"
    ── stderr
    error: `true` wrote no component to $COMPONENT, which is `$FOLDER/target/plugwright/plugins/languages/echo/component.wasm`
    error: plugin `echo` failed to compile: fix the errors of `echo` above; then build it again
    error: recipe `build-languages` failed with exit code 1
    [exit code 1]
    ");
    assert_snapshot!(built_as(command, r#"cp plugin.toml \"$COMPONENT\""#), @r#"
    ── stderr
    error: expected `(`
         --> $FOLDER/target/plugwright/plugins/languages/echo/component.wasm:1:1
          |
        1 | world = "transformer"
          | ^
    error: plugin `echo` failed to validate: `$FOLDER/target/plugwright/plugins/languages/echo/component.wasm` is not a valid component; then build it again
    error: recipe `build-languages` failed with exit code 1
    [exit code 1]
    "#);
    assert_snapshot!(built_as("100KiB", "1KiB"), @"
    ── stderr
    error: `echo` has 2629 bytes, 1605 more than its manifest allows: its largest parts are without a name (193 bytes), smaller crates (0 bytes), types, names and glue (2436 bytes); make it smaller, or raise its `budget`
    error: plugin `echo` failed to pass the check: fix the error above; then build it again
    error: recipe `build-languages` failed with exit code 1
    [exit code 1]
    ");
    assert_snapshot!(built_as("transformer", "streamer"), @"
    ── stderr
    error: `echo` does not match its manifest:
      - it declares the world `streamer`, but implements `plugwright:plugin/transformer@0.2.0`
    change `plugin.toml`, or the code or dependency that does not match it, and build the plugin again
    error: plugin `echo` failed to pass the check: fix the error above; then build it again
    error: recipe `build-languages` failed with exit code 1
    [exit code 1]
    ");
    assert_snapshot!(built_as("reproducible = true", "reproducible = true\nauthor = \"me\""), @"
    ── stderr
    error: `tests/languages/echo/plugin.toml`, line 10: the `[build]` table is not valid: there is no key `author`, only `language`, `version`, `command`, `tools`, `reference`, `reproducible`
    error: plugin `echo` failed to compile: fix the errors of `echo` above; then build it again
    error: recipe `build-languages` failed with exit code 1
    [exit code 1]
    ");
    assert_snapshot!(built_as("reproducible = true", "reproducible = true\ntools = [\"zig\"]"), @"
    ── stderr
    error: `tests/languages/echo/plugin.toml`: the tool `zig` is not a name and a version, such as `zig 0.17.1`
    error: plugin `echo` failed to compile: fix the errors of `echo` above; then build it again
    error: recipe `build-languages` failed with exit code 1
    [exit code 1]
    ");
    assert_snapshot!(build(project.path(), &["nobody"], false), @"
    ── stderr
    error: there is no plugin `nobody`, only echo
    error: recipe `build-languages` failed with exit code 2
    [exit code 2]
    ");
}

#[test]
fn a_guest_without_its_tools_is_skipped_by_name_but_not_if_asked_for_nor_in_ci() {
    let project = project();
    let tools = "reproducible = true\ntools = [\"wasm-tools 0.0.1\"]";
    write(project.path(), "plugin.toml", &GUEST.replace("reproducible = true", tools));
    assert_snapshot!(build(project.path(), &[], false), @"
    ── stderr
    `echo` needs wasm-tools 0.0.1: it is not on the PATH, and the plugin's folder has no lock file that names it
    SKIPPED, because their tools are not available (see above): languages/echo
    [exit code 0]
    ");
    assert_snapshot!(build(project.path(), &["echo"], false), @"
    ── stderr
    `echo` needs wasm-tools 0.0.1: it is not on the PATH, and the plugin's folder has no lock file that names it
    error: plugin `echo` failed to get its tools: they are not available (see above); then build it again
    error: recipe `build-languages` failed with exit code 1
    [exit code 1]
    ");
    assert_snapshot!(build(project.path(), &[], true), @"
    ── stderr
    `echo` needs wasm-tools 0.0.1: it is not on the PATH, and the plugin's folder has no lock file that names it
    error: plugin `echo` failed to get its tools: they are not available (see above); then build it again
    error: recipe `build-languages` failed with exit code 1
    [exit code 1]
    ");
    // A lock file that names only unavailable packages.
    write(
        project.path(),
        "requirements.txt",
        "nothing-of-this-name @ file:///nowhere --hash=sha256:00\n",
    );
    let output = build(project.path(), &[], false);
    assert_eq!(output.code, Some(0), "{output}");
    assert!(output.stderr.contains("SKIPPED, because "), "{output}");
}

/// `contract.d.ts` was generated once, by a tool that is too large to run in each build.
#[test]
fn the_types_for_typescript_have_each_name_of_the_contract() {
    let folder = root().join("tests/languages/typescript");
    let types = fs::read_to_string(folder.join("contract.d.ts")).expect("the file exists");
    for file in ["host.wit", "transform.wit"] {
        let wit = fs::read_to_string(root().join("wit").join(file)).expect("the contract exists");
        for line in wit.lines().map(str::trim).filter(|line| !line.starts_with("///")) {
            let (word, rest) = line.split_at(line.find([':', '(', ',']).unwrap_or(0));
            let is_name =
                !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            // The module names contain the name of the package.
            if is_name && !rest.is_empty() {
                let camel = camel(word);
                let there = types.contains(&camel) || types.contains(&format!("'{word}'"));
                assert!(
                    there,
                    "contract.d.ts lacks `{camel}` of wit/{file}: its README explains how to generate it"
                );
            }
        }
        let interface = file.trim_end_matches(".wit");
        let module = format!("plugwright:plugin/{interface}@0.2.0");
        assert!(types.contains(&module), "contract.d.ts does not declare `{module}`");
    }
}

/// Returns the name in JavaScript's form: `media-type` becomes `mediaType`.
fn camel(name: &str) -> String {
    let mut words = name.split('-');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(1);
        camel += &format!("{}{rest}", first.to_uppercase());
    }
    camel
}
