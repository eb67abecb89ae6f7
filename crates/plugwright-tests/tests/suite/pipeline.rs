//! `plugwright build` when something is wrong.

mod again;
mod begin;
mod inputs;
mod interrupted;
mod tools;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use tests::{Output, kill, plugwright_path, program, root};

use crate::project::{COPY, Project};

/// Waits until the condition holds.
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < Duration::from_secs(30), "{what} takes too long");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Runs the command from a shell, in which `script` refers to it as `"$@"`.
fn by_shell(project: &Project, script: &str, arguments: &[&str]) -> Output {
    let command = project.command(arguments);
    let mut shell = Command::new("bash");
    shell.args(["-c", script, "bash"]).arg(plugwright_path()).args(arguments).env_clear();
    shell.current_dir(project.path("."));
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Output::of(&mut shell)
}

#[test]
fn the_second_of_two_builds_waits_and_both_end_well() {
    let project = Project::empty();
    let wait = format!("touch ../../begun; until [ -e ../../go ]; do sleep 0.01; done; {COPY}");
    project.plugin("plugins/echo", &wait);
    thread::scope(|scope| {
        let first = scope.spawn(|| project.run(&["build"]));
        wait_until("the first build", || project.path("begun").exists());
        let second = scope.spawn(|| {
            let said = "exec 2>said; exec \"$@\"";
            by_shell(&project, said, &["build"])
        });
        let said = || fs::read_to_string(project.path("said")).unwrap_or_default();
        wait_until("the second build", || said().contains('\n'));
        assert_snapshot!(said(), @"waiting for another build of this folder to end");
        project.write("go", "");
        assert_snapshot!(first.join().expect("the thread did not panic"), @"
        ── stderr
        1 built into dist/
        [exit code 0]
        ");
        assert_eq!(second.join().expect("the thread did not panic").code, Some(0));
        assert_snapshot!(said(), @"
        waiting for another build of this folder to end
        nothing to do: dist/ is up to date
        ");
    });
}

#[test]
fn a_folder_that_cannot_be_written_is_told_before_anything_is_compiled() {
    let project = Project::empty();
    project.plugin("plugins/echo", &format!("touch ../../compiled; {COPY}"));
    let mut told = String::new();
    for folder in ["target", "dist"] {
        project.write(folder, "a file");
        told += &project.run(&["build"]).to_string();
        fs::remove_file(project.path(folder)).expect("the file exists");
    }
    assert_snapshot!(told, @"
    ── stderr
    error: cannot write `target/plugwright`: a file is in the way of the folder: move it away
    [exit code 8]
    ── stderr
    error: cannot write `dist`: a file is in the way of the folder: move it away
    [exit code 8]
    ");
    assert!(!project.path("compiled").exists());
    fs::create_dir(project.path("dist")).expect("the folder can be created");
    project.write("dist/symbols", "a file");
    assert_snapshot!(project.run(&["build"]), @"
    ── stderr
    error: cannot write `dist/symbols`: a file is in the way of the folder: move it away
    error: plugin `echo` failed to be put in place: fix the error above; then build it again
    [exit code 1]
    ");
    fs::remove_file(project.path("dist/symbols")).expect("the file exists");
    assert_eq!(project.done(&["build"]), "1 built into dist/\n");
    assert!(project.names("dist").iter().all(|name| !name.starts_with('.')));
}

#[test]
fn paths_can_have_spaces_and_quotes() {
    let project = Project::new();
    let folder = project.path("it's a \"folder\" of $HOME");
    fs::create_dir(&folder).expect("the folder can be created");
    for name in ["wit", "plugins"] {
        fs::rename(project.path(name), folder.join(name)).expect("the path exists");
    }
    let run = |arguments: &[&str]| {
        Output::of(&mut project.command_in("it's a \"folder\" of $HOME", arguments))
    };
    assert_eq!(run(&["build"]).code, Some(0));
    assert_eq!(run(&["verify"]).code, Some(0));
    assert_eq!(run(&["new", "more", "--world", "transformer", "--lang", "c"]).code, Some(0));
}

#[test]
fn whoever_does_not_listen_has_all_built() {
    for script in [
        "exec \"$@\" 2>&-",
        "mkfifo unread; exec 3<>unread 4>unread 3<&-; exec \"$@\" 2>&4 4>&-",
        "exec \"$@\" 2>/dev/full",
    ] {
        let project = Project::empty();
        project.plugin("plugins/echo", &format!("seq 100000; {COPY}"));
        let output = by_shell(&project, script, &["build"]);
        assert_eq!(output.code, Some(0), "{script}: {output}");
        assert!(project.path("dist/plugins.json").is_file(), "{script}");
    }
}

#[test]
fn what_a_compiler_says_is_shown_whole_and_without_an_end_of_line_too() {
    let project = Project::empty();
    for (name, letter, count) in [("one", 'x', 3_000_000), ("two", 'y', 5)] {
        let said =
            format!("head -c {count} /dev/zero | tr '\\0' {letter}; printf '\\nend' >&2; {COPY}");
        project.plugin(&format!("plugins/{name}"), &said);
    }
    let said = project.done(&["build"]);
    assert!(said.contains("yyyyy\nend"));
    assert_eq!(said.matches('x').count(), 3_000_000);
    fs::remove_dir_all(project.path("dist")).expect("the folder exists");
    let said = project.done(&["build", "one"]);
    assert!(said.starts_with(&format!("{}\nend", "x".repeat(3_000_000))), "{}", said.len());
    // No progress is shown, because the output is not a terminal.
    assert_eq!(project.done(&["build"]).matches('\u{1b}').count(), 0);
}

#[test]
fn what_a_compiler_leaves_running_is_not_waited_for() {
    let project = Project::empty();
    project.plugin("plugins/echo", &format!("sleep 60 & echo $! >../../left; {COPY}"));
    let begin = Instant::now();
    assert_eq!(project.done(&["build"]), "1 built into dist/\n");
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
    let left = project.read("left");
    let ended = kill([left.trim()]);
    assert_eq!(ended.code, Some(0), "the process was ended: {ended}");
}

#[test]
fn the_commands_that_are_shown_make_the_same_bytes_by_hand() {
    let project = Project::new();
    project.plugin("more/it's \"odd\"", "cp ./echo.wasm \"$COMPONENT\"");
    project.write("plugwright.toml", "[[group]]\nplugins = [\"more/*\"]\nfolder = \"more\"\n");
    let shown = project.done(&["build", "--show-commands"]);
    let lines: Vec<_> = shown.lines().filter(|line| !line.contains(" built into ")).collect();
    let files = ["echo", "more/it's \"odd\""];
    let files = files.map(|it| format!("dist/{it}.wasm"));
    let bytes = |file: &String| fs::read(project.path(file)).expect("the file exists");
    let built = files.each_ref().map(bytes);
    // A folder other than the ones that the build left.
    fs::remove_dir_all(project.path("target/plugwright/plugins")).expect("the folder exists");
    files
        .iter()
        .for_each(|file| fs::write(project.path(file), "").expect("the file can be written"));
    // The real paths, not the masked ones in the output.
    let script = lines.join("\n");
    let script = script.replace(
        "$FOLDER",
        project.path("").to_str().expect("the path is UTF-8").trim_end_matches('/'),
    );
    let script = script.replace("$ROOT", root().to_str().expect("the path is UTF-8"));
    for step in [
        "wasm-tools validate ",
        "wasm-tools strip ",
        "wasm-tools metadata add ",
        " stamp ",
        " check ",
    ] {
        assert_eq!(script.matches(step).count(), 2, "{step}: {script}");
    }
    let mut shell = program(Path::new("bash"), &project.path("."), ["-e", "-c", &script]);
    let output = Output::of(&mut shell);
    assert_eq!(output.code, Some(0), "{script}\n{output}");
    assert_eq!(files.each_ref().map(bytes), built);
}

#[test]
fn what_nobody_built_stays_and_what_is_gone_goes_with_all_its_files() {
    let project = Project::new();
    project.plugin("plugins/gone", COPY);
    project.done(&["build"]);
    project.done(&["key", "new", "a.key"]);
    project.done(&["sign", "--key", "a.key", "gone"]);
    project.write("dist/stray.wasm", "nothing");
    project.write("dist/notes", "nothing");
    assert!(project.path("dist/gone.wasm.minisig").is_file());
    fs::remove_dir_all(project.path("plugins/gone")).expect("the folder exists");
    project.write("plugins/echo/notes", "new");
    assert_snapshot!(project.done(&["build"]), @"
    removing `dist/gone.wasm`, whose plugin is no longer in the project
    1 built into dist/
    ");
    assert_snapshot!(project.names("dist").join("\n"), @"
    contracts
    echo.provenance.json
    echo.wasm
    notes
    plugins.json
    stray.wasm
    symbols
    ");
    assert_eq!(project.names("dist/symbols"), ["echo.wasm"]);
    assert!(!project.read("dist/plugins.json").contains("gone"));
    assert_eq!(project.done(&["build"]), "nothing to do: dist/ is up to date\n");

    // A build that was interrupted while a plugin was removed, or before all plugins were listed.
    let list = project.read("dist/plugins.json");
    project.write("dist/plugins.json", "[]");
    project.write("dist/gone.provenance.json", "{}");
    project.write("dist/others.provenance.json", "{}");
    project.write("dist/gone.cdx.json", "{}");
    project.done(&["build"]);
    assert_eq!(project.read("dist/plugins.json"), list);
    assert!(!project.names("dist").iter().any(|name| name.starts_with("gone")));
    assert!(project.path("dist/others.provenance.json").is_file());
    // Built plugins have the usual permissions of files.
    let mode = fs::metadata(project.path("dist/echo.wasm")).expect("the path exists").permissions();
    assert_eq!(mode.mode() & 0o444, 0o444);
}

#[test]
fn a_list_that_cannot_be_written_is_written_by_the_next_build() {
    let project = Project::new();
    project.write("dist/contracts", "no folder");
    let output = project.run(&["build"]);
    assert!(output.code == Some(8) && !project.path("dist/plugins.json").exists(), "{output}");
    fs::remove_file(project.path("dist/contracts")).expect("the file exists");
    assert_eq!(project.done(&["build"]), "1 built into dist/\n");
    assert_eq!(project.done(&["build"]), "nothing to do: dist/ is up to date\n");
}

#[test]
fn a_kind_of_plugins_that_there_are_none_of_is_nothing_to_do() {
    let project = Project::new();
    assert_snapshot!(project.done(&["build", "--crates"]), @"nothing to do: no plugin in `$FOLDER` is a crate");
    let project = Project::empty();
    project.write("plugins/echo/Cargo.toml", "");
    assert_snapshot!(project.done(&["build", "--languages"]), @"nothing to do: no plugin in `$FOLDER` is in a language other than Rust");
    assert_snapshot!(project.run(&["build"]), @"
    ── stderr
    error: there is no `Cargo.toml` in `$FOLDER`: plugins in Rust have to be members of a workspace there, which `plugwright init` creates
    [exit code 3]
    ");
}
