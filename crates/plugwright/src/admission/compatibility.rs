//! Compares what a component needs with what the host provides, name by name, when a plugin is loaded.

#![warn(clippy::arithmetic_side_effects)]

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashSet};

use crate::admission::known::Known;
use crate::admission::load_error::LoadError;
use crate::admission::manifest::Manifest;
use crate::admission::mismatch::Mismatch;
use crate::admission::surface::Surface;
use crate::contract::{WorldType, targets};
use crate::permission::grants::Grants;
use crate::permission::requested_grant::RequestedGrant;
use crate::permission::wasi_names;
use crate::permission::wasi_names::Offer;
use crate::text::foreign_text::ForeignText;
use crate::text::version::{compatible, family, split};

/// Compares the imports and exports of a component with those of a world, by name. Returns the index of the version of
/// the world that they fit.
pub(crate) fn compare_names(
    plugin: &str,
    surface: &Surface,
    grants: &Grants,
    known: &Known,
) -> Result<usize, LoadError> {
    let offers: Vec<&str> = known.imports().collect();
    // A component can have very many imports, so each lookup has to be fast.
    let families: HashSet<_> = offers.iter().map(|offered| family(offered)).collect();
    let imports = surface.imports.iter().filter_map(|import| {
        // A type alone gives a plugin no ability. The engine compares it where something uses it.
        if families.contains(&family(import)) || surface.only_types.contains(import) {
            return None;
        }
        let name = ForeignText::from(&**import);
        match wasi_names::offer(import, grants) {
            Offer::Given => None,
            Offer::Grantable(grant) => Some(Mismatch::Ungranted { name, grant }),
            Offer::Unknown => {
                let offered = same_interfaces(offers.iter().copied(), import);
                Some(Mismatch::Import { name, offered: offered.map(ForeignText::from).collect() })
            }
        }
    });
    let version = known.versions().iter().position(|version| surface.exports_all_of(version));
    let needed = known.today().filter(|_| version.is_none()).into_iter();
    let needed = needed.flat_map(WorldType::exports);
    let missing = needed.filter(|needed| !has(&surface.exports, needed));
    let exports = missing.map(|needed| {
        let exports = surface.exports.iter().map(String::as_str);
        let found = same_interfaces(exports, needed).next().map(ForeignText::from);
        Mismatch::Export { name: needed.into(), found }
    });
    let mismatches: Vec<_> = imports.chain(exports).collect();
    if let (Some(version), []) = (version, &*mismatches) {
        return Ok(version);
    }
    let hint = hint(surface, known, &mismatches);
    Err(contract_error(plugin, known, mismatches, hint))
}

/// Refuses a component that has all names of the world, but with a different type.
pub(crate) fn compare_types(
    plugin: &str,
    surface: &Surface,
    bytes: &[u8],
    world: &WorldType,
    known: &Known,
) -> Result<(), LoadError> {
    let Some(message) = targets(world, bytes) else { return Ok(()) };
    let mismatch = Mismatch::Type { message: message.into() };
    Err(contract_error(plugin, known, vec![mismatch], other_version(surface, known)))
}

/// Returns the error for a component whose names all fit, but whose types do not.
pub(crate) fn types_differ(
    plugin: &str,
    surface: &Surface,
    known: &Known,
    error: &wasmtime::Error,
) -> LoadError {
    let mismatch = missing_function(known, error).unwrap_or_else(|| {
        // The engine's error is a chain from the name down to the detail.
        let message = error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ");
        Mismatch::Type { message: message.into() }
    });
    contract_error(plugin, known, vec![mismatch], other_version(surface, known))
}

/// Returns the function that the component calls and the host lacks, if `error` says so.
fn missing_function(known: &Known, error: &wasmtime::Error) -> Option<Mismatch> {
    // The engine has no error types for this, only text.
    let quoted = |begin: &str| {
        error.chain().find_map(|cause| {
            let text = cause.to_string();
            text.strip_prefix(begin)?.split_once('`').map(|(name, _)| ForeignText::from(name))
        })
    };
    if error.root_cause().to_string() != "function implementation is missing" {
        return None;
    }
    let interface = quoted("component imports instance `")?;
    let name = quoted("instance export `")?;
    let offered = known.imports().find(|offered| compatible(offered, interface.exact()))?.into();
    Some(Mismatch::Function { interface, name, offered })
}

