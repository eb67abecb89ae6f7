//! What it all comes to, and what was looked at.

use crate::finding::{Finding, findings};
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
        None => tested(report.tally(), report.tally_of_checks()),
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

/// How many checks of a plugin fail, in a few words, if any do.
pub(crate) fn failing_checks(facts: &Facts) -> Option<String> {
    let Tally { all, failing } = facts.tally_of_checks();
    let verb = if failing == 1 { "fails" } else { "fail" };
    (failing > 0).then(|| format!("{failing} of {} {verb}", count(all, "check", "checks")))
}

/// How cases and checks came out, in a sentence.
fn tested(cases: Tally, checks: Tally) -> String {
    let some = |tally: Tally, one, many| {
        let of = count(tally.all, one, many);
        (tally.failing > 0).then(|| format!("{} of {of}", tally.failing))
    };
    let failing = [some(cases, "case", "cases"), some(checks, "check", "checks")];
    let failing: Vec<_> = failing.into_iter().flatten().collect();
    if !failing.is_empty() {
        let is_one = cases.failing.saturating_add(checks.failing) == 1;
        let verb = if is_one { "does" } else { "do" };
        return format!("{} {verb} not come out as kept.", joined(&failing));
    }
    let cases = match cases.all {
        0 => return "There is no case of any of them.".to_owned(),
        1 => "The one case came out as kept".to_owned(),
        all => format!("All {all} cases came out as kept"),
    };
    match checks.all {
        0 => format!("{cases}."),
        all => format!("{cases}, and so did {}.", count(all, "check", "checks")),
    }
}
