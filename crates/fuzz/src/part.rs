//! A component or core module as its nested sections, which can be changed and encoded again.

use wasm_encoder::Encode as _;
use wasmparser::BinaryReader;

/// A component or a core module.
#[derive(Clone)]
pub(crate) struct Part {
    /// `\0asm`, and the bytes that tell a module from a component.
    header: [u8; HEADER],
    pub(crate) sections: Vec<Section>,
}

/// A section. Its length is not stored, because it follows from the content.
#[derive(Clone)]
pub(crate) struct Section {
    id: u8,
    pub(crate) content: Content,
}

#[derive(Clone)]
pub(crate) enum Content {
    Bytes(Vec<u8>),
    /// The bodies of functions.
    Functions(Vec<Vec<u8>>),
    Part(Part),
}

const HEADER: usize = 8;
const MODULE: &[u8] = b"\0asm\x01\0\0\0";
const COMPONENT_HEADER: &[u8; HEADER] = b"\0asm\x0d\0\x01\0";

const CUSTOM: u8 = 0;

/// The ids of the sections of a component that hold a core module or a component, and of the code section of a
/// module.
const CORE_MODULE: u8 = 1;
const COMPONENT: u8 = 4;
const CODE: u8 = 10;

/// The deepest nesting of components that is parsed.
const DEEPEST: usize = 16;

impl Part {
    /// Parses `bytes`, if they consist of sections from beginning to end.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        Self::parse_within(bytes, DEEPEST)
    }

    fn parse_within(bytes: &[u8], deepest: usize) -> Option<Self> {
        let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
        if !header.starts_with(b"\0asm") {
            return None;
        }
        let is_module = header == MODULE;
        let mut reader = BinaryReader::new(rest, 0);
        let mut sections = Vec::new();
        while !reader.eof() {
            let id = reader.read_u8().ok()?;
            let bytes = sized(&mut reader)?;
            let nested = !is_module && [CORE_MODULE, COMPONENT].contains(&id) && deepest > 0;
            let part = nested.then(|| Self::parse_within(bytes, deepest - 1)).flatten();
            let functions = || (is_module && id == CODE).then(|| functions(bytes)).flatten();
            let content = match part {
                Some(part) => Content::Part(part),
                None => {
                    functions().map_or_else(|| Content::Bytes(bytes.to_vec()), Content::Functions)
                }
            };
            sections.push(Section { id, content });
        }
        Some(Self { header: *header, sections })
    }

    /// Encodes the part.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = self.header.to_vec();
        for Section { id, content } in &self.sections {
            bytes.push(*id);
            content.encode().encode(&mut bytes);
        }
        bytes
    }

    pub(crate) fn is_module(&self) -> bool {
        self.header == MODULE
    }

    /// Returns this part inside `count` nested components.
    pub(crate) fn within(self, count: usize) -> Self {
        (0..count).fold(self, |inner, _| {
            let header = *COMPONENT_HEADER;
            let content = Content::Bytes(inner.encode());
            Self { header, sections: vec![Section { id: COMPONENT, content }] }
        })
    }

    /// Returns the same part. Its core modules have the custom sections of those in `other` instead of their
    /// own.
    pub(crate) fn with_custom_sections_of(&self, other: &Self) -> Self {
        let mut part = self.clone();
        let custom = other.custom_sections();
        for number in 0..part.count() {
            part.change(number, |part| {
                if part.is_module() {
                    part.sections.retain(|section| section.id != CUSTOM);
                    part.sections.extend(custom.iter().cloned());
                }
            });
        }
        part
    }

    /// Returns the custom sections of the core modules in this part.
    fn custom_sections(&self) -> Vec<Section> {
        let nested = self.sections.iter().flat_map(|section| match &section.content {
            Content::Part(part) => part.custom_sections(),
            _ if self.is_module() && section.id == CUSTOM => vec![section.clone()],
            Content::Bytes(_) | Content::Functions(_) => Vec::new(),
        });
        nested.collect()
    }

    /// Returns the number of nested parts, including this one.
    pub(crate) fn count(&self) -> usize {
        let nested = self.sections.iter().filter_map(|section| match &section.content {
            Content::Part(part) => Some(part.count()),
            Content::Bytes(_) | Content::Functions(_) => None,
        });
        nested.sum::<usize>() + 1
    }

    /// Changes the part with this index. There are [`Part::count`] parts.
    pub(crate) fn change(&mut self, number: usize, change: impl FnOnce(&mut Self)) {
        let Some(mut left) = number.checked_sub(1) else { return change(self) };
        for section in &mut self.sections {
            let Content::Part(part) = &mut section.content else { continue };
            let count = part.count();
            if left < count {
                return part.change(left, change);
            }
            left -= count;
        }
    }
}

impl Content {
    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.clone(),
            Self::Part(part) => part.encode(),
            Self::Functions(functions) => {
                let mut bytes = Vec::new();
                functions.len().encode(&mut bytes);
                functions.iter().for_each(|function| function.as_slice().encode(&mut bytes));
                bytes
            }
        }
    }
}

/// Returns the bodies of functions in the section `bytes`, if the section consists of them.
fn functions(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut reader = BinaryReader::new(bytes, 0);
    let count = reader.read_var_u32().ok()?;
    let functions: Option<_> = (0..count).map(|_| sized(&mut reader).map(<[u8]>::to_vec)).collect();
    functions.filter(|_| reader.eof())
}

/// Reads bytes that are preceded by their length.
fn sized<'a>(reader: &mut BinaryReader<'a>) -> Option<&'a [u8]> {
    let length = reader.read_var_u32().ok()?;
    reader.read_bytes(usize::try_from(length).ok()?).ok()
}
