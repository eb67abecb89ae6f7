//! The languages that a plugin can begin in.

use std::str::FromStr;

use anyhow::{Error, Result, bail};
use clap::ValueEnum;

use super::{Request, Skeleton, c, javascript, python, typescript, zig};

/// A language, by the name that it has on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Rust: a crate
    Rust,
    /// C23, by zig
    C,
    /// C++23, by zig
    Cpp,
    /// Go
    Go,
    /// JavaScript, in QuickJS
    #[value(name = "javascript")]
    JavaScript,
    /// TypeScript, in QuickJS
    #[value(name = "typescript")]
    TypeScript,
    /// Python, in CPython
    Python,
    /// Zig
    Zig,
}

impl Language {
    /// The language as people write it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::C => "C",
            Self::Cpp => "C++",
            Self::Go => "Go",
            Self::JavaScript => "JavaScript",
            Self::TypeScript => "TypeScript",
            Self::Python => "Python",
            Self::Zig => "Zig",
        }
    }

    /// Makes a plugin of the world in this language, without cases.
    ///
    /// # Errors
    ///
    /// Says why there is no plugin of this world in this language, and in which there are.
    pub fn plugin(self, request: &Request<'_>) -> Result<Skeleton> {
        match self {
            Self::Rust => bail!("a plugin in Rust is a crate, which begins in another way"),
            Self::C => c::plugin(request, c::Dialect::C),
            Self::Cpp => c::plugin(request, c::Dialect::Cpp),
            Self::Go => bail!(
                "there is no plugin in Go of a contract of one's own: what makes Go of WIT takes modules from the \
                 network, and this pipeline builds without; take one of the languages rust, c, cpp, javascript, \
                 typescript, python and zig"
            ),
            Self::JavaScript => javascript::plugin(request),
            Self::TypeScript => typescript::plugin(request),
            Self::Python => python::plugin(request),
            Self::Zig => zig::plugin(request),
        }
    }
}

impl FromStr for Language {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        <Self as ValueEnum>::from_str(name, false).map_err(Error::msg)
    }
}
