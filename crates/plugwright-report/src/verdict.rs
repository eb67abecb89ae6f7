//! What it all comes to, and what was looked at.

use crate::finding::{Finding, findings};
use crate::kind::Kind;
use crate::plugin::{Facts, Signature, Tally};
use crate::report::Report;
use crate::words::{count, joined};

/// What it comes to, in a few words.
pub(crate) fn verdict(findings: &[Finding]) -> String {
    let to_mend = findings.iter().filter(|it| it.kind.is_to_mend()).count();
    match (to_mend, findings.len().saturating_sub(to_mend)) {
        (0, 0) => "Nothing found".to_owned(),
        (0, to_look) => format!("{to_look} to look at"),
        (to_mend, 0) => format!("{to_mend} to mend"),
        (to_mend, to_look) => format!("{to_mend} to mend, {to_look} to look at"),
    }
}

/// What the report comes to, as a sentence has it.
pub fn conclusion(report: &Report) -> String {
    let findings = findings(report);
    let to_mend = findings.iter().filter(|it| it.kind.is_to_mend()).count();
    let of = |found| count(found, "finding", "findings");
    match (to_mend, findings.len().saturating_sub(to_mend)) {
        (0, 0) => "nothing found".to_owned(),
        (0, to_look) => format!("{} to look at", of(to_look)),
        (to_mend, 0) => format!("{} to mend", of(to_mend)),
        (to_mend, to_look) => format!("{} to mend, {to_look} to look at", of(to_mend)),
    }
}

/// What was looked at, and what was not, in sentences with names between backquotes.
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
        without => format!(" It was made without {}.", joined(without)),
    };
    format!("{plugins}. {cases}{compared}{without}")
}

/// How many cases and checks of a plugin are not as kept, each in a few words, with the kind of finding that they are.
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

/// How cases and checks came out, in sentences.
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
    let failing = some(|it| it.failing, "does not come out as kept", "do not come out as kept");
    let new = some(|it| it.new, "has no snapshot yet", "have no snapshot yet");
    let as_kept = || match cases.all {
        0 if report.facts().next().is_none() => None,
        0 if others.is_empty() => Some("There is no case of any of them".to_owned()),
        0 => Some(format!("There is no case{others}")),
        all => {
            let of = if all == 1 { "The one case".to_owned() } else { format!("All {all} cases") };
            let checks = match checks.all {
                0 => String::new(),
                all => format!(", and so did {}", count(all, "check", "checks")),
            };
            Some(format!("{of}{others} came out as kept{checks}"))
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
    let not_run = format!("No case of {of} was run, for what is found of {it}");
    told.extend((!unread.is_empty()).then_some(not_run));
    told.join(". ") + "."
}
