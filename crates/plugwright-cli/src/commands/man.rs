//! `plugwright man`: makes the man pages, one for the command and one for each verb.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, Command, CommandFactory as _, ValueHint};
use clap_mangen::Man;
use plugwright::ForeignText;

use crate::exit::{self, Failed};
use crate::output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder to write all man pages to; without it, the page of `plugwright` goes to standard output
    #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    folder: Option<PathBuf>,
}

/// A man page.
struct Page {
    /// The name of its file, such as `plugwright-key-new.1`.
    file: String,
    text: Vec<u8>,
}

pub(crate) fn man(Arguments { folder }: &Arguments) -> Result<(), Failed> {
    let shown = match folder {
        Some(folder) => write(folder).and_then(|count| {
            output::tell(&format!("wrote {count} pages to {}\n", ForeignText::of_path(folder)))
        }),
        None => page(crate::Arguments::command())
            .map_err(Into::into)
            .and_then(|page| output::write(None, &page.text)),
    };
    shown.map_err(exit::usage)
}

/// Writes all pages into the folder, which it creates if needed, and returns how many there are.
pub(crate) fn write(folder: &Path) -> Result<usize> {
    let mut command = crate::Arguments::command();
    // Without this, verbs do not know the name of their command.
    command.build();
    let mut pages = Vec::new();
    add(command, &mut pages).context("cannot make the man pages")?;
    output::create_folder(folder)?;
    for Page { file, text } in &pages {
        output::write_beside(&folder.join(file), text)?;
    }
    Ok(pages.len())
}

/// Adds the page of a command and those of its verbs.
fn add(command: Command, pages: &mut Vec<Page>) -> io::Result<()> {
    let verbs = command.get_subcommands().filter(|verb| !verb.is_hide_set());
    let verbs: Vec<_> = verbs.cloned().collect();
    pages.push(page(command)?);
    verbs.into_iter().try_for_each(|verb| add(verb, pages))
}

fn page(command: Command) -> io::Result<Page> {
    let man = Man::new(command);
    let mut text = Vec::new();
    man.render(&mut text)?;
    Ok(Page { file: man.get_filename(), text })
}
