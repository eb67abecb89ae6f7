//! The languages that a plugin can begin in.

use std::str::FromStr;

use anyhow::{Error, Result, bail};
use clap::ValueEnum;

use super::rust_plugin::{self, Dependency};
use super::{Request, Skeleton, c, hosted, javascript, python, sample, typescript, zig};

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

    /// What it is called on the command line, and in the settings of a project.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::C => "c",
            Self::Cpp => "cpp",
            Self::Go => "go",
            Self::JavaScript => "javascript",
            Self::TypeScript => "typescript",
            Self::Python => "python",
            Self::Zig => "zig",
        }
    }

    /// Makes a plugin of the world in this language, with a first case. `wit_bindgen` is how a crate depends on that.
    ///
    /// # Errors
    ///
    /// Says why there is no plugin of this world in this language, and in which there are.
    pub fn plugin(self, request: &Request<'_>, wit_bindgen: Dependency) -> Result<Skeleton> {
        hosted::check_hosted(request)?;
        let mut skeleton = self.files(request, wit_bindgen)?;
        if skeleton.cases.is_empty()
            && let Some(calls) = sample::first_calls(request)
        {
            skeleton.cases.insert("first.calls".into(), calls);
        }
        Ok(skeleton)
    }

    fn files(self, request: &Request<'_>, wit_bindgen: Dependency) -> Result<Skeleton> {
        match self {
            Self::Rust => rust_plugin::plugin(request, wit_bindgen),
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
