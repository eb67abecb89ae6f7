//! The examples of the CommonMark specification through the plugin `markdown`, a test for each
//! section, each example compared with the specification's own HTML.
//!
//! `commonmark/spec.txt` is the specification as its npm package `commonmark-spec` ships it.
//! `commonmark/differences.txt` lists the examples that are known to come out otherwise, each with
//! its reason; one that comes out right must leave the list.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use plugwright::{Document, Plugin, Setting, Transformer};
use tests::{markdown, root};

struct Example {
    number: usize,
    markdown: String,
    html: String,
}

pub(crate) fn trials() -> Vec<Trial> {
    let folder = root().join("tests/commonmark");
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect(name);
    let sections = sections(&read("spec.txt"));
    let count: usize = sections.values().map(Vec::len).sum();
    assert_eq!(count, 652, "version 0.31.2 of the specification has 652 examples");
    let differences = Arc::new(differences(&read("differences.txt")));
    let trial = |(section, examples): (String, Vec<Example>)| {
        let differences = Arc::clone(&differences);
        Trial::test(format!("commonmark/{section}"), move || {
            compare(&markdown(), &examples, &differences)
        })
    };
    sections.into_iter().map(trial).collect()
}

fn compare(
    plugin: &Plugin<Transformer>,
    examples: &[Example],
    differences: &BTreeMap<usize, String>,
) -> Result<(), Failed> {
    // The specification passes raw HTML on, and knows no front matter.
    let options = [Setting::new("unsafe-html", "true"), Setting::new("front-matter", "false")];
    let mut report = String::new();
    for Example { number, markdown, html } in examples {
        let document = Document::new("example.md", "text/markdown", markdown.as_str());
        let found = plugin.transform(&document, &options)?;
        let found = String::from_utf8(found.body)?;
        match (normal(&found) == normal(html), differences.get(number)) {
            (true, None) | (false, Some(_)) => {}
            (true, Some(reason)) => {
                writeln!(
                    report,
                    "example {number} comes out right: take it off the list ({reason})"
                )?;
            }
            (false, None) => writeln!(
                report,
                "example {number}\n── Markdown\n{markdown}── HTML wanted\n{html}── HTML found\n{found}"
            )?,
        }
    }
    if report.is_empty() { Ok(()) } else { Err(report.into()) }
}

/// HTML with quotation marks in text written as such: they mean the same written `&quot;`, and the
/// specification's own test runner compares them so. In tags they are left alone.
fn normal(html: &str) -> String {
    let mut pieces = html.split_inclusive('<').map(|piece| match piece.rsplit_once('>') {
        Some((tag, text)) => format!("{tag}>{}", text.replace("&quot;", "\"")),
        None => piece.to_owned(),
    });
    pieces.next().map(|text| text.replace("&quot;", "\"")).into_iter().chain(pieces).collect()
}

/// The specification's examples, by the heading that they stand under.
///
/// An example is a fence of 32 backquotes with the word `example`, the Markdown, a line with a dot,
/// the HTML, and a closing fence; `→` stands for a tab.
fn sections(spec: &str) -> BTreeMap<String, Vec<Example>> {
    let fence = "`".repeat(32);
    let mut sections = BTreeMap::<String, Vec<Example>>::new();
    let (mut section, mut number) = (String::new(), 0);
    let mut lines = spec.lines();
    while let Some(line) = lines.next() {
        if line == "<!-- END TESTS -->" {
            break;
        } else if line == format!("{fence} example") {
            let mut part = |end: &str| -> String {
                let part = lines.by_ref().take_while(|line| *line != end);
                part.map(|line| line.replace('→', "\t") + "\n").collect()
            };
            let (markdown, html) = (part("."), part(&fence));
            number += 1;
            sections.entry(section.clone()).or_default().push(Example { number, markdown, html });
        } else if let Some(heading) = line.strip_prefix('#') {
            heading.trim_start_matches('#').trim().clone_into(&mut section);
        }
    }
    sections
}

/// The known differences: a number and a reason on each line.
fn differences(list: &str) -> BTreeMap<usize, String> {
    let lines = list.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let (number, reason) = line.split_once(' ').expect("a number and a reason");
            (number.parse().expect("a number"), reason.to_owned())
        })
        .collect()
}
