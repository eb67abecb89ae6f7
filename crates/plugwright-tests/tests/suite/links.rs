//! The links of the documents: those inside lead to a file and a heading, those outside are well formed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use http::Uri;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use tests::root;

use crate::documents::documents;

/// A document: where its links lead, and what can be linked to in it.
#[derive(Default)]
struct Document {
    links: Vec<String>,
    anchors: BTreeSet<String>,
}

impl Document {
    fn read(text: &str) -> Self {
        let mut document = Self::default();
        let mut heading = None::<String>;
        for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    document.links.push(dest_url.into_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    let anchor = anchor(&heading.take().expect("it began"));
                    let numbered = |number: usize| format!("{anchor}-{number}");
                    let anchor = match document.anchors.contains(&anchor) {
                        true => (1..).map(numbered).find(|it| !document.anchors.contains(it)),
                        false => Some(anchor),
                    };
                    document.anchors.extend(anchor);
                }
                Event::Text(text) | Event::Code(text) => {
                    heading.iter_mut().for_each(|heading| heading.push_str(&text));
                }
                _ => {}
            }
        }
        document
    }
}

/// The name that GitHub and mdBook give a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// What is wrong with an address outside of this repository.
fn fault(link: &str) -> Option<&'static str> {
    let Ok(uri) = link.parse::<Uri>() else { return Some("is not a URL") };
    let host = uri.host().unwrap_or_default();
    let is_local = host == "localhost" || host == "127.0.0.1";
    match uri.scheme_str() {
        Some("https") if host.contains('.') => None,
        Some("http") if is_local => None,
        Some("https") => Some("has no host"),
        _ => Some("is not of https"),
    }
}

#[test]
fn every_link_leads_somewhere() {
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("it was just listed");
        (path, Document::read(&text))
    };
    let documents: BTreeMap<_, _> = documents(&root()).into_iter().map(read).collect();
    let mut faults = Vec::new();
    let mut count = 0;
    for (path, document) in &documents {
        for link in &document.links {
            count += 1;
            if let Some(fault) = fault_of(path, link, &documents) {
                faults.push(format!("{}: `{link}` {fault}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count > 100, "{count} links");
}

fn fault_of(
    path: &Path,
    link: &str,
    documents: &BTreeMap<PathBuf, Document>,
) -> Option<&'static str> {
    if link.contains("://") {
        return fault(link);
    }
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    if link.is_empty() || file.starts_with('/') {
        return Some("is not relative to the document");
    }
    let file = if file.is_empty() { path.to_owned() } else { path.with_file_name(file) };
    let Ok(file) = fs::canonicalize(file) else { return Some("leads to no file") };
    // The guide is also a book, which contains nothing else.
    let guide = root().join("docs/src");
    if path.starts_with(&guide) && !file.starts_with(&guide) {
        return Some("leads out of the guide: write the path as code");
    }
    if anchor.is_empty() {
        return None;
    }
    match documents.get(&file) {
        Some(document) if document.anchors.contains(anchor) => None,
        Some(_) => Some("leads to no heading"),
        None => Some("leads to a heading of something that is no document"),
    }
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let text = "# One word\n# One word\n[a](#one-word-1) [b](#two) [c](nowhere.md) [d](http://example.org) [e](https://) \
                [f]() [g](/etc/passwd)";
    let path = root().join("README.md");
    let path = fs::canonicalize(path).expect("it is there");
    let document = Document::read(text);
    let links = document.links.clone();
    let documents = BTreeMap::from([(path.clone(), document)]);
    let faults = links.iter().map(|link| fault_of(&path, link, &documents));
    let expected = [
        None,
        Some("leads to no heading"),
        Some("leads to no file"),
        Some("is not of https"),
        Some("is not a URL"),
        Some("is not relative to the document"),
        Some("is not relative to the document"),
    ];
    assert_eq!(faults.collect::<Vec<_>>(), expected);
}
