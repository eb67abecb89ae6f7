//! How a transcript shortens long results, as text and in JSON.

use std::fs;
use std::time::Duration;

use insta::assert_snapshot;
use plugwright::Limits;
use plugwright_test::Transcript;
use serde_json::Value;

use super::{canvas, parse, quote};

/// Returns the transcript of `calls` calls with words of `bytes` bytes, and one more call whose words end in `end`.
fn long(bytes: usize, calls: usize, end: &str, has_json: bool) -> Transcript {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let word = "a".repeat(bytes);
    fs::write(folder.path().join("word"), &word).expect("the file can be written");
    fs::write(folder.path().join("last"), word + end).expect("the file can be written");
    let text = "prettify([file(\"word\")])\n".repeat(calls) + "prettify([file(\"last\")])\n";
    let script = parse(&text);
    let script = if has_json { script.with_json() } else { script };
    script.run(&quote(), folder.path())
}

#[test]
fn what_is_left_out_is_told_apart() {
    // First with one result, then with several.
    for (bytes, calls) in [(300_000, 0), (200_000, 6)] {
        let [one, same, other] =
            ["b", "b", "c"].map(|end| long(bytes, calls, end, false).snapshot());
        assert!(one.len() < Transcript::MOST_BYTES + 200, "{}", one.len());
        assert_eq!(one, same);
        assert_ne!(one, other, "{bytes}");
    }
    let last = long(200_000, 6, "b", false).snapshot();
    assert_snapshot!(last.lines().last().expect("the transcript has lines"), @"… and 4 more lines, SHA-256 770153fa6483f4ba1168642e67ac103864395c7cc8c3d00e6d0add193e0d95c4");
}

#[test]
fn json_is_there_if_it_is_asked_for_and_says_what_is_left_out() {
    let without = long(300_000, 0, "b", false);
    assert!(without.entries().iter().all(|entry| entry.json.is_none()));
    let lines = |transcript: &Transcript| {
        let json = transcript.to_json();
        assert!(json.len() < Transcript::MOST_BYTES + 200, "{}", json.len());
        let lines =
            json.lines().map(|line| serde_json::from_str(line).expect("the text is valid JSON"));
        Vec::<Value>::from_iter(lines)
    };
    // One result is too long.
    let one = lines(&long(300_000, 0, "b", true));
    assert_snapshot!(one.last().expect("the transcript has lines"), @r#"{"result":{"left-out":"ok(… and 300008 bytes more, SHA-256 739147d0ec44e84f96f99f6acb15e114f25ae02dc01d080b0de02b8d985d8cb0"}}"#);
    // Each result is within the limit, but all of them together are not.
    let all = lines(&long(200_000, 6, "b", true));
    assert!(all.iter().any(|line| line.pointer("/result/ok").is_some()));
    assert_snapshot!(all.last().expect("the transcript has lines"), @r#"{"left-out":{"lines":13,"sha256":"8f413d51e729bfe11ebd11a0aae92cb0d24e72aba2511c19cd2a3f54c9bbf122"}}"#);
}

#[test]
fn what_ended_the_last_call_is_told_after_what_is_left_out() {
    let lines = "({x: 1, y: 2}, {x: 3, y: 4}), ".repeat(2_000);
    let text = format!("halves([{lines}])\n").repeat(12) + "suffer(stumble)\n";
    let ended = |text: &str| parse(text).with_json().run(&canvas(), "no such folder".as_ref());
    let end = |told: &str| {
        let lines: Vec<_> = told.lines().rev().take(2).collect();
        lines.join("\n")
    };
    assert_snapshot!(end(&ended(&text).snapshot()), @"
    ! trap it panicked at src/lib.rs:120:14: a shoelace
    … and 14025 more lines, SHA-256 cbfb8f6567495ffb831325b43879a5c2c747a3ea0f06059b2c7916cf07e79188
    ");
    assert_snapshot!(end(&ended(&text).to_json()), @r#"
    {"end":{"kind":"trap","message":"it panicked at src/lib.rs:120:14: a shoelace"}}
    {"left-out":{"lines":14025,"sha256":"cbfb8f6567495ffb831325b43879a5c2c747a3ea0f06059b2c7916cf07e79188"}}
    "#);
    // With a line after it, the cut text is no longer the last line.
    let after = ended(&(text + "fresh\n")).snapshot();
    assert!(
        after
            .lines()
            .last()
            .expect("the transcript has lines")
            .starts_with("… and 14027 more lines")
    );
}

#[test]
fn json_says_what_ended_a_call() {
    let limits = Limits::none().deadline(Duration::from_millis(200));
    let plugin = canvas().with_limits(&limits).expect("a call can have this limit");
    let text = "suffer(spin)\nhalves([])\nfresh\nsuffer(stumble)\nfresh\n\
        import has-frame = false\nlet frame = ok some fit([{x: 1, y: 2}], [])\n";
    let ended = parse(text).with_json().run(&plugin, "no such folder".as_ref());
    let json = ended.to_json();
    let ends = json.lines().filter(|line| line.starts_with("{\"end\""));
    assert_snapshot!(ends.collect::<Vec<_>>().join("\n"), @r#"
    {"end":{"kind":"limit","limit":"deadline","message":"the time of a call is limited to 200ms; to allow more, raise the limit `deadline`"}}
    {"end":{"kind":"over","message":"the instance has ended: begin a new one with `fresh`"}}
    {"end":{"kind":"trap","message":"it panicked at src/lib.rs:120:14: a shoelace"}}
    {"end":{"kind":"absent","message":"the script ends: there is no `ok(some(…))` for `frame`"}}
    "#);
}

#[test]
fn json_says_what_ended_the_script() {
    let wrong = parse("prettify([\"a\"])\nprettify([])\n  prettify(1)\n").with_json();
    let wrong = wrong.run(&quote(), "no such folder".as_ref());
    assert_snapshot!(wrong.to_json(), @r#"
    {"statement":"prettify([\"a\"])"}
    {"import":{"arguments":["info","quoting",[{"key":"words","value":"1"}]],"function":"host.log"}}
    {"result":{"ok":"\"a\""}}
    {"statement":"prettify([])"}
    {"result":{"err":"there are no words to quote"}}
    {"statement":"prettify(1)"}
    {"error":{"column":12,"line":3,"message":"`1` is not a value of `list<string>`; expected `words: list<string>`"}}
    "#);
}
