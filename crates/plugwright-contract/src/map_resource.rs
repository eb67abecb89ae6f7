//! The host's side of a `map-resource`.

use plugwright::Held;

/// The key-value pairs behind a plugin's handle to a `map-resource`. Each key is there once, in the order in which the
/// keys first appeared.
#[derive(Debug)]
#[expect(unreachable_pub, reason = "wasmtime's bindings re-export it")]
pub struct MapResource {
    pub(crate) entries: Entries,
    /// The host memory that the entries use, until the plugin takes them back.
    pub(crate) held: Option<Held>,
}

/// Key-value pairs without duplicate keys.
#[derive(Debug)]
pub(crate) struct Entries(pub(crate) Vec<(String, String)>);

impl FromIterator<(String, String)> for Entries {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(entries: T) -> Self {
        let mut positions = std::collections::HashMap::new();
        let mut map: Vec<(String, String)> = Vec::new();
        for (key, value) in entries {
            match positions.get(&key).and_then(|&position| map.get_mut(position)) {
                Some(entry) => *entry = (key, value),
                None => {
                    positions.insert(key.clone(), map.len());
                    map.push((key, value));
                }
            }
        }
        Self(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_given_twice_keeps_its_place_and_its_last_value() {
        let pairs = [("a", "1"), ("b", "2"), ("a", "3")];
        let Entries(entries) =
            pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into_iter().collect();
        assert_eq!(entries, [("a".into(), "3".into()), ("b".into(), "2".into())]);
    }
}
