//! Bars, as SVG.

use maud::{Markup, html};

/// The width of a bar, in units of its picture.
const WIDTH: f64 = 100.0;

/// Draws a bar of `value` on a ground of `whole`, with a mark at the older value. `told` is the same in words.
pub(super) fn bar(value: u64, before: Option<u64>, whole: u64, told: &str) -> Markup {
    let place = |value: u64| match whole {
        0 => 0.0,
        _ => (WIDTH * value as f64 / whole as f64).clamp(0.0, WIDTH),
    };
    // Every value above zero stays visible.
    let width = place(value).max(if value > 0 { 0.6 } else { 0.0 });
    let before = before.filter(|before| *before != value).map(place);
    html! {
        svg.bar role="img" aria-label=(told) viewBox="0 0 100 10" preserveAspectRatio="none" {
            title { (told) }
            rect.ground width="100" height="10" {}
            rect.value width=(decimals(width)) height="10" {}
            @if let Some(before) = before {
                rect.before x=(decimals((before - 0.4).clamp(0.0, WIDTH - 0.8))) width="0.8" height="10" {}
            }
        }
    }
}

fn decimals(number: f64) -> String {
    format!("{number:.2}")
}
