//! Cases and checks with their outcomes.

use maud::{Markup, html};

use super::text;
use crate::finding::{Place, Tested};
use crate::plugin::{Case, Outcome};

/// Returns the id of a case or a check of the plugin on the page.
pub(super) fn place(plugin: &str, Place { tested, index }: Place) -> String {
    let kind = match tested {
        Tested::Cases => "case",
        Tested::Checks => "check",
    };
    format!("{}-{index}", text::id(kind, plugin))
}

/// Renders cases or checks. Those that did not pass are open, and the others are folded together.
pub(super) fn cases(plugin: &str, tested: Tested, cases: &[Case]) -> Markup {
    let all = cases.iter().enumerate();
    let (well, not): (Vec<_>, Vec<_>) = all.partition(|(_, it)| it.outcome == Outcome::Same);
    html! {
        @if cases.is_empty() { p.quiet { "None." } }
        @for (index, case) in not {
            @let Case { name, outcome, came_out } = case;
            details.case #(place(plugin, Place { tested, index })) open {
                summary {
                    (text::name(name)) " "
                    @if case.is_new() { strong.mark.look { (word(outcome)) } }
                    @else { strong.mark.mend { (word(outcome)) } }
                }
                @match outcome {
                    Outcome::Differs(lines) => {
                        p.quiet { "Lines with − are in the snapshot, lines with + are in the outcome." }
                        (difference(lines))
                    },
                    Outcome::Failed(why) => pre { (why) },
                    Outcome::New | Outcome::Same => {}
                }
                @if let (Some(text), Outcome::New) = (came_out, outcome) { pre { (text) } }
            }
        }
        @if !well.is_empty() {
            details.kept {
                summary { (well.len()) " passed" }
                @for (_, Case { name, came_out, .. }) in well {
                    details.case {
                        summary { (text::name(name)) }
                        @if let Some(text) = came_out { pre { (text) } }
                    }
                }
            }
        }
    }
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Same => "passed",
        Outcome::Differs(_) => "differs",
        Outcome::New => "has no snapshot yet",
        Outcome::Failed(_) => "failed",
    }
}

/// Renders lines with a sign at their beginning.
fn difference(lines: &str) -> Markup {
    html! {
        pre.difference {
            @for line in lines.lines() {
                @match (line.strip_prefix('-'), line.strip_prefix('+')) {
                    (Some(rest), _) => del { "−" (rest) "\n" },
                    (_, Some(rest)) => ins { "+" (rest) "\n" },
                    _ => { (line) "\n" },
                }
            }
        }
    }
}
