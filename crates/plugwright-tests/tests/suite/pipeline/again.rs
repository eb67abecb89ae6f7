//! `plugwright verify` and `plugwright repro`, which build plugins again elsewhere.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use insta::assert_snapshot;
use tests::{Output, mkfifo};

use crate::project::{COPY, Project, names};

/// Runs the verb with a temporary folder, in which nothing may be left. Its path is masked.
fn again(project: &Project, arguments: &[&str]) -> Output {
    let temporary = tempfile::tempdir().expect("a temporary folder can be created");
    let mut command = project.command(arguments);
    let mut output = Output::of(command.env("TMPDIR", temporary.path()));
    assert_eq!(names(temporary.path()), Vec::<String>::new());
    let place = format!("{}/.plugwright-", temporary.path().display());
    for text in [&mut output.stdout, &mut output.stderr] {
        let (first, rest) = text.split_once(&place).map_or((&**text, None), |(a, b)| (a, Some(b)));
        let rest = rest.into_iter().flat_map(|rest| rest.split(&place));
        // The next part is a random name.
        let rest: String = rest.map(|text| format!("$PLACE{}", &text[6..])).collect();
        *text = format!("{first}{rest}");
    }
    let is_digest = |word: &str| word.len() == 64 && word.bytes().all(|it| it.is_ascii_hexdigit());
    let shown = |word| if is_digest(word) { "$DIGEST" } else { word };
    let words: Vec<_> = output.stdout.split_inclusive([' ', ',', '\n']).collect();
    let masked = words.iter().map(|word| {
        let end = word.trim_end_matches([' ', ',', '\n']).len();
        [shown(&word[..end]), &word[end..]].concat()
    });
    output.stdout = masked.collect();
    output
}

