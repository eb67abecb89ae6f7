//! The commands that `plugwright` tells the user to run, in its help and at the ends of its errors.

use std::fs;

use insta::assert_snapshot;
use tests::{dist_folder, root};

use crate::command::{folder, run};
use crate::new::files;

#[test]
fn the_command_says_what_to_type_and_the_library_does_not() {
    let folder = folder();
    let list = folder.path().join("dist/plugins.json");
    fs::create_dir_all(&list).expect("the folder can be created");
    let count = || run(folder.path(), &["--dist", "dist", "run", "count", "words.txt"]);
    assert_snapshot!(count(), @"
    ── stderr
    error: cannot read `dist/plugins.json`: it is a folder; run `plugwright build` to make it again
    [exit code 8]
    ");
    fs::remove_dir(&list).expect("the folder exists");
    fs::write(&list, "{}").expect("the file can be written");
    assert_snapshot!(count(), @"
    ── stderr
    error: `dist/plugins.json` is not a list of plugins: invalid type: map, expected a sequence at line 1 column 0; run `plugwright build` to make it again
    [exit code 3]
    ");
    let entry =
        fs::read_to_string(dist_folder().join("plugins.json")).expect("the list can be read");
    fs::write(&list, entry).expect("the file can be written");
    fs::write(folder.path().join("dist/count.wasm"), "changed").expect("the file can be written");
    assert_snapshot!(count(), @"
    ── stderr
    error: `dist/count.wasm` is not the file that the pipeline checked: its digest is not the one in `plugins.json`; run `plugwright build` to make it again
    [exit code 3]
    ");
    // An application has no such pipeline.
    for library in ["plugwright", "plugwright-contract"] {
        for file in files(&root().join(format!("crates/{library}/src"))) {
            let text = fs::read_to_string(&file).expect("the file is UTF-8");
            assert!(!text.contains("`just "), "{} names a recipe", file.display());
        }
    }
}

#[test]
fn help_documents_the_exit_codes() {
    let folder = folder();
    assert_snapshot!(run(folder.path(), &["--help"]), @"
    Builds, tests, runs and ships plugins that are WebAssembly components

    Usage: plugwright [OPTIONS] <COMMAND>

    Commands:
      init         Creates a new repository with a contract, a plugin and an application
      new          Creates a new plugin for a contract, with a first test case
      build        Builds plugins: compiles, validates, strips and checks them, and puts them into the folder of built plugins
      run          Runs a document through a plugin or a chain of plugins
      call         Calls functions of a plugin of any contract with text statements, or lists its functions
      test         Tests plugins with case files, and compares the results with snapshots
      check        Checks that this host can run plugins
      inspect      Shows a plugin's metadata, imports, exports and options
      size         Shows the size of plugins, and which parts take the most space
      add          Shows what a plugin asks for, and records in the lock file that this was agreed to
      update       Updates the plugins in the lock file, and shows what asks for more than was agreed to
      report       Writes one page with all that is known about plugins, with findings first
      push         Pushes a plugin to an OCI registry, with its provenance, bill of materials and signature
      pull         Pulls a plugin from an OCI registry, with its provenance, bill of materials and signature
      compose      Wraps a plugin in a component that WebAssembly engines can serve over HTTP
      key          Creates a key pair for signing plugins
      sign         Signs plugins
      compare      Compares two folders of plugins, and explains how they differ
      verify       Rebuilds plugins in a fresh place, and compares them with the built plugins
      repro        Builds plugins twice, in two different places, and compares the results
      contract     Compares a contract with its last release, and shows which changes break plugins
      cache        Shows the cache of compiled code, or clears it
      completions  Prints a shell's completion script for `plugwright`
      man          Prints the man page of `plugwright`, or writes all its man pages to a folder
      help         Shows this help, or the help of a command

    Options:
          --log <LEVEL>                  The lowest level of plugin log lines to show on standard error: off, error, warn, info, debug or trace [default: info]
          --dist <FOLDER>                The folder of built plugins, where plugins are found by name [default: dist, or as set in `plugwright.toml`] [env: PLUGWRIGHT_DIST=$DIST]
          --wit <FOLDER>                 The folder of WIT contracts, or a single WIT file [default: wit, or the contracts kept beside the plugins] [env: PLUGWRIGHT_WIT=]
          --cache <FOLDER>               The folder of the cache of compiled code [default: plugwright/compiled in $XDG_CACHE_HOME or ~/.cache] [env: PLUGWRIGHT_CACHE=$CACHE]
          --no-cache                     Compiles plugins every time, without the cache
          --compiler <WHERE>             Where to compile plugins: in a separate `process`, which is ended if it exceeds its limits, or `here`, in this process and without limits [env: PLUGWRIGHT_COMPILER=] [default: process] [possible values: process, here]
          --compiler-limit <NAME=VALUE>  Sets a limit for compiling a plugin in a separate process, written as for `--limit`: time, cpu-time, memory or code-size
          --trust <KEY>                  Loads only plugins that are signed with this public key, given as a file or as the key line of that file; repeat the option to trust several keys
          --locked[=<FILE>]              Loads only plugins that match the lock file, `plugwright.lock` unless FILE is given; `plugwright add` writes it
          --authority <FILE>             Trusts this certificate authority (a PEM file) for registries, in addition to those of the system [env: PLUGWRIGHT_AUTHORITY=]
      -h, --help                         Print help
      -V, --version                      Print version

    Exit codes:
      0  success
      1  a plugin refused its input or gave its result an invalid file name; or a test failed
      2  wrong arguments, or stages that do not fit together
      3  a plugin could not be loaded or called: the file is not a plugin, does not fit, is not allowed, or
         exceeds a limit while it loads; or the system could not start a thread
      4  a plugin trapped
      5  a plugin exceeded a limit during a call
      6  a grant could not be given to a plugin
      7  a contract is invalid, or is not a valid successor of its last release
      8  a file could not be read or written
      9  a registry could not be reached, denied the request, or sent an invalid answer

    `plugwright help --all` also lists the commands that the pipeline uses
    [exit code 0]
    ");
}

#[test]
fn help_all_lists_the_commands_of_the_pipeline_too() {
    let folder = folder();
    assert_snapshot!(run(folder.path(), &["help", "--all"]), @"
    Commands:
      init         Creates a new repository with a contract, a plugin and an application
      new          Creates a new plugin for a contract, with a first test case
      build        Builds plugins: compiles, validates, strips and checks them, and puts them into the folder of built plugins
      run          Runs a document through a plugin or a chain of plugins
      call         Calls functions of a plugin of any contract with text statements, or lists its functions
      test         Tests plugins with case files, and compares the results with snapshots
      check        Checks that this host can run plugins
      inspect      Shows a plugin's metadata, imports, exports and options
      size         Shows the size of plugins, and which parts take the most space
      add          Shows what a plugin asks for, and records in the lock file that this was agreed to
      update       Updates the plugins in the lock file, and shows what asks for more than was agreed to
      report       Writes one page with all that is known about plugins, with findings first
      push         Pushes a plugin to an OCI registry, with its provenance, bill of materials and signature
      pull         Pulls a plugin from an OCI registry, with its provenance, bill of materials and signature
      compose      Wraps a plugin in a component that WebAssembly engines can serve over HTTP
      key          Creates a key pair for signing plugins
      sign         Signs plugins
      compare      Compares two folders of plugins, and explains how they differ
      verify       Rebuilds plugins in a fresh place, and compares them with the built plugins
      repro        Builds plugins twice, in two different places, and compares the results
      contract     Compares a contract with its last release, and shows which changes break plugins
      cache        Shows the cache of compiled code, or clears it
      completions  Prints a shell's completion script for `plugwright`
      man          Prints the man page of `plugwright`, or writes all its man pages to a folder
      help         Shows this help, or the help of a command

    Pipeline commands:
      stamp        Embeds a manifest in its plugin, after checking that the manifest is true
      index        Writes `plugins.json`, the list of the plugins in a folder
      install      Installs this command, its completions and its man pages into `bin/` and `share/` of a folder
    [exit code 0]
    ");
    assert_eq!(run(folder.path(), &["help", "--all", "run"]).code, Some(2));
    assert_snapshot!(run(folder.path(), &["help", "none"]), @"
    ── stderr
    error: unrecognized subcommand 'none'

    Usage: plugwright [OPTIONS] <COMMAND>

    For more information, try '--help'.
    [exit code 2]
    ");
    assert_snapshot!(run(folder.path(), &["help", "stamp"]), @"
    Embeds a manifest in its plugin, after checking that the manifest is true

    Usage: plugwright stamp [OPTIONS] <MANIFEST> <FILE>

    Arguments:
      <MANIFEST>  The manifest, `plugin.toml`
      <FILE>      The plugin of the manifest; the file is rewritten with the manifest embedded

    Options:
          --log <LEVEL>                  The lowest level of plugin log lines to show on standard error: off, error, warn, info, debug or trace [default: info]
          --symbols <FILE>               The unstripped plugin, which has the possible values of the options
          --dist <FOLDER>                The folder of built plugins, where plugins are found by name [default: dist, or as set in `plugwright.toml`] [env: PLUGWRIGHT_DIST=$DIST]
          --wit <FOLDER>                 The folder of WIT contracts, or a single WIT file [default: wit, or the contracts kept beside the plugins] [env: PLUGWRIGHT_WIT=]
          --cache <FOLDER>               The folder of the cache of compiled code [default: plugwright/compiled in $XDG_CACHE_HOME or ~/.cache] [env: PLUGWRIGHT_CACHE=$CACHE]
          --no-cache                     Compiles plugins every time, without the cache
          --compiler <WHERE>             Where to compile plugins: in a separate `process`, which is ended if it exceeds its limits, or `here`, in this process and without limits [env: PLUGWRIGHT_COMPILER=] [default: process] [possible values: process, here]
          --compiler-limit <NAME=VALUE>  Sets a limit for compiling a plugin in a separate process, written as for `--limit`: time, cpu-time, memory or code-size
          --trust <KEY>                  Loads only plugins that are signed with this public key, given as a file or as the key line of that file; repeat the option to trust several keys
          --locked[=<FILE>]              Loads only plugins that match the lock file, `plugwright.lock` unless FILE is given; `plugwright add` writes it
          --authority <FILE>             Trusts this certificate authority (a PEM file) for registries, in addition to those of the system [env: PLUGWRIGHT_AUTHORITY=]
      -h, --help                         Print help
    [exit code 0]
    ");
    let help = |before: &[&str], command: &[&str], after: &[&str]| {
        let help = run(folder.path(), &[before, command, after].concat());
        assert_eq!(help.code, Some(0), "{command:?}: {help}");
        help.stdout
    };
    for command in [
        &[][..],
        &["run"],
        &["call"],
        &["build"],
        &["new"],
        &["index"],
        &["key", "new"],
        &["stamp"],
        &["help"],
    ] {
        assert_eq!(help(&["help"], command, &[]), help(&[], command, &["--help"]));
    }
}
