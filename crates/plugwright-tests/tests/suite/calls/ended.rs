//! How calls end: their grants and limits, what is measured, and each exit code.

use std::fs;

use insta::assert_snapshot;

use super::harbour::{QUAY, call, call_in, quay};
use super::run;

/// Removes the lines that name the running functions, because these depend on the compiler.
pub(super) fn without_frames(text: &str) -> String {
    text.lines()
        .filter(|line| !line.starts_with("    in "))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn each_ending_has_its_exit_code() {
    let folder = quay();
    let told = |arguments: &[&str]| {
        let mut output = call_in(&folder, arguments);
        output.stdout = without_frames(&output.stdout);
        output.to_string()
    };
    assert_snapshot!(told(&["idle()"]), @"
    > idle()
    <
    [exit code 0]
    ");
    assert_snapshot!(told(&["idle()", "plan-berths([])"]), @"
    > idle()
    <
    > plan-berths([])
    < err(full)
    ── stderr
    error: plugin `quay` refused the call (see the last line)
    [exit code 1]
    ");
    assert_snapshot!(told(&["let plan = ok plan-berths([])", "sum(plan)"]), @"
    > let plan = ok plan-berths([])
    < err(full)
    ! the script ends: there is no `ok(…)` for `plan`
    ── stderr
    error: plugin `quay` refused the call (see the last line)
    [exit code 1]
    ");
    assert_snapshot!(told(&["suffer(trip)", "idle()"]), @"
    > suffer(trip)
      stderr:
      stderr: thread '<unnamed>' (1) panicked at src/lib.rs:201:14:
      stderr: a rope
      stderr: note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
    ! trap it panicked at src/lib.rs:201:14: a rope
    > idle()
    ! the instance has ended: begin a new one with `fresh`
    ── stderr
    error: plugin `quay` trapped (see the last lines)
    [exit code 4]
    ");
    assert_snapshot!(told(&["suffer(hoard)"]), @"
    > suffer(hoard)
    ! limit memory: memory is limited to 16MiB by the plugin's own manifest; to allow more, raise the limit `memory` in its `plugin.toml`, and build it again
    ── stderr
    error: plugin `quay` exceeded a limit (see the last lines)
    [exit code 5]
    ");
    assert_snapshot!(told(&["--limit", "deadline=100ms", "suffer(drift)"]), @"
    > suffer(drift)
    ! limit deadline: the time of a call is limited to 100ms; to allow more, raise the limit `deadline`
    ── stderr
    error: plugin `quay` exceeded a limit (see the last lines)
    [exit code 5]
    ");
    assert_snapshot!(told(&["--limit", "fuel=1000", "suffer(drift)"]), @"
    > suffer(drift)
    ! limit fuel: a call is limited to 1000 units of fuel; to allow more, raise the limit `fuel`
    ── stderr
    error: plugin `quay` exceeded a limit (see the last lines)
    [exit code 5]
    ");
    assert_snapshot!(told(&["--limit", "output=10", "forge(1)", "forge(30)"]), @r#"
    > forge(1)
    < "\u{1b}"
    > forge(30)
    ! limit output: the result is limited to 10 bytes; to allow more, raise the limit `output`
    ── stderr
    error: plugin `quay` exceeded a limit (see the last lines)
    [exit code 5]
    "#);
    assert_snapshot!(told(&["--limit", "log-bytes=10", "smear(30)"]), @r#"
    > smear(30)
      notice-board.post("\u{1b}[2J\u{202e}\n> drop x\r\u{7}\u{0}é\u{1b}[2J\u{202e}\n> drop")
      stdout: \u{1b}[2J\u{202e}
    ! limit log-bytes: the log of a call is limited to 10 bytes; to allow more, raise the limit `log-bytes`
    ── stderr
    error: plugin `quay` exceeded a limit (see the last lines)
    [exit code 5]
    "#);
    assert_snapshot!(told(&["--limit", "output=1", "--limit", "speed=1", "idle()"]), @"
    ── stderr
    error: invalid value 'speed=1' for '--limit <NAME=VALUE>': there is no limit `speed`, only deadline, fuel, memory, table-elements, instances, stack, transfer, handles, host-memory, descriptors, output, log-lines, log-bytes, requests, download, component-size

    For more information, try '--help'.
    [exit code 2]
    ");
    fs::write(folder.path().join("words.txt"), "words").expect("the file can be written");
    assert_snapshot!(run(&folder, &["call", "./words.txt", "idle()"]), @r"
    ── stderr
    error: `words` is not WebAssembly: it does not begin with the bytes `\0asm`; a plugin is a file that `plugwright build` puts into `dist/`
    [exit code 3]
    ");
    assert_snapshot!(run(&folder, &["call", "none.wasm", "idle()"]), @"
    ── stderr
    error: cannot read the plugin `none.wasm`: No such file or directory (os error 2)
    [exit code 8]
    ");
}

#[test]
fn a_trap_is_told_by_the_plugins_functions() {
    let output = QUAY.run(&["call", "quay", "suffer(trip)"]);
    assert_eq!(output.code, Some(4), "{output}");
    let trips = output.stdout.lines().filter(|line| line.starts_with("    in quay::trip at "));
    assert_eq!(trips.count(), 3, "{output}");
}

#[test]
fn what_is_granted_is_there_and_nothing_else() {
    let folder = quay();
    fs::create_dir(folder.path().join("charts")).expect("the folder can be created");
    fs::write(folder.path().join("charts/bay"), "4.5\n").expect("the file can be written");
    let grant = |grant: &str| call_in(&folder, &["--grant", grant, "depth(\"bay\")"]);
    assert_snapshot!(grant("folder=charts:/charts"), @r#"
    > depth("bay")
    < ok(4.5)
    [exit code 0]
    "#);
    assert_snapshot!(call_in(&folder, &["depth(\"bay\")"]), @r#"
    > depth("bay")
    < err("there is no chart of bay")
    ── stderr
    error: plugin `quay` refused the call (see the last line)
    [exit code 1]
    "#);
    assert_snapshot!(grant("folder=charts"), @"
    ── stderr
    error: `quay` does not ask for the grant `folder=charts:.`: leave it out, unless it was meant for `folder=/charts`; `plugwright inspect` shows what a plugin asks for
    [exit code 6]
    ");
    assert_snapshot!(grant("folder=nowhere:/charts"), @"
    ── stderr
    error: cannot grant the folder `nowhere`: No such file or directory (os error 2)
    [exit code 6]
    ");
    assert_snapshot!(grant("http=https://sea.example"), @"
    ── stderr
    error: `quay` does not ask for the grant `http=https://sea.example`: leave it out; `plugwright inspect` shows what a plugin asks for
    [exit code 6]
    ");
}

#[test]
fn a_policy_says_what_is_granted() {
    let folder = quay();
    fs::create_dir(folder.path().join("charts")).expect("the folder can be created");
    fs::write(folder.path().join("charts/bay"), "4.5\n").expect("the file can be written");
    let policy = |lines: &str| {
        let rule = format!("[[plugin]]\nname = \"quay\"\n{lines}\n");
        fs::write(folder.path().join("policy.toml"), rule).expect("the file can be written");
        call_in(&folder, &["--policy", "policy.toml", "depth(\"bay\")"])
    };
    let limits = "limits = [\"memory=16MiB\", \"deadline=8s\", \"output=256KiB\"]";
    assert_snapshot!(policy(&format!("grants = [\"folder=charts:/charts\"]\n{limits}")), @r#"
    > depth("bay")
    < ok(4.5)
    [exit code 0]
    "#);
    assert_snapshot!(policy(&format!("deny = [\"folder=/charts\"]\n{limits}")), @r#"
    > depth("bay")
    < err("there is no chart of bay")
    ── stderr
    error: plugin `quay` refused the call (see the last line)
    [exit code 1]
    "#);
    assert_snapshot!(policy("grants = [\"folder=charts:/charts\"]\nlimits = [\"memory=1MiB\"]"), @r#"
    ── stderr
    error: `quay` is not allowed here:
      - it declares `memory=16MiB`, but the rule in line 1 allows `memory=1MiB`
    to allow it, add "memory=16MiB" to `limits` of the rule in line 1 of `policy.toml`
    [exit code 3]
    "#);
}

#[test]
fn json_and_what_it_took() {
    let statements = [
        "import tide(_) = some(none)",
        "let plan = ok plan-berths([1, 2, 3])",
        "sum(plan)",
        "idle()",
        "admit(1)",
        "plan-berths([])",
    ];
    assert_snapshot!(call(&[&["--json"], &statements[..]].concat()), @r#"
    {"statement":"let plan = ok plan-berths([1, 2, 3])"}
    {"result":{"ok":{"first":"berth#1","more":["berth#3"],"named":[["of 3","berth#4"]],"spare":"berth#2"}}}
    {"statement":"sum(plan)"}
    {"result":9}
    {"statement":"idle()"}
    {"result":null}
    {"statement":"admit(1)"}
    {"import":{"answer":{"some":null},"arguments":[1],"function":"tower.tide"}}
    {"result":{"ok":[]}}
    {"statement":"plan-berths([])"}
    {"result":{"err":"full"}}
    ── stderr
    error: plugin `quay` refused the call (see the last line)
    [exit code 1]
    "#);
    let listed = call(&["--json"]);
    let listed: serde_json::Value =
        serde_json::from_str(&listed.stdout).expect("the text is valid JSON");
    assert_snapshot!(listed[2], @"null");

    let stats = call(&["--stats", "idle()"]);
    let functions: Vec<_> =
        stats.stderr.lines().filter_map(|line| line.split(' ').nth(2)).take(2).collect();
    assert_eq!((functions, stats.code), (vec!["load:", "idle:"], Some(0)), "{stats}");
    let stats = call(&["--stats", "--json", "idle()"]);
    let lines = stats.stderr.lines().map(serde_json::from_str::<serde_json::Value>);
    let functions: Vec<_> =
        lines.map(|line| line.expect("the text is valid JSON")["function"].clone()).collect();
    assert_eq!(functions, ["load", "idle"]);
}
