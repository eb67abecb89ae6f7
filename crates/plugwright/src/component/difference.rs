//! Where two components differ first.

#![warn(clippy::arithmetic_side_effects)]

use std::fmt;

use wasmparser::{Encoding, Parser, Payload};

use crate::text::foreign_text::ForeignText;

/// How much of a file is shown on each side of the first byte that differs.
const SHOWN: usize = 24;

/// How many sections are told apart, with the beginnings and ends of what they are in: a plugin can have no more.
const MOST: usize = 100_000;

/// Where two components differ first, and what is there.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The section, as in `the data section of core module 1`.
    pub section: ForeignText,
    /// The first byte that differs, counted from the beginning of the first file.
    pub offset: usize,
    /// What is around it in the first file; `.` stands for a byte that is no printable ASCII character.
    pub one: String,
    /// What is around it in the other.
    pub other: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { section, offset, one, other } = self;
        write!(f, "first in {section}, at byte {offset}: `{one}` and `{other}`")
    }
}

/// Says where the components `one` and `other` differ first, or nothing if they are the same bytes.
pub fn difference(one: &[u8], other: &[u8]) -> Option<Difference> {
    if one == other {
        return None;
    }
    // How long sections are stands before them, so files are compared section by section.
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
    // One has sections that the other has not, or cannot be read.
    let at = common(one, other);
    let is_in = |it: &&Section<'_>| {
        at.checked_sub(it.start).is_some_and(|within| within < it.content.len())
    };
    let section = sections.iter().find(is_in);
    let section = section.map_or("what is in no section", |section| &section.name);
    Some(Difference::at(section, (one, at), (other, at)))
}

impl Difference {
    fn at(section: &str, (one, at): (&[u8], usize), (other, other_at): (&[u8], usize)) -> Self {
        let section = section.into();
        Self { section, offset: at, one: around(one, at), other: around(other, other_at) }
    }
}

/// How many bytes at the beginning are the same.
fn common(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

/// What is around the byte `at`, as text.
fn around(bytes: &[u8], at: usize) -> String {
    let end = at.saturating_add(SHOWN).min(bytes.len());
    let shown = bytes.get(at.saturating_sub(SHOWN)..end).unwrap_or_default();
    shown
        .iter()
        .map(|byte| if (b' '..=b'~').contains(byte) { *byte as char } else { '.' })
        .collect()
}

/// A section that holds no others.
struct Section<'a> {
    /// What it is called.
    name: String,
    /// Where its content begins in the file.
    start: usize,
    /// Its content, as much as there is of it: the file can end before it does.
    content: &'a [u8],
}

/// The sections that hold no others, as far as the file can be read.
fn sections(bytes: &[u8]) -> Vec<Section<'_>> {
    let mut sections = Vec::new();
    let mut modules: usize = 0;
    // For each component and module that is open, what it is called and whether it is a module.
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
