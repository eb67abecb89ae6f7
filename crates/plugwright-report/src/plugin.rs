//! What is known of a plugin.

use crate::item::Item;
use crate::kind::Kind;
use crate::measured::Times;

/// A plugin of the folder.
#[derive(Debug, Clone)]
pub struct Plugin {
    /// The name.
    pub name: String,
    /// Whether the folder that it is compared with has none of this name.
    pub is_new: bool,
    /// What is known of it, or why nothing is.
    pub facts: Result<Box<Facts>, Unread>,
}

/// Why nothing is known of a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// What kind of finding that is.
    pub kind: Kind,
    /// Why not, in words.
    pub why: String,
}

/// What is known of a plugin that can be read.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The version that it says it has.
    pub version: Option<String>,
    /// What it does, in its own words.
    pub summary: Option<String>,
    /// The world that it is of.
    pub world: Option<String>,
    /// The contract that it was built for.
    pub contract: Option<String>,
    /// The digest of its bytes.
    pub sha256: String,
    /// The kinds of documents that it takes.
    pub takes: Vec<String>,
    /// The kinds of documents that it gives.
    pub gives: Vec<String>,
    /// What it imports.
    pub imports: Vec<Item>,
    /// What it asks to be granted.
    pub grants: Vec<Item>,
    /// What it says that its calls stay within.
    pub limits: Vec<Item>,
    /// Its options, each with its default between backquotes, and what it does.
    pub options: Vec<Item>,
    /// What can be called.
    pub functions: Vec<Item>,
    /// What it asks for beyond what the one before asked for, in words.
    pub more: Vec<String>,
    /// What it says of itself that is not true, in words.
    pub untrue: Vec<String>,
    /// How large it is, and what takes the room.
    pub size: Size,
    /// How long things take.
    pub times: Option<Times>,
    /// Its cases.
    pub cases: Vec<Case>,
    /// What else is tested of it.
    pub checks: Vec<Case>,
    /// Where it comes from, or why that is not known.
    pub origin: Result<Origin, String>,
    /// Who signed it.
    pub signature: Signature,
    /// What is in it, or why that is not known.
    pub materials: Result<Vec<Material>, String>,
}

/// How large a plugin is, in bytes.
#[derive(Debug, Clone, Default)]
pub struct Size {
    /// The file.
    pub bytes: u64,
    /// The file that it is compared with.
    pub before: Option<u64>,
    /// The file with its symbols.
    pub unstripped: Option<u64>,
    /// The most that its manifest allows.
    pub budget: Option<u64>,
    /// What takes the room, the largest first.
    pub parts: Vec<Part>,
}

/// A part of a plugin.
#[derive(Debug, Clone)]
pub struct Part {
    /// What it is of: a crate, constants.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// How many it had, if that is known.
    pub before: Option<u64>,
}

/// A case, or a check of something else, such as what a plugin asks for.
#[derive(Debug, Clone)]
pub struct Case {
    /// The name.
    pub name: String,
    /// Whether it came out as it should.
    pub outcome: Outcome,
    /// What came out, if it could be run.
    pub came_out: Option<String>,
}

/// Whether it came out as it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As its snapshot has it.
    Same,
    /// In another way, with the lines that differ.
    Differs(String),
    /// There is no snapshot yet.
    New,
    /// It could not be run, or is not what it says that it expects: why not.
    Failed(String),
}

/// How many there are, how many of them did not come out as they should, and of how many nobody has said yet how they should.
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
    /// Says whether all of them came out as they should.
    pub(crate) fn is_as_kept(self) -> bool {
        self.failing == 0 && self.new == 0
    }
}

/// Where a plugin comes from, as its statement of provenance says.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// Who says so.
    pub builder: String,
    /// The commit of the sources, if they were as they are in it.
    pub commit: Option<String>,
    /// What the build was asked for, each with a name and a value.
    pub parameters: Vec<(String, String)>,
    /// The tools that took part, each with its version.
    pub tools: Vec<(String, String)>,
    /// What went in, each with its digest.
    pub inputs: Vec<(String, String)>,
    /// What went in that was another in the one before, in words; absent if there is none to compare with.
    pub changed: Option<Vec<String>>,
}

/// Who signed a plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Signature {
    /// Nobody.
    #[default]
    None,
    /// Somebody, which nobody checked.
    Unchecked,
    /// Whoever has this key, which is trusted.
    Good(String),
}

/// A crate or another thing that is in a plugin, or that took part in making it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Material {
    /// Under which licence it is, if that is said.
    pub licence: Option<String>,
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
    /// Whether nothing of it is in the file, since it ran in the compiler.
    pub is_tool: bool,
    /// Whether the one before had none of this name and version; absent if there is none to compare with.
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
    /// How its cases came out.
    pub(crate) fn tally(&self) -> Tally {
        Tally::of(&self.cases)
    }

    /// How its checks did.
    pub(crate) fn tally_of_checks(&self) -> Tally {
        Tally::of(&self.checks)
    }

    /// The materials that are in the file, and of which nobody says under which licence.
    pub(crate) fn unlicensed(&self) -> Vec<&Material> {
        let materials = self.materials.iter().flatten();
        materials.filter(|it| it.licence.is_none() && !it.is_tool).collect()
    }
}

impl Size {
    /// By how much it is over its budget.
    pub(crate) fn over(&self) -> Option<u64> {
        self.bytes.checked_sub(self.budget?).filter(|over| *over > 0)
    }
}
