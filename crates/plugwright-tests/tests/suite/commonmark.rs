//! Runs the examples of the CommonMark specification through the plugin `markdown`, and compares the results with
//! the specification's own HTML.
//!
//! `commonmark/spec.txt` is the specification from its npm package `commonmark-spec`. `commonmark/differences.txt`
//! lists the examples that are known to differ, each with its reason. An example that no longer differs must be
//! removed from the list.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Setting};
use tests::markdown;

struct Example {
    /// The heading of the example's section.
    section: String,
    number: usize,
    markdown: String,
    html: String,
}

#[test]
fn the_examples_of_the_specification_come_out_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("commonmark");
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect(name);
    let examples = examples(&read("spec.txt"));
    assert_eq!(examples.len(), 652, "version 0.31.2 of the specification has 652 examples");
    let differences = differences(&read("differences.txt"));
    let plugin = markdown();
    // The specification passes raw HTML on and has no front matter.
    let options = [Setting::new("unsafe-html", "true"), Setting::new("front-matter", "false")];
    let mut report = String::new();
    for Example { section, number, markdown, html } in examples {
        let document = Document::new("example.md", "text/markdown", markdown.as_str());
        let found = plugin.transform(&document, &options).unwrap_or_else(|error| panic!("{error}"));
        let found = String::from_utf8(found.body).expect("the output is UTF-8");
        let said = match (normal(&found) == normal(&html), differences.get(&number)) {
            (true, None) | (false, Some(_)) => continue,
            (true, Some(reason)) => format!("comes out right: take it off the list ({reason})"),
            (false, None) => {
                format!("\n── Markdown\n{markdown}── HTML wanted\n{html}── HTML found\n{found}")
            }
        };
        report += &format!("{section}, example {number} {said}\n");
    }
    assert!(report.is_empty(), "{report}");
}

/// Decodes quotation marks in text. `&quot;` means the same, and the specification's own test runner treats both
/// alike. Tags stay unchanged.
fn normal(html: &str) -> String {
    let mut pieces = html.split_inclusive('<').map(|piece| match piece.rsplit_once('>') {
        Some((tag, text)) => format!("{tag}>{}", text.replace("&quot;", "\"")),
        None => piece.to_owned(),
    });
    pieces.next().map(|text| text.replace("&quot;", "\"")).into_iter().chain(pieces).collect()
}

/// Returns the specification's examples.
///
/// An example is a fence of 32 backquotes with the word `example`, the Markdown, a line with a dot, the HTML, and a
/// closing fence. `→` stands for a tab.
fn examples(spec: &str) -> Vec<Example> {
    let fence = "`".repeat(32);
    let (mut examples, mut section) = (Vec::new(), String::new());
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
            let number = examples.len() + 1;
            examples.push(Example { section: section.clone(), number, markdown, html });
        } else if let Some(heading) = line.strip_prefix('#') {
            heading.trim_start_matches('#').trim().clone_into(&mut section);
        }
    }
    examples
}

/// Returns the known differences: a number and a reason on each line.
fn differences(list: &str) -> BTreeMap<usize, String> {
    let lines = list.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let (number, reason) =
                line.split_once(' ').expect("the line has a number and a reason");
            (number.parse().expect("the text is a number"), reason.to_owned())
        })
        .collect()
}
