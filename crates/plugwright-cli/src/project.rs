//! A project: a folder with plugins of one contract or of several, and what its `plugwright.toml` says of them.

pub(crate) mod build_table;
mod pattern;
pub(crate) mod plugin;
pub(crate) mod settings;
pub(crate) mod target_features;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use plugwright::{FileKind, ForeignText, likest};

use self::pattern::Pattern;
use self::plugin::Plugin;
use self::settings::Settings;

/// The file that says where things are, all of it optional.
pub(crate) const FILE: &str = "plugwright.toml";

const KIND: FileKind = FileKind::new("settings of a project", 1 << 20);

/// A project, and where its things are, by paths from its folder.
#[derive(Debug)]
pub(crate) struct Project {
    folder: PathBuf,
    is_here: bool,
    settings: Settings,
    /// The folder of contracts that somebody named, in the place of that of the settings.
    wit: Option<PathBuf>,
    dist: Option<PathBuf>,
}

/// Plugins that have something of their own.
#[derive(Debug)]
pub(crate) struct Group {
    plugins: Vec<Pattern>,
    /// The folder of the contract, in which `*` is the plugin's name.
    wit: Option<String>,
    /// The folder in that of built plugins.
    folder: PathBuf,
    /// Whether they are meant where no plugin is named.
    is_default: bool,
}

impl Project {
    /// The project in whose folder, or below, the current folder is: the nearest one with a file of settings, or else the
    /// current folder.
    ///
    /// # Errors
    ///
    /// Says in which line something is wrong with the settings.
    pub(crate) fn find() -> Result<Self> {
        let current = env::current_dir().context("the current folder is not known")?;
        let mut folders = current.ancestors();
        let folder = loop {
            match folders.next() {
                // A folder of this name, or a link to nowhere, is told when it is read.
                Some(folder) if folder.join(FILE).symlink_metadata().is_ok() => break Some(folder),
                // What is above a repository is another matter.
                Some(folder) if folder.join(".git").exists() => break None,
                Some(_) => {}
                None => break None,
            }
        };
        let settings = match folder {
            Some(folder) => {
                let path = if folder == current { PathBuf::from(FILE) } else { folder.join(FILE) };
                let text = KIND.read_text(&path)?;
                Settings::parse(&text)
                    .map_err(|error| anyhow!("`{}`, {error}", ForeignText::of_path(&path)))?
            }
            None => Settings::default(),
        };
        let folder = folder.unwrap_or(&current).to_owned();
        Ok(Self { is_here: folder == current, folder, settings, wit: None, dist: None })
    }

    /// A project in the current folder of which nothing is read, for commands that have to do with none.
    pub(crate) fn unread() -> Self {
        Self {
            folder: PathBuf::new(),
            is_here: true,
            settings: Settings::default(),
            wit: None,
            dist: None,
        }
    }

    /// The same project with the folders of built plugins and of contracts that somebody named.
    pub(crate) fn with(mut self, dist: Option<PathBuf>, wit: Option<PathBuf>) -> Self {
        (self.dist, self.wit) = (dist, wit);
        self
    }

    /// Makes the project's folder the current one, so that paths from there are those of files.
    ///
    /// # Errors
    ///
    /// Says that it cannot be entered.
    pub(crate) fn enter(mut self) -> Result<Self> {
        if self.is_here {
            return Ok(self);
        }
        let whole = |path: Option<PathBuf>| path.map(std::path::absolute).transpose();
        let named = whole(self.dist).and_then(|dist| Ok((dist, whole(self.wit)?)));
        (self.dist, self.wit) = named.context("the current folder is not known")?;
        env::set_current_dir(&self.folder).with_context(|| {
            format!("cannot enter the folder `{}`", ForeignText::of_path(&self.folder))
        })?;
        self.is_here = true;
        Ok(self)
    }

    /// The project's folder, as a whole path.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of built plugins.
    pub(crate) fn dist(&self) -> PathBuf {
        self.named_or(self.dist.as_deref(), &self.settings.dist)
    }

    /// The folder of contracts.
    pub(crate) fn wit(&self) -> PathBuf {
        self.named_or(self.wit.as_deref(), &self.settings.wit)
    }

    /// The profile of cargo by which crates are built.
    pub(crate) fn profile(&self) -> &str {
        &self.settings.profile
    }

    /// What builds crates, as words after `cargo`.
    pub(crate) fn builder(&self) -> &str {
        &self.settings.builder
    }

    /// The world that a new plugin is of, unless another one is named.
    pub(crate) fn world(&self) -> Option<&str> {
        self.settings.world.as_deref()
    }

    /// What a new plugin begins with in the place of a skeleton: folders whose files are laid over each other.
    pub(crate) fn template(&self, world: &str, language: &str) -> Option<&[PathBuf]> {
        let templates = &self.settings.templates;
        let found = templates.get(&format!("{world}/{language}")).or(templates.get(language));
        found.map(Vec::as_slice)
    }

