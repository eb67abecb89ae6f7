//! `plugwright install`: installs this command into a folder such as `~/.local`, with its completions and man pages
//! where shells and `man` look for them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::{Args, ValueHint};
use clap_complete::Shell;
use plugwright::ForeignText;

use crate::commands::{completions, man};
use crate::exit::{self, Failed};
use crate::output;

/// The name of the command.
const NAME: &str = "plugwright";

/// The paths below a prefix where shells look for completion scripts.
const SCRIPTS: [(Shell, &str); 3] = [
    (Shell::Bash, "share/bash-completion/completions/plugwright"),
    (Shell::Fish, "share/fish/vendor_completions.d/plugwright.fish"),
    (Shell::Zsh, "share/zsh/site-functions/_plugwright"),
];

/// The folder of the adapters of `plugwright compose` below a prefix, and their file names.
pub(crate) const ADAPTERS: (&str, [&str; 3]) =
    ("share/plugwright/http", ["transformer.wasm", "streamer.wasm", "host.wasm"]);

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder to install into, such as `~/.local`
    #[arg(value_name = "PREFIX", value_hint = ValueHint::DirPath)]
    prefix: PathBuf,

    /// The folder of the HTTP adapters that `plugwright compose` needs, to install them as well
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    adapters: Option<PathBuf>,
}

pub(crate) fn install(Arguments { prefix, adapters }: &Arguments) -> Result<(), Failed> {
    put(prefix, adapters.as_deref()).and_then(|told| output::tell(&told)).map_err(exit::usage)
}

/// Installs everything, and returns a list of what is where.
fn put(prefix: &Path, adapters: Option<&Path>) -> Result<String> {
    let mut told = String::new();
    let mut tell = |what: &str, text: &str| told += &format!("{what:<18} {text}\n");
    ensure!(
        !prefix.as_os_str().as_encoded_bytes().starts_with(b"~"),
        "`{}` begins with `~`, which a shell only expands without quotes: remove the quotes, or begin with `./` if `~` \
         is part of the folder's name",
        ForeignText::of_path(prefix)
    );
    output::create_folder(prefix)?;
    // A relative path does not work in the `PATH`.
    let prefix = fs::canonicalize(prefix)
        .with_context(|| format!("cannot find the folder `{}`", ForeignText::of_path(prefix)))?;
    let folder = prefix.join("bin");
    let program = folder.join(NAME);
    output::create_folder(&folder)?;
    let this = env::current_exe().context("cannot find the file of this program")?;
    if fs::canonicalize(&this).ok() != fs::canonicalize(&program).ok() {
        output::copy_program(&this, &program)?;
    }
    tell("command", &shown(&program));
    for (shell, file) in SCRIPTS {
        let file = prefix.join(file);
        output::create_folder(output::folder_of(&file))?;
        output::write_beside(&file, &completions::script(shell))?;
        tell(&format!("completions, {shell}"), &shown(&file));
    }
    let pages = prefix.join("share/man/man1");
    let count = man::write(&pages)?;
    tell("man pages", &format!("{count} in {}", shown(&pages)));
    if let Some(from) = adapters {
        let (below, names) = ADAPTERS;
        let folder = prefix.join(below);
        output::create_folder(&folder)?;
        for name in names {
            output::copy_beside(&from.join(name), &folder.join(name))?;
        }
        tell("adapters", &shown(&folder));
    }
    tell("PATH", &found(&folder, env::var_os("PATH").as_deref()));
    Ok(told)
}

/// Returns whether a shell finds the command in this folder, and what to do if it does not.
fn found(folder: &Path, path: Option<&std::ffi::OsStr>) -> String {
    let is_same = |other: &Path| fs::canonicalize(other).is_ok_and(|other| other == folder);
    let folders: Vec<_> = path.map(|path| env::split_paths(path).collect()).unwrap_or_default();
    let first = folders.iter().find(|other| other.join(NAME).is_file());
    let shown = shown(folder);
    match first {
        Some(first) if is_same(first) => format!("has {shown}: `{NAME}` is this command"),
        Some(first) if folders.iter().any(|other| is_same(other)) => format!(
            "has {} before {shown}: `{NAME}` runs another command; remove that command or move the folder up",
            self::shown(first)
        ),
        _ => {
            let quoted = shlex::try_quote(&shown).unwrap_or_default();
            format!("lacks {shown}: add it in front, as in `export PATH={quoted}:\"$PATH\"`")
        }
    }
}

fn shown(path: &Path) -> String {
    ForeignText::of_path(path).to_string()
}
