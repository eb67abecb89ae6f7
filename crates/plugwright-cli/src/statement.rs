//! The provenance statement of a plugin: in-toto's Statement v1 with the predicate of SLSA's provenance v1. It contains
//! nothing that is not in the files, such as times or machines, so that two builds of the same sources have the same
//! statement.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use plugwright::{FileKind, ForeignText};
use serde::{Deserialize, Serialize};

const STATEMENT_FILE: FileKind = FileKind::new("provenance statement", 16 << 20);

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PREDICATE: &str = "https://slsa.dev/provenance/v1";
/// The build type: what the pipeline does, in its first version.
const BUILD: &str = "urn:plugwright:build:1";

/// The name of the material that is the commit.
pub const COMMIT: &str = "commit";
/// The name of the material that lists all crates. A plugin needs only some of them.
pub const LOCK: &str = "Cargo.lock";

/// The provenance statement of a plugin.
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

/// The parameters of a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The plugin's name.
    pub plugin: String,
    /// The target that a crate is compiled for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The cargo profile that a crate is compiled with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The command that compiles the plugin. For a crate, this is only the words after `cargo`.
    pub builder: String,
    /// The environment variables that change the profile or the compiler.
    pub environment: BTreeMap<String, String>,
}

/// An input or output of a build, with what distinguishes it from others of its name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// The name.
    pub name: String,
    /// The source of the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// The digests, by kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub digest: BTreeMap<String, String>,
    /// Other known facts, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl Resource {
    /// Creates a resource with the digest `value` of the kind `kind`.
    pub fn new(name: impl Into<String>, kind: &str, value: impl Into<String>) -> Self {
        let digest = BTreeMap::from([(kind.to_owned(), value.into())]);
        Self { name: name.into(), digest, ..Self::default() }
    }
}

/// The facts that a statement contains.
pub struct Facts {
    /// The plugin's file.
    pub plugin: Resource,
    /// The parameters of the build.
    pub parameters: Parameters,
    /// The inputs of the build.
    pub materials: Vec<Resource>,
    /// The URI of the builder, who makes the statement.
    pub builder: String,
    /// The tools of the build, with their versions.
    pub tools: BTreeMap<String, String>,
    /// The outputs of the build besides the plugin.
    pub byproducts: Vec<Resource>,
}

impl Statement {
    /// Creates a statement of these facts.
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

    /// Returns the path of the statement of the plugin `name` in the folder `dist`.
    pub fn path(dist: &Path, name: &str) -> PathBuf {
        dist.join(format!("{name}.provenance.json"))
    }

    /// Reads the statement of the plugin `name` in the folder `dist`, and checks that it describes the file with the
    /// digest `sha256`.
    ///
    /// # Errors
    ///
    /// Fails if the statement is missing, cannot be read, is invalid, or describes another file.
    pub fn read(dist: &Path, name: &str, sha256: &str) -> Result<Self> {
        let path = Self::path(dist, name);
        let shown = ForeignText::of_path(&path);
        let text = match STATEMENT_FILE.read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let missing = format!(
                    "there is no provenance statement `{shown}`: run `plugwright build` to make it"
                );
                return Err(io::Error::new(ErrorKind::NotFound, missing).into());
            }
            text => text?,
        };
        let statement: Self = serde_json::from_slice(&text)
            .map_err(|error| anyhow!(ForeignText::from(error.to_string())))
            .with_context(|| format!("`{shown}` is not a provenance statement"))?;
        let Self { kind, subject, predicate_type, predicate } = &statement;
        let BuildDefinition { build_type, .. } = &predicate.build_definition;
        for (found, known) in [(kind, STATEMENT), (predicate_type, PREDICATE), (build_type, BUILD)]
        {
            if found != known {
                let found = ForeignText::from(&**found);
                return Err(anyhow!(
                    "`{shown}` is a provenance statement of the kind `{found}`, not `{known}`"
                ));
            }
        }
        let is_of_it = |it: &Resource| it.digest.get("sha256").is_some_and(|it| it == sha256);
        if !subject.iter().any(is_of_it) {
            return Err(anyhow!(
                "`{shown}` describes another file: none of its subjects has the digest {sha256}"
            ));
        }
        Ok(statement)
    }

    /// Returns the parameters of the build.
    pub fn parameters(&self) -> &Parameters {
        &self.predicate.build_definition.external_parameters
    }

    /// Returns the URI of the builder, who made the statement.
    pub fn builder(&self) -> &str {
        &self.predicate.run_details.builder.id
    }

    /// Returns the tools of the build, with their versions.
    pub fn tools(&self) -> &BTreeMap<String, String> {
        &self.predicate.run_details.builder.version
    }

    /// Returns the inputs of the build.
    pub fn materials(&self) -> &[Resource] {
        &self.predicate.build_definition.resolved_dependencies
    }

    /// Returns the outputs of the build besides the plugin.
    pub fn byproducts(&self) -> &[Resource] {
        &self.predicate.run_details.byproducts
    }

    /// Returns a description of each input that differs from those of `other`.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        if self.parameters() != other.parameters() {
            differences.push("the build parameters".to_owned());
        }
        // If a name occurs twice, the first one counts.
        let by_name = |statement: &'_ Self| -> HashMap<String, Resource> {
            let materials = statement.materials().iter().rev();
            materials.map(|it| (it.name.clone(), it.clone())).collect()
        };
        let (in_self, in_other) = (by_name(self), by_name(other));
        // The bytes of a plugin do not depend on these two.
        let is_input = |it: &&Resource| ![COMMIT, LOCK].contains(&&*it.name);
        for material in self.materials().iter().filter(is_input) {
            let name = ForeignText::from(&*material.name);
            match in_other.get(name.exact()) {
                Some(other) if other == material => {}
                Some(other) => differences.push(match (version(material), version(other)) {
                    (Some(one), Some(other)) => format!("`{name}`, {one} and {other}"),
                    _ => format!("`{name}`"),
                }),
                None => differences.push(format!("`{name}`, only in the first build")),
            }
        }
        for Resource { name, .. } in other.materials().iter().filter(is_input) {
            if !in_self.contains_key(name) {
                let name = ForeignText::from(&**name);
                differences.push(format!("`{name}`, only in the second build"));
            }
        }
        differences
    }

    /// Returns the commit of the sources, if it is known.
    pub fn commit(&self) -> Option<ForeignText> {
        let commit = self.materials().iter().find(|it| it.name == COMMIT)?;
        Some(ForeignText::from(&**commit.digest.get("gitCommit")?))
    }
}

fn version(resource: &Resource) -> Option<ForeignText> {
    resource.annotations.get("version").map(|version| ForeignText::from(&**version))
}
