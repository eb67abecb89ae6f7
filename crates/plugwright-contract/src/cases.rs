//! Documents as cases, for the runner of [`plugwright_test`]. Each case puts a file through a plugin that transforms
//! documents.
//!
//! This is the whole test of a project with such plugins:
//!
//! ```no_run
//! use std::process::ExitCode;
//! use plugwright_contract::cases::Documents;
//! use plugwright_test::Runner;
//!
//! fn main() -> ExitCode {
//!     plugwright_test::run_by(|project| Ok(Runner::new(project)?.form(Documents)))
//! }
//! ```

use plugwright::{CallError, Candidate, Host, Plugin};
use plugwright_test::{Case, CaseError, Form, Heard, Loaded, Loading, Outcome, bytes_as_text};
use serde::Deserialize;

use crate::{
    Attribute, Document, Failure, Head, Setting, Streamer, StreamerCalls as _, Transformer,
    TransformerCalls as _,
};

/// The lengths of pieces in which a document also goes through a plugin of the world `streamer`.
const PIECES: [usize; 3] = [1, 7, 64 << 10];

/// The form of cases that are documents, for plugins of the worlds `transformer` and `streamer`.
///
/// Besides the keys of every [`Case`], a front file has these keys:
///
/// - `media-type` is the document's media type. By default, the extension of its name decides.
/// - `attributes` and `options` are lists of `KEY=VALUE`.
///
/// A streamer must have the same outcome if the document comes in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Documents;

/// The document and the options of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentCase {
    /// The document.
    pub document: Document,
    /// The plugin's options.
    pub options: Vec<Setting>,
}

/// The keys of a front file.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Keys {
    media_type: Option<String>,
    #[serde(default)]
    attributes: Vec<String>,
    #[serde(default)]
    options: Vec<String>,
}

/// An example of each key, for errors.
const WRITTEN: &[&str] = &[
    "media-type = \"text/markdown\"",
    "attributes = [\"KEY=VALUE\"]",
    "options = [\"KEY=VALUE\"]",
];

impl DocumentCase {
    /// Reads the case's front file and its input.
    ///
    /// # Errors
    ///
    /// Returns a [`CaseError`] if a file cannot be read, or if a key is wrong.
    pub fn read(case: &Case) -> Result<Self, CaseError> {
        let Keys { media_type, attributes, options } = case.keys(WRITTEN)?;
        let pair = |text: String| match text.split_once('=') {
            Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
            None => Err(case.wrong(&text, "write `KEY=VALUE`")),
        };
        let attribute = |text| pair(text).map(|(key, value)| Attribute { key, value });
        let option = |text| pair(text).map(|(key, value)| Setting { key, value });
        let attributes = attributes.into_iter().map(attribute).collect::<Result<_, _>>()?;
        let options = options.into_iter().map(option).collect::<Result<_, _>>()?;
        let head = Head::of_path(case.input());
        let media_type = media_type.unwrap_or(head.media_type);
        let head = Head { name: head.name, media_type, attributes };
        Ok(Self { document: head.with_body(case.read_input()?), options })
    }

    /// Puts the document through the plugin, and returns the outcome.
    ///
    /// # Errors
    ///
    /// Returns [`CaseError::Call`] if the plugin was not called.
    pub fn run(&self, plugin: &Plugin<Transformer>) -> Result<Outcome, CaseError> {
        let heard = Heard::default();
        let given = plugin.with_log(heard.sink()).transform(&self.document, &self.options);
        Outcome::of(given.map(outcome), &heard)
    }

    /// Puts the document through a session of the plugin, in pieces of `length` bytes, and returns the outcome.
    ///
    /// # Errors
    ///
    /// Returns [`CaseError::Call`] if the plugin was not called.
    pub fn run_in_pieces(
        &self,
        plugin: &Plugin<Streamer>,
        length: usize,
    ) -> Result<Outcome, CaseError> {
        let heard = Heard::default();
        let given = self.in_pieces(&plugin.with_log(heard.sink()), length);
        Outcome::of(given.map(outcome), &heard)
    }

    fn in_pieces(
        &self,
        plugin: &Plugin<Streamer>,
        length: usize,
    ) -> Result<Document, CallError<Failure>> {
        let Document { name, media_type, body, attributes } = self.document.clone();
        let mut session = plugin.session(&Head { name, media_type, attributes }, &self.options)?;
        let mut given = Vec::new();
        for piece in body.chunks(length.max(1)) {
            given.extend(session.push(piece)?);
        }
        let (rest, head) = session.finish()?;
        given.extend(rest);
        Ok(head.with_body(given))
    }
}

/// Returns the document as an outcome.
fn outcome(document: Document) -> Outcome {
    let Document { name, media_type, body, attributes } = document;
    let attributes =
        attributes.into_iter().map(|Attribute { key, value }| format!("{key}: {value:?}"));
    Outcome::result(format!("{name}, {media_type}"), bytes_as_text(&body))
        .with_section("attributes", attributes)
}

impl Form for Documents {
    fn takes(&self, _: &Case, plugin: &Candidate<'_>) -> Result<bool, CaseError> {
        Ok(plugin.fits::<Transformer>()?)
    }

    fn load(&self, loading: &Loading<'_>) -> Result<Box<dyn Loaded>, CaseError> {
        let limited = |error| loading.no_limits(error);
        let case = DocumentCase::read(loading.case)?;
        if loading.plugin.fits::<Streamer>()? {
            let plugin: Plugin<Streamer> = loading.once(Host::load_candidate)?;
            let streamer = plugin.with_limits(&loading.limits).map_err(limited)?;
            let plugin = streamer.to_transformer();
            return Ok(Box::new(Ready { case, plugin, streamer: Some(streamer) }));
        }
        let plugin: Plugin<Transformer> = loading.once(Host::load_candidate)?;
        let plugin = plugin.with_limits(&loading.limits).map_err(limited)?;
        Ok(Box::new(Ready { case, plugin, streamer: None }))
    }
}

/// A case with its loaded plugin.
struct Ready {
    case: DocumentCase,
    plugin: Plugin<Transformer>,
    /// The same plugin, if it takes documents in pieces.
    streamer: Option<Plugin<Streamer>>,
}

impl Loaded for Ready {
    fn run(&self) -> Result<Outcome, CaseError> {
        self.case.run(&self.plugin)
    }

    fn otherwise(&self) -> Result<Vec<(String, Outcome)>, CaseError> {
        let Some(streamer) = &self.streamer else { return Ok(Vec::new()) };
        let pieces = PIECES.into_iter().map(|length| {
            Ok((format!("pieces of {length}"), self.case.run_in_pieces(streamer, length)?))
        });
        pieces.collect()
    }
}
