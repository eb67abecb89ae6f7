//! Scripts of calls: what is accepted as a script, and the errors for other text.

use insta::assert_snapshot;
use plugwright_test::Script;
use proptest::test_runner::{Config, RngSeed};
use proptest::{prop_assert, prop_assert_eq, proptest};

/// Returns the errors for these texts.
fn refusals(texts: &[&str]) -> String {
    let refusal = |text: &&str| {
        let error = Script::parse(text).expect_err(text);
        format!("{}\n  {error}\n", text.replace('\n', "⏎").replace('\u{1b}', "␛"))
    };
    texts.iter().map(refusal).collect()
}

#[test]
fn statements_are_shown_in_one_line_with_their_own() {
    let text = r#"
// A comment, "and
let ada = words.person-resource("Ada", "Lovelace") // who it is
words.greet( ada , [ // one
  {x: 1,
   y: 'a'}, // ] two
],)
	let s = ok some sessions.open(1)
let t = s.head.name
let t = ok s
let map = new shop:pricing/host@1.0.0.map-resource
drop s

drop(s)
let(1)
fresh
fresh()
import catalogue.find("apple") = some({price: 30,
  box-size: 10}), none // in turn
import clock.now=1,2
import store.put(_, _) = trap "disk full"
import store.put = (), 1 , trap  "disk full",2 // in turn
import log(info, _)
shop:pricing/rules@1.0.0.price({:}, %ok, """
  two ", lines
  """)
"#;
    let script = Script::parse(text).unwrap_or_else(|error| panic!("{error}"));
    let shown: Vec<_> =
        script.statements().iter().map(|it| format!("{}: {it}", it.line())).collect();
    assert_snapshot!(shown.join("\n"), @r#"
    3: let ada = words.person-resource("Ada", "Lovelace")
    4: words.greet(ada, [{x: 1, y: 'a'}])
    8: let s = ok some sessions.open(1)
    9: let t = s.head.name
    10: let t = ok s
    11: let map = new shop:pricing/host@1.0.0.map-resource
    12: drop s
    14: drop(s)
    15: let(1)
    16: fresh
    17: fresh()
    18: import catalogue.find("apple") = some({price: 30, box-size: 10}), none
    20: import clock.now = 1, 2
    21: import store.put(_, _) = trap "disk full"
    22: import store.put = (), 1, trap "disk full", 2
    23: import log(info, _)
    24: shop:pricing/rules@1.0.0.price({:}, %ok, """
      two ", lines
      """)
    "#);
}

#[test]
fn what_is_no_script_says_where_and_what_was_expected() {
    assert_snapshot!(refusals(&[
        "words.greet",
        "words.greet(ada",
        "a(1)\n\n  ä.b(1)",
        "a(\"ä\") b(2)",
        "a([1)",
        "a(\"1)",
        "\"a\"",
        "let",
        "let x",
        "let x a()",
        "let x =",
        "let x = // later",
        "let x = \"text\"",
        "let x = new",
        "let x = a() + 1",
        "let x = ok",
        "let X = a()",
        "let ok = a()",
        "let a.b = a()",
        "drop",
        "drop a b",
        "fresh start",
        "import",
        "import a.b",
        "import a.b =",
        "import a.b() = 1,",
        "import a.b() = trap",
        "import a.b() = trap \"a\",",
        "import a.b() = 1, trap",
        "import a.b(1) = )",
        "import a.b(,) = 1",
        "import \"a\"() = 1",
        "a(1) \u{1b}[2J",
    ]), @r#"
    words.greet
      line 1, column 12: expected `(` after `words.greet`: a call is `INTERFACE.FUNCTION(ARGUMENTS)`
    words.greet(ada
      line 1, column 12: the `(` of this call is not closed: add `)`
    a(1)⏎⏎  ä.b(1)
      line 3, column 3: expected a call, such as `words.greet("Ada")`
    a("ä") b(2)
      line 1, column 8: expected the end of the line after the call: one statement per line, found `b(2)`
    a([1)
      line 1, column 5: expected `]`, found `)`
    a("1)
      line 1, column 3: this string is not closed: add `"` on the same line
    "a"
      line 1, column 1: expected a call, such as `words.greet("Ada")`
    let
      line 1, column 4: expected the name of a variable: type `let NAME = CALL`, but the line ends
    let x
      line 1, column 6: expected `=` after `let x`, but the line ends
    let x a()
      line 1, column 7: expected `=` after `let x`, found `a()`
    let x =
      line 1, column 8: expected a call, a field of a variable as `NAME.FIELD`, or `new INTERFACE.RESOURCE`, but the line ends
    let x = // later
      line 1, column 9: expected a call, a field of a variable as `NAME.FIELD`, or `new INTERFACE.RESOURCE`, but the line ends
    let x = "text"
      line 1, column 9: expected a call, a field of a variable as `NAME.FIELD`, or `new INTERFACE.RESOURCE`, found `"text"`
    let x = new
      line 1, column 12: expected `INTERFACE.RESOURCE` after `new`, but the line ends
    let x = a() + 1
      line 1, column 13: expected the end of the line after the call: one statement per line, found `+`
    let x = ok
      line 1, column 11: expected a call, a field of a variable as `NAME.FIELD`, or `new INTERFACE.RESOURCE`, but the line ends
    let X = a()
      line 1, column 5: `X` is not a name of a variable: use lowercase letters, digits and `-`, as in `my-list`
    let ok = a()
      line 1, column 5: `ok` cannot be the name of a variable, because it is a reserved word
    let a.b = a()
      line 1, column 5: `a.b` is not a name of a variable: use lowercase letters, digits and `-`, as in `my-list`
    drop
      line 1, column 5: expected the name of a variable: type `drop NAME`, but the line ends
    drop a b
      line 1, column 8: expected the end of the line after `drop`: one statement per line, found `b`
    fresh start
      line 1, column 7: expected the end of the line after `fresh`: one statement per line, found `start`
    import
      line 1, column 7: expected `INTERFACE.FUNCTION(PATTERNS)` after `import`, but the line ends
    import a.b
      line 1, column 11: expected `=` or `(PATTERNS)` after `import a.b`, but the line ends
    import a.b =
      line 1, column 13: expected an answer after `=`, or `trap "words"`, but the line ends
    import a.b() = 1,
      line 1, column 18: expected another answer after `,`, but the line ends
    import a.b() = trap
      line 1, column 20: expected the reason of the trap, as in `trap "words"`, but the line ends
    import a.b() = trap "a",
      line 1, column 25: expected another answer after `,`, but the line ends
    import a.b() = 1, trap
      line 1, column 23: expected the reason of the trap, as in `trap "words"`, but the line ends
    import a.b(1) = )
      line 1, column 17: `)` closes nothing
    import a.b(,) = 1
      line 1, column 12: expected a value
    import "a"() = 1
      line 1, column 8: expected `INTERFACE.FUNCTION(PATTERNS)` after `import`, found `"a"()`
    a(1) ␛[2J
      line 1, column 6: expected the end of the line after the call: one statement per line, found `\u{1b}[2J`
    "#);
}

#[test]
fn a_script_has_a_most_of_all() {
    let refused =
        |text: &str| Script::parse(text).expect_err("the script exceeds the limit").to_string();
    assert_snapshot!(refused(&"a()\n".repeat(10_001)), @"line 10001, column 1: the script has more than 10000 statements");
    assert_snapshot!(refused(&" ".repeat((1 << 20) + 1)), @"line 1, column 1: the script has 1048577 bytes, but at most 1048576 are allowed");
    assert_snapshot!(refused(&format!("a({}", "[".repeat(1 << 19))), @"line 1, column 103: brackets are nested more than 100 deep");
    // Parsing text of the largest permitted size is fast.
    let most = format!("{}a({})\n", "a()\n".repeat(9_999), "1, ".repeat(300_000));
    assert_eq!(
        Script::parse(&most).expect("the script is within the limit").statements().len(),
        10_000
    );
    let text = format!("{}a() b()", "\n".repeat((1 << 20) - 7));
    assert_snapshot!(refused(&text), @"line 1048570, column 5: expected the end of the line after the call: one statement per line, found `b()`");
}

/// Pieces of statements, and pieces that could mislead a parser.
const PARTS: [&str; 30] = [
    "let ", "x", " = ", "drop ", "fresh", "import ", "a.b", "(", ")", "f(", "[", "]", "{", "}",
    ", ", ",", "\n", "\r\n", "\"", "\"\"\"", "'", "\\", "//", "ok ", "some ", "new ", "_", "trap ",
    "ä", "1",
];

proptest! {
    #![proptest_config(Config {
        cases: 5_000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0),
        ..Config::default()
    })]

    #[test]
    fn a_script_says_the_same_when_it_is_written_and_read_again(
        parts in proptest::collection::vec(proptest::sample::select(PARTS.as_slice()), 0..24),
    ) {
        let text = parts.concat();
        let written = |script: &Script| -> String {
            script.statements().iter().map(|it| format!("{it}\n")).collect()
        };
        match Script::parse(&text) {
            Ok(script) => {
                let once = written(&script);
                let again = Script::parse(&once);
                prop_assert!(again.is_ok(), "{text:?} is written as {once:?}: {again:?}");
                prop_assert_eq!(again.as_ref().map(written), Ok(once));
            }
            Err(error) => {
                let line = text.split('\n').nth(error.line - 1);
                let columns = line.expect("the text has this line").chars().count();
                prop_assert!(error.column <= columns + 1, "{error}");
            }
        }
    }
}
