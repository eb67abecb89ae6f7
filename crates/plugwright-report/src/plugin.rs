//! The facts about a plugin.

use crate::item::Item;
use crate::kind::Kind;
use crate::measured::Times;

/// A plugin of the folder.
#[derive(Debug, Clone)]
pub struct Plugin {
    /// The name.
    pub name: String,
    /// Whether the older folder has no plugin of this name.
    pub is_new: bool,
    /// The facts about the plugin, or why there are none.
    pub facts: Result<Box<Facts>, Unread>,
}

/// Why there are no facts about a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The kind of the finding.
    pub kind: Kind,
    /// The reason, in words.
    pub why: String,
}

/// The facts about a plugin that can be read.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The version in the plugin's description.
    pub version: Option<String>,
    /// The summary in the plugin's description.
    pub summary: Option<String>,
    /// The world of the plugin.
    pub world: Option<String>,
    /// The contract that the plugin was built for.
    pub contract: Option<String>,
    /// The SHA-256 digest of the component.
    pub sha256: String,
    /// The media types that the plugin takes.
    pub takes: Vec<String>,
    /// The media types that the plugin gives.
    pub gives: Vec<String>,
    /// The imports.
    pub imports: Vec<Item>,
    /// The grants that the plugin asks for.
    pub grants: Vec<Item>,
    /// The limits in the plugin's manifest.
    pub limits: Vec<Item>,
    /// The options, each with its default in backquotes and its help.
    pub options: Vec<Item>,
    /// The exported functions.
    pub functions: Vec<Item>,
    /// What the plugin asks for beyond the older plugin, in words.
    pub more: Vec<String>,
    /// How the manifest differs from the plugin, in words.
    pub untrue: Vec<String>,
    /// The size of the plugin and of its parts.
    pub size: Size,
    /// The measured times.
    pub times: Option<Times>,
    /// The cases.
    pub cases: Vec<Case>,
    /// The checks: the plugin's WIT, and cases without a grant.
    pub checks: Vec<Case>,
    /// The origin, or why it is unknown.
    pub origin: Result<Origin, String>,
    /// The signature.
    pub signature: Signature,
    /// The parts in the bill of materials, or why they are unknown.
    pub materials: Result<Vec<Material>, String>,
}

/// The size of a plugin, in bytes.
#[derive(Debug, Clone, Default)]
pub struct Size {
    /// The size of the file.
    pub bytes: u64,
    /// The size of the older file.
    pub before: Option<u64>,
    /// The size of the file with its symbols.
    pub unstripped: Option<u64>,
    /// The greatest size that the manifest allows.
    pub budget: Option<u64>,
    /// The parts of the file, the largest first.
    pub parts: Vec<Part>,
}

/// A part of a plugin.
#[derive(Debug, Clone)]
pub struct Part {
    /// The name of the part: a crate, or a kind of data such as constants.
    pub name: String,
    /// The size in bytes.
    pub bytes: u64,
    /// The size in the older plugin, if it is known.
    pub before: Option<u64>,
}

/// A case, or a check of something else, such as of a grant.
#[derive(Debug, Clone)]
pub struct Case {
    /// The name.
    pub name: String,
    /// Whether the case passed.
    pub outcome: Outcome,
    /// The outcome, if the case could be run.
    pub came_out: Option<String>,
}

/// Whether a case passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The outcome is that of the snapshot.
    Same,
    /// The outcome differs from the snapshot in these lines.
    Differs(String),
    /// There is no snapshot yet.
    New,
    /// The case could not be run, or its outcome is not of the expected kind. The text says why.
    Failed(String),
}

/// The number of all cases, of failing cases, and of cases without a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) all: usize,
    pub(crate) failing: usize,
    pub(crate) new: usize,
}

impl Tally {
    pub(crate) fn of<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Self {
        let none = Self { all: 0, failing: 0, new: 0 };
        cases.into_iter().fold(none, |Self { all, failing, new }, case| Self {
            all: all.saturating_add(1),
            failing: failing.saturating_add(case.is_failing().into()),
            new: new.saturating_add(case.is_new().into()),
        })
    }
}

impl Tally {
    /// Returns whether all cases passed.
    pub(crate) fn is_as_kept(self) -> bool {
        self.failing == 0 && self.new == 0
    }
}

/// The origin of a plugin, from its provenance.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The builder that made the statement.
    pub builder: String,
    /// The commit of the sources. Absent if the sources differed from every commit.
    pub commit: Option<String>,
    /// The parameters of the build, each with a name and a value.
    pub parameters: Vec<(String, String)>,
    /// The tools of the build, each with its version.
    pub tools: Vec<(String, String)>,
    /// The inputs of the build, each with its digest.
    pub inputs: Vec<(String, String)>,
    /// The inputs that differ from those of the older plugin, in words. Absent if there is none to compare with.
    pub changed: Option<Vec<String>>,
}

/// The signature of a plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Signature {
    /// The plugin is not signed.
    #[default]
    None,
    /// The plugin has a signature that was not checked.
    Unchecked,
    /// The plugin has a valid signature of this trusted key.
    Good(String),
}

/// A crate or another part of a plugin, or a tool of its build.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Material {
    /// The licence, if it is known.
    pub licence: Option<String>,
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
    /// Whether it only ran in the compiler, so that none of its code is in the file.
    pub is_tool: bool,
    /// Whether the older plugin did not have this name and version. Absent if there is none to compare with.
    pub is_new: Option<bool>,
}

impl Case {
    pub(crate) fn is_failing(&self) -> bool {
        matches!(self.outcome, Outcome::Differs(_) | Outcome::Failed(_))
    }

    pub(crate) fn is_new(&self) -> bool {
        self.outcome == Outcome::New
    }
}

impl Facts {
    /// Returns the tally of the cases.
    pub(crate) fn tally(&self) -> Tally {
        Tally::of(&self.cases)
    }

    /// Returns the tally of the checks.
    pub(crate) fn tally_of_checks(&self) -> Tally {
        Tally::of(&self.checks)
    }

    /// Returns the materials in the file whose licence is unknown.
    pub(crate) fn unlicensed(&self) -> Vec<&Material> {
        let materials = self.materials.iter().flatten();
        materials.filter(|it| it.licence.is_none() && !it.is_tool).collect()
    }
}

impl Size {
    /// Returns by how many bytes the plugin exceeds its budget.
    pub(crate) fn over(&self) -> Option<u64> {
        self.bytes.checked_sub(self.budget?).filter(|over| *over > 0)
    }
}
