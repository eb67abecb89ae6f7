//! The findings, and all plugins at a glance.

use maud::{Markup, html};

use super::{bar, tested, text};
use crate::finding::{Detail, Finding};
use crate::item::Mark;
use crate::measured::Times;
use crate::plugin::{Facts, Plugin, Tally};
use crate::report::Report;
use crate::verdict::{not_as_kept, scope, verdict};
use crate::words::{bytes, difference, time};

pub(super) fn findings(report: &Report, findings: &[Finding]) -> Markup {
    let is_to_mend = findings.iter().any(|it| it.kind.is_to_mend());
    let tone = match (findings.is_empty(), is_to_mend) {
        (true, _) => "verdict well",
        (false, true) => "verdict mend",
        (false, false) => "verdict look",
    };
    html! {
        section #findings aria-labelledby="verdict" {
            div class=(tone) {
                h2 #verdict { (verdict(findings)) }
                p { (text::said(&scope(report))) }
            }
            @if !findings.is_empty() {
                ol.findings {
                    @for finding in findings { (self::finding(finding)) }
                }
            }
        }
    }
}

fn finding(Finding { kind, plugin, what, details }: &Finding) -> Markup {
    let (tone, level) = if kind.is_to_mend() { ("mend", "To fix") } else { ("look", "To review") };
    html! {
        li class=(tone) {
            p {
                strong.label { span.level { (level) ": " } (kind.label()) } " "
                @if let Some(name) = plugin {
                    a href={ "#" (text::id("plugin", name)) } { (text::name(name)) } " — "
                }
                (text::said(what))
            }
            @if !details.is_empty() {
                ul { @for detail in details { li { (self::detail(plugin.as_deref(), detail)) } } }
            }
        }
    }
}

fn detail(plugin: Option<&str>, detail: &Detail) -> Markup {
    html! {
        @match detail {
            Detail::Said(text) => (text::said(text)),
            Detail::Case { name, place, what } => {
                a href={ "#" (tested::place(plugin.unwrap_or_default(), *place)) } { (text::name(name)) }
                " " (text::said(what))
            }
        }
    }
}

