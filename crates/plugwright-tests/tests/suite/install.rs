//! Installing the command: its completions, its manual, and where `plugwright install` puts files.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::iter;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;
use tests::{Output, candidate, dist_folder, just, plugwright, plugwright_path, program, root};

use crate::command::{folder, run};
use crate::new::files;

/// Returns the verbs that the help lists under this heading.
fn verbs(heading: &str) -> BTreeSet<String> {
    let help = run(&root(), &["help", "--all"]).stdout;
    let (_, list) = help.split_once(&format!("{heading}\n")).expect("the help has this heading");
    let lines = list.lines().take_while(|line| line.starts_with("  "));
    lines.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// Returns the output of the program for a file, unless the program is missing on this machine.
fn said_by(name: &str, arguments: &[&str], file: &Path) -> Option<Output> {
    let mut command = program(Path::new(name), &root(), arguments);
    match Command::new(name).arg("--version").output() {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        _ => Some(Output::of(command.arg(file))),
    }
}

#[test]
fn each_shell_reads_its_script() {
    let folder = folder();
    for (shell, only_read) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
        let script = run(folder.path(), &["completions", shell]);
        assert_eq!((script.code, &*script.stderr), (Some(0), ""));
        assert!(script.stdout.contains("plugwright"), "{shell}: {script}");
        let file = folder.path().join(shell);
        fs::write(&file, script.bytes).expect("the file can be written");
        if let Some(output) = said_by(shell, &[only_read], &file) {
            assert_eq!((output.code, &*output.stderr), (Some(0), ""), "{shell}: {output}");
        }
    }
}

/// Returns bash's completions of a line whose last word is incomplete, one per line, by the script that the command
/// prints.
fn completed(folder: &Path, line: &str) -> String {
    // bash splits words at `=`.
    let script = "source <(plugwright completions bash); COMP_LINE=\"plugwright $1\"; \
                  COMP_POINT=${#COMP_LINE}; word=${COMP_LINE##* }; \
                  _plugwright plugwright \"${word##*=}\"; printf '%s\\n' \"${COMPREPLY[@]}\"";
    let arguments = ["-c", script, "bash", line];
    let mut command = program(Path::new("bash"), folder, arguments);
    let command_folder =
        plugwright_path().parent().expect("the path has a parent folder").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = [command_folder].into_iter().chain(std::env::split_paths(&path));
    command.env("PATH", std::env::join_paths(paths).expect("no path contains a colon"));
    let output = Output::of(command.env("PLUGWRIGHT_DIST", dist_folder()));
    assert_eq!((output.code, &*output.stderr), (Some(0), ""), "{output}");
    output.stdout
}

