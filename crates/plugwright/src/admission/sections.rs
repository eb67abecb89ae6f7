//! Reads and removes sections of a component.

use wasmparser::{BinaryReader, BinaryReaderError, Parser, Payload};

/// Returns the data of all custom sections named `name`, in the component and everything nested in it. Stops where the
/// component is damaged.
pub fn custom_sections<'a>(component: &'a [u8], name: &str) -> Vec<&'a [u8]> {
    let payloads = Parser::new(0).parse_all(component).map_while(Result::ok);
    let named = payloads.filter_map(|payload| match payload {
        Payload::CustomSection(section) if section.name() == name => Some(section.data()),
        _ => None,
    });
    named.collect()
}

/// The name of the custom section that holds a plugin's description. It is the last section of the component.
pub(crate) const DESCRIPTION: &str = "plugwright:description";

/// Returns the part of a component that is compiled: everything except the description, which does not affect the code.
pub(crate) fn compiled_part(component: &[u8]) -> &[u8] {
    split(component).map_or(component, |(compiled, _)| compiled)
}

/// Splits a component into the part before its description, and the description.
pub(crate) fn split(component: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut reader = BinaryReader::new(component, 0);
    reader.read_bytes(PREAMBLE).ok()?;
    let mut last = None;
    while !reader.eof() {
        let begin = reader.current_position();
        let (id, length) = (reader.read_u8().ok()?, reader.read_var_u32().ok()?);
        last = Some((begin, id, reader.read_bytes(length as usize).ok()?));
    }
    let (begin, id, data) = last?;
    let mut reader = BinaryReader::new(data, 0);
    if id != 0 || reader.read_string().ok()? != DESCRIPTION {
        return None;
    }
    let text = data.get(reader.current_position()..)?;
    Some((component.get(..begin)?, text))
}

/// The number of bytes before the first section: the magic bytes and the version.
const PREAMBLE: usize = 8;

/// Returns the component without its outermost custom sections that have one of these names.
pub(crate) fn without(names: &[&str], component: &[u8]) -> Result<Vec<u8>, BinaryReaderError> {
    let mut reader = BinaryReader::new(component, 0);
    let mut left = reader.read_bytes(PREAMBLE)?.to_vec();
    while !reader.eof() {
        let begin = reader.current_position();
        let (id, length) = (reader.read_u8()?, reader.read_var_u32()?);
        let data = reader.read_bytes(length as usize)?;
        let is_named =
            || BinaryReader::new(data, 0).read_string().is_ok_and(|found| names.contains(&found));
        if id != 0 || !is_named() {
            let section = component.get(begin..reader.current_position());
            left.extend_from_slice(section.unwrap_or_default());
        }
    }
    Ok(left)
}
