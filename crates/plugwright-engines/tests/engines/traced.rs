//! Traces of cases in wasmtime, value by value.

use std::path::Path;

use plugwright::wasmtime::component::Val;
use plugwright::{Dynamic, Grant, Grants, Host, Limits, LimitsError, write_value_whole};
use plugwright_contract::cases::DocumentCase;
use plugwright_contract::{Attribute, Document, Prettify, Setting, Streamer, Transformer};
use plugwright_engines::Folders;
use plugwright_test::{Case, Ending, Script, Trace, Transcript};
use tests::{candidate, known, subject};

/// Returns the grants of a case, and the folders among them.
pub(crate) fn granted(case: &Case) -> Option<(Grants, Folders)> {
    let folder = case.path().parent().unwrap_or(Path::new("."));
    let (mut all, mut folders) = (None, Folders::new());
    for text in case.grants() {
        let grant: Grant = text.parse().expect("a grant");
        all = Some(all.unwrap_or(Grants::none()).with(&grant, folder).expect("it can be given"));
        let (here, there) =
            text.strip_prefix("folder=").and_then(|it| it.split_once(':')).expect("a folder");
        let here = folder.join(here).canonicalize().expect("it is there");
        folders.insert(there.to_owned(), here);
    }
    all.map(|all| (all, folders))
}

/// The longest document that is sent in pieces, in bytes. A script contains all pieces.
const IN_PIECES: usize = 4 << 10;

/// The length of a piece, in bytes.
const PIECE: usize = 7;

/// A plugin whose calls of host functions are recorded.
pub(crate) enum Plugin {
    /// A plugin of another contract, whose imports are answered by scripts.
    Any(plugwright::Plugin<Dynamic>),
    Prettify(plugwright::Plugin<Dynamic<Prettify>>),
    Transformer(plugwright::Plugin<Dynamic<Transformer>>),
    Streamer(plugwright::Plugin<Dynamic<Streamer>>),
}

impl Plugin {
    /// Loads the plugin with `host`.
    pub(crate) fn of(bytes: &[u8], host: &Host) -> Self {
        let plugin = candidate("plugin", bytes);
        let fits = "worlds can be compared";
        if plugin.fits::<Streamer>().expect(fits) {
            return Self::Streamer(host.load_observed_as(&plugin).expect("a plugin"));
        }
        if plugin.fits::<Transformer>().expect(fits) {
            return Self::Transformer(host.load_observed_as(&plugin).expect("a plugin"));
        }
        if plugin.fits::<Prettify>().expect(fits) {
            return Self::Prettify(host.load_observed_as(&plugin).expect("a plugin"));
        }
        Self::Any(host.load_dynamic_candidate(&plugin, &[]).expect("a plugin"))
    }

    /// Runs the case in each of its ways, within the limits of the case.
    pub(crate) fn traces(&self, case: &Case, bytes: &[u8]) -> Result<Vec<Way>, String> {
        let limits = case.limits().map_err(|it| format!("{it:?}"))?;
        let plugin = self.within(&limits).map_err(|error| error.to_string())?;
        let path = case.input();
        let folder = path.parent().unwrap_or(Path::new("."));
        if case.input().extension().is_some_and(|it| it == "calls") {
            let text = String::from_utf8(case.read_input().map_err(|it| format!("{it:?}"))?);
            let text = text.map_err(|it| it.to_string())?;
            return Ok(vec![plugin.run_in(folder, &text)?.called("the script")]);
        }
        // The trace must belong to the outcome in the snapshot, whose line ends are normalised.
        let loaded = subject(case.plugin(), bytes).load(case).map_err(|it| format!("{it:?}"))?;
        let now = loaded.run().map_err(|it| format!("{it:?}"))?;
        let now = now.to_string().replace("\r\n", "\n");
        assert_eq!(now.trim_end(), known(case).trim_end(), "wasmtime gives something else");
        let DocumentCase { document, options } =
            DocumentCase::read(case).map_err(|it| format!("{it:?}"))?;
        let file = case.input().file_name().unwrap_or_default().to_string_lossy().into_owned();
        let script = whole(&document, &options, &file);
        let mut ways = vec![plugin.run_in(folder, &script)?.called("whole")];
        if matches!(self, Self::Streamer(_)) && document.body.len() <= IN_PIECES {
            let script = in_pieces(&document, &options);
            let name = format!("pieces of {PIECE}");
            ways.push(plugin.run_in(folder, &script)?.called(&name));
        }
        Ok(ways)
    }

