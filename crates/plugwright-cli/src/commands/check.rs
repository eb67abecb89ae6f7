//! `plugwright check`: checks that this host can run plugins, and that a policy allows them.

use std::iter;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::{Args, ValueHint};
use plugwright::{
    Candidate, ForeignText, Grants, Host, HostBuilder, Inspection, Limits, Policy, PublicKey,
};

use crate::commands::size::Causes;
use crate::exit::{self, Failed};
use crate::permissions::LimitOptions;
use crate::wit::{self, Known, Of};
use crate::{completion, description, output, parallel, plugin_argument, progress};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The plugins to check, as names in the folder of built plugins, as files, or as folders of plugins
    #[arg(required = true, value_name = "PLUGIN", value_hint = ValueHint::AnyPath, add = completion::plugins())]
    files: Vec<PathBuf>,

    /// Also checks which plugins this policy allows, and, if a folder is checked, that each rule applies to a plugin
    #[arg(long, value_name = "POLICY", value_hint = ValueHint::FilePath)]
    policy: Option<PathBuf>,

    #[command(flatten)]
    causes: Causes,

    #[command(flatten)]
    limits: LimitOptions,
}

/// A plugin that was inspected.
struct Checked {
    path: PathBuf,
    name: String,
    inspection: Inspection,
    signer: Option<PublicKey>,
}

pub(crate) fn check(
    Arguments { files, policy, causes, limits }: &Arguments,
    dist: &Path,
    wit: &wit::Options,
    host: HostBuilder,
) -> Result<(), Failed> {
    let shown = policy.as_ref().map(ForeignText::of_path);
    let policy = policy.as_ref().map(Policy::open).transpose().map_err(exit::usage)?;
    let host = match policy.clone() {
        Some(policy) => host.policy(policy).limits(limits.and(Limits::none(), &[])?),
        None => host.limits(limits.limits()?),
    };
    let host = host.build().map_err(exit::load)?;
    let plugins = plugins(files).map_err(exit::usage)?;
    let known = wit.known(iter::once(dist).chain(files.iter().map(|file| folder_of(file))))?;
    // In parallel, because each plugin may have to be compiled.
    let look = |file: &PathBuf| {
        // An argument that is not a file is a name in `dist`, unless it looks like a path.
        let read = match file.exists() {
            true => plugin_argument::read_file(file, host.limits()),
            false => plugin_argument::read(file.as_os_str(), Path::new(""), dist, host.limits()),
        }?;
        let path = read.file().unwrap_or(file).to_owned();
        let candidate = host.verify(read)?;
        let (name, inspection) = (candidate.name().to_owned(), candidate.inspect(known.all())?);
        let world = world(&host, &candidate, &inspection, &known, causes, policy.is_some());
        let signer = policy
            .as_ref()
            .and_then(|policy| policy.signer(candidate.bytes(), candidate.signature()))
            .cloned();
        Ok::<_, Failed>((Checked { path, name, inspection, signer }, world))
    };
    let (mut first, mut failed, mut inspected) = (None, 0, Vec::new());
    parallel::in_order(&plugins, look, |file, checked| {
        let checked = checked.and_then(|(checked, world)| {
            let told = world.map(|world| {
                let path = ForeignText::of_path(&checked.path);
                format!("{path}: {}\n", checked.told(&world, policy.as_ref()))
            });
            inspected.push(checked);
            told
        });
        match checked {
            Ok(line) => {
                progress::above(|| output::tell(&line)).map_err(exit::usage)?;
            }
            Err(error) => {
                let error = if plugins.len() > 1 { error.about(file) } else { error };
                exit::show(&error);
                failed += 1;
                first.get_or_insert(error);
            }
        }
        Ok::<(), Failed>(())
    })?;
    let mut idle = 0;
    if let (Some(policy), Some(shown)) = (&policy, shown)
        && files.iter().any(|file| file.is_dir())
    {
        let inspected = inspected.iter().map(|it| (&*it.name, &it.inspection, it.signer.as_ref()));
        for one in policy.idle(inspected) {
            idle += 1;
            exit::show(&exit::load(anyhow!("`{shown}`, {one}")));
        }
    }
    match (first, idle) {
        (None, 0) => Ok(()),
        (None, _) => Err(exit::load(anyhow!("parts of the policy apply to no plugin"))),
        (Some(first), _) => {
            Err(first.as_well(anyhow!("{failed} of {} files cannot be run", plugins.len())))
        }
    }
}

