//! One plugin.

use maud::{Markup, html};

use super::{bar, overview, tested, text};
use crate::finding::Tested;
use crate::item::Item;
use crate::measured::Times;
use crate::plugin::{Facts, Material, Origin, Plugin, Signature, Size};
use crate::report::Report;
use crate::words::{bytes, count, difference, percent};

pub(super) fn plugin(report: &Report, Plugin { name, is_new, facts }: &Plugin) -> Markup {
    let (id, heading) = (text::id("plugin", name), text::id("name", name));
    html! {
        article #(id) aria-labelledby=(heading) {
            @match facts {
                Err(unread) => {
                    h2 #(heading) { (text::name(name)) }
                    p { strong.mark.mend { (unread.kind.label()) } ": " (text::said(&unread.why)) }
                    @if report.without_cases.is_none() { p { "None of its cases was run." } }
                }
                Ok(facts) => {
                    h2 #(heading) {
                        (text::name(name))
                        @if let Some(version) = &facts.version { " " span.version { (version) } }
                        @if *is_new { " " strong.mark.look { "+ new" } }
                    }
                    @if let Some(summary) = &facts.summary { p.lead { (text::said(summary)) } }
                    (self::facts(report, name, facts))
                }
            }
        }
    }
}

fn facts(report: &Report, plugin: &str, facts: &Facts) -> Markup {
    html! {
        dl.facts {
            @if let Some(world) = &facts.world { (fact("World", &text::name(world))) }
            @if let Some(contract) = &facts.contract { (fact("Contract", &text::name(contract))) }
            @if !facts.takes.is_empty() { (fact("Takes", &names(&facts.takes))) }
            @if !facts.gives.is_empty() { (fact("Gives", &names(&facts.gives))) }
            (fact("SHA-256", &text::name(&facts.sha256)))
        }
        @if !facts.untrue.is_empty() {
            h3 { "Errors in the manifest" }
            ul { @for untrue in &facts.untrue { li { (text::said(untrue)) } } }
        }
        div.columns {
            div { h3 { "Asks for" } (text::items(&facts.grants, "Nothing.")) }
            div { h3 { "Imports" } (text::items(&facts.imports, "Nothing.")) }
            div { h3 { "Limits" } (text::items(&facts.limits, "Only the host's.")) }
        }
        @if !facts.more.is_empty() {
            h3 { "Asks for more than before" }
            ul { @for more in &facts.more { li { (text::said(more)) } } }
        }
        (size(&facts.size))
        @if let Some(times) = &facts.times { (self::times(report, times)) }
        h3 { "Cases" }
        @match &report.without_cases {
            Some(why) => p.quiet { (text::said(why)) },
            None => (tested::cases(plugin, Tested::Cases, &facts.cases)),
        }
        @if !facts.checks.is_empty() {
            h3 { "Checks" }
            (tested::cases(plugin, Tested::Checks, &facts.checks))
        }
        (listed("Options", &facts.options, &text::sentences(&facts.options)))
        (listed("Functions", &facts.functions, &text::list(&facts.functions)))
        h3 { "Origin" }
        (origin(facts))
        h3 { "Contents" }
        (materials(facts))
    }
}

fn fact(what: &str, value: &Markup) -> Markup {
    html! { div { dt { (what) } dd { (value) } } }
}

fn names(names: &[String]) -> Markup {
    html! {
        @for (index, name) in names.iter().enumerate() {
            @if index > 0 { ", " }
            (text::name(name))
        }
    }
}

fn listed(what: &str, items: &[Item], shown: &Markup) -> Markup {
    html! {
        @if !items.is_empty() {
            details {
                summary { h3 { (what) } span.quiet { (items.len()) (text::changed(items)) } }
                (shown)
            }
        }
    }
}

