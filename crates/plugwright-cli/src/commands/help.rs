//! `plugwright help`: the help of `plugwright` or of one of its verbs, and a list of all of them.

use std::ffi::OsString;
use std::iter;

use clap::builder::StyledStr;
use clap::{Args, CommandFactory as _, Parser as _};

use crate::exit::{self, Failed};
use crate::{Command, output};

/// Where the help of the command says what it leaves out.
pub(crate) const MORE: &str =
    "The pipeline calls more commands, which `plugwright help --all` lists";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Lists all commands, those that only the pipeline calls too
    #[arg(long, conflicts_with = "command")]
    all: bool,

    /// The command whose help is shown, such as `run`, or `key new`
    #[arg(value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Takes `plugwright help run` for `plugwright run --help`.
pub(crate) fn as_flag(arguments: crate::Arguments) -> Result<crate::Arguments, clap::Error> {
    match arguments.command {
        Command::Help(Arguments { all: false, command }) => {
            let words = iter::once("plugwright".into()).chain(command);
            crate::Arguments::try_parse_from(words.chain(iter::once("--help".into())))
        }
        _ => Ok(arguments),
    }
}

/// Lists all commands, and says of each what it does.
pub(crate) fn all() -> Result<(), Failed> {
    let command = crate::Arguments::command();
    let (header, literal) = (command.get_styles().get_header(), command.get_styles().get_literal());
    let width = command.get_subcommands().map(|it| it.get_name().len()).max().unwrap_or_default();
    let list = |heading: &str, is_hidden: bool| {
        let listed = command.get_subcommands().filter(|it| it.is_hide_set() == is_hidden);
        let lines = listed.map(|it| {
            let about = it.get_about().map(ToString::to_string).unwrap_or_default();
            format!("  {literal}{:width$}{literal:#}  {about}\n", it.get_name())
        });
        format!("{header}{heading}{header:#}\n{}", lines.collect::<String>())
    };
    let lists = [list("Commands:", false), list("Commands of the pipeline:", true)].join("\n");
    output::tell_styled(&StyledStr::from(lists)).map_err(exit::usage)
}
