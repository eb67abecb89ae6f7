//! Reads a file of `tests/hostile/`: what it declares about the plugin, and the component that is made from it.
//!
//! A plugin in the WebAssembly text format, `<name>.wat`, begins with lines of TOML after `;;!`. It is a component
//! or a core module. A core module gets what its world requires and it lacks: memory, and harmless functions. A
//! line that ends in `;; times N` is repeated N times, with `{n}` replaced by the number of the repetition.
//!
//! A front file, `<name>.case`, is TOML. It names a plugin and its input text, or a structure that no text can
//! express and the number of its copies.

use std::fs;
use std::path::{Path, PathBuf};

use plugwright::{Host, Limits, LoadError};
use plugwright_contract::AnyPlugin;
use plugwright_contract::prelude::*;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;
use tests::{
    Output, STRUCTURES, Wit, component_around, contract, dist_folder, program, root, target_folder,
};

use crate::curious;

/// A hostile plugin.
pub(crate) struct Hostile {
    /// The file's name without its extension.
    pub(crate) name: String,
    /// The path of the file.
    pub(crate) path: PathBuf,
    /// What the file declares.
    pub(crate) front: Front,
    /// The text of the file, if it is WebAssembly text.
    text: String,
}

/// The limits of a host.
#[derive(Debug, Default, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HostLimits {
    /// The limits of calls.
    pub(crate) limits: Vec<String>,
    /// The limits of the process that compiles. Without them, the host compiles in its own process.
    pub(crate) compiler: Vec<String>,
}

/// What the file declares about the plugin.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Front {
    /// What the plugin does, in the words of the guide.
    pub(crate) does: String,
    /// The required outcome, whatever the snapshot says.
    pub(crate) expect: String,
    /// The plugin's world.
    #[serde(default)]
    world: World,
    /// More items of the world, in WIT.
    #[serde(default)]
    wit: String,
    /// How many times these items are repeated.
    #[serde(default = "once")]
    wit_times: u32,
    /// A component that is put into the plugin and instantiated there, as text.
    besides: Option<String>,
    /// A package that these items use, in WIT.
    dependency: Option<String>,
    /// The plugin to run, in a front file.
    plugin: Option<String>,
    /// The structure that the component consists of, and the number of copies, in a front file.
    structure: Option<String>,
    #[serde(default)]
    count: usize,
    /// The input, as text or as a file beside this one.
    #[serde(default)]
    text: String,
    input: Option<PathBuf>,
    /// The function to call, if it is not the one that does the plugin's work.
    #[serde(default)]
    pub(crate) call: Call,
    /// Limits of the whole host, in the form of `plugwright run --limit`.
    #[serde(default)]
    pub(crate) limits: Vec<String>,
    /// How `plugwright call` answers the plugin's imports, as statements.
    #[serde(default)]
    pub(crate) answers: Vec<String>,
    /// More limits of `plugwright call`, whose host functions have no limits of their own.
    #[serde(default)]
    pub(crate) call_limits: Vec<String>,
    /// Limits of the process that compiles the plugin, in the form of `plugwright --compiler-limit`.
    #[serde(default)]
    pub(crate) compiler_limits: Vec<String>,
    /// Grants, in the form of `plugwright run --grant`. Paths start in the folder that other tests of grants also
    /// use.
    #[serde(default)]
    pub(crate) grants: Vec<String>,
}

/// A world, by its name.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum World {
    #[default]
    Prettify,
    Transformer,
    Streamer,
}

/// A function of a world.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Call {
    /// The function that does the plugin's work.
    #[default]
    Work,
    Greet,
    Describe,
}

fn once() -> u32 {
    1
}

/// Returns the folder of these files.
pub(crate) fn folder() -> PathBuf {
    root().join("tests/hostile")
}

/// Returns all hostile plugins, sorted by name.
pub(crate) fn all() -> Vec<Hostile> {
    let files =
        fs::read_dir(folder()).expect("the folder can be read").flatten().map(|file| file.path());
    let mut all: Vec<_> = files.filter(|path| path.is_file()).map(Hostile::read).collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all
}

