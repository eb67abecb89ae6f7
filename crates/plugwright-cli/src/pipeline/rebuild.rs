//! Building plugins again in another place, as somebody else would: another folder, home, target folder, time, mask, zone
//! and order, and no variable of the environment but what is said here.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, anyhow};
use plugwright::ForeignText;

use super::crates::cargo_home;
use super::run::{Run, Said};
use super::tools;
use crate::begun::cannot_write;
use crate::log;
use crate::progress::Progress;
use crate::project::{self, Project};
use crate::statement::Statement;

/// A place where plugins are built, and what is its own there.
pub(crate) struct Place {
    /// Its name, which is that of the user, too.
    pub(crate) name: &'static str,
    /// The folder of the project.
    folder: &'static str,
    /// Cargo's target folder.
    target: &'static str,
    /// When all files were written, in seconds since 1970.
    time: u64,
    mask: &'static str,
    zone: &'static str,
    flags: Option<&'static str>,
    is_backwards: bool,
}

/// Two places that differ in all that bytes could depend on. The other one's paths have spaces.
pub(crate) const PLACES: [Place; 2] = [
    Place {
        name: "one",
        folder: "plugwright",
        target: "plugwright/target",
        time: 1_577_836_800,
        mask: "022",
        zone: "UTC0",
        flags: None,
        is_backwards: false,
    },
    Place {
        name: "another",
        folder: "a longer path",
        target: "another target",
        time: 1_907_798_340,
        mask: "077",
        zone: "XYZ-11:30",
        flags: Some("-Copt-level=1"),
        is_backwards: true,
    },
];

/// What of the environment a build gets, besides what is its own.
const PASSED: [&str; 12] = [
    "PATH",
    "RUSTUP_TOOLCHAIN",
    "SYSROOT",
    "PLUGWRIGHT_BUILDER",
    // What a statement says that the build was asked for.
    "WASI_CC",
    "WASI_CXX",
    // How registries are reached.
    "CARGO_NET_OFFLINE",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
];

/// A source file is not longer.
const MOST: u64 = 512 << 20;

/// The same of profiles of cargo, by how the names of their variables begin.
const PROFILES: &str = "CARGO_PROFILE_";

/// Builds these plugins in the place, below the folder `places`, and gives the folder of what is built.
///
/// # Errors
///
/// Says what cannot be copied or run, or that the build failed.
pub(crate) fn build_in(
    place: &Place,
    places: &Path,
    project: &Project,
    plugins: &[PathBuf],
    run: Run,
    progress: &Progress,
) -> Result<PathBuf> {
    let root = places.join(place.name);
    let [tree, home, target, temporary] =
        [place.folder, "home", place.target, "temporary"].map(|name| root.join(name));
    let shown = ForeignText::of_path(&tree);
    log::show_text(&format!("building in {shown}\n"));
    progress.begin(&format!("{}: copy", place.name));
    let time = SystemTime::UNIX_EPOCH
        .checked_add(Duration::from_secs(place.time))
        .context("there is no such time")?;
    let left_out = [".git".into(), project::target(), project.dist(), places.to_owned()];
    Copy::new(project.folder(), &tree, &left_out, time).folder(Path::new(""))?;
    share(&home)?;
    fs::create_dir_all(&temporary).with_context(|| cannot_write(&temporary))?;

    let dist = root.join("dist");
    let mut command = Command::new("sh");
    // The mask of what a program writes is that of who starts it.
    command.args(["-c", "umask \"$0\" && exec \"$@\"", place.mask]);
    command.arg(env::current_exe().context("the system does not say which program this is")?);
    command.arg("build");
    let mut ordered = plugins.to_vec();
    if place.is_backwards {
        ordered.reverse();
    }
    command.args(ordered).current_dir(&tree).env_clear();
    command.envs(PASSED.into_iter().filter_map(|name| Some((name, env::var_os(name)?))));
    let is_of_profile = |name: &OsStr| name.as_encoded_bytes().starts_with(PROFILES.as_bytes());
    command.envs(env::vars_os().filter(|(name, _)| is_of_profile(name)));
    let rustup = env::var_os("RUSTUP_HOME").map(PathBuf::from);
    if let Some(rustup) = rustup.or_else(|| Some(env::home_dir()?.join(".rustup"))) {
        command.env("RUSTUP_HOME", rustup);
    }
    if let Some(flags) = place.flags {
        command.env("RUSTFLAGS", flags);
    }
    command.envs([("USER", place.name), ("LOGNAME", place.name), ("TZ", place.zone)]);
    command.envs([("LC_ALL", "C"), ("CARGO_INCREMENTAL", "0")]);
    let paths: [(&str, &Path); 6] = [
        ("HOME", &home),
        ("TMPDIR", &temporary),
        ("CARGO_HOME", &home.join(".cargo")),
        ("CARGO_TARGET_DIR", &target),
        ("GIT_CEILING_DIRECTORIES", places),
        ("PLUGWRIGHT_DIST", &dist),
    ];
    command.envs(paths);
    progress.begin(&format!("{}: build", place.name));
    let before = progress.done();
    // The process that builds them says nothing of it, but the statement of a plugin is written last.
    let in_place = |path: &&PathBuf| Statement::path(&dist, &path.to_string_lossy()).exists();
    let done = || before + plugins.iter().filter(in_place).count();
    let is_built = progress.counting(done, || run.of_pipelines().run(command, Said::AtOnce))?;
    progress.advance_to(before + plugins.len());
    for folder in [&tree, &home, &target, &temporary] {
        // They are all in a folder that goes with this process.
        let _ = fs::remove_dir_all(folder);
    }
    match is_built {
        true => Ok(dist),
        false => Err(anyhow!("the plugins cannot be built in `{shown}`, as said above")),
    }
}

