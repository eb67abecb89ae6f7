//! The properties of the plugin `jq`.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::{answers, bytes, config, transformed};

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
        prop_assert!(answered, "the plugin trapped");
    }
}

/// Parses JSON. Numbers can differ in the last bit from what was written.
fn parsed(json: &str) -> Value {
    serde_json::from_str(json).expect(json)
}

/// Generates a JSON value.
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
