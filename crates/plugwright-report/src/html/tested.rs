//! Cases and checks, and what came of them.

use maud::{Markup, html};

use super::text;
use crate::plugin::{Case, Outcome};

/// Cases, or checks: those that did not come out as they should open, the others folded together.
pub(super) fn cases(cases: &[Case]) -> Markup {
    let (well, not): (Vec<_>, Vec<_>) = cases.iter().partition(|it| !it.is_failing());
    html! {
        @if cases.is_empty() { p.quiet { "It has none." } }
        @for Case { name, outcome, came_out } in not {
            details.case open {
                summary { (text::name(name)) " " strong.mark.mend { (word(outcome)) } }
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
                @for Case { name, came_out, .. } in well {
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