    /// Runs a script that names no file.
    pub(crate) fn run(&self, script: &str) -> Result<Trace, String> {
        self.run_in(Path::new("."), script)?.expected()
    }

    fn within(&self, limits: &Limits) -> Result<Self, LimitsError> {
        Ok(match self {
            Self::Any(plugin) => Self::Any(plugin.with_limits(limits)?),
            Self::Prettify(plugin) => Self::Prettify(plugin.with_limits(limits)?),
            Self::Transformer(plugin) => Self::Transformer(plugin.with_limits(limits)?),
            Self::Streamer(plugin) => Self::Streamer(plugin.with_limits(limits)?),
        })
    }

    fn run_in(&self, folder: &Path, script: &str) -> Result<Way, String> {
        let script = Script::parse(script).map_err(|error| error.to_string())?;
        let (transcript, trace): (Transcript, Trace) = match self {
            Self::Any(plugin) => script.run_traced(plugin, folder),
            Self::Prettify(plugin) => script.run_traced_with(plugin, folder),
            Self::Transformer(plugin) => script.run_traced_with(plugin, folder),
            Self::Streamer(plugin) => script.run_traced_with(plugin, folder),
        };
        if let Some(error) = transcript.error() {
            return Err(error.to_string());
        }
        Ok(Way { name: String::new(), trace, ending: transcript.ending() })
    }
}

/// A run of a case in wasmtime, in one of its ways.
pub(crate) struct Way {
    pub(crate) name: String,
    pub(crate) trace: Trace,
    ending: Ending,
}

impl Way {
    fn called(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// Returns the trace, if another engine can end in the same way.
    pub(crate) fn expected(self) -> Result<Trace, String> {
        match self.ending {
            Ending::Result | Ending::Failure | Ending::Trap => Ok(self.trace),
            ending => {
                Err(format!("wasmtime ends the case with {ending:?}: list it in exceptions.toml"))
            }
        }
    }
}

/// Returns a script that transforms an empty document.
pub(crate) fn whole_of_nothing() -> String {
    whole(
        &Document {
            name: String::new(),
            media_type: String::new(),
            body: Vec::new(),
            attributes: Vec::new(),
        },
        &[],
        "",
    )
}

/// Returns a script that transforms the whole document at once.
fn whole(document: &Document, options: &[Setting], file: &str) -> String {
    let Document { name, media_type, body, attributes } = document;
    let body = if body.is_empty() { "[]".to_owned() } else { format!("file({})", text(file)) };
    let (name, media_type) = (text(name), text(media_type));
    let (attributes, options) = (of_attributes(attributes), of_settings(options));
    format!(
        "transform.transform({{name: {name}, media-type: {media_type}, body: {body}, attributes: {attributes}}}, {options})\n"
    )
}

/// Returns a script that sends the document through a session.
fn in_pieces(document: &Document, options: &[Setting]) -> String {
    let Document { name, media_type, body, attributes } = document;
    let (name, media_type) = (text(name), text(media_type));
    let (attributes, options) = (of_attributes(attributes), of_settings(options));
    let mut script = format!(
        "let session = ok sessions.transform-session.open({{name: {name}, media-type: {media_type}, attributes: {attributes}}}, {options})\nsession.head()\n"
    );
    for (number, piece) in body.chunks(PIECE).enumerate() {
        let piece = Val::List(piece.iter().map(|byte| Val::U8(*byte)).collect());
        script += &format!("let piece{number} = ok session.push({})\n", shown(&piece));
    }
    script + "sessions.transform-session.finish(session)\n"
}

fn of_attributes(attributes: &[Attribute]) -> String {
    pairs(attributes.iter().map(|Attribute { key, value }| (key, value)))
}

fn of_settings(settings: &[Setting]) -> String {
    pairs(settings.iter().map(|Setting { key, value }| (key, value)))
}

fn pairs<'a>(pairs: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let pair = |(key, value): (&String, &String)| {
        Val::Record(vec![
            ("key".to_owned(), Val::String(key.clone())),
            ("value".to_owned(), Val::String(value.clone())),
        ])
    };
    shown(&Val::List(pairs.map(pair).collect()))
}

fn text(text: &str) -> String {
    shown(&Val::String(text.to_owned()))
}

fn shown(value: &Val) -> String {
    write_value_whole(value, usize::MAX, &mut |_| String::new()).expect("it has a text")
}
