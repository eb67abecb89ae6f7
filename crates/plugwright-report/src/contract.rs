//! A contract, what it says, and what changed of it.

/// A contract that plugins are of.
#[derive(Debug, Clone, Default)]
pub struct Contract {
    /// The package, with its version.
    pub name: String,
    /// What is said of it.
    pub documentation: Option<String>,
    /// The release that it is compared with, if there is any.
    pub since: Option<String>,
    /// What changed since that release.
    pub changes: Vec<Change>,
    /// Why it may not follow that release as it is, in words.
    pub refused: Option<String>,
    /// Its worlds.
    pub worlds: Vec<World>,
    /// Its interfaces.
    pub interfaces: Vec<Interface>,
}

/// One thing that changed.
#[derive(Debug, Clone)]
pub struct Change {
    /// What changed.
    pub what: String,
    /// Why that breaks plugins, if it does.
    pub breaks: Option<String>,
}

/// A world of a contract.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// The name.
    pub name: String,
    /// What is said of it.
    pub documentation: Option<String>,
    /// What a plugin of it finds.
    pub imports: Vec<String>,
    /// What a plugin of it has.
    pub exports: Vec<String>,
}

/// An interface of a contract.
#[derive(Debug, Clone, Default)]
pub struct Interface {
    /// The name.
    pub name: String,
    /// What is said of it.
    pub documentation: Option<String>,
    /// Its types.
    pub types: Vec<Definition>,
    /// Its functions.
    pub functions: Vec<Definition>,
}

/// A type or a function.
#[derive(Debug, Clone, Default)]
pub struct Definition {
    /// How WIT has it.
    pub text: String,
    /// What is said of it.
    pub documentation: Option<String>,
    /// Its parts, each as WIT has it, with what is said of it: fields, cases, flags.
    pub parts: Vec<(String, Option<String>)>,
}
