//! Builds plugins again in another place, as another user would: with a different project folder, home folder, target
//! folder, file time, umask, time zone and build order, and with only the environment variables that are listed here.

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

/// A place where plugins are built, with its conditions.
pub(crate) struct Place {
    /// The name of the place, and of the user there.
    pub(crate) name: &'static str,
    /// The folder of the project.
    folder: &'static str,
    /// Cargo's target folder.
    target: &'static str,
    /// The modification time of all files, in seconds since 1970.
    time: u64,
    mask: &'static str,
    zone: &'static str,
    flags: Option<&'static str>,
    is_backwards: bool,
}

/// Two places that differ in everything that the bytes could depend on. The second place has spaces in its paths.
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

/// The environment variables that are passed on to a build.
const PASSED: [&str; 12] = [
    "PATH",
    "RUSTUP_TOOLCHAIN",
    "SYSROOT",
    "PLUGWRIGHT_BUILDER",
    // Build parameters that the statement records.
    "WASI_CC",
    "WASI_CXX",
    // Network settings for reaching registries.
    "CARGO_NET_OFFLINE",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
];

/// The maximum size of a source file, in bytes.
const MOST: u64 = 512 << 20;

/// The prefix of the variables for cargo profiles, which are passed on as well.
const PROFILES: &str = "CARGO_PROFILE_";

/// Builds these plugins in the place, below the folder `places`, and returns the folder of built plugins.
///
/// # Errors
///
/// Fails if a file cannot be copied, a program cannot be run, or the build fails.
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
        .context("the system cannot represent the time of the files")?;
    let left_out = [".git".into(), project::target(), project.dist(), places.to_owned()];
    Copy::new(project.folder(), &tree, &left_out, time).folder(Path::new(""))?;
    share(&home)?;
    fs::create_dir_all(&temporary).with_context(|| cannot_write(&temporary))?;

    let dist = root.join("dist");
    let mut command = Command::new("sh");
    // A process inherits its umask, so a shell sets it.
    command.args(["-c", "umask \"$0\" && exec \"$@\"", place.mask]);
    command.arg(env::current_exe().context("cannot determine the path of this program")?);
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
    // The building process does not report its progress. A plugin is done when its statement exists, which is written
    // last.
    let in_place = |path: &&PathBuf| Statement::path(&dist, &path.to_string_lossy()).exists();
    let done = || before + plugins.iter().filter(in_place).count();
    let is_built = progress.counting(done, || run.of_pipelines().run(command, Said::AtOnce))?;
    progress.advance_to(before + plugins.len());
    for folder in [&tree, &home, &target, &temporary] {
        // Errors do not matter: the parent folder is removed when this process ends.
        let _ = fs::remove_dir_all(folder);
    }
    match is_built {
        true => Ok(dist),
        false => Err(anyhow!("cannot build the plugins in `{shown}`: see the output above")),
    }
}

/// Shares cargo's and the tools' downloads with the folder `home`. Crates are unpacked again there.
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

/// Returns the part of cargo's configuration in the folder that says where crates are and how to download them.
/// Settings for compiling are left out.
fn how_crates_are_reached(cargo_home: &Path) -> Result<toml::Table> {
    const TABLES: [&str; 5] = ["http", "net", "registries", "registry", "source"];
    let file = cargo_home.join("config.toml");
    let text = match fs::read_to_string(&file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(toml::Table::new()),
        text => text.with_context(|| format!("cannot read `{}`", ForeignText::of_path(&file)))?,
    };
    let all: toml::Table = text
        .parse()
        .with_context(|| format!("`{}` is not valid TOML", ForeignText::of_path(&file)))?;
    Ok(all.into_iter().filter(|(name, _)| TABLES.contains(&&**name)).collect())
}

/// Copies a project's folder to another place.
struct Copy<'a> {
    from: &'a Path,
    to: &'a Path,
    /// The real paths of what is not copied.
    left_out: Vec<PathBuf>,
    /// The modification time of everything in the copy.
    time: SystemTime,
}

impl<'a> Copy<'a> {
    fn new(from: &'a Path, to: &'a Path, left_out: &[PathBuf], time: SystemTime) -> Self {
        // A path that does not exist need not be excluded.
        let left_out = left_out.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
        Self { from, to, left_out, time }
    }

    /// Copies the folder `path` with its contents.
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
                log::show_text(&format!("skipping `{shown}`, which is not a regular file\n"));
                Ok(())
            }
            .with_context(|| format!("cannot copy `{}`", ForeignText::of_path(&source)))?;
        }
        self.date(&to).with_context(|| cannot_write(&to))
    }

    fn file(&self, source: &Path, path: &Path) -> io::Result<()> {
        let copied = self.to.join(path);
        if fs::metadata(source)?.len() > MOST {
            let said =
                format!("it is larger than {} MiB, the maximum for a source file", MOST >> 20);
            return Err(io::Error::new(ErrorKind::FileTooLarge, said));
        }
        fs::copy(source, &copied)?;
        self.date(&copied)
    }

    /// Copies a symbolic link. A link to a file of the project leads to the copy of that file. Other links keep their
    /// target.
    fn link(&self, source: &Path, path: &Path) -> io::Result<()> {
        let (target, own) = (fs::read_link(source)?, fs::canonicalize(self.from)?);
        let leads_to = match fs::canonicalize(source) {
            Ok(real) if !real.starts_with(&own) => real,
            Ok(real) if target.is_absolute() => {
                self.to.join(real.strip_prefix(&own).unwrap_or(&real))
            }
            // A broken link stays broken.
            _ => target,
        };
        symlink(leads_to, self.to.join(path))
    }

    /// Sets the modification time. Opening the file succeeds, because a file that its owner cannot read is not copied.
    fn date(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.set_modified(self.time)
    }
}
