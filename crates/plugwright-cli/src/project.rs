//! A project: a folder with plugins for one or more contracts, configured by its `plugwright.toml`.

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

/// The configuration file of a project. Everything in it is optional.
pub(crate) const FILE: &str = "plugwright.toml";

const KIND: FileKind = FileKind::new("project settings", 1 << 20);

/// A project, with paths relative to its folder.
#[derive(Debug)]
pub(crate) struct Project {
    folder: PathBuf,
    is_here: bool,
    settings: Settings,
    /// The folder of contracts that the user named, instead of that of the settings.
    wit: Option<PathBuf>,
    dist: Option<PathBuf>,
}

/// Plugins that share settings.
#[derive(Debug)]
pub(crate) struct Group {
    plugins: Vec<Pattern>,
    /// The folder of the contract, where `*` stands for the plugin's name.
    wit: Option<String>,
    /// The subfolder in the folder of built plugins.
    folder: PathBuf,
    /// Whether a command without plugin names includes these plugins.
    is_default: bool,
}

impl Project {
    /// Finds the project of the current folder: the nearest folder at or above it with a `plugwright.toml`, or else the
    /// current folder itself.
    ///
    /// # Errors
    ///
    /// Fails with the line of the settings that is wrong.
    pub(crate) fn find() -> Result<Self> {
        let current = env::current_dir().context("cannot find the current folder")?;
        let mut folders = current.ancestors();
        let folder = loop {
            match folders.next() {
                // If this is a folder or a broken link, reading it reports that.
                Some(folder) if folder.join(FILE).symlink_metadata().is_ok() => break Some(folder),
                // Folders above a repository do not belong to the project.
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

    /// Returns a project in the current folder without reading its settings, for commands that need no project.
    pub(crate) fn unread() -> Self {
        Self {
            folder: PathBuf::new(),
            is_here: true,
            settings: Settings::default(),
            wit: None,
            dist: None,
        }
    }

    /// Returns the project with the folders of built plugins and of contracts that the user named.
    pub(crate) fn with(mut self, dist: Option<PathBuf>, wit: Option<PathBuf>) -> Self {
        (self.dist, self.wit) = (dist, wit);
        self
    }

    /// Makes the project's folder the current folder, so that relative paths of the project work.
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
        (self.dist, self.wit) = named.context("cannot find the current folder")?;
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

    /// Returns the cargo profile that crates are built with.
    pub(crate) fn profile(&self) -> &str {
        &self.settings.profile
    }

    /// Returns the cargo command that builds crates, as words after `cargo`.
    pub(crate) fn builder(&self) -> &str {
        &self.settings.builder
    }

    /// Returns the default world of a new plugin.
    pub(crate) fn world(&self) -> Option<&str> {
        self.settings.world.as_deref()
    }

    /// Returns the template of a new plugin, which replaces the skeleton: folders whose files override each other.
    pub(crate) fn template(&self, world: &str, language: &str) -> Option<&[PathBuf]> {
        let templates = &self.settings.templates;
        let found = templates.get(&format!("{world}/{language}")).or(templates.get(language));
        found.map(Vec::as_slice)
    }

    /// Returns the plugins of the project, sorted by group and name.
    ///
    /// # Errors
    ///
    /// Fails if a folder cannot be read, or if two plugins would be the same built file.
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

    /// Returns the plugins of `all` with these names, in the order of the names. A name is that of a plugin, of a
    /// plugin with its group in front, or of a group.
    ///
    /// # Errors
    ///
    /// Fails if no plugin has one of the names, and lists the known names.
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
            // Suggest only default plugins: the user rarely means one of the others.
            let known = all.iter().filter(|plugin| plugin.is_default);
            let known: BTreeSet<&str> = known.map(|plugin| &*plugin.name).collect();
            let meant = likest(name, known.iter().copied());
            let meant = meant.map_or_else(String::new, |it| {
                format!(": did you mean `{}`?", ForeignText::from(it))
            });
            let known: Vec<_> =
                known.into_iter().map(|it| ForeignText::from(it).to_string()).collect();
            let known = if known.is_empty() {
                "and the project has no plugins".to_owned()
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

    /// Returns the subfolders of the folder of built plugins that groups use.
    pub(crate) fn groups(&self) -> Vec<&Path> {
        let mut folders: Vec<&Path> =
            self.settings.groups.iter().map(|group| &*group.folder).collect();
        folders.sort_unstable();
        folders.dedup();
        folders
    }

    /// Returns the folder of a new plugin for the project's contract: beside plugins of its kind, or else in the first
    /// folder for plugins.
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

/// Returns whether a name is a valid plugin name: words of lowercase letters and digits, joined by `-`.
pub(crate) fn is_name(name: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    };
    name.len() <= 64
        && name.split('-').all(is_word)
        && name.starts_with(|first: char| first.is_ascii_lowercase())
}

/// Checks that each of the plugins, which are sorted by their paths, has a unique name and a folder of its own.
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
                "`{}` is both the plugin `{}` and the plugin `{}`: change the patterns in `{FILE}` so that only one \
                 matches it",
                ForeignText::of_path(&plugin.folder),
                ForeignText::of_path(other.path()),
                ForeignText::of_path(plugin.path())
            ));
        }
    }
    Ok(())
}

/// Returns whether the name is that of a hidden file or folder.
fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}
