//! The summary as Markdown, for the results that CI shows.

use std::fmt::Write as _;

use crate::finding::{Detail, Finding, findings};
use crate::item::{Item, Mark};
use crate::plugin::{Facts, Plugin};
use crate::report::Report;
use crate::verdict::{not_as_kept, scope, verdict};
use crate::words::{Piece, bytes, difference, pieces};

/// Renders the summary of the report as Markdown: the findings, and a table of the plugins.
///
/// Foreign texts are in code, or all their punctuation is escaped. So none of them becomes Markdown, HTML, a link or a
/// mention.
pub fn markdown(report: &Report) -> String {
    let findings = findings(report);
    let mut text = format!("## Plugins in {}\n\n", code(&report.folder));
    // Writing to a string cannot fail.
    let _ = writeln!(text, "**{}.** {}\n", verdict(&findings), said(&scope(report)));
    for Finding { kind, plugin, what, details } in &findings {
        let of = plugin.as_ref().map_or(String::new(), |name| format!(" {}", code(name)));
        let _ = writeln!(text, "- **{}**{of}: {}", kind.label(), said(what));
        for detail in details {
            let _ = match detail {
                Detail::Said(line) => writeln!(text, "  - {}", said(line)),
                Detail::Case { name, what, .. } => {
                    writeln!(text, "  - {} {}", code(name), said(what))
                }
            };
        }
    }
    if !findings.is_empty() {
        text.push('\n');
    }
    if !report.plugins.is_empty() {
        text.push_str("| plugin | size | difference | cases | asks for |\n");
        text.push_str("| --- | ---: | ---: | ---: | --- |\n");
    }
    for plugin in &report.plugins {
        let _ =
            writeln!(text, "| {} |", row(report, plugin).map(|cell| in_table(&cell)).join(" | "));
    }
    text
}

fn row(report: &Report, Plugin { name, is_new, facts }: &Plugin) -> [String; 5] {
    let facts = match facts {
        Ok(facts) => facts,
        Err(unread) => {
            let [difference, asks] = [const { String::new() }; 2];
            let cases = if report.without_cases.is_none() { "not run" } else { "" };
            return [
                code(name),
                unread.kind.label().to_owned(),
                difference,
                cases.to_owned(),
                asks,
            ];
        }
    };
    let changed = match (is_new, facts.size.before) {
        (true, _) => "new".to_owned(),
        (_, Some(before)) => difference(facts.size.bytes, before),
        _ => String::new(),
    };
    [code(name), bytes(facts.size.bytes), changed, cases(report, facts), asks(&facts.grants)]
}

fn cases(report: &Report, facts: &Facts) -> String {
    if report.without_cases.is_some() {
        return String::new();
    }
    let tally = facts.tally();
    if tally.all == 0 {
        return "none".to_owned();
    }
    let told = not_as_kept(facts)
        .into_iter()
        .map(|(kind, told)| if kind.is_to_mend() { format!("**{told}**") } else { told });
    let all = tally.is_as_kept().then(|| tally.all.to_string());
    all.into_iter().chain(told).collect::<Vec<_>>().join(", ")
}

fn asks(grants: &[Item]) -> String {
    let shown = grants.iter().filter_map(|grant| match grant.mark {
        Mark::Same => Some(code(&grant.text)),
        Mark::New => Some(format!("{} (new)", code(&grant.text))),
        Mark::Gone => None,
    });
    let shown: Vec<_> = shown.collect();
    if shown.is_empty() { "nothing".to_owned() } else { shown.join(", ") }
}

/// Renders a text with names in backquotes.
fn said(text: &str) -> String {
    let pieces = pieces(text).into_iter();
    pieces
        .map(|piece| match piece {
            Piece::Plain(text) => escaped(text),
            Piece::Code(text) => code(text),
        })
        .collect()
}

/// Renders the text as inline code.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.saturating_add(1));
    // Markdown removes one space at each end, so these spaces are not part of the code.
    let space = if text.is_empty() || text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        " "
    } else {
        ""
    };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Escapes everything in the text that could be Markdown.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        // At the end of a word, these characters are not part of an address.
        let ends = rest.peek().is_none_or(|next| next.is_whitespace());
        match c {
            '\n' | '\r' => escaped.push(' '),
            ',' | ';' | '\'' | '(' | ')' | '%' => escaped.push(c),
            '.' | ':' if ends => escaped.push(c),
            _ if c.is_ascii_punctuation() => escaped.extend(['\\', c]),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Escapes bars, which end a cell of a table even in code.
fn in_table(cell: &str) -> String {
    cell.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_others_is_markdown() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code(""), "`  `");
        assert_eq!(code("a\nb"), "`a b`");
        assert_eq!(in_table(&code("a|b")), r"`a\|b`");
        assert_eq!(
            said("see http://a.b, <b> of `c` and @d: *e*."),
            r"see http\:\/\/a\.b, \<b\> of `c` and \@d: \*e\*."
        );
    }
}
