//! A case: one file of input for one plugin.

use std::fs;
use std::path::PathBuf;

use plugwright::{
    AnyPlugin, Document, Head, Person, Plugin, Setting, Streamer, Transformer, World,
};

use crate::paths::{folder_names, root};
use crate::{Outcome, outcome};

/// One file of input for one plugin.
#[derive(Debug, Clone)]
pub struct Case {
    /// The plugin's name: that of the folder.
    pub plugin: String,
    /// The case's name: that of the file.
    pub name: String,
    /// The file.
    pub path: PathBuf,
}

/// All cases, sorted by plugin and name.
///
/// # Panics
///
/// If the folder of cases cannot be read.
pub fn cases() -> Vec<Case> {
    let folder = root().join("tests/cases");
    let mut cases = Vec::new();
    for plugin in folder_names(&folder) {
        for file in fs::read_dir(folder.join(&plugin)).into_iter().flatten().flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            cases.push(Case { plugin: plugin.clone(), name, path: file.path() });
        }
    }
    cases.sort_by(|one, other| (&one.plugin, &one.name).cmp(&(&other.plugin, &other.name)));
    cases
}

impl Case {
    /// Runs the case and tells what came out of it.
    ///
    /// # Panics
    ///
    /// If the file cannot be read.
    pub fn run(&self, plugin: &AnyPlugin) -> Outcome {
        match plugin {
            AnyPlugin::Prettify(plugin) => {
                let document = self.read();
                let text = String::from_utf8_lossy(&document.body);
                if self.name.ends_with(".person") {
                    let mut lines = text.lines().map(str::to_owned);
                    let person = Person {
                        first_name: lines.next().unwrap_or_default(),
                        last_name: lines.next().unwrap_or_default(),
                    };
                    outcome::of(|| {
                        let replica = plugin.replica(&person)?;
                        assert_eq!(replica, person, "the plugin keeps another person");
                        plugin.greet(&person).map(Into::into)
                    })
                } else {
                    let words: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
                    outcome::of(|| plugin.prettify(&words).map(Into::into))
                }
            }
            AnyPlugin::Transformer(plugin) => self.transform(plugin),
            AnyPlugin::Streamer(plugin) => self.transform(plugin),
        }
    }

    /// Runs the case through a session, in pieces of the length `length`, and tells what came out of
    /// it.
    ///
    /// # Panics
    ///
    /// If the file cannot be read.
    pub fn run_in_pieces(&self, plugin: &Plugin<Streamer>, length: usize) -> Outcome {
        let (name, options) = self.options();
        let Document { media_type, body: whole, .. } = self.read();
        outcome::of(|| {
            let mut session = plugin.session(&Head::new(name, media_type), &options)?;
            let Head { name, media_type, .. } = session.head().clone();
            let mut body = Vec::new();
            for piece in whole.chunks(length) {
                body.extend(session.push(piece)?);
            }
            let (rest, head) = session.finish()?;
            assert_eq!((&name, &media_type), (&head.name, &head.media_type));
            body.extend(rest);
            Ok(head.with_body(body).into())
        })
    }

    fn transform<W: World + AsRef<Transformer>>(&self, plugin: &Plugin<W>) -> Outcome {
        let (name, options) = self.options();
        let document = Document { name, ..self.read() };
        outcome::of(|| plugin.transform(&document, &options).map(Into::into))
    }

    fn read(&self) -> Document {
        Document::from_file(&self.path)
            .unwrap_or_else(|error| panic!("cannot read `{}`: {error}", self.path.display()))
    }

    /// The options in the file's name, and the name without them.
    fn options(&self) -> (String, Vec<Setting>) {
        let Some((stem, extension)) = self.name.rsplit_once('.') else {
            return (self.name.clone(), Vec::new());
        };
        let mut parts = stem.split('@');
        let name = format!("{}.{extension}", parts.next().unwrap_or_default());
        let options = parts.map(|part| match part.split_once('=') {
            Some((key, value)) => Setting::new(key, value),
            None => panic!("`{}` has an option without a value: `@{part}`", self.name),
        });
        (name, options.collect())
    }
}