/// Returns the files, with each folder replaced by the plugins in it, in the order of their names.
fn plugins(files: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut plugins = Vec::new();
    for file in files {
        if !file.is_dir() {
            plugins.push(file.clone());
            continue;
        }
        let found = plugin_argument::files_in(file)?;
        if found.is_empty() {
            return Err(anyhow!(
                "there is no plugin in the folder `{}`",
                ForeignText::of_path(file)
            ));
        }
        plugins.extend(found);
    }
    Ok(plugins)
}

/// Returns the plugin's world, after checking that this host can run the plugin.
pub(crate) fn world(
    host: &Host,
    candidate: &Candidate<'_>,
    inspection: &Inspection,
    known: &Known,
    causes: &Causes,
    policy: bool,
) -> Result<String, Failed> {
    let budget = inspection.manifest.as_ref().and_then(|manifest| manifest.budget);
    causes.check(candidate.name(), candidate.bytes().len(), budget)?;
    let granting = host.with_grants(Grants::placeholders(&inspection.grants));
    let host = if policy { host } else { &granting };
    match known.of(inspection) {
        Of::Documents => {
            let plugin = plugin_argument::load(candidate, host)?;
            description::check(candidate, &plugin)?;
            Ok(plugin.world().to_owned())
        }
        Of::World(world) => {
            progress::during(&plugin_argument::compiling(candidate), || {
                host.check(candidate, world, known.all())
            })?;
            Ok(world.name().to_owned())
        }
        Of::NoWorld { declared, contract, worlds } => {
            let worlds: Vec<_> = worlds.iter().map(|world| format!("`{world}`")).collect();
            Err(exit::load(anyhow!(
                "`{}` declares the world `{declared}`, but `{contract}` only has {}: build the plugin for one of \
                 these, or name another folder of WIT with `--wit`",
                ForeignText::from(candidate.name()),
                worlds.join(", ")
            )))
        }
        Of::Unknown(contract) => Err(exit::load(anyhow!(
            "the contract `{contract}` of `{}` is unknown: name the folder of its WIT with `--wit`",
            ForeignText::from(candidate.name())
        ))),
    }
}

impl Checked {
    /// Returns the description of the plugin, which can be run and has this world.
    fn told(&self, world: &str, policy: Option<&Policy>) -> String {
        let Self { name, inspection, signer, .. } = self;
        // A plugin without a manifest asks for what its imports need.
        let asks: Vec<String> = match &inspection.manifest {
            Some(manifest) => manifest.grants.iter().map(|it| format!("`{it}`")).collect(),
            None => inspection.grants.iter().map(|it| format!("`{it}`")).collect(),
        };
        let mut told = format!("a plugin of the world {world}");
        if !asks.is_empty() {
            told += &format!(", which asks for {}", asks.join(", "));
        } else if inspection.imports.is_empty() {
            told += ", which imports nothing";
        } else if inspection.imports_contract_alone() {
            told += ", which imports only its contract";
        }
        if let Some(Ok(allowed)) =
            policy.map(|policy| policy.decide(name, inspection, signer.as_ref()))
        {
            told += &format!(", allowed by the rule in line {}", allowed.line());
        }
        told
    }
}

/// Returns the folder itself, or the folder of the file.
fn folder_of(file: &Path) -> &Path {
    if file.is_dir() { file } else { output::folder_of(file) }
}
