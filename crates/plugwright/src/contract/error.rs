//! Errors of contracts.

use std::io;
use std::path::PathBuf;

use crate::permission::given_file::FileError;
use crate::text::foreign_text::ForeignText;

/// The reason why a contract cannot be read.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum ContractError {
    /// A file of the contract cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A folder of the contract cannot be read.
    #[error("cannot read the folder `{}`", ForeignText::of_path(folder))]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The folder has no WIT files.
    #[error("there is no WIT in the folder `{}`", ForeignText::of_path(folder))]
    Empty {
        /// The folder.
        folder: PathBuf,
    },
    /// A link leads back to a folder that contains it.
    #[error(
        "`{}` is a link to a folder that contains it: remove the link",
        ForeignText::of_path(link)
    )]
    Loop {
        /// The link.
        link: PathBuf,
    },
    /// There are too many folders to search for contracts.
    #[error(
        "there are more than {most} folders to search for contracts, among them `{}`: name the folder of the contracts \
         themselves",
        ForeignText::of_path(folder)
    )]
    Folders {
        /// The first folder beyond the limit.
        folder: PathBuf,
        /// The most folders that are searched.
        most: usize,
    },
    /// Two contracts have the same name and version.
    #[error(
        "`{name}` is in `{}` and in `{}`: give one of them another name or version, or remove it",
        ForeignText::of_path(one),
        ForeignText::of_path(other)
    )]
    Twice {
        /// The name, with its version.
        name: ForeignText,
        /// The path of one contract.
        one: PathBuf,
        /// The path of the other contract.
        other: PathBuf,
    },
    /// The contract is too large.
    #[error(
        "the contract `{}` and the packages that it uses have more than {most} of WIT, which is the maximum: remove what \
         it does not need",
        ForeignText::of_path(contract)
    )]
    TooMuch {
        /// The contract.
        contract: PathBuf,
        /// The most that is read.
        most: String,
    },
    /// The files are not valid WIT. The text is the parser's: what is wrong, with the file, the line, the column and
    /// the source.
    #[error("{0}")]
    Wit(String),
    /// The parser panicked.
    #[error(
        "the WIT parser panicked at `{}`, which is a bug in the parser: {said}; write this WIT in another way",
        ForeignText::of_path(file)
    )]
    Panic {
        /// The file.
        file: PathBuf,
        /// The message of the panic.
        said: ForeignText,
    },
    /// The bytes are not an encoded contract, or the contract cannot be encoded.
    #[error("this is not a WIT package encoded as a component: {0}")]
    Encoded(ForeignText),
    /// The contract has no such world.
    #[error("there is no world `{name}` in `{package}`, {}", worlds_of(known))]
    World {
        /// The world that was asked for.
        name: ForeignText,
        /// The contract.
        package: ForeignText,
        /// The worlds that it has.
        known: Vec<ForeignText>,
    },
}

fn worlds_of(known: &[ForeignText]) -> String {
    let names: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    match &*names {
        [] => "which has none".to_owned(),
        names => format!("only {}", names.join(", ")),
    }
}