/// Says for which version the component was built, which versions the host serves, and what to do.
fn other_version(surface: &Surface, known: &Known) -> String {
    let today = known.today().map(WorldType::package).unwrap_or_default();
    let name = split(&today).0;
    let served: Vec<_> = known.versions().iter().map(WorldType::version).collect();
    let Some(built) = surface.version_of(name) else {
        return format!("it was built for another contract: rebuild it for this host's `{today}`");
    };
    let number = |version: &str| version.parse::<semver::Version>().ok();
    let is_newer = served.iter().all(|served| number(built) > number(served));
    let is_served = served.contains(&built);
    let versions = served.join(" and ");
    if is_served {
        let at = if built.is_empty() { "" } else { "@" };
        format!(
            "its `{name}{at}{built}` differs from this host's: rebuild it for this host's contract"
        )
    } else if is_newer {
        format!(
            "it was built for `{name}@{built}`, but this host serves {versions}: update the host, or rebuild \
             the plugin for `{today}`"
        )
    } else {
        format!(
            "it was built for `{name}@{built}`, but this host serves {versions}: rebuild the plugin for \
             `{today}`"
        )
    }
}

fn hint(surface: &Surface, known: &Known, mismatches: &[Mismatch]) -> String {
    let today = known.today().map(WorldType::package_name).unwrap_or_default();
    // An unknown interface can be part of a later version of the contract.
    let of_other_version = mismatches.iter().any(|mismatch| match mismatch {
        Mismatch::Import { name, offered } => {
            !offered.is_empty() || name.exact().split('/').next() == Some(today)
        }
        Mismatch::Export { found, .. } => found.is_some(),
        _ => false,
    });
    let lacks_exports =
        mismatches.iter().any(|mismatch| matches!(mismatch, Mismatch::Export { .. }));
    let ungranted = |mismatch: &Mismatch| matches!(mismatch, Mismatch::Ungranted { .. });
    if let Some(package) = of_other_package(known, mismatches) {
        format!("it was built for another version of `{package}`: rebuild it for this contract")
    } else if of_other_version {
        other_version(surface, known)
    } else if mismatches.iter().all(ungranted) {
        "a plugin gets nothing that is not granted: grant it, or remove the code that needs it"
            .to_owned()
    } else if !lacks_exports {
        "a plugin may use only what its world imports and what Rust's standard library needs: \
         remove the code or the dependency that needs more"
            .to_owned()
    } else if let Some(world) = surface.richest(known.all()) {
        format!("it implements the world `{}`: load it for that world", world.name())
    } else {
        let today = known.today().map(WorldType::package).unwrap_or_default();
        match surface.contract().filter(|contract| split(contract).0 != split(&today).0) {
            Some(contract) => format!(
                "it was built for `{}`, but this world belongs to `{today}`: load it for a world of its own contract",
                ForeignText::from(contract)
            ),
            None => format!("export what a world of `{today}` requires"),
        }
    }
}

/// Returns the package of all names that the host has in another version, if there is only one such package and it is
/// not the world's own.
fn of_other_package(known: &Known, mismatches: &[Mismatch]) -> Option<ForeignText> {
    let package = |name: &ForeignText| name.exact().split('/').next().map(str::to_owned);
    let mut packages: BTreeSet<_> = mismatches
        .iter()
        .filter_map(|mismatch| match mismatch {
            Mismatch::Import { name, offered } if !offered.is_empty() => package(name),
            Mismatch::Export { name, found: Some(_) } => package(name),
            _ => None,
        })
        .collect();
    let today = known.today().map(WorldType::package_name);
    let package = packages.pop_first().filter(|_| packages.is_empty())?;
    (Some(&*package) != today).then(|| package.into())
}

fn contract_error(
    plugin: &str,
    known: &Known,
    mismatches: Vec<Mismatch>,
    hint: String,
) -> LoadError {
    let world = known.today().map(WorldType::name).unwrap_or_default().to_owned();
    LoadError::Contract { plugin: plugin.into(), world, mismatches, hint: hint.into() }
}

impl Surface {
    /// Says whether the component exports everything that the world requires.
    pub(crate) fn exports_all_of(&self, world: &WorldType) -> bool {
        world.exports().all(|needed| has(&self.exports, needed))
    }