/// Has the folder `home` share what was downloaded. Crates are unpacked anew.
fn share(home: &Path) -> Result<()> {
    let own = cargo_home()?;
    let tools = tools::cache()?;
    let shared = [
        (own.join("registry/cache"), home.join(".cargo/registry/cache")),
        (own.join("registry/index"), home.join(".cargo/registry/index")),
        (own.join("git"), home.join(".cargo/git")),
        (tools, home.join(".cache/plugwright/languages")),
    ];
    fs::create_dir_all(home.join(".cargo/registry/src")).with_context(|| cannot_write(home))?;
    for (from, to) in shared {
        let folder = to.parent().unwrap_or(home);
        fs::create_dir_all(folder).with_context(|| cannot_write(folder))?;
        fs::create_dir_all(&from).with_context(|| cannot_write(&from))?;
        symlink(&from, &to).with_context(|| cannot_write(&to))?;
    }
    let reached = how_crates_are_reached(&own)?;
    let file = home.join(".cargo/config.toml");
    fs::write(&file, reached.to_string()).with_context(|| cannot_write(&file))
}

/// What cargo's own configuration in the folder says of where crates are and how they are got, and nothing of how they are
/// compiled.
fn how_crates_are_reached(cargo_home: &Path) -> Result<toml::Table> {
    const TABLES: [&str; 5] = ["http", "net", "registries", "registry", "source"];
    let file = cargo_home.join("config.toml");
    let text = match fs::read_to_string(&file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(toml::Table::new()),
        text => text.with_context(|| format!("cannot read `{}`", ForeignText::of_path(&file)))?,
    };
    let all: toml::Table = text
        .parse()
        .with_context(|| format!("cargo cannot read `{}` either", ForeignText::of_path(&file)))?;
    Ok(all.into_iter().filter(|(name, _)| TABLES.contains(&&**name)).collect())
}

/// A project's folder, and a copy of it.
struct Copy<'a> {
    from: &'a Path,
    to: &'a Path,
    /// What is not copied, by where it really is.
    left_out: Vec<PathBuf>,
    /// When all of the copy was written.
    time: SystemTime,
}

impl<'a> Copy<'a> {
    fn new(from: &'a Path, to: &'a Path, left_out: &[PathBuf], time: SystemTime) -> Self {
        // One that is not there is not copied anyway.
        let left_out = left_out.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
        Self { from, to, left_out, time }
    }

    /// Copies the folder `path`, and what is in it.
    fn folder(&self, path: &Path) -> Result<()> {
        let (from, to) = (self.from.join(path), self.to.join(path));
        let cannot = || format!("cannot copy `{}`", ForeignText::of_path(&from));
        fs::create_dir_all(&to).with_context(|| cannot_write(&to))?;
        for entry in fs::read_dir(&from).with_context(cannot)? {
            let entry = entry.with_context(cannot)?;
            let kind = entry.file_type().with_context(cannot)?;
            let (source, path) = (entry.path(), path.join(entry.file_name()));
            if fs::canonicalize(&source).is_ok_and(|it| self.left_out.contains(&it)) {
                Ok(())
            } else if kind.is_symlink() {
                self.link(&source, &path)
            } else if kind.is_dir() {
                self.folder(&path)?;
                Ok(())
            } else if kind.is_file() {
                self.file(&source, &path)
            } else {
                let shown = ForeignText::of_path(&source);
                log::show_text(&format!("leaving out `{shown}`, which is no file\n"));
                Ok(())
            }
            .with_context(|| format!("cannot copy `{}`", ForeignText::of_path(&source)))?;
        }
        self.date(&to).with_context(|| cannot_write(&to))
    }

    fn file(&self, source: &Path, path: &Path) -> io::Result<()> {
        let copied = self.to.join(path);
        if fs::metadata(source)?.len() > MOST {
            let said = format!("it is longer than {} MiB, the most for a source file", MOST >> 20);
            return Err(io::Error::new(ErrorKind::FileTooLarge, said));
        }
        fs::copy(source, &copied)?;
        self.date(&copied)
    }

    /// A link within the project leads to the same in the copy, and another one to where it does.
    fn link(&self, source: &Path, path: &Path) -> io::Result<()> {
        let (target, own) = (fs::read_link(source)?, fs::canonicalize(self.from)?);
        let leads_to = match fs::canonicalize(source) {
            Ok(real) if !real.starts_with(&own) => real,
            Ok(real) if target.is_absolute() => {
                self.to.join(real.strip_prefix(&own).unwrap_or(&real))
            }
            // What leads nowhere does so there, too.
            _ => target,
        };
        symlink(leads_to, self.to.join(path))
    }

    /// One that may not be read by its owner was not copied.
    fn date(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.set_modified(self.time)
    }
}
