//! The report as one HTML page.

mod bar;
mod contract;
mod overview;
mod plugin;
mod tested;
mod text;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use crate::finding::findings;
use crate::report::Report;
use crate::words::count;

const STYLE: &str = include_str!("report.css");

/// Renders the report as one HTML page, which needs no other files.
pub fn html(report: &Report) -> String {
    let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    // With this policy, a browser runs nothing and loads nothing else, whatever texts a plugin has.
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"
    );
    let title = format!("Plugins in {}", report.folder);
    let findings = findings(report);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#report" { "Skip to the report" }
                header.page {
                    h1 { "Plugins in " (text::name(&report.folder)) }
                    nav aria-label="Parts of the report" { (parts(report, findings.len())) }
                }
                main #report {
                    (overview::findings(report, &findings))
                    (overview::plugins(report))
                    (overview::times(report))
                    @for plugin in &report.plugins {
                        (plugin::plugin(report, plugin))
                    }
                    @for contract in &report.contracts {
                        (contract::contract(contract))
                    }
                }
                footer { p { "Made by " code { "plugwright report" } "." } }
            }
        }
    };
    page.into_string() + "\n"
}

fn parts(report: &Report, findings: usize) -> Markup {
    html! {
        ul {
            li { a href="#findings" { (count(findings, "finding", "findings")) } }
            li { a href="#plugins" { (count(report.plugins.len(), "plugin", "plugins")) } }
            @if report.facts().any(|it| it.times.is_some()) {
                li { a href="#times" { "Times" } }
            }
            @for contract in &report.contracts {
                li { a href={ "#" (text::id("contract", &contract.name)) } { "Contract " (text::name(&contract.name)) } }
            }
        }
    }
}
