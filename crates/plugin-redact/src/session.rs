//! A document on its way through, and what is said of it at its end.

use std::cell::RefCell;
use std::rc::Rc;

use crate::exports::plugwright::plugin::sessions::{
    Ending, GuestTransformSession, Head, TransformSession,
};
use crate::exports::plugwright::plugin::transform::{Attribute, Failure, Setting};
use crate::options::Options;
use crate::plugwright::plugin::host::{self, Field, Level};
use crate::redactor::{Redactor, Report, Rules};

/// The attribute of how much was found; those of the kinds begin with it.
const KEY: &str = "redacted";

/// One document on its way through.
pub(crate) struct Session {
    head: Head,
    rules: Rc<Rules>,
    /// How often each rule found something in the attributes.
    in_attributes: Vec<u64>,
    redactor: RefCell<Redactor>,
}

impl Session {
    pub(crate) fn new(mut head: Head, settings: Vec<Setting>) -> Result<Self, Failure> {
        let rules = Rc::new(Rules::new(Options::from_settings(settings)?));
        let mut in_attributes = vec![0; rules.names().count()];
        for Attribute { value, .. } in &mut head.attributes {
            let mut redactor = Redactor::new(Rc::clone(&rules));
            let mut redacted = Vec::with_capacity(value.len());
            redactor.push(value.as_bytes(), &mut redacted);
            let report = redactor.finish(&mut redacted);
            *value = String::from_utf8_lossy(&redacted).into_owned();
            for (count, tally) in in_attributes.iter_mut().zip(report.found) {
                *count += tally.count;
            }
        }
        let redactor = RefCell::new(Redactor::new(Rc::clone(&rules)));
        Ok(Self { head, rules, in_attributes, redactor })
    }

    pub(crate) fn update(&self, piece: &[u8]) -> Vec<u8> {
        let mut body = Vec::with_capacity(piece.len());
        self.redactor.borrow_mut().push(piece, &mut body);
        body
    }

    /// Ends the session, and adds the rest to `body`.
    pub(crate) fn end(self, body: &mut Vec<u8>) -> Head {
        let Self { mut head, rules, in_attributes, redactor } = self;
        let report = redactor.into_inner().finish(body);
        log(&rules, &in_attributes, &report);
        let counts = in_attributes.iter().zip(&report.found).map(|(count, it)| count + it.count);
        let counts: Vec<u64> = counts.collect();
        add(&mut head.attributes, KEY.to_owned(), counts.iter().sum());
        for (name, count) in rules.names().zip(counts).filter(|(_, count)| *count > 0) {
            add(&mut head.attributes, format!("{KEY}.{name}"), count);
        }
        head
    }
}

impl GuestTransformSession for Session {
    fn open(input: Head, options: Vec<Setting>) -> Result<TransformSession, Failure> {
        Self::new(input, options).map(TransformSession::new)
    }

    fn head(&self) -> Head {
        self.head.clone()
    }

    fn push(&self, chunk: Vec<u8>) -> Result<Vec<u8>, Failure> {
        Ok(self.update(&chunk))
    }

    fn finish(session: TransformSession) -> Result<Ending, Failure> {
        let mut body = Vec::new();
        let Head { attributes, .. } = session.into_inner::<Self>().end(&mut body);
        Ok(Ending { body, attributes })
    }
}

/// Logs a line for each kind that was found, and never what was found.
fn log(rules: &Rules, in_attributes: &[u64], report: &Report) {
    let field =
        |key: &str, value: &dyn ToString| Field { key: key.to_owned(), value: value.to_string() };
    for ((name, tally), in_attributes) in rules.names().zip(&report.found).zip(in_attributes) {
        if tally.count > 0 {
            let fields = [
                field("kind", &name),
                field("count", &tally.count),
                field("first-line", &tally.first_line),
            ];
            host::log(Level::Info, "redacted", &fields);
        }
        if *in_attributes > 0 {
            let fields = [field("kind", &name), field("count", in_attributes)];
            host::log(Level::Info, "redacted in attributes", &fields);
        }
    }
    if let Some(line) = report.broken_keys.first() {
        let fields = [field("count", &report.broken_keys.len()), field("first-line", line)];
        host::log(Level::Warn, "a private key has no end", &fields);
    }
}

/// Adds `count` to the attribute, so that a document that goes through twice keeps what is known of it.
fn add(attributes: &mut Vec<Attribute>, key: String, count: u64) {
    match attributes.iter_mut().find(|attribute| attribute.key == key) {
        Some(Attribute { value, .. }) => {
            *value = value.parse::<u64>().unwrap_or(0).saturating_add(count).to_string();
        }
        None => attributes.push(Attribute { key, value: count.to_string() }),
    }
}