    /// Returns the best of those `worlds` that have exports, all of which the component has too. A world of the
    /// contract that the component was built for comes first, then the world with the most exports, then the
    /// earliest one.
    pub(crate) fn richest<'w>(
        &self,
        worlds: impl IntoIterator<Item = &'w WorldType>,
    ) -> Option<&'w WorldType> {
        let contract = self.contract();
        let package = contract.as_deref().map_or("", |contract| split(contract).0);
        let fitting = worlds.into_iter().filter(|world| self.exports_all_of(world));
        let fitting = fitting.filter(|world| world.exports().next().is_some());
        fitting
            .min_by_key(|world| (world.package_name() != package, Reverse(world.exports().count())))
    }

    /// Returns the world among `worlds` to load the component for: the world that its manifest declares, or else the
    /// [richest](Self::richest) that it fits, or else the first. `None` if `worlds` is empty.
    pub(crate) fn world_among<'w>(&self, worlds: &'w [WorldType]) -> Option<&'w WorldType> {
        let declared = self.manifest.as_ref().map(|manifest| &*manifest.world);
        let mut called = worlds.iter().filter(|it| declared.is_some_and(|name| it.is_called(name)));
        let exactly = called.clone().find(|world| Some(world.name()) == declared);
        let fitting = called.clone().find(|world| self.exports_all_of(world));
        let declared = exactly.or(fitting).or_else(|| called.next());
        declared.or_else(|| self.richest(worlds)).or_else(|| worlds.first())
    }

    /// Returns a world that has the component's own exports and imports, except WASI, by name. Its own name is the one
    /// in the manifest.
    pub(crate) fn own_names(&self) -> WorldType {
        let name = self.manifest.as_ref().map_or("root:component/root", |it| &*it.world);
        let imports = self.imports.iter().filter(|name| !name.starts_with("wasi:"));
        WorldType::of_names(name, imports.cloned().collect(), self.exports.clone())
    }

    /// Returns the contract that the component was built for: the package, with its version, of the first interface
    /// that it exports, or else imports. WASI does not count.
    pub(crate) fn contract(&self) -> Option<String> {
        let mut names = self.exports.iter().chain(&self.imports);
        names.find_map(|name| {
            let (package, rest) = name.split_once('/')?;
            let (_, version) = split(rest);
            let at = if version.is_empty() { "" } else { "@" };
            (!package.starts_with("wasi:")).then(|| format!("{package}{at}{version}"))
        })
    }

    /// Returns the contract of the world named `world`, in the version that the component uses, if it uses the
    /// contract.
    pub(crate) fn built_for(&self, world: &str) -> Option<String> {
        let package = split(world).0.split('/').next()?;
        let version = self.version_of(package)?;
        let at = if version.is_empty() { "" } else { "@" };
        Some(format!("{package}{at}{version}"))
    }

    /// Returns the version in which the component exports, or else imports, interfaces of `package`.
    fn version_of(&self, package: &str) -> Option<&str> {
        let mut names = self.exports.iter().chain(&self.imports);
        names.find_map(|name| {
            let (of, rest) = name.split_once('/')?;
            (of == package).then(|| split(rest).1)
        })
    }
}

fn has(names: &[String], needed: &str) -> bool {
    let needed = family(needed);
    // There can be very many names, and comparing bytes rules most of them out.
    names.iter().any(|name| name.starts_with(needed.0) && family(name) == needed)
}

/// Returns the names among `names` that mean the interface `wanted`, in any version.
fn same_interfaces<'a>(
    names: impl IntoIterator<Item = &'a str>,
    wanted: &str,
) -> impl Iterator<Item = &'a str> {
    let wanted = split(wanted).0;
    names.into_iter().filter(move |name| name.starts_with(wanted) && split(name).0 == wanted)
}

impl Manifest {
    /// Refuses a manifest that does not match the component.
    pub(crate) fn check<'w>(
        &self,
        plugin: &str,
        surface: &Surface,
        known: impl IntoIterator<Item = &'w WorldType, IntoIter: Clone>,
    ) -> Result<(), LoadError> {
        let mismatches = self.mismatches(surface, known);
        if mismatches.is_empty() {
            return Ok(());
        }
        Err(LoadError::ManifestMismatch { plugin: plugin.into(), mismatches })
    }

    /// Returns what in the manifest does not match the component. A world that is not in `known` is not checked.
    pub(crate) fn mismatches<'w>(
        &self,
        surface: &Surface,
        known: impl IntoIterator<Item = &'w WorldType, IntoIter: Clone>,
    ) -> Vec<Mismatch> {
        let known = known.into_iter();
        let mut declared = known.clone().filter(|world| world.is_called(&self.world)).peekable();
        let mut mismatches = Vec::new();
        if declared.peek().is_some() && !declared.any(|world| surface.exports_all_of(world)) {
            let declared = ForeignText::from(&*self.world);
            let found = surface.richest(known).map(|world| world.name().into());
            mismatches.push(Mismatch::World { declared, found });
        }
        // Compared by kind, of which there are few: a manifest can have thousands of grants, and a component thousands
        // of imports.
        let asked: BTreeSet<_> = self.grants.iter().map(RequestedGrant::kind).collect();
        let undeclared = surface.grantable().filter(|(_, grant)| !asked.contains(grant));
        mismatches.extend(
            undeclared.map(|(import, grant)| Mismatch::Undeclared { name: import.into(), grant }),
        );
        let used = |kind: &&&str| surface.called().any(|import| wasi_names::is_for(kind, import));
        let used: BTreeSet<_> = asked.iter().filter(used).copied().collect();
        let idle = self.grants.iter().filter(|request| !used.contains(request.kind()));
        mismatches.extend(idle.map(|request| Mismatch::Idle { grant: request.to_string().into() }));
        mismatches
    }
}
