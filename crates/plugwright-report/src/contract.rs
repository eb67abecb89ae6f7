//! Contracts: their definitions, and their changes since the last release.

/// A contract of the plugins.
#[derive(Debug, Clone, Default)]
pub struct Contract {
    /// The package, with its version.
    pub name: String,
    /// Its documentation.
    pub documentation: Option<String>,
    /// The release that the contract is compared with, if there is one.
    pub since: Option<String>,
    /// The changes since that release.
    pub changes: Vec<Change>,
    /// Why this version must not follow that release, in words.
    pub refused: Option<String>,
    /// Its worlds.
    pub worlds: Vec<World>,
    /// Its interfaces.
    pub interfaces: Vec<Interface>,
}

/// One change of a contract.
#[derive(Debug, Clone)]
pub struct Change {
    /// What changed.
    pub what: String,
    /// Why the change breaks plugins, if it does.
    pub breaks: Option<String>,
}

/// A world of a contract.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// The name.
    pub name: String,
    /// Its documentation.
    pub documentation: Option<String>,
    /// What a plugin of this world imports.
    pub imports: Vec<String>,
    /// What a plugin of this world exports.
    pub exports: Vec<String>,
}

/// An interface of a contract.
#[derive(Debug, Clone, Default)]
pub struct Interface {
    /// The name.
    pub name: String,
    /// Its documentation.
    pub documentation: Option<String>,
    /// Its types.
    pub types: Vec<Definition>,
    /// Its functions.
    pub functions: Vec<Definition>,
}

/// A type or a function.
#[derive(Debug, Clone, Default)]
pub struct Definition {
    /// The definition in WIT.
    pub text: String,
    /// Its documentation.
    pub documentation: Option<String>,
    /// Its fields, cases or flags, each in WIT and with its documentation.
    pub parts: Vec<(String, Option<String>)>,
}
