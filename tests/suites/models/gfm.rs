//! Compares the plugin `markdown` with GitHub's cmark-gfm, by the examples in its files `test/spec.txt` and
//! `test/extensions.txt`, with the extensions that each example names.

use std::error::Error;
use std::fs;
use std::path::Path;

use libtest_mimic::Failed;
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Setting};

use crate::differences::Comparison;

/// The smallest share of tests that must match, in percent.
const LEAST: usize = 99;

const FENCE: &str = "````````````````````````````````";

pub(crate) fn compare(folder: &Path) -> Result<(), Failed> {
    compared(folder).map_err(|error| Failed::from(error.to_string()))
}

fn compared(folder: &Path) -> Result<(), Box<dyn Error>> {
    let plugin = tests::markdown();
    let mut comparison = Comparison::with("gfm")?;
    for file in ["spec.txt", "extensions.txt"] {
        let text = fs::read_to_string(folder.join(file))?.replace('→', "\t");
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let Some(extensions) =
                line.strip_prefix(FENCE).and_then(|it| it.strip_prefix(" example"))
            else {
                continue;
            };
            let mut part = |end: &str| {
                let lines = lines.by_ref().take_while(|line| *line != end);
                lines.map(|line| format!("{line}\n")).collect::<String>()
            };
            let (markdown, html) = (part("."), part(FENCE));
            // The example only requires that the input can be read.
            if html == "<IGNORE>\n" {
                continue;
            }
            // The second file enables all extensions in each example.
            let named = |name| (extensions.contains(name) || file == "extensions.txt").to_string();
            let options = [
                Setting::new("unsafe-html", "true"),
                Setting::new("front-matter", "false"),
                Setting::new("autolinks", named("autolink")),
                Setting::new("tag-filter", named("tagfilter")),
            ];
            let document = Document::new("example.md", "text/markdown", markdown.as_str());
            let found = plugin.transform(&document, &options)?;
            let found = String::from_utf8(found.body)?;
            let equal = normal(&found) == normal(&html);
            let difference = (!equal).then(|| format!("wanted {html:?}\n  found  {found:?}"));
            comparison.note(&markdown, difference);
        }
    }
    comparison.end(LEAST)
}

/// Normalises HTML as a browser reads it. White space between blocks, the way a tag is written and a table
/// body without rows do not count. An attribute and a style that align a column are equal.
fn normal(html: &str) -> String {
    let mut normal = String::new();
    let mut preformatted = false;
    for piece in html.split_inclusive('<') {
        let (tag, text) = piece.split_once('>').unwrap_or(("", piece));
        let (text, open) = match text.strip_suffix('<') {
            Some(text) => (text, "<"),
            None => (text, ""),
        };
        if !tag.is_empty() {
            let tag = tag.trim_end_matches('/').replace("style=\"text-align: ", "align=\"");
            let mut parts: Vec<_> = tag.split_whitespace().collect();
            if let Some((_, attributes)) = parts.split_first_mut() {
                attributes.sort_unstable();
            }
            preformatted = match tag.as_str() {
                "pre" => true,
                "/pre" => false,
                _ => preformatted,
            };
            normal.push_str(&parts.join(" "));
            normal.push('>');
        }
        let text = text.replace("&quot;", "\"");
        if preformatted {
            normal.push_str(&text);
        } else {
            normal.push_str(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        normal.push_str(open);
    }
    normal.replace("<tbody></tbody>", "")
}
