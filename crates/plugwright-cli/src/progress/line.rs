//! A line of what is shown, no wider than the terminal, whatever that is.

use std::time::Duration;

use indicatif::{HumanBytes, ProgressState};

use crate::bar::bar_of;

/// The widest bar, and the narrowest that still says something.
const WIDEST: usize = 24;
const NARROWEST: usize = 5;

/// What there are many of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Bytes,
    Files,
    Plugins,
    Tests,
}

impl Unit {
    /// So much of it.
    fn amount(self, amount: u64) -> String {
        if self == Self::Bytes { HumanBytes(amount).to_string() } else { amount.to_string() }
    }

    fn of_all(self, done: u64, all: u64) -> String {
        let (done, all) = (self.amount(done), self.amount(all));
        match self {
            Self::Bytes => format!("{done} of {all}"),
            Self::Files => format!("{done} of {all} files"),
            Self::Plugins => format!("{done} of {all} plugins"),
            Self::Tests => format!("{done} of {all} tests"),
        }
    }

    fn rate(self, each_second: f64) -> String {
        let each_minute = each_second * 60.0;
        match self {
            // Beyond what a number of bytes can be is as many as it can be.
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a rate is no number below nothing, and a fraction of a byte says nothing"
            )]
            Self::Bytes => format!("{}/s", HumanBytes(each_second as u64)),
            _ if each_second >= 10.0 => format!("{each_second:.0}/s"),
            _ if each_second >= 1.0 => format!("{each_second:.1}/s"),
            _ if each_minute >= 10.0 => format!("{each_minute:.0}/min"),
            _ => format!("{each_minute:.1}/min"),
        }
    }
}

/// What a line says, and how it gets narrower.
pub(super) struct Line<'a> {
    /// What is under way. It is left out for the sake of the rest.
    pub(super) head: &'a str,
    /// How much is done, and of how much.
    pub(super) part: Option<(u64, u64)>,
    /// How much that is, in words, or the stage.
    pub(super) count: String,
    pub(super) rate: Option<String>,
    pub(super) time: Option<String>,
}

impl<'a> Line<'a> {
    /// The line of what is under way, in which stage, and for how long.
    pub(super) fn of_one(head: &'a str, stage: &str, state: &ProgressState) -> Self {
        let elapsed = state.elapsed();
        let time = (elapsed >= Duration::from_secs(1)).then(|| time(elapsed));
        Self { head, part: None, count: stage.to_owned(), rate: None, time }
    }

    /// The line of what is done of many: how much, and, once there is something to judge by, how fast and for how long.
    pub(super) fn of_many(head: &'a str, unit: Unit, state: &ProgressState) -> Self {
        let (done, all) = (state.pos(), state.len().unwrap_or_default());
        let each_second = state.per_sec();
        let goes_on = done > 0 && done < all && each_second > 0.0;
        let time = match goes_on {
            // What is left takes no shorter than is said.
            true => {
                format!("{} left", time(state.eta().saturating_add(Duration::from_millis(999))))
            }
            false => format!("{} so far", time(state.elapsed())),
        };
        Self {
            head,
            part: Some((done, all)),
            count: unit.of_all(done, all),
            rate: goes_on.then(|| unit.rate(each_second)),
            time: Some(time),
        }
    }

    /// The line in so many columns: first the bar gets narrower, then what is under way is cut, and then the rate is left
    /// out, and the time.
    pub(super) fn fitted(&self, columns: usize) -> String {
        let count = Some(&self.count).filter(|count| !count.is_empty());
        let (rate, time) = (self.rate.as_ref(), self.time.as_ref());
        let facts = [&[count, rate, time][..], &[count, time], &[count]].map(|facts| {
            facts.iter().flatten().map(|fact| fact.as_str()).collect::<Vec<_>>().join(", ")
        });
        let facts = facts.into_iter().find(|facts| width(facts) <= columns).unwrap_or_default();
        let mut left = columns.saturating_sub(width(&facts));
        let mut bar = String::new();
        if let Some((part, all)) = self.part {
            let for_bar = left.saturating_sub(1).min(WIDEST);
            // What is under way comes before the longest bar, but a short one before that.
            let for_head = if self.head.is_empty() { 0 } else { width(self.head) + 1 };
            let shared = left.saturating_sub(1).saturating_sub(for_head).max(NARROWEST);
            let bar_columns = for_bar.min(shared);
            if bar_columns >= NARROWEST {
                bar = bar_of(u16::try_from(bar_columns).unwrap_or_default(), part, all) + " ";
                left = left.saturating_sub(bar_columns + 1);
            }
        }
        let separator = if facts.is_empty() && bar.is_empty() { "" } else { " " };
        let head = cut(self.head, left.saturating_sub(separator.len()));
        let separator = if head.is_empty() { "" } else { separator };
        cut(&format!("{head}{separator}{bar}{facts}"), columns)
    }
}

/// A duration in its two largest units.
fn time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {} s", seconds % 60),
        _ => format!("{hours} h {} min", minutes % 60),
    }
}

/// The text in no more than so many columns.
fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let fits = |c: &char| {
        let fits = width_of(*c) <= left;
        left = left.saturating_sub(width_of(*c));
        fits
    };
    let begin: String = text.chars().take_while(fits).collect();
    // A word or two tell nothing of what they begin.
    if columns < NARROWEST { String::new() } else { format!("{}…", begin.trim_end()) }
}

fn width(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

/// How many columns a character takes at the most: of names in any script, and not of what bars are made of.
fn width_of(c: char) -> usize {
    match c {
        '\0'..='\u{2ff}' | '…' | '█'..='▏' => 1,
        _ => 2,
    }
}
