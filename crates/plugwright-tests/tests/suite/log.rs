//! The log of a call, as the sink of the call receives it.

use std::fmt;
use std::sync::{Arc, Mutex};

use insta::assert_snapshot;
use plugwright::{CallError, Grants, LOG_TARGET, Limit, Limits, LogLine, Plugin, World};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Head, Streamer};
use tests::{dist, host, markdown};
use tracing::field::Field;
use tracing::span;

use crate::curious::curious;

/// Returns the plugin, and the lines of its calls.
fn heard<W: World>(plugin: &Plugin<W>) -> (Plugin<W>, Arc<Mutex<Vec<LogLine>>>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&lines);
    (plugin.with_log(move |line| heard.lock().expect("no thread panicked").push(line)), lines)
}

/// Returns the lines so far, each as text.
fn told(lines: &Mutex<Vec<LogLine>>) -> String {
    let lines = std::mem::take(&mut *lines.lock().expect("no thread panicked"));
    let told =
        lines.into_iter().map(|LogLine { plugin, source, level, message, fields, .. }| {
            let fields = fields.iter().map(|(key, value)| format!(" {key}={value}"));
            format!("{plugin} {source:?} {level}: {message}{}\n", fields.collect::<String>())
        });
    told.collect()
}

/// A `tracing` subscriber that records the log of plugins.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<String>>);

impl Events {
    /// Returns what was recorded so far.
    fn take(&self) -> String {
        std::mem::take(&mut self.0.lock().expect("no thread panicked"))
    }
}

impl tracing::Subscriber for Events {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == LOG_TARGET
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut told = format!("{}:", event.metadata().level());
        event.record(&mut |field: &Field, value: &dyn fmt::Debug| {
            told += &format!(" {field}={value:?}");
        });
        *self.0.lock().expect("no thread panicked") += &format!("{told}\n");
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// A document for which the plugin `markdown` logs a line.
fn unsafe_document() -> Document {
    Document::new("a.md", "text/markdown", "<b>bold</b>")
}

#[test]
fn the_lines_of_a_call_go_to_its_sink_and_nowhere_else() {
    let (markdown, document) = (markdown(), unsafe_document());
    let (one, of_one) = heard(&markdown);
    let (other, of_other) = heard(&markdown);
    let events = Events::default();
    let transform = |plugin: &Plugin<_>| {
        tracing::subscriber::with_default(events.clone(), || plugin.transform(&document, &[]))
    };
    assert!(transform(&one).is_ok());
    assert_eq!(events.take(), "");
    assert_snapshot!(told(&of_one), @"markdown Log warn: raw HTML or unsafe links were made harmless pieces=2");
    assert_eq!(told(&of_other), "");
    // Without a sink, the lines go to `tracing`.
    assert!(transform(&markdown).is_ok());
    assert_snapshot!(events.take(), @r#"WARN: message=raw HTML or unsafe links were made harmless plugin=markdown source="log" fields=pieces=2"#);
    assert!(other.transform(&document, &[]).is_ok());
    assert_eq!(told(&of_one), "");
    assert_eq!(of_other.lock().expect("no thread panicked").len(), 1);
}

#[test]
fn standard_output_and_error_are_of_the_log() {
    let (plugin, lines) = heard(&curious(Grants::none()));
    let document = Document::new("lines.txt", "text/plain", "say a\u{1b}[2Jb\npanic");
    assert!(matches!(plugin.transform(&document, &[]), Err(CallError::Trapped { .. })));
    // A line without an end is written when the call is over.
    let last =
        lines.lock().expect("no thread panicked").last().expect("the plugin logged a line").clone();
    assert_eq!(last.message.exact(), "a\u{1b}[2Jb");
    let told = told(&lines);
    assert!(told.ends_with("curious Stdout info: a\\u{1b}[2Jb\n"), "{told}");
    assert!(told.contains("curious Stderr warn: as asked for\n"), "{told}");
}

#[test]
fn a_session_keeps_its_sink() {
    let bytes = dist().read("redact").expect("the plugin is built");
    let redact: Plugin<Streamer> =
        host().load_bytes("redact", &bytes).expect("the plugin fits the host");
    let (redact, lines) = heard(&redact);
    let mut session =
        redact.session(&Head::new("a.txt", "text/plain"), &[]).expect("the session opens");
    drop(redact);
    session.push(b"ask ada@example.org").expect("the session accepts the piece");
    session.finish().expect("the call succeeds");
    assert_snapshot!(told(&lines), @"redact Log info: redacted kind=email count=1 first-line=1");
}

#[test]
fn the_log_is_limited_for_a_sink_too() {
    let (plugin, lines) = heard(&markdown());
    let plugin =
        plugin.with_limits(&Limits::none().log_lines(0)).expect("a call can have this limit");
    let Err(CallError::Exceeded { exceeded, .. }) = plugin.transform(&unsafe_document(), &[])
    else {
        panic!("the log must exceed the limit")
    };
    assert_eq!(exceeded.limit, Limit::LogLines);
    assert_eq!(told(&lines), "");
}

#[test]
fn a_sink_that_panics_ends_its_call_and_no_other() {
    let panics = |_| panic!("as a sink should not");
    let markdown = markdown();
    let error = markdown.with_log(panics).transform(&unsafe_document(), &[]);
    assert_snapshot!(error.expect_err("the panic ends the call"), @"plugin `markdown` trapped in `transform`: the sink of the plugin's log panicked");
    // A panic in a line that is written after the call ends nothing.
    let curious = curious(Grants::none()).with_log(panics);
    let document = Document::new("lines.txt", "text/plain", "say word");
    assert!(curious.transform(&document, &[]).is_ok());
    assert!(markdown.transform(&unsafe_document(), &[]).is_ok());
}
