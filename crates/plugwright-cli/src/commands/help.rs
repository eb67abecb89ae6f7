//! `plugwright help`: shows the help of `plugwright` or of one of its verbs, or lists all verbs.

use std::ffi::OsString;
use std::iter;

use clap::builder::StyledStr;
use clap::{Args, CommandFactory as _, Parser as _};

use crate::exit::{self, Failed};
use crate::{Command, output};

/// The line of the help that says where the hidden commands are listed.
pub(crate) const MORE: &str =
    "`plugwright help --all` also lists the commands that the pipeline uses";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Lists all commands, including those that only the pipeline uses
    #[arg(long, conflicts_with = "command")]
    all: bool,

    /// The command to show the help of, such as `run` or `key new`
    #[arg(value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Turns `plugwright help run` into `plugwright run --help`.
pub(crate) fn as_flag(arguments: crate::Arguments) -> Result<crate::Arguments, clap::Error> {
    match arguments.command {
        Command::Help(Arguments { all: false, command }) => {
            let words = iter::once("plugwright".into()).chain(command);
            crate::Arguments::try_parse_from(words.chain(iter::once("--help".into())))
        }
        _ => Ok(arguments),
    }
}

/// Lists all commands with their summaries.
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
    let lists = [list("Commands:", false), list("Pipeline commands:", true)].join("\n");
    output::tell_styled(&StyledStr::from(lists)).map_err(exit::usage)
}
