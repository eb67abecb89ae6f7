//! A project: a folder with plugins for one or several contracts, and its settings in `plugwright.toml`.

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

/// The project file, in which every key is optional.
pub(crate) const FILE: &str = "plugwright.toml";

const KIND: FileKind = FileKind::new("project file", 1 << 20);

/// A project and its settings. Paths are relative to the project's folder.
#[derive(Debug)]
pub(crate) struct Project {
    folder: PathBuf,
    is_here: bool,
    settings: Settings,
    /// The folder of contracts from the command line, which overrides the settings.
    wit: Option<PathBuf>,
    dist: Option<PathBuf>,
}

/// Plugins that share a contract, a subfolder of `dist` and a default.
#[derive(Debug)]
pub(crate) struct Group {
    plugins: Vec<Pattern>,
    /// The folder of the contract, in which `*` stands for the plugin's name.
    wit: Option<String>,
    /// The subfolder of `dist` for the built plugins.
    folder: PathBuf,
    /// Whether a command that names no plugin applies to these.
    is_default: bool,
}

impl Project {
    /// Finds the project of the current folder: the nearest parent with a project file, or else the current folder.
    ///
    /// # Errors
    ///
    /// Names the line of the settings that is not valid.
    pub(crate) fn find() -> Result<Self> {
        let current = env::current_dir().context("cannot determine the current folder")?;
        let mut folders = current.ancestors();
        let folder = loop {
            match folders.next() {
                // Reading the file reports a folder of this name, or a broken link.
                Some(folder) if folder.join(FILE).symlink_metadata().is_ok() => break Some(folder),
                // Folders above a repository do not belong to it.
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

    /// Returns a project in the current folder with default settings, for commands that do not need a project.
    pub(crate) fn unread() -> Self {
        Self {
            folder: PathBuf::new(),
            is_here: true,
            settings: Settings::default(),
            wit: None,
            dist: None,
        }
    }

    /// Overrides the folder of built plugins and the folder of contracts.
    pub(crate) fn with(mut self, dist: Option<PathBuf>, wit: Option<PathBuf>) -> Self {
        (self.dist, self.wit) = (dist, wit);
        self
    }

    /// Makes the project's folder the working directory, so that relative paths name the project's files.
    ///
    /// # Errors
    ///
    /// Fails if the folder cannot be entered.
    pub(crate) fn enter(mut self) -> Result<Self> {
        if self.is_here {
            return Ok(self);
        }
        let whole = |path: Option<PathBuf>| path.map(std::path::absolute).transpose();
        let named = whole(self.dist).and_then(|dist| Ok((dist, whole(self.wit)?)));
        (self.dist, self.wit) = named.context("cannot determine the current folder")?;
        env::set_current_dir(&self.folder).with_context(|| {
            format!("cannot enter the folder `{}`", ForeignText::of_path(&self.folder))
        })?;
        self.is_here = true;
        Ok(self)
    }

    /// Returns the absolute path of the project's folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the folder of built plugins.
    pub(crate) fn dist(&self) -> PathBuf {
        self.named_or(self.dist.as_deref(), &self.settings.dist)
    }

    /// Returns the folder of contracts.
    pub(crate) fn wit(&self) -> PathBuf {
        self.named_or(self.wit.as_deref(), &self.settings.wit)
    }

    /// Returns the cargo profile for building crates.
    pub(crate) fn profile(&self) -> &str {
        &self.settings.profile
    }

    /// Returns the words after `cargo` in the command that builds crates.
    pub(crate) fn builder(&self) -> &str {
        &self.settings.builder
    }

    /// Returns the default world for new plugins.
    pub(crate) fn world(&self) -> Option<&str> {
        self.settings.world.as_deref()
    }

    /// Returns the template that replaces the skeleton of a new plugin: folders whose files overlay each other.
    pub(crate) fn template(&self, world: &str, language: &str) -> Option<&[PathBuf]> {
        let templates = &self.settings.templates;
        let found = templates.get(&format!("{world}/{language}")).or(templates.get(language));
        found.map(Vec::as_slice)
    }

    /// Returns all plugins, sorted by group and name.
    ///
    /// # Errors
    ///
    /// Fails if a folder cannot be read, or two plugins would be built to the same file.
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

    /// Selects the plugins in `all` that `names` stand for, in the order of `names`. A name is that of a plugin, a
    /// group and a plugin (`group/plugin`), or a whole group.
    ///
    /// # Errors
    ///
    /// Names the plugin that does not exist, and lists those that do.
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
            // Suggest default plugins only: a plugin that has to be named is rarely meant.
            let known = all.iter().filter(|plugin| plugin.is_default);
            let known: BTreeSet<&str> = known.map(|plugin| &*plugin.name).collect();
            let meant = likest(name, known.iter().copied());
            let meant = meant.map_or_else(String::new, |it| {
                format!(": did you mean `{}`?", ForeignText::from(it))
            });
            let known: Vec<_> =
                known.into_iter().map(|it| ForeignText::from(it).to_string()).collect();
            let known = if known.is_empty() {
                "and no other plugin".to_owned()
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

    /// Returns the subfolders of `dist` that the groups use.
    pub(crate) fn groups(&self) -> Vec<&Path> {
        let mut folders: Vec<&Path> =
            self.settings.groups.iter().map(|group| &*group.folder).collect();
        folders.sort_unstable();
        folders.dedup();
        folders
    }

    /// Returns the folder for a new plugin of the project's contract: beside plugins of its kind, or else the first
    /// pattern's folder.
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

/// Returns the folder for intermediate files of cargo and of this command.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").filter(|it| !it.is_empty()).unwrap_or("target".into()).into()
}

/// Returns whether the name is a valid plugin name: words of lowercase letters and digits, joined by `-`.
pub(crate) fn is_name(name: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    };
    name.len() <= 64
        && name.split('-').all(is_word)
        && name.starts_with(|first: char| first.is_ascii_lowercase())
}

/// Checks that each plugin has a unique path and a folder of its own. The plugins have to be sorted by path.
fn once(plugins: &[Plugin]) -> Result<()> {
    let same_path = |[one, other]: &&[Plugin; 2]| one.path() == other.path();
    if let Some([one, other]) = plugins.array_windows().find(same_path) {
        return Err(anyhow!(
            "two plugins are named `{}`, in `{}` and in `{}`: rename one of the folders",
            ForeignText::from(&*one.name),
            ForeignText::of_path(&one.folder),
            ForeignText::of_path(&other.folder)
        ));
    }
    let mut by_folder: BTreeMap<&Path, &Plugin> = BTreeMap::new();
    for plugin in plugins {
        if let Some(other) = by_folder.insert(&plugin.folder, plugin) {
            return Err(anyhow!(
                "the folder `{}` is both the plugin `{}` and the plugin `{}`: change `{FILE}` so that only one pattern \
                 matches it",
                ForeignText::of_path(&plugin.folder),
                ForeignText::of_path(other.path()),
                ForeignText::of_path(plugin.path())
            ));
        }
    }
    Ok(())
}

/// Returns whether the name is that of a hidden file.
fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}
