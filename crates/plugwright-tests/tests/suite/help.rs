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
    error: `dist/plugins.json` is not a manifest of plugins: invalid type: map, expected a sequence at line 1 column 0; run `plugwright build` to make it again
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
    Runs, checks and inspects WebAssembly component plugins

    Usage: plugwright [OPTIONS] <COMMAND>

    Commands:
      init         Begins a repository of one's own, with a contract, a plugin and an application
      new          Begins a plugin of a contract, with a first case
      build        Builds plugins: compiles, validates, strips and checks them, and puts them into the folder of built plugins
      run          Runs a document through one plugin, or through a chain of them
      call         Calls functions of a plugin of any contract, and answers what it imports, by text
      test         Tests plugins by cases that are files, and keeps what comes out as snapshots
      check        Checks that files are plugins that this host can run
      inspect      Shows what a plugin says of itself
      size         Shows how large plugins are, and what takes the room in them
      add          Shows what a plugin asks for, and writes into the lock that it is agreed to
      update       Shows what the plugins of the lock ask for more than was agreed to, and takes what asks for no more
      report       Puts all that is known of plugins into one page, and what a reviewer asks first at its top
      push         Brings a plugin to a registry of OCI, with its statement of provenance, bill of materials and signature
      pull         Brings a plugin from a registry of OCI, and what is said of it
      compose      Makes a component of a plugin that engines run behind HTTP
      key          Makes a pair of keys to sign plugins with
      sign         Signs plugins
      compare      Says whether two folders hold the same plugins, and if not, why
      verify       Builds plugins again, as somebody else would, and compares them with those that are built
      repro        Builds plugins twice, as two people in two places, and compares them
      contract     Compares a contract with its last release, and says what of it breaks plugins
      cache        Shows where compiled code is kept and how much there is, or removes it
      completions  Prints a script by which a shell completes what is typed after `plugwright`
      man          Prints this command's page of the manual, or puts all pages into a folder
      help         Shows this help, or that of a command

    Options:
          --log <LEVEL>                  The least important log lines of plugins that are shown, on standard error: off, error, warn, info, debug or trace [default: info]
          --dist <FOLDER>                The folder of built plugins, in which they are found by name [default: dist, or what `plugwright.toml` says] [env: PLUGWRIGHT_DIST=$DIST]
          --wit <FOLDER>                 The folder of the contracts, as WIT, or a file of it [default: wit, or else what is kept beside the plugins] [env: PLUGWRIGHT_WIT=]
          --cache <FOLDER>               The folder in which compiled code is kept [default: plugwright/compiled in $XDG_CACHE_HOME, or else in ~/.cache] [env: PLUGWRIGHT_CACHE=$CACHE]
          --no-cache                     Compiles plugins each time, and keeps nothing
          --compiler <WHERE>             Where plugins are compiled: in a `process` of their own, which is ended when it goes beyond its limits, or `here`, without limits [env: PLUGWRIGHT_COMPILER=] [default: process] [possible values: process, here]
          --compiler-limit <NAME=VALUE>  Sets what compiling a plugin in a process of its own may use, as `--limit` does: time, cpu-time, memory or code-size
          --trust <KEY>                  Loads only plugins that are signed with this public key, its file or the line of it that is the key, or with another one that is given so
          --locked[=<FILE>]              Loads only what was agreed to in the lock, `plugwright.lock` or another file: see `plugwright add`
          --authority <FILE>             Trusts a certificate authority of registries, a file of PEM, beside those of the system [env: PLUGWRIGHT_AUTHORITY=]
      -h, --help                         Print help
      -V, --version                      Print version

    Exit codes:
      0  done
      1  a plugin refused its input, or gave its result a name that is none for a file; or a test failed
      2  usage: wrong arguments, or stages that do not fit together
      3  a plugin could not be loaded or called: its file is none, or not one that fits or is allowed, or it
         goes beyond a limit already then, or the system has no thread for it
      4  a plugin trapped
      5  a plugin went beyond a limit in a call
      6  something cannot be granted to a plugin
      7  a contract is none, or not one that may follow its release
      8  a file cannot be read or written
      9  a registry cannot be reached, does not allow it, or answers what it may not

    The pipeline calls more commands, which `plugwright help --all` lists
    [exit code 0]
    ");
}