fn size(size: &Size) -> Markup {
    let Size { bytes: whole, before, unstripped, budget, parts } = size;
    let is_compared = parts.iter().any(|it| it.before.is_some());
    let largest = parts.iter().map(|it| it.bytes.max(it.before.unwrap_or_default())).max();
    html! {
        h3 { "Size" }
        p {
            strong { (bytes(*whole)) }
            @match before {
                Some(before) if before == whole => ", as before",
                Some(before) => { ", " (difference(*whole, *before)) },
                None => {}
            }
            @if let Some(unstripped) = unstripped { "; " (bytes(*unstripped)) " with its symbols" }
            @if let Some(budget) = budget { "; its budget is " (bytes(*budget)) }
            "."
        }
        @if let Some(budget) = budget {
            @let told = format!("{} of the budget of {}", percent(*whole, *budget), bytes(*budget));
            p.budget { (bar::bar(*whole, *before, *budget, &told)) span.quiet { (told) } }
        }
        @if parts.is_empty() {
            p.quiet { "Its parts are unknown, because its symbols are not beside it." }
        } @else {
            div.scroll tabindex="0" role="group" aria-label="Parts by size" {
                table.parts.cards {
                    caption { "Parts by size" }
                    thead {
                        tr {
                            th scope="col" { "Part" }
                            th scope="col" { "Bar" }
                            th.number scope="col" { "Size" }
                            th.number scope="col" { "Share" }
                            @if is_compared { th.number scope="col" { "Difference" } }
                        }
                    }
                    tbody {
                        @for part in parts {
                            @let told = percent(part.bytes, *whole);
                            tr {
                                th scope="row" { (part.name) }
                                td.wide data-label="Bar" {
                                    (bar::bar(part.bytes, part.before, largest.unwrap_or_default(), &told))
                                }
                                td.number data-label="Size" { (bytes(part.bytes)) }
                                td.number data-label="Share" { (told) }
                                @if is_compared {
                                    td.number data-label="Difference" {
                                        @match part.before {
                                            Some(before) if before == part.bytes => span.quiet { "as before" },
                                            Some(before) => (difference(part.bytes, before)),
                                            None => strong.mark { "+ new" },
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

fn times(report: &Report, times: &Times) -> Markup {
    let longest = overview::longest(report);
    html! {
        h3 { "Times" }
        dl.facts.times {
            @for ((what, of), longest) in overview::COLUMNS.iter().zip(longest) {
                div {
                    dt { (what) }
                    dd { (overview::measured_time(what, of(times), longest)) }
                }
            }
        }
        @if let Some(work) = &times.work { p.quiet { "The call: " (text::said(work)) } }
    }
}

fn origin(facts: &Facts) -> Markup {
    let signature = html! {
        @match &facts.signature {
            Signature::None => "nobody",
            Signature::Unchecked => "a key that was not checked",
            Signature::Good(key) => { "the trusted key " (text::name(key)) },
        }
    };
    html! {
        @match &facts.origin {
            Err(why) => {
                p { strong.mark.look { "Unknown" } ": " (text::said(why)) }
                dl.facts { (fact("Signed by", &signature)) }
            }
            Ok(Origin { builder, commit, parameters, tools, inputs, changed }) => {
                dl.facts {
                    (fact("Signed by", &signature))
                    (fact("Built by", &text::name(builder)))
                    (fact("Commit", &html! {
                        @match commit {
                            Some(commit) => (text::name(commit)),
                            None => "none: built from changed files, or without Git",
                        }
                    }))
                    @for (name, value) in parameters { (fact(name, &text::name(value))) }
                }
                @if let Some(changed) = changed {
                    @if changed.is_empty() {
                        p.quiet { "It is built from the same inputs as before." }
                    } @else {
                        p { "It is built from other inputs than before: " }
                        ul { @for changed in changed { li { (text::said(changed)) } } }
                    }
                }
                details {
                    summary { h3 { "Tools and inputs" } span.quiet { (tools.len() + inputs.len()) } }
                    (pairs("Tool", "Version", tools))
                    (pairs("Input", "Digest", inputs))
                }
            }
        }
    }
}

fn pairs(name: &str, what: &str, pairs: &[(String, String)]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label=(name) {
            table.cards {
                thead { tr { th scope="col" { (name) } th scope="col" { (what) } } }
                tbody {
                    @for (name, value) in pairs {
                        tr { th scope="row" { (text::name(name)) } td data-label=(what) { (text::name(value)) } }
                    }
                }
            }
        }
    }
}

fn materials(facts: &Facts) -> Markup {
    let materials = match &facts.materials {
        Ok(materials) => materials,
        Err(why) => {
            return html! { p { strong.mark.look { "Unknown" } ": " (text::said(why)) } };
        }
    };
    let (tools, inside): (Vec<_>, Vec<_>) = materials.iter().partition(|it| it.is_tool);
    html! {
        (licences(&inside, "crate with code in the file", "crates that can have code in the file"))
        @if !tools.is_empty() {
            (licences(&tools, "crate that only ran in the compiler", "crates that only ran in the compiler"))
        }
    }
}

/// Renders materials grouped by licence.
fn licences(materials: &[&Material], one: &str, many: &str) -> Markup {
    let mut by_licence: Vec<(Option<&String>, Vec<&Material>)> = Vec::new();
    for material in materials {
        let licence = material.licence.as_ref();
        match by_licence.iter_mut().find(|(known, _)| *known == licence) {
            Some((_, of)) => of.push(material),
            None => by_licence.push((licence, vec![material])),
        }
    }
    by_licence
        .sort_by_key(|(licence, of)| (licence.is_some(), std::cmp::Reverse(of.len()), *licence));
    let new = materials.iter().filter(|it| it.is_new == Some(true)).count();
    html! {
        details {
            summary {
                h4 { (count(materials.len(), one, many)) }
                span.quiet { (count(by_licence.len(), "licence", "licences")) @if new > 0 { ", " (new) " new" } }
            }
            ul.licences {
                @for (licence, of) in by_licence {
                    li {
                        @match licence {
                            Some(licence) => strong { (licence) },
                            None => strong.mark.look { "licence unknown" },
                        }
                        ": "
                        @for (index, material) in of.iter().enumerate() {
                            @if index > 0 { ", " }
                            span.material {
                                (text::name(&material.name)) " " (material.version)
                                @if material.is_new == Some(true) { " " strong.mark { "+ new" } }
                            }
                        }
                    }
                }
            }
        }
    }
}
