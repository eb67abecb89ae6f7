//! A progress line that fits the width of any terminal.

use std::time::Duration;

use indicatif::{HumanBytes, ProgressState};

use crate::bar::bar_of;

/// The widest bar, and the narrowest useful one, in columns.
const WIDEST: usize = 24;
const NARROWEST: usize = 5;

/// The unit of counted work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Bytes,
    Files,
    Plugins,
    Tests,
}

impl Unit {
    /// Returns an amount of this unit as text.
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
            // The cast saturates.
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a rate is never negative, and fractions of a byte do not matter"
            )]
            Self::Bytes => format!("{}/s", HumanBytes(each_second as u64)),
            _ if each_second >= 10.0 => format!("{each_second:.0}/s"),
            _ if each_second >= 1.0 => format!("{each_second:.1}/s"),
            _ if each_minute >= 10.0 => format!("{each_minute:.0}/min"),
            _ => format!("{each_minute:.1}/min"),
        }
    }
}

/// The content of a progress line.
pub(super) struct Line<'a> {
    /// The current work. It is shortened to make room for the rest.
    pub(super) head: &'a str,
    /// How much is done, and the total.
    pub(super) part: Option<(u64, u64)>,
    /// The same in words, or the stage.
    pub(super) count: String,
    pub(super) rate: Option<String>,
    pub(super) time: Option<String>,
}

impl<'a> Line<'a> {
    /// Creates the line of a single piece of work, with its stage and elapsed time.
    pub(super) fn of_one(head: &'a str, stage: &str, state: &ProgressState) -> Self {
        let elapsed = state.elapsed();
        let time = (elapsed >= Duration::from_secs(1)).then(|| time(elapsed));
        Self { head, part: None, count: stage.to_owned(), rate: None, time }
    }

    /// Creates the line of counted work: how much is done and, once that can be estimated, the rate and the time left.
    pub(super) fn of_many(head: &'a str, unit: Unit, state: &ProgressState) -> Self {
        let (done, all) = (state.pos(), state.len().unwrap_or_default());
        let each_second = state.per_sec();
        let goes_on = done > 0 && done < all && each_second > 0.0;
        let time = match goes_on {
            // Round up: the time left must not be too short.
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

    /// Returns the line in this many columns. To fit, first the bar gets narrower, then the head is cut, then the rate
    /// is left out, and then the time.
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
            // The head takes precedence over a long bar, and a short bar over the head.
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

/// Returns a duration in its two largest units.
fn time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {} s", seconds % 60),
        _ => format!("{hours} h {} min", minutes % 60),
    }
}

/// Returns the text, cut to at most this many columns.
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
    // A very short beginning of the text would say nothing.
    if columns < NARROWEST { String::new() } else { format!("{}…", begin.trim_end()) }
}

fn width(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

/// Returns the most columns that a character may take. Names can be in any script; only characters of bars are narrow.
fn width_of(c: char) -> usize {
    match c {
        '\0'..='\u{2ff}' | '…' | '█'..='▏' => 1,
        _ => 2,
    }
}
