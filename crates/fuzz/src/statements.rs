//! Scripts of calls: a script that is written and read again stays the same. For any other text, the error says
//! what was expected, and where.

use plugwright_test::Script;

/// Reads `bytes` as a script.
///
/// # Panics
///
/// If the script changes when it is written, or if an error has a position outside of the text.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Script::parse(text) {
        Ok(script) => {
            let written = written(&script);
            let again =
                Script::parse(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
            assert_eq!(self::written(&again), written);
            assert_eq!(again.statements().len(), script.statements().len(), "{written}");
        }
        Err(error) => {
            assert!(!error.message.is_empty());
            let line = text.split('\n').nth(error.line - 1).expect("the text has this line");
            assert!(error.column <= line.chars().count() + 1, "{error}");
        }
    }
}

fn written(script: &Script) -> String {
    script.statements().iter().map(|statement| format!("{statement}\n")).collect()
}

/// Returns one statement of each kind, and values of all kinds.
pub fn seeds() -> Vec<Vec<u8>> {
    let all = "// a comment\nlet ada = words.person-resource(\"Ada\", \"Lovelace\")\nwords.greet(ada)\n\
               let s = ok some sessions.open({name: \"a\", list: [1, -2.5e3, 'x', '\\u{1f600}']}, // more\n  \
               (none, some(1)), {:}, %ok)\nlet f = s.field.other\nlet n = new host.map-resource\ndrop s\nfresh\n\
               import catalogue.find(\"apple\", _) = some({price: 30}), none\nimport clock.now = 1, 2, 3\n\
               import store.put(_, _) = trap \"disk full\"\nimport shop:pricing/log@1.0.0.write(info)\n";
    let lines =
        "a.b(\"\"\"\n  several \"lines\"\n  \"\"\", [\n], {a: file(\"b\"), c: hex(\"00\")})\n";
    [all, lines].map(|text| text.as_bytes().to_vec()).into()
}