#[test]
fn a_plugin_that_is_not_the_same_says_why() {
    let project = Project::new();
    project.plugin("plugins/more", COPY);
    project.done(&["build"]);
    assert_snapshot!(again(&project, &["verify"]), @"
    echo: the same, $DIGEST
    more: the same, $DIGEST
    ── stderr
    building in $PLACE/one/plugwright
    2 built into $PLACE/one/dist/
    [exit code 0]
    ");
    project.write("plugins/echo/notes", "new");
    project.write("wit/words.wit", project.read("wit/words.wit") + "\n// More.\n");
    assert_snapshot!(again(&project, &["verify", "dist", "echo"]), @"
    echo: the same, $DIGEST, although built from different inputs: `plugins/echo`; `wit`
    ── stderr
    building in $PLACE/one/plugwright
    1 built into $PLACE/one/dist/
    [exit code 0]
    ");
    assert_snapshot!(again(&project, &["verify", "dist", "more", "nobody"]), @"
    ── stderr
    error: there is no plugin `nobody`, only echo, more
    [exit code 2]
    ");
    assert_snapshot!(again(&project, &["verify", "nowhere"]), @"
    ── stderr
    error: `$FOLDER/nowhere` is not an existing folder: name a folder that `plugwright build` filled
    [exit code 8]
    ");
    fs::create_dir(project.path("empty")).expect("the folder can be created");
    assert_snapshot!(again(&project, &["verify", "empty"]), @"
    ── stderr
    error: there are no built plugins in `$FOLDER/empty`: it has no `plugins.json`; run `plugwright build`
    [exit code 8]
    ");
    // The compared folder does not have this plugin.
    project.plugin("plugins/late", COPY);
    assert_snapshot!(again(&project, &["verify", "dist", "late"]), @"
    late: differs: only `$PLACE/one/dist/` has it
    ── stderr
    building in $PLACE/one/plugwright
    1 built into $PLACE/one/dist/
    error: 1 of 1 plugins differ
    [exit code 3]
    ");
    // All plugins are built there, too, although this one fails here.
    project.plugin("plugins/echo", "exit 1");
    let output = again(&project, &["repro"]);
    assert_snapshot!(output, @"
    ── stderr
    building in $PLACE/one/plugwright
    2 built into $PLACE/one/dist/
    error: plugin `echo` failed to compile: fix the errors of `echo` above; then build it again
    error: cannot build the plugins in `$PLACE/one/plugwright`: see the output above
    [exit code 3]
    ");
}

#[test]
fn what_depends_on_the_time_is_found() {
    let project = Project::new();
    let wat = include_str!("../../../../benches/src/echo.wat");
    let data = "(data (i32.const 8) \"TIME\")\n)\n";
    let wat = format!("{}{data}", wat.trim_end().strip_suffix(')').expect("the text has an end"));
    project.write("plugins/echo/echo.wat", wat);
    let command = r#"sed s/TIME/$(date +%s%N)/ echo.wat >"$SCRATCH/a.wat"
wasm-tools component embed "$WIT" --world transformer "$SCRATCH/a.wat" -o "$SCRATCH/a.wasm"
wasm-tools component new "$SCRATCH/a.wasm" -o "$COMPONENT""#;
    project.plugin("plugins/echo", &command.replace('\n', " && "));
    let output = again(&project, &["repro"]);
    let says = "echo: differs";
    assert!(output.code != Some(0) && output.to_string().contains(says), "{output}");
    // A plugin that is not declared as reproducible is built again only if it is named.
    let manifest = project.read("plugins/echo/plugin.toml");
    project.write(
        "plugins/echo/plugin.toml",
        manifest.replace("reproducible = true", "reproducible = false"),
    );
    assert_snapshot!(again(&project, &["repro"]), @"
    ── stderr
    error: there is no plugin to rebuild in `$FOLDER`: name one
    [exit code 2]
    ");
    assert_ne!(again(&project, &["repro", "echo"]).code, Some(0));
}

#[test]
fn links_and_odd_files_are_copied_as_they_are_meant() {
    let project = Project::new();
    let outside = tempfile::tempdir().expect("a temporary folder can be created");
    fs::write(outside.path().join("given"), "given").expect("the file can be written");
    fs::create_dir(project.path("shared")).expect("the folder can be created");
    project.write("shared/text", "shared");
    let link =
        |to: &str, name: &str| symlink(to, project.path(name)).expect("the link can be created");
    link("../../shared", "plugins/echo/below");
    link(project.path("shared/text").to_str().expect("the path is UTF-8"), "plugins/echo/whole");
    link(outside.path().join("given").to_str().expect("the path is UTF-8"), "plugins/echo/outside");
    let up = "../".repeat(project.path("plugins/echo").components().count() + 3);
    let given = outside.path().join("given").display().to_string();
    link(&format!("{up}{}", given.trim_start_matches('/')), "plugins/echo/far");
    link("nowhere", "lost");
    link("dist", "other-dist");
    let test = "[ $(cat below/text) = shared ] && [ $(cat whole) = shared ] && [ $(cat far) = given ] && [ $(cat outside) = \
                given ] && case $(realpath whole) in $PWD/*) false ;; */plugwright/shared/* | */shared/text) ;; esac && ";
    project.plugin("plugins/echo", &format!("{test}{COPY}"));
    project.write("plugins/echo/read-only", "text");
    let mode = |mode: u32| fs::Permissions::from_mode(mode);
    fs::set_permissions(project.path("plugins/echo/read-only"), mode(0o444))
        .expect("the permissions can be set");
    mkfifo(&project.path("pipe"));
    project.done(&["build"]);
    assert_eq!(again(&project, &["verify"]).code, Some(0));
    assert_eq!(again(&project, &["repro"]).code, Some(0));
    // The temporary folder can be inside the project, and the target folder can be an absolute path.
    fs::create_dir(project.path("tmp")).expect("the folder can be created");
    let mut command = project.command(&["verify"]);
    command.env("TMPDIR", project.path("tmp")).env("CARGO_TARGET_DIR", project.path("target"));
    let output = Output::of(&mut command);
    assert_eq!(output.code, Some(0), "{output}");
    assert_eq!(project.names("tmp"), Vec::<String>::new());
}

#[test]
fn it_is_typed_in_a_folder_below_as_well() {
    let project = Project::new();
    project.write("plugwright.toml", "");
    project.done(&["build"]);
    fs::create_dir(project.path("below")).expect("the folder can be created");
    for arguments in [&["verify"][..], &["verify", "../dist"], &["verify", "../dist", "echo"]] {
        let output = Output::of(&mut project.command_in("below", arguments));
        assert_eq!(output.code, Some(0), "{arguments:?}: {output}");
    }
}
