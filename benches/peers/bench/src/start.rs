//! Work before the first call: compiling, and loading compiled code.

use std::path::PathBuf;
use std::time::Duration;
use std::{env, fs, iter};

use anyhow::{Context as _, Result};
use benches::{number, of, ratio, table, text};
use work::Work;

use crate::library::Loaded;
use crate::process::Worker;
use crate::{extism, host, plain, row, script};

/// The files that are built beside this program.
pub struct Files {
    /// The worker program.
    pub worker: PathBuf,
    /// The dynamic library.
    pub library: PathBuf,
}

impl Files {
    /// Returns the files beside this program.
    pub fn beside_this_program() -> Result<Self> {
        let this = env::current_exe().context("the system does not say where this program is")?;
        let library = libloading::library_filename("library");
        Ok(Self { worker: this.with_file_name("worker"), library: this.with_file_name(library) })
    }
}

/// A way to compile or to load, and the function that measures it.
type Start<'a> = (&'static str, Option<Box<dyn Fn() -> Duration + 'a>>);

/// Prints the times to compile and load `markdown`, relative to this host. Where there is no script for it,
/// `count` is used.
pub fn show(files: &Files, component: &[u8], module: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let code = host::cache(&folder.path().join("cache"));
    let (without, with) = (host::without_cache(), host::with_cache(&code));
    let (engine, compiled) = plain::compiled(component);
    let file = folder.path().join("markdown.cwasm");
    fs::write(&file, compiled).expect("the file can be written");
    let cache = folder.path().join("extism.toml");
    extism::cache(&cache);
    extism::load(module, &cache);
    host::load(&with, "markdown", component);
    let (lua, rhai) = script::sources(Work::Count).expect("the script exists");
    let first = text(64);

    let compile: Vec<Start<'_>> = vec![
        start("this host", || drop(host::load(&without, "markdown", component))),
        ("this host, once more", None),
        start("wasmtime", || drop(benches::plain::compile(&engine, component))),
        start("Extism", || drop(extism::compile(module))),
        ("a process that stays", None),
        ("a native library", None),
        start("Lua, `count`", || drop(script::lua(lua))),
        start("Rhai, `count`", || drop(script::rhai(rhai))),
    ];
    let load: Vec<Start<'_>> = vec![
        (
            "this host",
            Some(Box::new(|| {
                benches::first(&code, |host| host::load(host, "markdown", component))
            })),
        ),
        start("this host, once more", || drop(host::load(&with, "markdown", component))),
        start("wasmtime", || drop(plain::load(&engine, &file))),
        start("Extism", || drop(extism::load(module, &cache))),
        start("a process that stays", || {
            drop(Worker::start(&files.worker, Work::Markdown).call(&first))
        }),
        start("a native library", || drop(Loaded::load(&files.library))),
        ("Lua, `count`", None),
        ("Rhai, `count`", None),
    ];
    println!();
    table(&["start", "compile", "load"]);
    let absolute = [&compile, &load].map(|starts| {
        let time = starts[0].1.as_ref().expect("this host does both");
        benches::shown((0..20).map(|_| time()).min().unwrap_or_default())
    });
    row("this host", absolute.into_iter());
    for (one, other) in iter::zip(&compile, &load).skip(1) {
        let ratios = [(one, &compile[0]), (other, &load[0])].map(|((_, start), (_, first))| {
            let both = start.as_ref().zip(first.as_ref());
            both.map(|(start, first)| number(ratio(start, first))).unwrap_or_default()
        });
        row(one.0, ratios.into_iter());
    }
}

fn start<'a>(name: &'static str, work: impl Fn() + 'a) -> Start<'a> {
    (name, Some(Box::new(of(work))))
}
