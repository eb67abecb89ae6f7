//! The output of a hostile plugin cannot be mistaken for the command's own, and is bounded.

use insta::assert_snapshot;

use super::ended::without_frames;
use super::harbour::{call, call_in, quay};

#[test]
fn what_it_says_is_escaped_wherever_it_is_said() {
    assert_snapshot!(call(&["forge(12)", "let x = forge(40)", "depth(x)", "forge(1)"]), @r#"
    > forge(12)
    < "\u{1b}[2J\u{202e}\n> drop"
    > let x = forge(40)
    < "\u{1b}[2J\u{202e}\n> drop x\r\u{7}\u{0}é\u{1b}[2J\u{202e}\n> drop x\r\u{7}\u{0}é\u{1b}[2J"
    > depth(x)
    < err("""
        there is no chart of \u{1b}[2J\u{202e}
        > drop x\r\u{7}\u{0}é\u{1b}[2J\u{202e}
        > drop x\r\u{7}\u{0}é\u{1b}[2J
        """)
    > forge(1)
    < "\u{1b}"
    [exit code 0]
    "#);
    let mut smeared = call(&["smear(20)"]);
    smeared.stdout = without_frames(&smeared.stdout);
    assert_snapshot!(smeared, @r#"
    > smear(20)
      notice-board.post("\u{1b}[2J\u{202e}\n> drop x\r\u{7}\u{0}é\u{1b}[")
      stdout: \u{1b}[2J\u{202e}
      stdout: > drop x\r\u{7}\u{0}é\u{1b}[
      stderr:
      stderr: thread '<unnamed>' (1) panicked at src/lib.rs:194:9:
      stderr: \u{1b}[2J\u{202e}
      stderr: > drop x\r\u{7}\u{0}é\u{1b}[
      stderr: note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
    ! trap it panicked at src/lib.rs:194:9: \u{1b}[2J\u{202e}\n> drop x\r\u{7}\u{0}é\u{1b}[
    ── stderr
    error: plugin `quay` trapped (see the last lines)
    [exit code 4]
    "#);
    let trap = "import tower.tide(_) = trap \"\u{1b}[2J\u{202e}\"";
    let mut trapped = call(&[trap, "admit(1)"]);
    trapped.stdout = without_frames(&trapped.stdout);
    assert_snapshot!(trapped, @r#"
    > admit(1)
      tower.tide(1) = trap "\u{1b}[2J\u{202e}"
    ! trap \u{1b}[2J\u{202e}
    ── stderr
    error: plugin `quay` trapped (see the last lines)
    [exit code 4]
    "#);
    assert_snapshot!(call(&["import post(\"\u{1b}[2J\") = 1", "smear(4)"]), @"
    ── stderr
    error: statement 1, column 8: `notice-board.post` has no result: remove `=` and what follows it
    [exit code 2]
    ");
    assert_snapshot!(call(&["--json", "forge(20)"]), @r#"
    {"statement":"forge(20)"}
    {"result":"\u001b[2J\u202e\n> drop x\r\u0007\u0000é\u001b["}
    [exit code 0]
    "#);
}

#[test]
fn what_it_says_is_bounded() {
    // 200 KB of text, and the memory that it takes to show it.
    let forged = call(&["forge(180000)"]);
    let most = 300 << 10;
    assert!(forged.bytes.len() < most && forged.code == Some(0), "{}", forged.bytes.len());
    let last = forged.stdout.lines().last().unwrap_or_default();
    let (_, left_out) = last.rsplit_once('…').expect("the output is shortened");
    assert_snapshot!(left_out, @" and 157909 bytes more, SHA-256 9688053bf89901deddae218603262b54e0a3d00b9788c834249b12a9e986e831");

    let smeared = call(&["--limit", "deadline=60s", "smear(1000000)"]);
    assert!(smeared.bytes.len() < 2 << 20, "{}", smeared.bytes.len());
    let shouted = call(&["suffer(shout)"]);
    assert!(shouted.bytes.len() < 2 << 20, "{}", shouted.bytes.len());
    let end: Vec<&str> = shouted.stdout.lines().rev().take(2).collect();
    assert_snapshot!(format!("{}\n{}", end[1], end[0]), @"
    … and 41 more lines, SHA-256 e8531b2bbf78a9b833aaf06683300261def1512e2498829c59bd3c96987c3cc7
    ! limit log-bytes: the log of a call is limited to 1MiB; to allow more, raise the limit `log-bytes`
    ");
    assert_snapshot!(shouted.stderr, @"error: plugin `quay` exceeded a limit (see the last lines)");

    let folder = quay();
    let recorded = call_in(&folder, &["--record", "long.calls", "smear(1000000)"]);
    assert_snapshot!(recorded.stderr, @"error: cannot record `long.calls`: the calls and answers do not fit into a script, which has at most 1048576 bytes: record fewer calls");
    assert!(!folder.path().join("long.calls").exists(), "the file was not written");
}
