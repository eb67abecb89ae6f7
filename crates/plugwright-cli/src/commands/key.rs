//! `plugwright key`, a pair of keys: a secret one to sign plugins with, and a public one to trust.

use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use clap::{Args, Subcommand, ValueHint};
use plugwright::{FileKind, ForeignText};

use crate::begun::BegunFile;
use crate::begun::cannot_write;
use crate::exit::{self, Failed};
use crate::minisign::Key;
use crate::output;

const SECRET_KEY: FileKind = FileKind::new("secret key", 64 << 10);

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a pair of keys: the secret one in FILE, which nobody else can read, and beside it the public
    /// one, whose name ends in `.pub`
    ///
    /// They are keys of minisign, whose tools take them too. The secret key is protected by the permissions
    /// of its file alone.
    New {
        /// The file of the secret key, which must not be there yet
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
}

pub(crate) fn key(Arguments { command }: &Arguments) -> Result<(), Failed> {
    let Command::New { file } = command;
    new(file).map_err(exit::usage)
}

/// Reads the secret key in `file`.
pub(crate) fn read(file: &Path) -> Result<Key> {
    let text = SECRET_KEY.read_text(file)?;
    Key::from_text(&text)
        .with_context(|| format!("cannot sign with `{}`", ForeignText::of_path(file)))
}

fn new(secret: &Path) -> Result<()> {
    let public = secret.with_extension("pub");
    if public == secret {
        return Err(anyhow!(
            "`{}` is what the public key beside the secret one is called: name a file that does not end in `.pub`",
            ForeignText::of_path(secret)
        ));
    }
    for path in [secret, &public] {
        // A link counts, wherever it leads.
        match path.symlink_metadata() {
            Ok(_) => {
                return Err(anyhow!(
                    "`{}` is there already: name another file",
                    ForeignText::of_path(path)
                ));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| cannot_write(path)),
        }
    }
    let key = Key::new()?;
    let folder = output::folder_of(secret);
    // Both are whole before either is there.
    let begun_secret = begun(BegunFile::secret(folder), secret, &key.to_text())?;
    let begun_public = begun(BegunFile::new(folder), &public, &key.public_text())?;
    // If only one can be, it is the secret one, from which tools of minisign have the public one.
    BegunFile::create_all([(begun_secret, secret), (begun_public, &public)])?;
    let told = format!(
        "{}: the secret key, which signs: keep it to yourself\n{}: the public key, which is trusted: give \
         it to whoever loads your plugins\n",
        ForeignText::of_path(secret),
        ForeignText::of_path(&public)
    );
    output::tell(&told)
}

/// The file with the text that is to be at `path`.
fn begun(file: io::Result<BegunFile>, path: &Path, text: &str) -> Result<BegunFile> {
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()).map(|()| file));
    written.with_context(|| cannot_write(path))
}
