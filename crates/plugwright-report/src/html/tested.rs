//! Cases and checks, and what came of them.

use maud::{Markup, html};

use super::text;
use crate::finding::{Place, Tested};
use crate::plugin::{Case, Outcome};

/// The name of the place on the page of what is tested of the plugin.
pub(super) fn place(plugin: &str, Place { tested, index }: Place) -> String {
    let kind = match tested {
        Tested::Cases => "case",
        Tested::Checks => "check",
    };
    format!("{}-{index}", text::id(kind, plugin))
}

/// Cases, or checks: those that did not come out as they should open, the others folded together.
pub(super) fn cases(plugin: &str, tested: Tested, cases: &[Case]) -> Markup {
    let all = cases.iter().enumerate();
    let (well, not): (Vec<_>, Vec<_>) = all.partition(|(_, it)| it.outcome == Outcome::Same);
    html! {
        @if cases.is_empty() { p.quiet { "It has none." } }
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
                        p.quiet { "Lines with − are those of the snapshot, lines with + came out." }
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
                summary { (well.len()) " came out as kept" }
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
        Outcome::Same => "as kept",
        Outcome::Differs(_) => "differs",
        Outcome::New => "has no snapshot yet",
        Outcome::Failed(_) => "failed",
    }
}

/// Lines with a sign at their beginning.
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