pub(super) fn plugins(report: &Report) -> Markup {
    let largest =
        report.facts().flat_map(|it| [Some(it.size.bytes), it.size.before]).flatten().max();
    html! {
        section #plugins aria-labelledby="all-plugins" {
            h2 #all-plugins { "All plugins" }
            @if report.plugins.is_empty() && report.gone.is_empty() {
                p.quiet { "There are no plugins." }
            } @else {
                div.scroll tabindex="0" role="group" aria-labelledby="all-plugins" {
                    table.cards {
                        thead {
                            tr {
                                th scope="col" { "Plugin" }
                                th.number scope="col" { "Size" }
                                @if report.base.is_some() { th.number scope="col" { "Difference" } }
                                th.number scope="col" { "Cases" }
                                th scope="col" { "Asks for" }
                            }
                        }
                        tbody {
                            @for plugin in &report.plugins {
                                (row(report, plugin, largest.unwrap_or_default()))
                            }
                            @for name in &report.gone {
                                tr #(text::id("plugin", name)) {
                                    th scope="row" { (text::name(name)) }
                                    td colspan="4" { "gone" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn row(report: &Report, Plugin { name, is_new, facts }: &Plugin, largest: u64) -> Markup {
    html! {
        tr {
            th scope="row" {
                a href={ "#" (text::id("plugin", name)) } { (text::name(name)) }
                @if let Some(summary) = facts.as_ref().ok().and_then(|it| it.summary.as_ref()) {
                    span.summary { (text::said(summary)) }
                }
            }
            @match facts {
                Err(unread) => td colspan="4" {
                    strong.mark.mend { (unread.kind.label()) }
                    @if report.without_cases.is_none() { ", and none of its cases was run" }
                },
                Ok(facts) => {
                    td.number data-label="Size" {
                        (bytes(facts.size.bytes))
                        (bar::bar(facts.size.bytes, facts.size.before, largest, &format!("{} of the largest plugin's {}", bytes(facts.size.bytes), bytes(largest))))
                    }
                    @if report.base.is_some() {
                        td.number data-label="Difference" { (changed(*is_new, facts)) }
                    }
                    td.number data-label="Cases" { (cases(report, facts)) }
                    td data-label="Asks for" { (asks(facts)) }
                }
            }
        }
    }
}

fn changed(is_new: bool, facts: &Facts) -> Markup {
    html! {
        @match (is_new, facts.size.before) {
            (true, _) => strong.mark { "new" },
            (_, Some(before)) if before == facts.size.bytes => span.quiet { "as before" },
            (_, Some(before)) => (difference(facts.size.bytes, before)),
            _ => span.quiet { "unknown" },
        }
    }
}

fn cases(report: &Report, facts: &Facts) -> Markup {
    html! {
        @match facts.tally() {
            _ if report.without_cases.is_some() => span.quiet { "not run" },
            Tally { all: 0, .. } => strong.mark.look { "none" },
            tally => {
                @if tally.is_as_kept() { (tally.all) " pass" }
                @for (index, (kind, told)) in not_as_kept(facts).into_iter().enumerate() {
                    @if index > 0 || tally.is_as_kept() { ", " }
                    @if kind.is_to_mend() { strong.mark.mend { (told) } } @else { strong.mark.look { (told) } }
                }
            },
        }
    }
}

fn asks(facts: &Facts) -> Markup {
    let grants: Vec<_> = facts.grants.iter().filter(|it| it.mark != Mark::Gone).collect();
    html! {
        @if grants.is_empty() {
            span.quiet { "nothing" }
        } @else {
            ul.asks {
                @for grant in grants {
                    li {
                        (text::name(&grant.text))
                        @if grant.mark == Mark::New { " " strong.mark.look { "+ new" } }
                    }
                }
            }
        }
    }
}

/// The name of a time, and a function that returns it.
type Column = (&'static str, fn(&Times) -> Option<u64>);

/// The columns of times.
pub(super) const COLUMNS: [Column; 3] =
    [("Compile", |it| Some(it.compile)), ("Load", |it| Some(it.load)), ("Call", |it| it.call)];

/// Returns the longest time of all plugins in each column.
pub(super) fn longest(report: &Report) -> [u64; 3] {
    let times = || report.facts().filter_map(|it| it.times.as_ref());
    COLUMNS.map(|(_, of)| times().filter_map(of).max().unwrap_or_default())
}

pub(super) fn times(report: &Report) -> Markup {
    let measured: Vec<_> = report
        .plugins
        .iter()
        .filter_map(|plugin| Some((&plugin.name, plugin.facts.as_ref().ok()?.times.as_ref()?)))
        .collect();
    let longest = longest(report);
    html! {
        @if !measured.is_empty() {
            section #times aria-labelledby="all-times" {
                h2 #all-times { "Times" }
                p.quiet {
                    "Measured by a benchmark: compiling a plugin, loading the compiled code, and one call in a fresh "
                    "instance. Each bar is relative to the slowest plugin in its column."
                }
                div.scroll tabindex="0" role="group" aria-labelledby="all-times" {
                    table.times.cards {
                        thead {
                            tr {
                                th scope="col" { "Plugin" }
                                @for (name, _) in COLUMNS { th.number scope="col" { (name) } }
                                th scope="col" { "What the call does" }
                            }
                        }
                        tbody {
                            @for (name, times) in measured {
                                tr {
                                    th scope="row" { a href={ "#" (text::id("plugin", name)) } { (text::name(name)) } }
                                    @for ((what, of), longest) in COLUMNS.iter().zip(longest) {
                                        td.number data-label=(what) { (measured_time(what, of(times), longest)) }
                                    }
                                    td data-label="What the call does" {
                                        @match &times.work {
                                            Some(work) => (text::said(work)),
                                            None => span.quiet { "unknown" },
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Renders a time, with a bar relative to the longest time.
pub(super) fn measured_time(what: &str, measured: Option<u64>, longest: u64) -> Markup {
    html! {
        @if let Some(measured) = measured {
            @let shown = time(measured);
            (shown)
            (bar::bar(measured, None, longest, &format!("{what}: {shown}, of {} at most", time(longest))))
        } @else {
            span.quiet { "not measured" }
        }
    }
}
