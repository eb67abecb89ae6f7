//! `plugwright init`: begins a repository of one's own.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use plugwright::ForeignText;

use crate::exit::{self, Failed};
use crate::init::contract::Given;
use crate::init::files::{Parts, files};
use crate::init::license::License;
use crate::init::place::Place;
use crate::init::source::{Named, Source};
use crate::output;
use crate::text_argument::text;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Where it goes: a folder that is not there yet, or is empty
    #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    folder: PathBuf,

    /// The contract, a folder of WIT or a file of it, which is copied; without it there is an example
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    wit: Option<PathBuf>,

    /// The world of the contract that the first plugin is of, if there are several
    #[arg(long, value_name = "WORLD", requires = "wit", value_parser = text())]
    world: Option<String>,

    /// What the first plugin is called, if not as its world
    #[arg(long, value_name = "NAME", requires = "wit", value_parser = text())]
    name: Option<String>,

    /// Where the repository has Plugwright from, `path:FOLDER` or `git:URL#TAG-OR-COMMIT` [default: the checkout that
    /// this command was built from]
    #[arg(long, value_name = "SOURCE")]
    source: Option<Named>,

    /// The licence that it has
    #[arg(long, value_name = "LICENSE", default_value = "none")]
    license: License,
}

pub(crate) fn init(arguments: &Arguments) -> Result<(), Failed> {
    let Arguments { folder, wit, world, name, source, license } = arguments;
    let place = Place::look(folder).map_err(exit::usage)?;
    let source = Source::find(source.as_ref()).map_err(exit::usage)?;
    let given = match wit {
        Some(wit) => Some(Given::read(wit, world.as_deref(), name.as_deref())?),
        None => None,
    };
    let parts = Parts { title: place.name(), given, source, license: *license };
    let files = files(&parts).map_err(exit::contract)?;
    place.fill(&files).map_err(exit::usage)?;

    let shown = ForeignText::of_path(folder);
    output::tell(&format!(
        "`{shown}` is written. In it\n  ./dev just run     prints what the plugin answers\n  ./dev just test    tests the plugin\n"
    ))
    .map_err(exit::usage)
}