    /// The plugins that are there, sorted by where they are built to and by name.
    ///
    /// # Errors
    ///
    /// Says which folder cannot be read, or which two plugins would be the same file.
    pub(crate) fn plugins(&self) -> Result<Vec<Plugin>> {
        let mut plugins: Vec<Plugin> = Vec::new();
        for group in &self.settings.groups {
            for pattern in &group.plugins {
                for (name, folder) in pattern.folders()? {
                    plugins.push(Plugin {
                        wit: self.wit_of(group, &name),
                        group: group.folder.clone(),
                        is_default: group.is_default,
                        folder,
                        name,
                    });
                }
            }
        }
        plugins.sort_by(|one, other| (&one.group, &one.name).cmp(&(&other.group, &other.name)));
        plugins.dedup_by(|one, other| one.folder == other.folder && one.path() == other.path());
        once(&plugins)?;
        Ok(plugins)
    }

    /// Those of the plugins `all` that are called so, in the order in which they are named: by their own names, with those
    /// of their groups before, or by those of groups alone.
    ///
    /// # Errors
    ///
    /// Says which one is not there, and which there are.
    pub(crate) fn named(&self, all: &[Plugin], names: &[String]) -> Result<Vec<Plugin>> {
        let mut named: Vec<Plugin> = Vec::new();
        for name in names {
            let is_called = |plugin: &&Plugin| {
                plugin.name == *name || [&*plugin.path(), &plugin.group].contains(&Path::new(name))
            };
            let before = named.len();
            named.extend(all.iter().filter(is_called).cloned());
            if named.len() > before {
                continue;
            }
            // Those that are built when they are named are not what somebody mostly means.
            let known = all.iter().filter(|plugin| plugin.is_default);
            let known: BTreeSet<&str> = known.map(|plugin| &*plugin.name).collect();
            let meant = likest(name, known.iter().copied());
            let meant = meant.map_or_else(String::new, |it| {
                format!(": did you mean `{}`?", ForeignText::from(it))
            });
            let known: Vec<_> =
                known.into_iter().map(|it| ForeignText::from(it).to_string()).collect();
            let known = if known.is_empty() {
                "and none at all".to_owned()
            } else {
                format!("only {}", known.join(", "))
            };
            return Err(anyhow!(
                "there is no plugin `{}`, {known}{meant}",
                ForeignText::from(&**name)
            ));
        }
        let mut seen = BTreeSet::new();
        named.retain(|plugin| seen.insert(plugin.folder.clone()));
        Ok(named)
    }

    /// The folders, in that of built plugins, in which there are any.
    pub(crate) fn groups(&self) -> Vec<&Path> {
        let mut folders: Vec<&Path> =
            self.settings.groups.iter().map(|group| &*group.folder).collect();
        folders.sort_unstable();
        folders.dedup();
        folders
    }

    /// Where a new plugin of the project's contract goes: beside those of its kind, or else where the first are.
    pub(crate) fn place(&self, name: &str, is_crate: bool) -> Result<Option<PathBuf>> {
        let patterns = || {
            let groups = self.settings.groups.iter().filter(|group| group.wit.is_none());
            groups.flat_map(|group| &group.plugins).filter(|pattern| pattern.has_name())
        };
        for pattern in patterns() {
            let folders = pattern.folders()?;
            if folders.iter().any(|(_, folder)| Plugin::is_crate_in(folder) == is_crate) {
                return Ok(Some(pattern.folder(name)));
            }
        }
        Ok(patterns().next().map(|pattern| pattern.folder(name)))
    }

    fn wit_of(&self, group: &Group, name: &str) -> PathBuf {
        match &group.wit {
            Some(wit) => wit.replace('*', name).into(),
            None => self.wit(),
        }
    }

    fn named_or(&self, named: Option<&Path>, set: &Path) -> PathBuf {
        match named {
            Some(named) => named.to_owned(),
            None if self.is_here => set.to_owned(),
            None => self.folder.join(set),
        }
    }
}

/// The folder in which cargo, and this command, leave what they make on the way.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").filter(|it| !it.is_empty()).unwrap_or("target".into()).into()
}

/// Says whether a name is that of a plugin: lowercase letters and digits, in words joined by `-`.
pub(crate) fn is_name(name: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    };
    name.len() <= 64
        && name.split('-').all(is_word)
        && name.starts_with(|first: char| first.is_ascii_lowercase())
}

/// Makes sure that each of the plugins, sorted by their paths, is the only one that is called so, and has a folder of its own.
fn once(plugins: &[Plugin]) -> Result<()> {
    let same_path = |[one, other]: &&[Plugin; 2]| one.path() == other.path();
    if let Some([one, other]) = plugins.array_windows().find(same_path) {
        return Err(anyhow!(
            "there are two plugins `{}`, in `{}` and in `{}`: give one of the folders another name",
            ForeignText::from(&*one.name),
            ForeignText::of_path(&one.folder),
            ForeignText::of_path(&other.folder)
        ));
    }
    let mut by_folder: BTreeMap<&Path, &Plugin> = BTreeMap::new();
    for plugin in plugins {
        if let Some(other) = by_folder.insert(&plugin.folder, plugin) {
            return Err(anyhow!(
                "`{}` is there as `{}` and as `{}`: have one pattern of `{FILE}` alone fit it",
                ForeignText::of_path(&plugin.folder),
                ForeignText::of_path(other.path()),
                ForeignText::of_path(plugin.path())
            ));
        }
    }
    Ok(())
}

/// Says whether the name is one of something that is hidden.
fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}
