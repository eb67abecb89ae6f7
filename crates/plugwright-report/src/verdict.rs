//! The verdict of the report, and what the report covers.

use crate::finding::{Finding, findings};
use crate::kind::Kind;
use crate::plugin::{Facts, Signature, Tally};
use crate::report::Report;
use crate::words::{count, joined};

/// Returns the verdict in a few words.
pub(crate) fn verdict(findings: &[Finding]) -> String {
    let to_mend = findings.iter().filter(|it| it.kind.is_to_mend()).count();
    match (to_mend, findings.len().saturating_sub(to_mend)) {
        (0, 0) => "Nothing found".to_owned(),
        (0, to_look) => format!("{to_look} to review"),
        (to_mend, 0) => format!("{to_mend} to fix"),
        (to_mend, to_look) => format!("{to_mend} to fix, {to_look} to review"),
    }
}

/// Returns the conclusion of the report as a part of a sentence.
pub fn conclusion(report: &Report) -> String {
    let findings = findings(report);
    let to_mend = findings.iter().filter(|it| it.kind.is_to_mend()).count();
    let of = |found| count(found, "finding", "findings");
    match (to_mend, findings.len().saturating_sub(to_mend)) {
        (0, 0) => "nothing found".to_owned(),
        (0, to_look) => format!("{} to review", of(to_look)),
        (to_mend, 0) => format!("{} to fix", of(to_mend)),
        (to_mend, to_look) => format!("{} to fix, {to_look} to review", of(to_mend)),
    }
}

/// Returns what the report covers and what it does not, in sentences with names in backquotes.
pub(crate) fn scope(report: &Report) -> String {
    let plugins = count(report.plugins.len(), "plugin", "plugins");
    let cases = match &report.without_cases {
        Some(why) => format!("No case was run: {why}."),
        None => tested(report),
    };
    let compared = match &report.base {
        Some(base) => format!(" Each is compared with `{base}`."),
        None => String::new(),
    };
    let is_checked = report.facts().any(|it| matches!(it.signature, Signature::Good(_)));
    let mut without = Vec::new();
    if report.base.is_none() {
        without.push("an older folder to compare with (`--base`)".to_owned());
    }
    if report.facts().next().is_some() && !is_checked {
        without.push("a key to check signatures with (`--trust`)".to_owned());
    }
    if report.facts().all(|it| it.times.is_none()) {
        without.push("times of a benchmark (`--bench`)".to_owned());
    }
    let without = match &*without {
        [] => String::new(),
        without => format!(" The report was made without {}.", joined(without)),
    };
    format!("{plugins}. {cases}{compared}{without}")
}

/// Returns the numbers of cases and checks of a plugin that did not pass, each in a few words and with its kind of
/// finding.
pub(crate) fn not_as_kept(facts: &Facts) -> Vec<(Kind, String)> {
    let (cases, checks) = (facts.tally(), facts.tally_of_checks());
    let of_checks = count(checks.all, "check", "checks");
    let verb = if checks.failing == 1 { "fails" } else { "fail" };
    let told = [
        (cases.failing, Kind::Cases, format!("{} of {} fail", cases.failing, cases.all)),
        (cases.new, Kind::Unkept, format!("{} of {} new", cases.new, cases.all)),
        (checks.failing, Kind::Checks, format!("{} of {of_checks} {verb}", checks.failing)),
        (checks.new, Kind::Unkept, format!("{} of {of_checks} new", checks.new)),
    ];
    told.into_iter().filter(|(is, ..)| *is > 0).map(|(_, kind, told)| (kind, told)).collect()
}

/// Returns the results of cases and checks, in sentences.
fn tested(report: &Report) -> String {
    let (cases, checks) = (report.tally(), report.tally_of_checks());
    let unread = report.plugins.iter().filter(|plugin| plugin.facts.is_err());
    let unread: Vec<_> = unread.map(|plugin| format!("`{}`", plugin.name)).collect();
    let others = if unread.is_empty() { "" } else { " of the others" };
    let some = |of: fn(Tally) -> usize, one: &str, many: &str| {
        let told = |tally, all: String| (of(tally) > 0).then(|| format!("{} of {all}", of(tally)));
        let of_cases = told(cases, count(cases.all, "case", "cases"));
        let of_checks = told(checks, count(checks.all, "check", "checks"));
        let told: Vec<_> = [of_cases, of_checks].into_iter().flatten().collect();
        let verb = if of(cases).saturating_add(of(checks)) == 1 { one } else { many };
        (!told.is_empty()).then(|| format!("{} {verb}", joined(&told)))
    };
    let failing = some(|it| it.failing, "does not pass", "do not pass");
    let new = some(|it| it.new, "has no snapshot yet", "have no snapshot yet");
    let as_kept = || match cases.all {
        0 if report.facts().next().is_none() => None,
        0 if others.is_empty() => Some("There are no cases of these plugins".to_owned()),
        0 => Some(format!("There are no cases{others}")),
        all => {
            let of = if all == 1 { "The only case".to_owned() } else { format!("All {all} cases") };
            let checks = match checks.all {
                0 => String::new(),
                all => format!(", and so did {}", count(all, "check", "checks")),
            };
            Some(format!("{of}{others} passed{checks}"))
        }
    };
    let mut told: Vec<_> = [failing, new].into_iter().flatten().collect();
    if told.is_empty() {
        told.extend(as_kept());
    }
    let (of, it) = match &*unread {
        [_, _, _, _, ..] => (count(unread.len(), "plugin", "plugins"), "them"),
        [_, _, ..] => (joined(&unread), "them"),
        _ => (joined(&unread), "it"),
    };
    let not_run = format!("No case of {of} was run, because of the findings about {it}");
    told.extend((!unread.is_empty()).then_some(not_run));
    told.join(". ") + "."
}
