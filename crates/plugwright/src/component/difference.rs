//! Finds the first difference between two components.

#![warn(clippy::arithmetic_side_effects)]

use std::fmt;

use wasmparser::{Encoding, Parser, Payload};

use crate::text::foreign_text::ForeignText;

/// The number of bytes that are shown on each side of the first byte that differs.
const SHOWN: usize = 24;

/// The most parser events that are read, for sections and for the beginnings and ends of modules and components. A
/// plugin cannot have more sections.
const MOST: usize = 100_000;

/// The first difference between two components.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The section that differs, such as `the data section of core module 1`.
    pub section: ForeignText,
    /// The position of the first byte that differs, from the beginning of the first file.
    pub offset: usize,
    /// The bytes around this position in the first file, as text. `.` stands for a byte that is not printable ASCII.
    pub one: String,
    /// The bytes around the difference in the second file, as text.
    pub other: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { section, offset, one, other } = self;
        write!(f, "first in {section}, at byte {offset}: `{one}` and `{other}`")
    }
}

/// Returns the first difference between the components `one` and `other`, or `None` if their bytes are equal.
pub fn difference(one: &[u8], other: &[u8]) -> Option<Difference> {
    if one == other {
        return None;
    }
    // Each section begins with its length, so the first byte that differs is often only a length. Compare the contents
    // of the sections instead.
    let (sections, others) = (sections(one), sections(other));
    let pairs = sections.iter().zip(&others);
    for (Section { name, start, content }, other_section) in pairs {
        if *name == other_section.name && *content == other_section.content {
            continue;
        }
        let same = common(content, other_section.content);
        let at = start.saturating_add(same);
        let other_at = other_section.start.saturating_add(same);
        return Some(Difference::at(name, (one, at), (other, other_at)));
    }
    // All common sections are equal: one component has more sections, or cannot be read.
    let at = common(one, other);
    let is_in = |it: &&Section<'_>| {
        at.checked_sub(it.start).is_some_and(|within| within < it.content.len())
    };
    let section = sections.iter().find(is_in);
    let section = section.map_or("the bytes outside all sections", |section| &section.name);
    Some(Difference::at(section, (one, at), (other, at)))
}

impl Difference {
    fn at(section: &str, (one, at): (&[u8], usize), (other, other_at): (&[u8], usize)) -> Self {
        let section = section.into();
        Self { section, offset: at, one: around(one, at), other: around(other, other_at) }
    }
}

/// Returns the number of equal bytes at the beginning.
fn common(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

/// Returns the bytes around the position `at`, as text.
fn around(bytes: &[u8], at: usize) -> String {
    let end = at.saturating_add(SHOWN).min(bytes.len());
    let shown = bytes.get(at.saturating_sub(SHOWN)..end).unwrap_or_default();
    shown
        .iter()
        .map(|byte| if (b' '..=b'~').contains(byte) { *byte as char } else { '.' })
        .collect()
}

/// A section that does not contain other sections.
struct Section<'a> {
    /// The name, as it is shown.
    name: String,
    /// The position of the content in the file.
    start: usize,
    /// The content, which is cut where the file ends.
    content: &'a [u8],
}

/// Returns the sections that do not contain other sections, as far as the file can be read.
fn sections(bytes: &[u8]) -> Vec<Section<'_>> {
    let mut sections = Vec::new();
    let mut modules: usize = 0;
    // For each open component and module, its name and whether it is a module.
    let mut open: Vec<(String, bool)> = Vec::new();
    let is_section = |payload: &Payload<'_>| !matches!(payload, Payload::CodeSectionEntry(_));
    let payloads = Parser::new(0).parse_all(bytes).map_while(Result::ok).filter(is_section);
    for payload in payloads.take(MOST) {
        match &payload {
            Payload::Version { encoding: Encoding::Module, .. } => {
                open.push((format!(" of core module {modules}"), true));
                modules = modules.saturating_add(1);
            }
            Payload::Version { encoding: Encoding::Component, .. } => {
                let inner = if open.is_empty() { "" } else { " of an inner component" };
                open.push((inner.to_owned(), false));
            }
            Payload::End(_) => drop(open.pop()),
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {}
            payload => {
                let (Some((id, range)), Some((of, is_module))) =
                    (payload.as_section(), open.last())
                else {
                    continue;
                };
                let name = match payload {
                    Payload::CustomSection(section) => {
                        format!("the custom section `{}`{of}", section.name())
                    }
                    _ => format!("the {} section{of}", section_name(id, *is_module)),
                };
                let end = range.end.min(bytes.len());
                let content = bytes.get(range.start..end).unwrap_or_default();
                sections.push(Section { name, start: range.start, content });
            }
        }
    }
    sections
}

fn section_name(id: u8, in_module: bool) -> &'static str {
    const MODULE: &[&str] = &[
        "custom",
        "type",
        "import",
        "function",
        "table",
        "memory",
        "global",
        "export",
        "start",
        "element",
        "code",
        "data",
        "data count",
        "tag",
    ];
    const COMPONENT: &[&str] = &[
        "custom",
        "core module",
        "core instance",
        "core type",
        "component",
        "instance",
        "alias",
        "type",
        "canonical function",
        "start",
        "import",
        "export",
    ];
    let names = if in_module { MODULE } else { COMPONENT };
    names.get(usize::from(id)).copied().unwrap_or("unknown")
}