#[test]
fn a_shell_offers_verbs_plugins_and_their_options() {
    let folder = folder();
    let offered = completed(folder.path(), "");
    let offered: BTreeSet<_> = offered.lines().map(str::to_owned).collect();
    let (shown, hidden) = (verbs("Commands:"), verbs("Pipeline commands:"));
    assert!(shown.contains("run") && hidden.contains("stamp"), "{shown:?} {hidden:?}");
    assert!(shown.is_subset(&offered) && hidden.is_disjoint(&offered), "{offered:?}");
    let lines = [
        "ins",
        "inspect --js",
        "completions z",
        "run mark",
        "run words",
        "call q",
        "run thumbnail -O w",
        "run thumbnail -O format=",
        "run thumbnail --option qualit",
        "run markdown,count -O count.",
        "run markdown count --option markdown.u",
        "run nothing -O w",
        "run quote -O w",
        "run markdown,che",
        "--dist nowhere run mark",
        "--dist=nowhere run mark",
    ];
    let told = lines.map(|line| {
        format!("{line}: {}", completed(folder.path(), line).lines().collect::<Vec<_>>().join(" "))
    });
    assert_snapshot!(told.join("\n"), @"
    ins: inspect
    inspect --js: --json
    completions z: zsh
    run mark: markdown
    run words: words.txt
    call q: quote
    run thumbnail -O w: width=
    run thumbnail -O format=: auto png jpeg webp
    run thumbnail --option qualit: quality=
    run markdown,count -O count.: count.counts= count.output=
    run markdown count --option markdown.u: markdown.unsafe-html=
    run nothing -O w: 
    run quote -O w: 
    run markdown,che: markdown,checksum
    --dist nowhere run mark: 
    --dist=nowhere run mark:
    ");
    // Options that can be set are offered at all.
    assert_snapshot!(completed(folder.path(), "run thumbnail -O "), @"
    width=
    height=
    format=
    quality=
    filter=
    max-pixels=
    ");
    assert_eq!(completed(folder.path(), "run count -O output="), "counts\ndocument\n");
    // Shells that quote completions also get files.
    let fish = |words: &[&str]| {
        let mut command = plugwright(folder.path(), [&["--", "plugwright"], words].concat());
        Output::of(command.env("PLUGWRIGHT_COMPLETE", "fish")).stdout
    };
    assert_snapshot!(fish(&["run", "wor"]), @"words.txt");
    assert_snapshot!(fish(&["run", "thumbnail", "-O", "wid"]), @"width=	the greatest width in pixels, up to 4096");
    assert_snapshot!(fish(&["run", "count", "--output", "wor"]), @"words.txt");
}

#[test]
fn nothing_is_offered_that_a_shell_could_take_for_more_than_a_word() {
    let folder = folder();
    let odd =
        ["q;touch pwned;#", "q$(touch pwned)", "q q", "q\nq", "q\u{1b}[31m", "-q", "q*", "qq"];
    fs::create_dir(folder.path().join("dist")).expect("the folder can be created");
    let bytes = fs::read(dist_folder().join("count.wasm")).expect("the plugin is built");
    let option = |key: &str| {
        let key = serde_json::to_string(key).expect("the value can be serialised");
        let values = r#""type":"choice","choices":["v;touch pwned","v$(x)","v w","v\nw","v"]"#;
        format!("{{\"key\":{key},\"default\":\"v\",\"help\":\"h\\nh\\u001b[31m\",{values}}}")
    };
    let text = format!(
        "{{\"name\":\"c\",\"version\":\"1\",\"summary\":\"s\",\"takes\":[],\"gives\":[],\"options\":[{}]}}",
        odd.map(option).join(",")
    );
    let described = candidate("c", &bytes).with_description(&text).expect("the component is valid");
    for name in odd {
        fs::write(folder.path().join(format!("dist/{name}.wasm")), &described)
            .expect("the file can be written");
    }
    let words = |shell: &str, words: &[&str]| {
        let words = [&["--", "plugwright", "--dist", "dist"], words].concat();
        let mut command = plugwright(folder.path(), words);
        let index = if shell == "bash" { "5" } else { "" };
        command.env("PLUGWRIGHT_COMPLETE", shell).env("_CLAP_COMPLETE_INDEX", index);
        Output::of(&mut command).stdout
    };
    for shell in ["bash", "fish", "zsh"] {
        let offered = words(shell, &["run", "qq", "q"]);
        assert!(offered.lines().all(|line| line.starts_with("qq")), "{shell}: {offered:?}");
    }
    let options = words("fish", &["run", "qq", "-O", "q"]);
    assert_snapshot!(options, @r"qq=	h\nh\u{1b}[31m");
    let values = words("fish", &["run", "qq", "-O", "qq="]);
    assert_snapshot!(values, @"qq=v");
}

#[test]
fn the_manual_has_a_page_of_each_verb_and_is_rendered_without_a_warning() {
    let folder = folder();
    assert_snapshot!(run(folder.path(), &["man", "share/pages"]), @"
    wrote 27 pages to share/pages
    [exit code 0]
    ");
    let pages = folder.path().join("share/pages");
    let shown = verbs("Commands:");
    let main = fs::read_to_string(pages.join("plugwright.1")).expect("the page exists");
    assert_eq!(run(folder.path(), &["man"]).stdout, main);
    let mut names = BTreeSet::new();
    for page in files(&pages) {
        names.insert(
            page.file_name().expect("the path has a file name").to_string_lossy().into_owned(),
        );
        // As `man` calls it, with all warnings enabled.
        let arguments = ["-K", "utf8", "-T", "utf8", "-man", "-ww", "-z"];
        if let Some(output) = said_by("groff", &arguments, &page) {
            assert_eq!((output.code, &*output.stderr), (Some(0), ""), "{}", page.display());
        }
    }
    for verb in &shown {
        assert!(names.remove(&format!("plugwright-{verb}.1")), "`{verb}` has no manual page");
        let named = format!("plugwright\\-{verb}(1)");
        assert!(main.contains(&named), "the command's manual page does not name `{named}`");
    }
    let left: Vec<_> = names.iter().map(String::as_str).collect();
    assert_eq!(left, ["plugwright-key-new.1", "plugwright.1"]);
}

#[test]
fn what_is_no_shell_and_no_folder_is_said() {
    let folder = folder();
    let said = [&["completions", "tcsh"][..], &["completions"], &["man", "words.txt"]]
        .into_iter()
        .chain([&["man", "words.txt/pages"][..], &["install", "words.txt"]])
        .chain([&["install", "~/x"][..], &["install"]])
        .map(|arguments| format!("> {}\n{}", arguments.join(" "), run(folder.path(), arguments)));
    assert_snapshot!(said.collect::<String>(), @"
    > completions tcsh
    ── stderr
    error: invalid value 'tcsh' for '<SHELL>'
      [possible values: bash, elvish, fish, powershell, zsh]

      tip: a similar value exists: 'zsh'

    For more information, try '--help'.
    [exit code 2]
    > completions
    ── stderr
    error: the following required arguments were not provided:
      <SHELL>

    Usage: plugwright completions --dist <FOLDER> --cache <FOLDER> <SHELL>

    For more information, try '--help'.
    [exit code 2]
    > man words.txt
    ── stderr
    error: cannot write `words.txt`: a file is in the way of the folder: move it away
    [exit code 8]
    > man words.txt/pages
    ── stderr
    error: cannot write `words.txt/pages`: a file is in the way of the folder: move it away
    [exit code 8]
    > install words.txt
    ── stderr
    error: cannot write `words.txt`: a file is in the way of the folder: move it away
    [exit code 8]
    > install ~/x
    ── stderr
    error: `~/x` begins with `~`, which a shell only expands without quotes: remove the quotes, or begin with `./` if `~` is part of the folder's name
    [exit code 2]
    > install
    ── stderr
    error: the following required arguments were not provided:
      <PREFIX>

    Usage: plugwright install --dist <FOLDER> --cache <FOLDER> <PREFIX>

    For more information, try '--help'.
    [exit code 2]
    ");
}

/// Installs into `usr`, with these folders on the PATH.
fn install(folder: &Path, path: &[&Path]) -> Output {
    let path = std::env::join_paths(path).expect("no path contains a colon");
    Output::of(plugwright(folder, ["install", "usr"]).env("PATH", path))
}

#[test]
fn install_says_what_is_where_and_whether_it_is_found() {
    let folder = folder();
    // The path as the system names it.
    let real = fs::canonicalize(folder.path()).expect("the path exists");
    let (bin, other) = (real.join("usr/bin"), real.join("other"));
    let installed = |path: &[&Path]| {
        let output = install(folder.path(), path).to_string();
        output.replace(&*real.to_string_lossy(), "$FOLDER")
    };
    assert_snapshot!(installed(&[&other]), @r#"
    command            $FOLDER/usr/bin/plugwright
    completions, bash  $FOLDER/usr/share/bash-completion/completions/plugwright
    completions, fish  $FOLDER/usr/share/fish/vendor_completions.d/plugwright.fish
    completions, zsh   $FOLDER/usr/share/zsh/site-functions/_plugwright
    man pages          27 in $FOLDER/usr/share/man/man1
    PATH               lacks $FOLDER/usr/bin: add it in front, as in `export PATH=$FOLDER/usr/bin:"$PATH"`
    [exit code 0]
    "#);
    let last = |text: &str| {
        text.lines().rev().nth(1).map(str::to_owned).expect("the output has another line")
    };
    let is_found = last(&installed(&[&other, &bin]));
    fs::create_dir(&other).expect("the folder can be created");
    fs::write(other.join("plugwright"), "").expect("the file can be written");
    let is_another = last(&installed(&[&other, &bin]));
    assert_snapshot!([is_found, is_another].join("\n"), @"
    PATH               has $FOLDER/usr/bin: `plugwright` is this command
    PATH               has $FOLDER/other before $FOLDER/usr/bin: `plugwright` runs another command; remove that command or move the folder up
    ");

    let program_path = bin.join("plugwright");
    let version = |path: &Path| Output::of(&mut program(path, folder.path(), ["--version"]));
    assert_eq!(version(&program_path), run(folder.path(), &["--version"]));
    // The command can also install itself over its own file.
    let again = Output::of(&mut program(&program_path, folder.path(), ["install", "usr"]));
    assert_eq!(again.code, Some(0), "{again}");
    assert_eq!(version(&program_path).code, Some(0));
    let named = |file: &Path| {
        file.strip_prefix(&real).expect("the path is inside the folder").display().to_string()
    };
    let mut found: Vec<_> = files(&real.join("usr")).iter().map(|file| named(file)).collect();
    found.retain(|file| !file.contains("/man1/plugwright-"));
    found.sort();
    assert_snapshot!(found.join("\n"), @"
    usr/bin/plugwright
    usr/share/bash-completion/completions/plugwright
    usr/share/fish/vendor_completions.d/plugwright.fish
    usr/share/man/man1/plugwright.1
    usr/share/zsh/site-functions/_plugwright
    ");
    let script =
        fs::read(real.join("usr/share/zsh/site-functions/_plugwright")).expect("the file exists");
    assert_eq!(script, run(folder.path(), &["completions", "zsh"]).bytes);
}

/// The recipe builds for minutes, so a script stands in for cargo. The program that it "builds" calls this command,
/// and creates empty files as adapters.
#[test]
fn the_recipe_installs_what_it_built_into_the_home_folder() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir_all(path("tools")).expect("the folder can be created");
    let script = r#"#!/bin/sh
        program=$CARGO_TARGET_DIR/release/plugwright
        mkdir -p "${program%/*}" && cat >"$program" <<'END' && chmod +x "$program"
#!/bin/sh
[ "$*" != "build http" ] || { cd "$PLUGWRIGHT_DIST" && mkdir http && touch http/transformer.wasm http/streamer.wasm http/host.wasm; exit; }
exec "$PLUGWRIGHT" "$@"
END
    "#;
    fs::write(path("tools/cargo"), script).expect("the file can be written");
    fs::set_permissions(path("tools/cargo"), Permissions::from_mode(0o755))
        .expect("the file exists");
    let tools = std::env::var_os("PATH").unwrap_or_default();
    let tools = iter::once(path("tools")).chain(std::env::split_paths(&tools));
    let tools = std::env::join_paths(tools).expect("no path contains a colon");
    let install = |arguments: &[&str]| {
        let mut install = just(&root(), &path("target"), [&["install"], arguments].concat());
        let dist = tempfile::tempdir().expect("a temporary folder can be created");
        install.env("PATH", &tools).env("HOME", path("home")).env("PLUGWRIGHT_DIST", dist.path());
        let install = Output::of(&mut install);
        assert_eq!(install.code, Some(0), "{install}");
        install.stderr
    };
    assert_snapshot!(install(&[]), @"cargo build --locked --release --features compose,registry,report --manifest-path crates/plugwright-cli/Cargo.toml");
    let prefix = path("a prefix");
    install(&[prefix.to_str().expect("the path is UTF-8")]);
    for prefix in [path("home/.local"), prefix] {
        let program_path = prefix.join("bin/plugwright");
        let version = Output::of(&mut program(&program_path, folder.path(), ["--version"]));
        assert_eq!(version, run(folder.path(), &["--version"]));
        assert!(prefix.join("share/man/man1/plugwright-run.1").is_file());
        assert!(prefix.join("share/plugwright/http/host.wasm").is_file());
    }
}
