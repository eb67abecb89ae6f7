//! The format of log lines: `warn: markdown: message key=value`. Lines of the host itself have no plugin's name. In a
//! run of many files, the name of the file comes first.

use std::fmt;
use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use plugwright::ForeignText;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::progress::Above;
use crate::stats::Stats;
use crate::visible::visible;

/// Shows log lines of plugins and of the host from the level `least` on, on standard error, in colour on a terminal.
/// Also lets `stats` collect spans.
pub(crate) fn show(least: LevelFilter, stats: Option<&Stats>) {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(|| Above)
        .event_format(Format)
        // Log lines of other libraries are not for the user.
        .with_filter(Targets::new().with_target("plugwright", least));
    tracing_subscriber::registry().with(lines).with(stats.map(Stats::layer)).init();
}

/// Runs `work`, and names `file` in its log lines.
pub(crate) fn about<R>(file: &str, work: impl FnOnce() -> R) -> R {
    let file = ForeignText::from(file);
    tracing::error_span!(target: "plugwright", FILE, message = %file).in_scope(work)
}

/// Shows a line of the command itself on standard error.
pub(crate) fn say(line: &str) {
    show_text(&format!("{}\n", visible(line)));
}

/// Shows text on standard error, above the progress lines. A failure to write cannot be reported anywhere.
pub(crate) fn show_text(text: &str) {
    let _ = Above.write_all(text.as_bytes());
}

/// The name of the span around the work on a file.
const FILE: &str = "file";

struct Format;

impl<S, N> FormatEvent<S, N> for Format
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let (style, level) = match *event.metadata().level() {
            Level::ERROR => (AnsiColor::Red.on_default().bold(), "error"),
            Level::WARN => (AnsiColor::Yellow.on_default().bold(), "warn"),
            Level::INFO => (AnsiColor::Green.on_default(), "info"),
            Level::DEBUG => (AnsiColor::Blue.on_default(), "debug"),
            Level::TRACE => (Style::new().dimmed(), "trace"),
        };
        let mut line = Line::default();
        event.record(&mut line);
        let Line { plugin, source, message, fields } = line;
        write!(writer, "{style}{level}:{style:#} ")?;
        let mut spans = context.event_scope().into_iter().flatten();
        if let Some(span) = spans.find(|span| span.name() == FILE)
            && let Some(file) = span.extensions().get::<FormattedFields<N>>()
        {
            write!(writer, "{}: ", visible(file))?;
        }
        write!(writer, "{}", visible(&plugin))?;
        if source == "stdout" || source == "stderr" {
            write!(writer, " ({source})")?;
        }
        if !plugin.is_empty() {
            write!(writer, ": ")?;
        }
        let space = if fields.is_empty() { "" } else { " " };
        let text = visible(&format!("{message}{space}{fields}"));
        writeln!(writer, "{text}")
    }
}

#[derive(Default)]
struct Line {
    plugin: String,
    source: String,
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "source" {
            value.clone_into(&mut self.source);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "plugin" => self.plugin = format!("{value:?}"),
            "message" => self.message = format!("{value:?}"),
            "fields" => self.fields = format!("{value:?}"),
            _ => {}
        }
    }
}
