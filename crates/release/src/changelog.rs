//! `CHANGELOG.md`, in the format of Keep a Changelog. A parser for Markdown finds the headings, so that code, comments and prose
//! are not taken for them.

use std::ops::Range;

use anyhow::{Result, bail};
use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};
use semver::Version;

/// The heading of unreleased changes.
const UNRELEASED: &str = "## [Unreleased]";

/// A section of the changelog.
struct Section<'a> {
    /// The place of its heading.
    heading: Range<usize>,
    /// The text below its heading.
    text: &'a str,
}

/// The section with this heading, which a date may follow.
///
/// # Errors
///
/// Says that there are several.
fn section<'a>(text: &'a str, heading: &str) -> Result<Option<Section<'a>>> {
    let mut depth = 0_usize;
    let mut headings = Vec::new();
    for (event, place) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(tag) => {
                let level = match tag {
                    Tag::Heading { level, .. } => Some(level),
                    _ => None,
                };
                // A heading in a list or in a quotation does not end a section.
                if depth == 0 && level.is_some_and(|it| it <= HeadingLevel::H2) {
                    headings.push(place);
                }
                depth += 1;
            }
            Event::End(_) => depth -= 1,
            _ => {}
        }
    }
    let is_it = |place: &Range<usize>| {
        let rest = text.get(place.clone()).and_then(|line| line.trim_end().strip_prefix(heading));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let mut found = None;
    for (at, place) in headings.iter().enumerate().filter(|(_, place)| is_it(place)) {
        if found.is_some() {
            bail!(
                "CHANGELOG.md has the heading `{heading}` twice: move the changes under one of them"
            );
        }
        let end = headings.get(at + 1).map_or(text.len(), |next| next.start);
        let text = text.get(place.end..end).unwrap_or_default();
        found = Some(Section { heading: place.clone(), text });
    }
    Ok(found)
}

fn heading(version: &Version) -> String {
    format!("## [{version}]")
}

/// Whether the section has more than headings and comments.
fn says_something(section: &str) -> bool {
    let mut is_heading = false;
    Parser::new(section).any(|event| {
        match event {
            Event::Start(Tag::Heading { .. }) => is_heading = true,
            Event::End(TagEnd::Heading(_)) => is_heading = false,
            Event::Text(text) | Event::Code(text) => return !is_heading && !text.trim().is_empty(),
            _ => {}
        }
        false
    })
}

/// The definitions of links in the text, by their place.
fn definitions(text: &str) -> Vec<(String, Range<usize>)> {
    let parser = Parser::new(text);
    let found = parser.reference_definitions().iter();
    let mut found: Vec<_> =
        found.map(|(label, link)| (label.to_lowercase(), link.span.clone())).collect();
    found.sort_by_key(|(_, place)| place.start);
    found
}

/// Checks that there are unreleased changes, and that the version has no section yet.
///
/// # Errors
///
/// Says what is wrong.
pub(crate) fn check(text: &str, version: &Version) -> Result<()> {
    unreleased(text, version).map(drop)
}

/// The section of unreleased changes, after this check.
fn unreleased<'a>(text: &'a str, version: &Version) -> Result<Section<'a>> {
    let Some(unreleased) = section(text, UNRELEASED)? else {
        bail!("CHANGELOG.md has no heading `{UNRELEASED}`: add it above the last version")
    };
    if !says_something(unreleased.text) {
        bail!(
            "CHANGELOG.md has nothing under `{UNRELEASED}`: describe the changes since the last version"
        );
    }
    if section(text, &heading(version))?.is_some() {
        bail!("CHANGELOG.md already has a section `{}`: choose a later version", heading(version));
    }
    Ok(unreleased)
}

/// The changelog with the unreleased changes as the section of the version, with this date.
///
/// # Errors
///
/// As [`check`].
pub(crate) fn released(text: &str, version: &Version, day: &str) -> Result<String> {
    let at = unreleased(text, version)?.heading.start;
    let (above, below) = text.split_at(at);
    let line = below.split_inclusive('\n').next().unwrap_or_default();
    let end = if line.ends_with("\r\n") { "\r\n" } else { "\n" };
    let below = below.get(line.trim_end().len()..).unwrap_or_default();
    Ok(format!("{above}{UNRELEASED}{end}{end}{} - {day}{below}", heading(version)))
}

/// The section of the version, for the release notes, with the definitions of its links. A dry run may use the unreleased
/// changes instead.
///
/// # Errors
///
/// Says that there is no such section.
pub(crate) fn notes(text: &str, version: &Version, is_dry_run: bool) -> Result<String> {
    let mut found = section(text, &heading(version))?;
    if found.is_none() && is_dry_run {
        found = section(text, UNRELEASED)?;
    }
    let Some(Section { text: section, .. }) = found.filter(|it| says_something(it.text)) else {
        bail!(
            "CHANGELOG.md has no section `{}`: run `just release {version}` to add it",
            heading(version)
        );
    };
    // The definitions stand at the end of the file, for all sections.
    let mut notes = section.to_owned();
    for (_, place) in definitions(section).into_iter().rev() {
        notes.replace_range(place, "");
    }
    let mut notes = notes.trim().replace("\r\n", "\n") + "\n";
    let lower = notes.to_lowercase();
    let used = |label: &str| lower.contains(&format!("[{label}]"));
    let links = definitions(text).into_iter().filter(|(label, _)| used(label));
    let links: Vec<_> = links.filter_map(|(_, place)| Some(text.get(place)?.trim())).collect();
    if !links.is_empty() {
        notes += &format!("\n{}\n", links.join("\n"));
    }
    Ok(notes)
}
