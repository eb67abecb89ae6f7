//! `plugwright install`: puts this very command under a folder such as `~/.local`, with what shells and `man` know of
//! it, where they look for it.

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

/// What the command is called.
const NAME: &str = "plugwright";

/// Where shells look for scripts below a prefix: of this name, in this folder.
const SCRIPTS: [(Shell, &str); 3] = [
    (Shell::Bash, "share/bash-completion/completions/plugwright"),
    (Shell::Fish, "share/fish/vendor_completions.d/plugwright.fish"),
    (Shell::Zsh, "share/zsh/site-functions/_plugwright"),
];

/// Where the adapters of `plugwright compose` are below a prefix, and what they are called.
pub(crate) const ADAPTERS: (&str, [&str; 3]) =
    ("share/plugwright/http", ["transformer.wasm", "streamer.wasm", "host.wasm"]);

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder that gets `bin/` and `share/`, such as `~/.local`
    #[arg(value_name = "PREFIX", value_hint = ValueHint::DirPath)]
    prefix: PathBuf,

    /// The folder of the adapters that `plugwright compose` needs, which are put there, too
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    adapters: Option<PathBuf>,
}

pub(crate) fn install(Arguments { prefix, adapters }: &Arguments) -> Result<(), Failed> {
    put(prefix, adapters.as_deref()).and_then(|told| output::tell(&told)).map_err(exit::usage)
}

/// Puts all of it there, and says what is where.
fn put(prefix: &Path, adapters: Option<&Path>) -> Result<String> {
    let mut told = String::new();
    let mut tell = |what: &str, text: &str| told += &format!("{what:<18} {text}\n");
    ensure!(
        !prefix.as_os_str().as_encoded_bytes().starts_with(b"~"),
        "`{}` begins with `~`, in whose place a shell puts a home folder unless it is quoted: type it without quotes, or \
         begin with `./` if that is the name of a folder",
        ForeignText::of_path(prefix)
    );
    output::create_folder(prefix)?;
    // A path that begins where the user is would be none for the PATH.
    let prefix = fs::canonicalize(prefix)
        .with_context(|| format!("cannot find the folder `{}`", ForeignText::of_path(prefix)))?;
    let folder = prefix.join("bin");
    let program = folder.join(NAME);
    output::create_folder(&folder)?;
    let this = env::current_exe().context("the system does not say where this command is")?;
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

/// Says whether the command is found in this folder, and what to do if it is not.
fn found(folder: &Path, path: Option<&std::ffi::OsStr>) -> String {
    let is_same = |other: &Path| fs::canonicalize(other).is_ok_and(|other| other == folder);
    let folders: Vec<_> = path.map(|path| env::split_paths(path).collect()).unwrap_or_default();
    let first = folders.iter().find(|other| other.join(NAME).is_file());
    let shown = shown(folder);
    match first {
        Some(first) if is_same(first) => format!("has {shown}: `{NAME}` is this command"),
        Some(first) if folders.iter().any(|other| is_same(other)) => format!(
            "has {} before {shown}: `{NAME}` is another command, remove it or move the folder up",
            self::shown(first)
        ),
        _ => {
            let quoted = shlex::try_quote(&shown).unwrap_or_default();
            format!("lacks {shown}: put it in front, as by `export PATH={quoted}:\"$PATH\"`")
        }
    }
}

fn shown(path: &Path) -> String {
    ForeignText::of_path(path).to_string()
}
