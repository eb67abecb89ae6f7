//! YAML front matter: where it ends, and what attributes it makes.

use plugwright_guest::{Attribute, Attributes, Invalid};
use saphyr::{ScanError, Yaml, YamlLoader};
use saphyr_parser::Parser;

/// Splits a document into its front matter, if it has one, and the rest.
///
/// Front matter stands between a first line `---` and a line `---` or `...`. Where the first of them
/// is followed by an empty line, it is a thematic break of Markdown.
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

/// Reads front matter, whose first line is the document's second, into attributes.
///
/// A list of plain values is one attribute, the values separated by a comma and a space. What is
/// nested deeper gets a name of all the names on the way, separated by dots; numbers, from 0, stand
/// for places in a list. Values are as they were written: `1.10` is not made `1.1`.
pub(crate) fn read(yaml: &str) -> Result<Vec<Attribute>, Invalid> {
    let documents = load(yaml).map_err(|error| {
        let place = error.marker();
        Invalid::new(format!("front matter: {}", error.info()))
            .at(place.line() + 1, place.col() + 1)
    })?;
    let mut attributes = Vec::new();
    match documents.into_iter().next() {
        // Nothing but comments.
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
    // Keeps values as they were written.
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

/// The name that a key stands for.
fn name(key: &Yaml<'_>) -> String {
    plain(key).unwrap_or_default().to_owned()
}

/// The text of a value that is neither a list nor a mapping.
fn plain<'a>(value: &'a Yaml<'_>) -> Option<&'a str> {
    match value {
        Yaml::Representation(text, _, _) => Some(text),
        Yaml::Tagged(_, value) => plain(value),
        Yaml::Mapping(_) | Yaml::Sequence(_) => None,
        _ => value.as_str().or(Some("")),
    }
}
