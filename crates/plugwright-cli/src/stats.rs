//! `plugwright run --stats`: the time and memory of loading and calling plugins.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plugwright::CALL_TARGET;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::bar::bar;
use crate::visible::{visible, visible_json};

/// The finished spans, with one entry for each function of each plugin, in the order in which they first ended. A clone
/// is a handle to the same spans.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stats(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    under_way: BTreeMap<u64, Entry>,
    over: Vec<Entry>,
}

/// The fields of one span.
type Entry = Map<String, Value>;

impl Stats {
    /// Returns the layer that collects spans of the library.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let ours = |metadata: &Metadata<'_>| metadata.is_span() && metadata.target() == CALL_TARGET;
        Listener(self.clone()).with_filter(filter_fn(ours))
    }

    /// Takes the spans collected so far.
    pub(crate) fn take(&self) -> Took {
        Took(std::mem::take(&mut self.state().over))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The collected statistics, with an entry for each function.
pub(crate) struct Took(Vec<Entry>);

impl Took {
    /// Returns the statistics for people: a line for each function, and below them bars for the parts of each plugin's
    /// time.
    pub(crate) fn to_text(&self) -> String {
        let lines: String = self.0.iter().map(line).collect();
        visible(&(lines + &self.bars()))
    }

    /// Returns bars for the parts of each plugin's time. Copying input and output counts as run time.
    fn bars(&self) -> String {
        let mut plugins: Vec<(&str, [u64; 3])> = Vec::new();
        for entry in &self.0 {
            let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
            let number = |key: &str| entry.get(key).and_then(Value::as_u64).unwrap_or_default();
            let all = number("microseconds");
            let instantiation = number("instantiation").min(all);
            let parts = match text("function") {
                "load" => [all, 0, 0],
                _ => [0, instantiation, all - instantiation],
            };
            match plugins.iter_mut().find(|(plugin, _)| *plugin == text("plugin")) {
                Some((_, sum)) => sum.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part),
                None => plugins.push((text("plugin"), parts)),
            }
        }
        let width = plugins.iter().map(|(plugin, _)| plugin.chars().count()).max().unwrap_or(0);
        let mut shown = String::new();
        for (plugin, parts) in plugins {
            let all = parts.iter().sum();
            for (name, part) in ["load", "instantiate", "run"].into_iter().zip(parts) {
                let (bar, milliseconds) = (bar(part, all), milliseconds(part));
                shown += &format!("stats: {plugin:<width$} {bar} {name:<11} {milliseconds}\n");
            }
        }
        shown
    }

    /// Returns the statistics for machines, as one JSON object per line.
    pub(crate) fn to_json(&self) -> String {
        self.0
            .iter()
            .map(|entry| visible_json(&format!("{}\n", Value::from(entry.clone()))))
            .collect()
    }
}

fn line(entry: &Entry) -> String {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |key: &str| entry.get(key).and_then(Value::as_u64);
    let says = |key: &str| entry.get(key).and_then(Value::as_bool);
    let mut parts = Vec::new();
    parts.extend(number("calls").filter(|calls| *calls > 1).map(|calls| format!("{calls} calls")));
    if let Some(microseconds) = number("microseconds") {
        parts.push(milliseconds(microseconds));
    }
    match says("cached") {
        Some(true) => parts.push("from the cache".to_owned()),
        Some(false) => parts.push("compiled".to_owned()),
        None => {}
    }
    for (key, what) in [("memory", "of memory"), ("input", "in"), ("output", "out")] {
        parts.extend(number(key).map(|bytes| format!("{bytes} bytes {what}")));
    }
    parts.extend(number("fuel").map(|units| format!("{units} units of fuel")));
    match says("pooled") {
        Some(true) => parts.push("instance from the pool".to_owned()),
        Some(false) => parts.push("instance on demand".to_owned()),
        None => {}
    }
    format!("stats: {} {}: {}\n", text("plugin"), text("function"), parts.join(", "))
}

fn milliseconds(microseconds: u64) -> String {
    format!("{}.{:03} ms", microseconds / 1000, microseconds % 1000)
}

struct Listener(Stats);

impl<S: Subscriber> Layer<S> for Listener {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        let mut entry = Entry::new();
        attributes.record(&mut Fields(&mut entry));
        self.0.state().under_way.insert(id.into_u64(), entry);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        if let Some(entry) = self.0.state().under_way.get_mut(&id.into_u64()) {
            values.record(&mut Fields(entry));
        }
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        let mut state = self.0.state();
        // A span that was aborted has no figures.
        let ended = state.under_way.remove(&id.into_u64());
        if let Some(entry) = ended.filter(|entry| entry.contains_key("microseconds")) {
            state.end(entry);
        }
    }
}

impl State {
    /// Adds a call to the entry of its function. A stream has as many calls as pieces.
    fn end(&mut self, entry: Entry) {
        let same = |other: &&mut Entry| {
            ["plugin", "function"].iter().all(|key| other.get(*key) == entry.get(*key))
        };
        let Some(sum) = self.over.iter_mut().find(same) else {
            let mut first = Entry::from_iter([("calls".to_owned(), Value::from(1_u64))]);
            first.extend(entry);
            return self.over.push(first);
        };
        let one = ("calls".to_owned(), Value::from(1_u64));
        for (key, value) in entry.into_iter().chain([one]) {
            let old = sum.get(&key).and_then(Value::as_u64);
            if let Some((old, new)) = old.zip(value.as_u64()) {
                let both = if key == "memory" { old.max(new) } else { old + new };
                sum.insert(key, both.into());
            }
        }
    }
}

struct Fields<'a>(&'a mut Entry);

impl Visit for Fields<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }
}
