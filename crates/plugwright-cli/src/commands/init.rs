//! `plugwright init`: creates a new repository.

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
    /// The folder of the repository, which must be empty or not exist yet
    #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    folder: PathBuf,

    /// The contract, a WIT folder or file that is copied into the repository [default: an example]
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    wit: Option<PathBuf>,

    /// The world of the first plugin, if the contract has several
    #[arg(long, value_name = "WORLD", requires = "wit", value_parser = text())]
    world: Option<String>,

    /// The name of the first plugin [default: the name of its world]
    #[arg(long, value_name = "NAME", requires = "wit", value_parser = text())]
    name: Option<String>,

    /// The source of Plugwright for the repository, `version:VERSION`, `path:FOLDER` or `git:URL#TAG-OR-COMMIT` [default:
    /// the release or the checkout that this command was built from]
    #[arg(long, value_name = "SOURCE")]
    source: Option<Named>,

    /// The licence of the repository
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
        "created `{shown}`; next, in that folder:\n  \
         ./dev plugwright build    builds the plugin\n  \
         ./dev just run            also builds the application, and prints what the plugin answers\n  \
         ./dev just test           tests the plugin\n"
    ))
    .map_err(exit::usage)
}