#[test]
fn help_all_lists_the_commands_of_the_pipeline_too() {
    let folder = folder();
    assert_snapshot!(run(folder.path(), &["help", "--all"]), @"
    Commands:
      init         Begins a repository of one's own, with a contract, a plugin and an application
      new          Begins a plugin of a contract, with a first case
      build        Builds plugins: compiles, validates, strips and checks them, and puts them into the folder of built plugins
      run          Runs a document through one plugin, or through a chain of them
      call         Calls functions of a plugin of any contract, and answers what it imports, by text
      test         Tests plugins by cases that are files, and keeps what comes out as snapshots
      check        Checks that files are plugins that this host can run
      inspect      Shows what a plugin says of itself
      size         Shows how large plugins are, and what takes the room in them
      add          Shows what a plugin asks for, and writes into the lock that it is agreed to
      update       Shows what the plugins of the lock ask for more than was agreed to, and takes what asks for no more
      report       Puts all that is known of plugins into one page, and what a reviewer asks first at its top
      push         Brings a plugin to a registry of OCI, with its statement of provenance, bill of materials and signature
      pull         Brings a plugin from a registry of OCI, and what is said of it
      compose      Makes a component of a plugin that engines run behind HTTP
      key          Makes a pair of keys to sign plugins with
      sign         Signs plugins
      compare      Says whether two folders hold the same plugins, and if not, why
      verify       Builds plugins again, as somebody else would, and compares them with those that are built
      repro        Builds plugins twice, as two people in two places, and compares them
      contract     Compares a contract with its last release, and says what of it breaks plugins
      cache        Shows where compiled code is kept and how much there is, or removes it
      completions  Prints a script by which a shell completes what is typed after `plugwright`
      man          Prints this command's page of the manual, or puts all pages into a folder
      help         Shows this help, or that of a command

    Pipeline commands:
      stamp        Puts a plugin's manifest into the plugin, once it is true of it
      index        Writes the manifest of a folder of plugins, `plugins.json`
      install      Puts this command, its completions and its pages of the manual into `bin/` and `share/` of a folder
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
    Puts a plugin's manifest into the plugin, once it is true of it

    Usage: plugwright stamp [OPTIONS] <MANIFEST> <FILE>

    Arguments:
      <MANIFEST>  The manifest, `plugin.toml`
      <FILE>      The plugin that it is of, which is written anew with the manifest in it

    Options:
          --log <LEVEL>                  The least important log lines of plugins that are shown, on standard error: off, error, warn, info, debug or trace [default: info]
          --symbols <FILE>               The plugin before it was stripped, which tells what values its options take
          --dist <FOLDER>                The folder of built plugins, in which they are found by name [default: dist, or what `plugwright.toml` says] [env: PLUGWRIGHT_DIST=$DIST]
          --wit <FOLDER>                 The folder of the contracts, as WIT, or a file of it [default: wit, or else what is kept beside the plugins] [env: PLUGWRIGHT_WIT=]
          --cache <FOLDER>               The folder in which compiled code is kept [default: plugwright/compiled in $XDG_CACHE_HOME, or else in ~/.cache] [env: PLUGWRIGHT_CACHE=$CACHE]
          --no-cache                     Compiles plugins each time, and keeps nothing
          --compiler <WHERE>             Where plugins are compiled: in a `process` of their own, which is ended when it goes beyond its limits, or `here`, without limits [env: PLUGWRIGHT_COMPILER=] [default: process] [possible values: process, here]
          --compiler-limit <NAME=VALUE>  Sets what compiling a plugin in a process of its own may use, as `--limit` does: time, cpu-time, memory or code-size
          --trust <KEY>                  Loads only plugins that are signed with this public key, its file or the line of it that is the key, or with another one that is given so
          --locked[=<FILE>]              Loads only what was agreed to in the lock, `plugwright.lock` or another file: see `plugwright add`
          --authority <FILE>             Trusts a certificate authority of registries, a file of PEM, beside those of the system [env: PLUGWRIGHT_AUTHORITY=]
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
