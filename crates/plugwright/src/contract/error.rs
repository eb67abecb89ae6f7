//! What can go wrong with a contract.

use std::io;
use std::path::PathBuf;

use crate::permission::given_file::FileError;
use crate::text::foreign_text::ForeignText;

/// Why a contract cannot be read.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum ContractError {
    /// A file of it cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A folder of it cannot be read.
    #[error("cannot read the folder `{}`", ForeignText::of_path(folder))]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is no WIT where it should be.
    #[error("there is no WIT in the folder `{}`", ForeignText::of_path(folder))]
    Empty {
        /// The folder.
        folder: PathBuf,
    },
    /// A folder is in itself, by a link.
    #[error(
        "`{}` is a link to a folder that it is in: remove the link",
        ForeignText::of_path(link)
    )]
    Loop {
        /// The link.
        link: PathBuf,
    },
    /// There are more folders than are looked into.
    #[error(
        "there are contracts in more than {most} folders, `{}` is one: name the folder of the contracts themselves",
        ForeignText::of_path(folder)
    )]
    Folders {
        /// The first of those that are too many.
        folder: PathBuf,
        /// How many folders there are at most.
        most: usize,
    },
    /// Two contracts of one name.
    #[error(
        "`{name}` is in `{}` and in `{}`: give one of them another name or version, or take it out",
        ForeignText::of_path(one),
        ForeignText::of_path(other)
    )]
    Twice {
        /// The name, with its version.
        name: ForeignText,
        /// Where the one is.
        one: PathBuf,
        /// Where the other one is.
        other: PathBuf,
    },
    /// There is more of it than is read.
    #[error(
        "the contract `{}` has more than {most} of WIT, the most with the packages that it uses: take out what it does \
         not need",
        ForeignText::of_path(contract)
    )]
    TooMuch {
        /// The contract.
        contract: PathBuf,
        /// How much is read at most.
        most: String,
    },
    /// It is no WIT, as the parser says it: what is wrong, with the file, the line, the column and the source.
    #[error("{0}")]
    Wit(String),
    /// The parser broke off.
    #[error(
        "the parser of WIT broke off at `{}`, which is a fault of the parser: {said}; write its WIT in another way",
        ForeignText::of_path(file)
    )]
    Panic {
        /// The file.
        file: PathBuf,
        /// What it says.
        said: ForeignText,
    },
    /// The bytes are no package of WIT.
    #[error("it is no package of WIT that is encoded as a component: {0}")]
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
