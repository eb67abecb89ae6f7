//! YAML front matter: finds its end, and reads its attributes.

use plugwright_guest::{Attribute, Attributes, Invalid};
use saphyr::{ScanError, Yaml, YamlLoader};
use saphyr_parser::Parser;

/// Splits a document into its front matter, if there is any, and the rest.
///
/// Front matter is between a first line `---` and a line `---` or `...`. If an empty line follows the first line, it is
/// a thematic break of Markdown instead.
pub(crate) fn split(text: &str) -> (Option<&str>, &str) {
    let mut lines = text.split_inclusive('\n');
    let opening = lines.next().unwrap_or_default();
    if opening.trim_end() != "---" {
        return (None, text);
    }
    let mut end = opening.len();
    for (index, line) in lines.enumerate() {
        match line.trim_end() {
            "" if index == 0 => break,
            "---" | "..." => {
                return (Some(&text[opening.len()..end]), &text[end + line.len()..]);
            }
            _ => end += line.len(),
        }
    }
    (None, text)
}

/// Reads front matter, whose first line is the second line of the document, into attributes.
///
/// A list of plain values becomes one attribute, with the values separated by a comma and a space. The name of a nested
/// value has all names on its path, separated by dots. For an item of a list, the name is its number, counted from 0.
/// Values keep their text: `1.10` does not become `1.1`.
pub(crate) fn read(yaml: &str) -> Result<Vec<Attribute>, Invalid> {
    let documents = load(yaml).map_err(|error| {
        let place = error.marker();
        Invalid::new(format!("front matter: {}", error.info()))
            .at(place.line() + 1, place.col() + 1)
    })?;
    let mut attributes = Vec::new();
    match documents.into_iter().next() {
        // There are only comments.
        None => {}
        Some(yaml) if plain(&yaml) == Some("") => {}
        Some(Yaml::Mapping(entries)) => {
            for (key, value) in &entries {
                flatten(&name(key), value, &mut attributes);
            }
        }
        Some(_) => {
            return Err(Invalid::new("front matter is not a list of names and values").at(2, 1));
        }
    }
    Ok(attributes)
}

fn load(yaml: &str) -> Result<Vec<Yaml<'_>>, ScanError> {
    let mut loader = YamlLoader::default();
    // Keeps the text of values.
    loader.early_parse(false);
    Parser::new_from_str(yaml).load(&mut loader, true)?;
    match loader.error() {
        Some(error) => Err(error.clone()),
        None => Ok(loader.into_documents()),
    }
}

fn flatten(key: &str, value: &Yaml<'_>, attributes: &mut Vec<Attribute>) {
    match value {
        Yaml::Mapping(entries) => {
            for (inner, value) in entries {
                flatten(&format!("{key}.{}", name(inner)), value, attributes);
            }
        }
        Yaml::Sequence(values) => match values.iter().map(plain).collect::<Option<Vec<_>>>() {
            Some(values) => add(key, &values.join(", "), attributes),
            None => {
                for (index, value) in values.iter().enumerate() {
                    flatten(&format!("{key}.{index}"), value, attributes);
                }
            }
        },
        Yaml::Tagged(_, value) => flatten(key, value, attributes),
        _ => add(key, plain(value).unwrap_or_default(), attributes),
    }
}

fn add(key: &str, value: &str, attributes: &mut Vec<Attribute>) {
    Attributes(attributes).update(key, value);
}

/// Returns the name for a key.
fn name(key: &Yaml<'_>) -> String {
    plain(key).unwrap_or_default().to_owned()
}

/// Returns the text of a value that is neither a list nor a mapping.
fn plain<'a>(value: &'a Yaml<'_>) -> Option<&'a str> {
    match value {
        Yaml::Representation(text, _, _) => Some(text),
        Yaml::Tagged(_, value) => plain(value),
        Yaml::Mapping(_) | Yaml::Sequence(_) => None,
        _ => value.as_str().or(Some("")),
    }
}
