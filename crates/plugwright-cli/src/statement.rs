//! A statement of where a plugin comes from: in-toto's Statement v1 with the predicate of SLSA's
//! provenance v1. What is not in the files is not in it either, no time and no machine, so that two
//! builds of the same sources say the same.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use plugwright::{FileKind, ForeignText};
use serde::{Deserialize, Serialize};

const STATEMENT_FILE: FileKind = FileKind::new("statement of provenance", 16 << 20);

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PREDICATE: &str = "https://slsa.dev/provenance/v1";
/// What the pipeline does, in its first version.
const BUILD: &str = "urn:plugwright:build:1";

/// The material that is the commit.
pub const COMMIT: &str = "commit";
/// The material that is the list of all crates, of which a plugin needs some.
pub const LOCK: &str = "Cargo.lock";

/// What is said of a plugin: where it comes from.
#[derive(Debug, Serialize, Deserialize)]
pub struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Resource>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: Predicate,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Predicate {
    build_definition: BuildDefinition,
    run_details: RunDetails,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BuildDefinition {
    build_type: String,
    external_parameters: Parameters,
    resolved_dependencies: Vec<Resource>,
}

#[derive(Debug, Serialize, Deserialize)]
struct RunDetails {
    builder: Builder,
    byproducts: Vec<Resource>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Builder {
    id: String,
    version: BTreeMap<String, String>,
}

/// What the build was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The plugin's name.
    pub plugin: String,
    /// Of a crate, what it is built for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Of a crate, the profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// What compiles the plugin: of a crate words after `cargo`, else a command.
    pub builder: String,
    /// The variables of the environment that change the profile, or the compiler.
    pub environment: BTreeMap<String, String>,
}

/// A thing that goes in or comes out, with what tells it from others of that name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// What it is called.
    pub name: String,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Its digests, by their kinds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub digest: BTreeMap<String, String>,
    /// What else is known of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl Resource {
    /// A resource with the digest `value` of the kind `kind`.
    pub fn new(name: impl Into<String>, kind: &str, value: impl Into<String>) -> Self {
        let digest = BTreeMap::from([(kind.to_owned(), value.into())]);
        Self { name: name.into(), digest, ..Self::default() }
    }
}

/// What a statement is made of.
pub struct Facts {
    /// The plugin's file.
    pub plugin: Resource,
    /// What the build was asked for.
    pub parameters: Parameters,
    /// What went in.
    pub materials: Vec<Resource>,
    /// Who says so, a URI.
    pub builder: String,
    /// The tools that took part, with their versions.
    pub tools: BTreeMap<String, String>,
    /// What came out besides the plugin.
    pub byproducts: Vec<Resource>,
}

impl Statement {
    /// Makes the statement that says this.
    pub fn new(facts: Facts) -> Self {
        let Facts { plugin, parameters, materials, builder, tools, byproducts } = facts;
        Self {
            kind: STATEMENT.to_owned(),
            subject: vec![plugin],
            predicate_type: PREDICATE.to_owned(),
            predicate: Predicate {
                build_definition: BuildDefinition {
                    build_type: BUILD.to_owned(),
                    external_parameters: parameters,
                    resolved_dependencies: materials,
                },
                run_details: RunDetails {
                    builder: Builder { id: builder, version: tools },
                    byproducts,
                },
            },
        }
    }

    /// Where the statement of the plugin `name` is in the folder `dist`.
    pub fn path(dist: &Path, name: &str) -> PathBuf {
        dist.join(format!("{name}.provenance.json"))
    }

    /// Reads the statement of the plugin `name` in the folder `dist`, and makes sure that it is of the file
    /// whose digest is `sha256`.
    ///
    /// # Errors
    ///
    /// Says whether it is missing, cannot be read, is none, or is of another file.
    pub fn read(dist: &Path, name: &str, sha256: &str) -> Result<Self> {
        let path = Self::path(dist, name);
        let shown = ForeignText::of_path(&path);
        let text = match STATEMENT_FILE.read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let missing =
                    format!("there is no statement `{shown}`: run `plugwright build` to make it");
                return Err(io::Error::new(ErrorKind::NotFound, missing).into());
            }
            text => text?,
        };
        let statement: Self = serde_json::from_slice(&text)
            .map_err(|error| anyhow!(ForeignText::from(error.to_string())))
            .with_context(|| format!("`{shown}` is not a statement of provenance"))?;
        let Self { kind, subject, predicate_type, predicate } = &statement;
        let BuildDefinition { build_type, .. } = &predicate.build_definition;
        for (found, known) in [(kind, STATEMENT), (predicate_type, PREDICATE), (build_type, BUILD)]
        {
            if found != known {
                let found = ForeignText::from(&**found);
                return Err(anyhow!("`{shown}` is a statement of `{found}`, not of `{known}`"));
            }
        }
        let is_of_it = |it: &Resource| it.digest.get("sha256").is_some_and(|it| it == sha256);
        if !subject.iter().any(is_of_it) {
            return Err(anyhow!(
                "`{shown}` is of another file: no subject of it has the digest {sha256}"
            ));
        }
        Ok(statement)
    }

    /// What the build was asked for.
    pub fn parameters(&self) -> &Parameters {
        &self.predicate.build_definition.external_parameters
    }

    /// Who says so, a URI.
    pub fn builder(&self) -> &str {
        &self.predicate.run_details.builder.id
    }

    /// The tools that took part, with their versions.
    pub fn tools(&self) -> &BTreeMap<String, String> {
        &self.predicate.run_details.builder.version
    }

    /// What went in.
    pub fn materials(&self) -> &[Resource] {
        &self.predicate.build_definition.resolved_dependencies
    }

    /// What came out besides the plugin.
    pub fn byproducts(&self) -> &[Resource] {
        &self.predicate.run_details.byproducts
    }

    /// What went in, other than in `other`, in words.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        if self.parameters() != other.parameters() {
            differences.push("what the build was asked for".to_owned());
        }
        // Of a name that is there twice, the first counts.
        let by_name = |statement: &'_ Self| -> HashMap<String, Resource> {
            let materials = statement.materials().iter().rev();
            materials.map(|it| (it.name.clone(), it.clone())).collect()
        };
        let (in_self, in_other) = (by_name(self), by_name(other));
        // On these no byte of a plugin depends.
        let is_input = |it: &&Resource| ![COMMIT, LOCK].contains(&&*it.name);
        for material in self.materials().iter().filter(is_input) {
            let name = ForeignText::from(&*material.name);
            match in_other.get(name.exact()) {
                Some(other) if other == material => {}
                Some(other) => differences.push(match (version(material), version(other)) {
                    (Some(one), Some(other)) => format!("`{name}`, {one} and {other}"),
                    _ => format!("`{name}`"),
                }),
                None => differences.push(format!("`{name}`, which only the first has")),
            }
        }
        for Resource { name, .. } in other.materials().iter().filter(is_input) {
            if !in_self.contains_key(name) {
                let name = ForeignText::from(&**name);
                differences.push(format!("`{name}`, which only the other has"));
            }
        }
        differences
    }

    /// The commit that the sources are of, if it is known.
    pub fn commit(&self) -> Option<ForeignText> {
        let commit = self.materials().iter().find(|it| it.name == COMMIT)?;
        Some(ForeignText::from(&**commit.digest.get("gitCommit")?))
    }
}

fn version(resource: &Resource) -> Option<ForeignText> {
    resource.annotations.get("version").map(|version| ForeignText::from(&**version))
}
