//! Laws that plugins keep, whatever the document: each is tried on documents made at random.

use std::fmt;

use plugwright::{AnyPlugin, CallError, Document, Plugin, Setting, Transformer};
use proptest::prelude::*;
use proptest::sample::select;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use tests::{dist, load};

/// Few cases, because each of them is a call of a plugin, and no files for those that failed.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn transformer(name: &str) -> Plugin<Transformer> {
    match load(&dist(), name) {
        AnyPlugin::Transformer(plugin) => plugin,
        other => panic!("`{name}` is of the world `transformer`, not of `{}`", other.world()),
    }
}

/// The text that a plugin makes of a document.
fn transformed(plugin: &str, name: &str, text: &str, options: &[(&str, &str)]) -> String {
    let document = Document::new(name, "application/octet-stream", text);
    let options: Vec<_> = options.iter().map(|(key, value)| Setting::new(*key, *value)).collect();
    let result = transformer(plugin).transform(&document, &options);
    let result = result.unwrap_or_else(|error| panic!("{error}\n{text}"));
    String::from_utf8(result.body).expect("text")
}

/// Says whether the plugin takes or refuses a document of these bytes, and does not trap.
fn answers(plugin: &str, body: Vec<u8>, options: &[(&str, &str)]) -> bool {
    let document = Document::new("any.bytes", "application/octet-stream", body);
    let options: Vec<_> = options.iter().map(|(key, value)| Setting::new(*key, *value)).collect();
    let result = transformer(plugin).transform(&document, &options);
    matches!(result, Ok(_) | Err(CallError::Refused { .. }))
}

// --- csv-json -----------------------------------------------------------------------------------

proptest! {
    #![proptest_config(config(32))]

    #[test]
    fn csv_made_json_made_csv_again_is_the_same(
        table in table(),
        delimiter in select(&[",", ";", "\t", "|"][..]),
    ) {
        let csv = to_csv(&table, delimiter);
        let json = transformed("csv-json", "table.csv", &csv, &[("delimiter", delimiter)]);
        let rows: Vec<Object> = serde_json::from_str(&json).expect(&json);
        let mut again = vec![table[0].clone()];
        for Object(entries) in rows {
            let (names, fields): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
            prop_assert_eq!(&names, &table[0], "the keys are the names in their order");
            again.push(fields);
        }
        prop_assert_eq!(to_csv(&again, delimiter), csv);
    }

    #[test]
    fn csv_without_a_header_made_json_made_csv_again_is_the_same(table in table()) {
        let csv = to_csv(&table, ",");
        let json = transformed("csv-json", "table.csv", &csv, &[("header", "false")]);
        let rows: Vec<Vec<String>> = serde_json::from_str(&json).expect(&json);
        prop_assert_eq!(to_csv(&rows, ","), csv);
    }

    #[test]
    fn json_lines_of_csv_are_the_json_element_by_element(
        table in table(),
        types in select(&["off", "columns", "fields"][..]),
    ) {
        let csv = to_csv(&table, ",");
        let json = transformed("csv-json", "table.csv", &csv, &[("types", types)]);
        let lines = transformed("csv-json", "table.csv", &csv, &[("types", types), ("output", "lines")]);
        prop_assert_eq!(values(&lines), serde_json::from_str::<Vec<Value>>(&json).expect(&json));
    }

    #[test]
    fn any_bytes_are_csv_or_refused(
        body in bytes(b"a,\"'\r\n;1"),
        encoding in select(&["auto", "windows-1252", "utf-16le", "shift_jis"][..]),
        broken_rows in select(&["refuse", "skip"][..]),
    ) {
        let options = [
            ("encoding", encoding), ("broken-rows", broken_rows), ("names", "number"), ("types", "fields"),
        ];
        prop_assert!(answers("csv-json", body, &options));
    }
}

/// Bytes of which many are those of `alphabet`.
fn bytes(alphabet: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop_oneof![4 => select(alphabet), 1 => any::<u8>()], 0..64)
}

/// A table: names that differ and are not empty, and rows as long.
fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    let field =
        || prop_oneof!["[ab\",;|'\t\r\n \0é漢😀]{0,8}", "-?[0-9.]{0,4}", "true|false", "\\PC{0,6}"];
    (1..5_usize).prop_flat_map(move |columns| {
        let names = prop::collection::btree_set("[a-z\",\n é]{1,6}", columns);
        let rows = prop::collection::vec(prop::collection::vec(field(), columns), 0..6);
        (names.prop_map(|names| names.into_iter().collect()).prop_shuffle(), rows)
            .prop_map(|(names, rows)| [vec![names], rows].concat())
    })
}

/// Writes a table as CSV, with each field in quotes.
fn to_csv(table: &[Vec<String>], delimiter: &str) -> String {
    let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
    let row =
        |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(delimiter) + "\r\n";
    table.iter().map(row).collect()
}

/// The values of JSON Lines.
fn values(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// An object of JSON in its own order.
struct Object(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Object(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

// --- jq -----------------------------------------------------------------------------------------

proptest! {
    #![proptest_config(config(16))]

    #[test]
    fn the_filter_dot_is_the_identity(value in value(), output in select(&["pretty", "compact"][..])) {
        let json = value.to_string();
        let same = transformed("jq", "value.json", &json, &[("output", output)]);
        prop_assert_eq!(parsed(&same), parsed(&json));
    }

    #[test]
    fn an_array_taken_apart_and_slurped_is_the_same(values in prop::collection::vec(value(), 0..5)) {
        let array = Value::Array(values).to_string();
        let options = [("filter", ".[]"), ("output", "compact")];
        let lines = transformed("jq", "array.json", &array, &options);
        let slurped = transformed("jq", "array.jsonl", &lines, &[("slurp", "true")]);
        prop_assert_eq!(parsed(&slurped), parsed(&array));
    }

    #[test]
    fn any_bytes_are_json_or_refused(body in bytes(b"[]{},:\"\\u0e-. tnl")) {
        prop_assert!(answers("jq", body, &[("filter", "..")]));
    }

    #[test]
    fn any_text_is_a_filter_or_refused(filter in "[.|,()\\[\\]{}:;\"\\\\$@?a-f0-9 =<>/+-]{0,24}|\\PC{0,12}") {
        let answered = answers("jq", b"[1, {\"a\": \"b\"}]".to_vec(), &[("filter", &filter)]);
        prop_assert!(answered, "it trapped");
    }
}

/// JSON as it is read, which is not to the last bit what it was written from.
fn parsed(json: &str) -> Value {
    serde_json::from_str(json).expect(json)
}

/// A value of JSON.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}
