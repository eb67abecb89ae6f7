//! The folder of a new repository, which must not exist or has to be empty. Either all files are written, or none.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{self, Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use plugwright::ForeignText;

use crate::begun::{BegunFolder, cannot_write};
use crate::init::file::File;
use crate::output::{create_file, folder_of};

/// How many entries of a folder an error lists.
const NAMED: usize = 3;

/// A folder in which a repository can be created.
#[derive(Debug)]
pub(crate) struct Place {
    folder: PathBuf,
    name: String,
    is_there: bool,
}

impl Place {
    /// Checks that the folder does not exist or is empty.
    pub(crate) fn look(folder: &Path) -> Result<Self> {
        let shown = ForeignText::of_path(folder);
        let cannot = || format!("cannot read the folder `{shown}`");
        let is_there = match fs::metadata(folder) {
            Ok(metadata) if metadata.is_dir() => true,
            Ok(_) => bail!("`{shown}` is a file: name a folder that is new or empty"),
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(cannot);
            }
            Err(_) if folder.is_symlink() => {
                bail!("`{shown}` is a broken link: remove it, or name another folder")
            }
            Err(_) => false,
        };
        let whole = match is_there {
            true => fs::canonicalize(folder).with_context(cannot)?,
            false => path::absolute(folder).with_context(cannot)?,
        };
        // Cargo and just accept only paths in UTF-8.
        if whole.to_str().is_none() {
            bail!(
                "the path `{}` is not UTF-8, as cargo requires: name another folder",
                ForeignText::of_path(&whole)
            );
        }
        if is_there {
            let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
            let mut entries: Vec<_> =
                entries.with_context(cannot)?.iter().map(fs::DirEntry::file_name).collect();
            entries.sort();
            if !entries.is_empty() {
                let named = entries.iter().take(NAMED);
                let named: Vec<_> = named
                    .map(|name| format!("`{:.100}`", ForeignText::from(&*name.to_string_lossy())))
                    .collect();
                let more = match entries.len().saturating_sub(NAMED) {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                bail!(
                    "`{shown}` is not empty, it has {}{more}: name a folder that is new or empty",
                    named.join(", ")
                );
            }
        }
        let name = whole.file_name().and_then(|name| name.to_str()).unwrap_or("plugins");
        // The name becomes the title of a Markdown page.
        let name = name.replace(|c: char| c.is_control() || "`*_<>[]#\\".contains(c), " ");
        Ok(Self { name, folder: folder.to_owned(), is_there })
    }

    /// Returns the name of the folder.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Writes the files into the folder.
    pub(crate) fn fill(self, files: &[File]) -> Result<()> {
        let cannot = || cannot_write(&self.folder);
        let beside = if self.is_there { &*self.folder } else { folder_of(&self.folder) };
        let begun = BegunFolder::shared(beside).with_context(cannot)?;
        for file in files {
            let path = begun.path().join(&file.path);
            create_file(&path, &file.text, file.is_program)
                .with_context(|| cannot_write(&self.folder.join(&file.path)))?;
        }
        let done = if self.is_there { begun.move_up() } else { begun.create(&self.folder) };
        done.map_err(|error| match error.kind() {
            ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
                anyhow!(
                    "`{}` appeared in the meantime, so nothing was written: run the command again with another folder",
                    ForeignText::of_path(&self.folder)
                )
            }
            _ => anyhow::Error::new(error).context(cannot()),
        })
    }
}
