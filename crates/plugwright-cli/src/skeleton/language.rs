//! The languages of skeletons.

use std::str::FromStr;

use anyhow::{Error, Result, bail};
use clap::ValueEnum;

use super::rust_plugin::{self, Dependency};
use super::{Request, Skeleton, c, hosted, javascript, python, sample, typescript, zig};

/// A language, with its name on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Rust: a crate
    Rust,
    /// C23, compiled with zig
    C,
    /// C++23, compiled with zig
    Cpp,
    /// Go
    Go,
    /// JavaScript, run by QuickJS
    #[value(name = "javascript")]
    JavaScript,
    /// TypeScript, run by QuickJS
    #[value(name = "typescript")]
    TypeScript,
    /// Python, run by CPython
    Python,
    /// Zig
    Zig,
}

impl Language {
    /// Returns the display name of the language.
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

    /// Returns the name of the language on the command line and in a project's settings.
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

    /// Generates a plugin for the world in this language, with a first case. `wit_bindgen` says how a crate depends on
    /// wit-bindgen.
    ///
    /// # Errors
    ///
    /// Says why this world is not possible in this language, and which languages to choose instead.
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
                "cannot generate a plugin in Go for your own contract: the generator of Go bindings downloads modules, but \
                 this pipeline builds without a network; choose rust, c, cpp, javascript, typescript, python or zig"
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
