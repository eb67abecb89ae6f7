//! `plugwright key`: creates key pairs, a secret key that signs plugins and a public key that hosts trust.

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
    /// Creates a key pair: the secret key in FILE, which only you can read, and the public key beside it in a `.pub`
    /// file
    ///
    /// The keys have the format of minisign, so its tools accept them. The secret key has no password: only the
    /// permissions of its file protect it.
    New {
        /// The file for the secret key, which must not exist yet
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
            "`{}` is a name for the public key: name a file for the secret key that does not end in `.pub`",
            ForeignText::of_path(secret)
        ));
    }
    for path in [secret, &public] {
        // A link counts, wherever it leads.
        match path.symlink_metadata() {
            Ok(_) => {
                return Err(anyhow!(
                    "`{}` already exists: name another file",
                    ForeignText::of_path(path)
                ));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| cannot_write(path)),
        }
    }
    let key = Key::new()?;
    let folder = output::folder_of(secret);
    // Both files are complete before either appears.
    let begun_secret = begun(BegunFile::secret(folder), secret, &key.to_text())?;
    let begun_public = begun(BegunFile::new(folder), &public, &key.public_text())?;
    // The secret key comes first: if only one can be written, minisign can derive the public key from it.
    BegunFile::create_all([(begun_secret, secret), (begun_public, &public)])?;
    let told = format!(
        "{}: the secret key, which signs plugins: keep it private\n{}: the public key: give it to everyone \
         who loads your plugins\n",
        ForeignText::of_path(secret),
        ForeignText::of_path(&public)
    );
    output::tell(&told)
}

/// Writes the text into the temporary file that will replace `path`.
fn begun(file: io::Result<BegunFile>, path: &Path, text: &str) -> Result<BegunFile> {
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()).map(|()| file));
    written.with_context(|| cannot_write(path))
}
