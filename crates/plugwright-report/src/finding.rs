//! Findings: what a reviewer should know first.

use crate::kind::Kind;
use crate::plugin::{Case, Facts, Outcome, Plugin};
use crate::report::Report;
use crate::words::{bytes, count, joined};

/// The greatest number of things that a finding names.
const NAMED: usize = 10;

/// The number of findings of the same kind from which they become one finding.
const MANY: usize = 4;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What it is about.
    pub(crate) kind: Kind,
    /// The plugin that it is about, if it is about one.
    pub(crate) plugin: Option<String>,
    /// The finding in words, with names in backquotes.
    pub(crate) what: String,
    /// Details, one per line.
    pub(crate) details: Vec<Detail>,
}

/// A line of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Detail {
    /// A text with names in backquotes.
    Said(String),
    /// A case or a check, which has its own place on the page.
    Case { name: String, place: Place, what: String },
}

/// The place of a case or of a check of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) tested: Tested,
    pub(crate) index: usize,
}

/// The kind of test of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tested {
    Cases,
    Checks,
}

/// Returns the findings of a report, in the order in which a reviewer asks, and then by plugin.
pub(crate) fn findings(report: &Report) -> Vec<Finding> {
    let mut findings = Vec::new();
    for plugin in &report.plugins {
        let mut add = |kind, what: String, details: Vec<Detail>| {
            findings.push(Finding { kind, plugin: Some(plugin.name.clone()), what, details });
        };
        match &plugin.facts {
            Err(unread) => add(unread.kind, unread.why.clone(), Vec::new()),
            Ok(facts) => of_facts(report, plugin, facts, add),
        }
    }
    for name in &report.gone {
        let what = format!("it is only in `{}`", report.base.as_deref().unwrap_or_default());
        let (kind, plugin) = (Kind::Gone, Some(name.clone()));
        findings.push(Finding { kind, plugin, what, details: Vec::new() });
    }
    let mut add = |kind, what: String, details: Vec<Detail>| {
        findings.push(Finding { kind, plugin: None, what, details });
    };
    for contract in &report.contracts {
        let breaking =
            contract.changes.iter().filter_map(|it| Some((&it.what, it.breaks.as_ref()?)));
        let breaking: Vec<_> =
            breaking.map(|(what, why)| Detail::Said(format!("{what}: {why}"))).collect();
        match (&contract.refused, &contract.since) {
            (Some(why), _) => add(Kind::Contract, why.clone(), breaking),
            (None, Some(since)) if !breaking.is_empty() => {
                let what =
                    format!("`{}` breaks plugins that were built for `{since}`", contract.name);
                add(Kind::Breaks, what, breaking);
            }
            _ => {}
        }
    }
    report.notes.iter().for_each(|note| add(Kind::Note, note.clone(), Vec::new()));
    for kind in [Kind::Origin, Kind::Licence, Kind::Untested] {
        findings = together(findings, kind);
    }
    // Findings of the same kind stay in the order of the plugins.
    findings.sort_by_key(|finding| finding.kind);
    findings
}

/// Merges findings of the kind into one, if there are many. Often a fact is unknown for most plugins of a folder.
fn together(findings: Vec<Finding>, kind: Kind) -> Vec<Finding> {
    let (alike, mut others): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|it| it.kind == kind);
    if alike.len() < MANY {
        others.extend(alike);
        return others;
    }
    let what = format!("for {} plugins", alike.len());
    let detail =
        |it: Finding| Detail::Said(format!("`{}`: {}", it.plugin.unwrap_or_default(), it.what));
    let details = alike.into_iter().map(detail).collect();
    others.push(Finding { kind, plugin: None, what, details });
    others
}

fn of_facts(
    report: &Report,
    plugin: &Plugin,
    facts: &Facts,
    mut add: impl FnMut(Kind, String, Vec<Detail>),
) {
    let tested = [
        (Kind::Cases, Tested::Cases, &facts.cases, "case", "cases"),
        (Kind::Checks, Tested::Checks, &facts.checks, "check", "checks"),
    ];
    for (kind, tested, all, one, many) in tested {
        let those = |is: fn(&Case) -> bool| -> Vec<_> {
            let those = all.iter().enumerate().filter(|(_, case)| is(case));
            those.map(|(index, case)| detail(case, Place { tested, index })).collect()
        };
        let of = count(all.len(), one, many);
        let (failing, new) = (those(Case::is_failing), those(Case::is_new));
        if !failing.is_empty() {
            let verb = if failing.len() == 1 { "does" } else { "do" };
            let what = format!("{} of {of} {verb} not pass", failing.len());
            add(kind, what, named(failing));
        }
        if !new.is_empty() {
            add(Kind::Unkept, format!("{} of {of}", new.len()), named(new));
        }
    }
    if !facts.more.is_empty() {
        let base = report.base.as_deref().unwrap_or_default();
        let things = count(facts.more.len(), "thing", "things");
        add(Kind::AsksForMore, format!("{things} more than in `{base}`"), said(&facts.more));
    }
    if let (Some(over), Some(budget)) = (facts.size.over(), facts.size.budget) {
        let (is, over, budget) = (bytes(facts.size.bytes), bytes(over), bytes(budget));
        let what = format!("it has {is}, {over} more than the {budget} that its manifest allows");
        add(Kind::Budget, what, Vec::new());
    }
    if !facts.untrue.is_empty() {
        add(Kind::Untrue, "its manifest does not match it".to_owned(), said(&facts.untrue));
    }
    if let Err(why) = &facts.origin {
        add(Kind::Origin, why.clone(), Vec::new());
    }
    match &facts.materials {
        Err(why) => add(Kind::Licence, why.clone(), Vec::new()),
        Ok(_) => {
            let unlicensed = facts.unlicensed();
            if !unlicensed.is_empty() {
                let names = unlicensed.iter();
                let names = names.map(|it| Detail::Said(format!("`{} {}`", it.name, it.version)));
                let what = format!(
                    "there is no licence for {} of it",
                    count(unlicensed.len(), "part", "parts")
                );
                add(Kind::Licence, what, named(names.collect()));
            }
        }
    }
    if report.without_cases.is_none() && facts.cases.is_empty() {
        add(Kind::Untested, "there is no case for it".to_owned(), Vec::new());
    }
    if plugin.is_new {
        let base = report.base.as_deref().unwrap_or_default();
        let asks: Vec<_> = facts.grants.iter().map(|it| format!("`{}`", it.text)).collect();
        let asks = if asks.is_empty() { "nothing".to_owned() } else { joined(&asks) };
        add(
            Kind::New,
            format!("`{base}` has no plugin of this name; this one asks for {asks}"),
            Vec::new(),
        );
    }
}

fn said(lines: &[String]) -> Vec<Detail> {
    lines.iter().cloned().map(Detail::Said).collect()
}

fn detail(case: &Case, place: Place) -> Detail {
    let what = match &case.outcome {
        Outcome::Same => "passed".to_owned(),
        Outcome::Differs(_) => "differs from its snapshot".to_owned(),
        Outcome::New => "has no snapshot yet".to_owned(),
        Outcome::Failed(why) => {
            let first = why.lines().next().unwrap_or_default();
            format!("failed: {first}")
        }
    };
    Detail::Case { name: case.name.clone(), place, what }
}

/// Returns the first details, and a line with the number of the others.
fn named(mut all: Vec<Detail>) -> Vec<Detail> {
    let more = all.len().saturating_sub(NAMED);
    all.truncate(NAMED);
    all.extend((more > 0).then(|| Detail::Said(format!("and {more} more"))));
    all
}