/// Returns the component of the file `<name>.wat`.
pub(crate) fn component(name: &str) -> Vec<u8> {
    let path = Hostile::read(folder().join(name).with_extension("wat")).component();
    fs::read(&path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
}

/// Returns a harmless component that does nothing.
pub(crate) fn harmless() -> Vec<u8> {
    tests::around(&World::Prettify.completed("(module)"), World::Prettify.name())
}

impl Hostile {
    fn read(path: PathBuf) -> Self {
        let wrong =
            |error: &dyn std::fmt::Display| -> ! { panic!("`{}`: {error}", path.display()) };
        let text = fs::read_to_string(&path).unwrap_or_else(|error| wrong(&error));
        let front = match path.extension().and_then(|extension| extension.to_str()) {
            Some("wat") => text
                .lines()
                .map_while(|line| line.strip_prefix(";;!"))
                .collect::<Vec<_>>()
                .join("\n"),
            Some("case") => text.clone(),
            _ => wrong(&"it is neither WebAssembly text, `.wat`, nor a front file, `.case`"),
        };
        let front: Front = toml::from_str(&front).unwrap_or_else(|error| wrong(&error));
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Self { name, path, front, text }
    }

    /// Returns the limits of the plugin's host. A deadline limits the calls of the plugin, except when it is about
    /// the start, because the good plugin beside it may need more time.
    pub(crate) fn host_limits(&self) -> HostLimits {
        let starts = self.front.expect.starts_with("not loaded");
        let limits = self.front.limits.iter().filter(|it| starts || !it.starts_with("deadline="));
        HostLimits {
            limits: limits.cloned().collect(),
            compiler: self.front.compiler_limits.clone(),
        }
    }

    /// Loads the plugin with its limits, on a host that has the limits from [`Hostile::host_limits`].
    pub(crate) fn load(&self, host: &Host) -> Result<AnyPlugin, LoadError> {
        let plugin = host.load_any(self.component())?;
        let with = |limits: Limits, text: &String| limits.with_text(text);
        let limits = self.front.limits.iter().try_fold(Limits::none(), with);
        let limits = limits.unwrap_or_else(|error| panic!("{error}"));
        Ok(plugin.with_limits(&limits).expect("a call can have these limits"))
    }

    /// Returns whether the plugin is of the world `prettify`.
    pub(crate) fn is_prettify(&self) -> bool {
        let Front { plugin, structure, world, .. } = &self.front;
        plugin.is_none() && structure.is_none() && matches!(world, World::Prettify)
    }

    /// Returns the input of the plugin. `{folder}` stands for the folder in which the paths of grants start.
    pub(crate) fn input(&self, grants: &Path) -> Vec<u8> {
        match &self.front.input {
            Some(file) => fs::read(folder().join(file)).expect("the file exists"),
            None => self.front.text.replace("{folder}", &grants.to_string_lossy()).into_bytes(),
        }
    }

    /// Returns the file of the component. The file is made once, and again when its inputs change.
    pub(crate) fn component(&self) -> PathBuf {
        match self.front.plugin.as_deref() {
            Some("curious") => return curious::FILE.clone(),
            Some(plugin) => return dist_folder().join(plugin).with_extension("wasm"),
            None => {}
        }
        let made = target_folder("hostile");
        fs::create_dir_all(&made).expect("the folder can be created");
        let path = made.join(&self.name).with_extension("wasm");
        if let Some(name) = &self.front.structure {
            let structure = STRUCTURES.iter().find(|it| it.name == name);
            let structure = structure.unwrap_or_else(|| panic!("there is no structure `{name}`"));
            // The file is written under another name and renamed, because another test may be reading it.
            let file = NamedTempFile::new_in(&made).expect("the file can be created");
            fs::write(&file, (structure.make)(self.front.count)).expect("the file can be written");
            file.persist(&path).expect("the file was just created");
            return path;
        }
        let mut digest = Sha256::new();
        for part in [&*self.text, &*contract(), HARMLESS] {
            digest.update(part);
        }
        let digest = format!("{:x?}", digest.finalize().as_slice());
        let made_of = path.with_extension("digest");
        if fs::read_to_string(&made_of).is_ok_and(|old| old == digest) {
            return path;
        }
        self.make(&path);
        fs::write(made_of, digest).expect("the file can be written");
        path
    }

    /// Runs the stages of the pipeline that change the plugin, and writes the result to `path`. Validation is left
    /// out, because an attacker would skip it.
    fn make(&self, path: &Path) {
        let folder = tempfile::tempdir_in(target_folder("hostile"))
            .expect("a temporary folder can be created");
        let text = repeated(&self.text);
        let file = if text.contains("\n(component") {
            fs::write(folder.path().join("new.wat"), text).expect("the file can be written");
            "new.wat"
        } else {
            let Front { wit, wit_times, dependency, world, .. } = &self.front;
            let more: String = (0..*wit_times).map(|number| numbered(wit, number)).collect();
            let text_of_wit =
                contract() + &format!("world hostile {{ include {}; {more} }}", world.name());
            let wit = Wit { text: text_of_wit, dependency: dependency.clone(), world: "hostile" };
            let component = component_around(&wit, &world.completed(&text));
            fs::write(folder.path().join("new.wasm"), component).expect("the file can be written");
            "new.wasm"
        };
        let wasm_tools = |arguments: &[&str]| {
            Output::of(&mut program(Path::new("wasm-tools"), folder.path(), arguments))
        };
        let strip = |file: &str, into: &str| {
            let stripped = wasm_tools(&["strip", "--all", file, "-o", into]);
            assert_eq!(stripped.code, Some(0), "`{}`: {stripped}", self.name);
            fs::read(folder.path().join(into)).expect("the file was just written")
        };
        let mut component = strip(file, "stripped.wasm");
        if let Some(besides) = &self.front.besides {
            fs::write(folder.path().join("besides.wat"), repeated(besides))
                .expect("the file can be written");
            // The first section is a component, and the second one instantiates it. The component's index is 1,
            // because component 0 holds the plugin's exports.
            section(&mut component, 4, &strip("besides.wat", "besides.wasm"));
            section(&mut component, 5, &[1, 0, 1, 0]);
            fs::write(folder.path().join("stripped.wasm"), component)
                .expect("the file can be written");
        }
        let metadata = [
            "metadata",
            "add",
            "--name",
            &self.name,
            "--version",
            "0.1.0",
            "stripped.wasm",
            "-o",
            "done.wasm",
        ];
        // The tool cannot validate some of these, and needs half a minute for others. The host must refuse them
        // anyway.
        let done =
            if wasm_tools(&metadata).code == Some(0) { "done.wasm" } else { "stripped.wasm" };
        fs::rename(folder.path().join(done), path).expect("the file was just created");
    }
}

/// Adds a section to a component.
fn section(component: &mut Vec<u8>, id: u8, content: &[u8]) {
    component.push(id);
    let mut length = content.len();
    while length >= 0x80 {
        component.push(length.to_le_bytes()[0] | 0x80);
        length >>= 7;
    }
    component.push(length.to_le_bytes()[0]);
    component.extend_from_slice(content);
}

/// Repeats each line that ends in `;; times N`.
fn repeated(text: &str) -> String {
    let lines = text.lines().map(|line| match line.rsplit_once(";; times ") {
        Some((line, times)) => {
            let times: u32 = times.parse().expect("the count is a number");
            (0..times).map(|number| numbered(line, number)).collect()
        }
        None => format!("{line}\n"),
    });
    lines.collect()
}

fn numbered(line: &str, number: u32) -> String {
    line.replace("{n}", &number.to_string()).replace("{n+1}", &(number + 1).to_string()) + "\n"
}

/// What a core module of each world needs to be complete and harmless: for each world, its imports and exports in
/// the text format.
const HARMLESS: &str = include_str!("harmless.wat");

impl World {
    fn name(self) -> &'static str {
        match self {
            Self::Prettify => "prettify",
            Self::Transformer => "transformer",
            Self::Streamer => "streamer",
        }
    }

    /// Returns the module with the parts that it lacks for this world.
    fn completed(self, module: &str) -> String {
        let mut module = module.to_owned();
        // Each part is one form, below a heading that lists its worlds.
        for part in HARMLESS.split("\n;; of ").skip(1) {
            let (worlds, form) = part.split_once(":\n").expect("the part has a heading");
            let quoted: Vec<_> = form.split('"').skip(1).step_by(2).collect();
            let is_there = quoted.iter().all(|name| module.contains(&format!("\"{name}\"")));
            if is_there || !worlds.split(", ").any(|world| world == self.name()) {
                continue;
            }
            // Imports come first.
            let at = match form.starts_with("(import") {
                true => module.find("(module").expect("the text has a module") + "(module".len(),
                false => module.rfind(')').expect("the text has an end"),
            };
            module.insert_str(at, &format!("\n{form}\n"));
        }
        module
    }
}
