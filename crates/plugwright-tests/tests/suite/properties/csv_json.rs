//! The properties of the plugin `csv-json`.

use std::fmt;

use plugwright::CallError;
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Failure, Setting};
use proptest::prelude::*;
use proptest::sample::select;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use tests::streamer;

use super::{answers, bytes, config, in_pieces, transformed};

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

    #[test]
    fn pieces_come_out_as_the_whole(
        body in bytes(b"a,\"'\r\n;1\xef\xbb\xbf"),
        lengths in prop::collection::vec(1_usize..9, 1..5),
        encoding in select(&["auto", "utf-16le", "shift_jis", "gb18030"][..]),
        broken_rows in select(&["refuse", "skip"][..]),
        types in select(&["off", "columns", "fields"][..]),
    ) {
        let options = [
            ("encoding", encoding), ("broken-rows", broken_rows), ("names", "number"), ("types", types),
        ];
        let options = options.map(|(key, value)| Setting::new(key, value));
        let document = Document::new("table.csv", "text/csv", body);
        let plugin = streamer("csv-json");
        // A refusal names the same position.
        let told = |result: Result<Document, CallError<Failure>>| result.map_err(|error| error.to_string());
        let whole = told(plugin.transform(&document, &options));
        prop_assert_eq!(whole, told(in_pieces(&plugin, document, &options, &lengths)));
    }
}

/// Generates a table with distinct names that are not empty, and rows of the same length.
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

/// Writes a table as CSV, with every field quoted.
fn to_csv(table: &[Vec<String>], delimiter: &str) -> String {
    let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
    let row =
        |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(delimiter) + "\r\n";
    table.iter().map(row).collect()
}

/// Returns the values in JSON Lines.
fn values(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// A JSON object that keeps its order.
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
