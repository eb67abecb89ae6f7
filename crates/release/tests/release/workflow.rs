//! The release workflow: only a tag publishes anything, all actions are pinned, and its scripts publish only what was built.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::repository::{Output, Repository, root};

fn workflow() -> String {
    fs::read_to_string(root().join(".github/workflows/release.yml")).expect("it exists")
}

/// The text of each job, by its name.
fn jobs(workflow: &str) -> BTreeMap<&str, String> {
    let (_, jobs) = workflow.split_once("\njobs:\n").expect("it has jobs");
    let mut found = BTreeMap::<_, String>::new();
    let mut name = "";
    for line in jobs.lines() {
        let begins = line.strip_prefix("  ").and_then(|line| line.strip_suffix(':'));
        name = begins.filter(|it| !it.starts_with([' ', '#'])).unwrap_or(name);
        *found.entry(name).or_default() += &format!("{line}\n");
    }
    found
}

/// The lines of scripts.
fn scripts(workflow: &str) -> Vec<&str> {
    let mut scripts = Vec::new();
    let mut within = None;
    for line in workflow.lines() {
        let depth = line.len() - line.trim_start().len();
        if within.is_some_and(|begin| depth > begin || line.is_empty()) {
            scripts.push(line);
            continue;
        }
        within = None;
        if let Some((before, script)) = line.split_once("run: ") {
            // The keys after a dash are two columns further right.
            within = Some(before.len()).filter(|_| script.starts_with(['|', '>']));
            scripts.push(script);
        }
    }
    scripts
}

#[test]
fn only_a_tag_publishes() {
    let workflow = workflow();
    let (_, on) = workflow.split_once("\non:\n").expect("it has triggers");
    let on: Vec<_> = on.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
    assert_eq!(on, ["push:", r#"tags: ["v*"]"#, "workflow_dispatch:"]);
    assert!(workflow.contains("\npermissions: {}\n"), "jobs get no other permissions");
    let guard = "    if: github.event_name == 'push' && github.ref_type == 'tag'\n";
    let publishes = |job: &str| {
        ["release/publish", "cargo publish", "gh release", ": write"]
            .iter()
            .any(|it| job.contains(it))
    };
    let mut guarded = Vec::new();
    for (name, job) in jobs(&workflow) {
        assert_eq!(publishes(&job), job.contains(guard), "the job `{name}`");
        if publishes(&job) {
            guarded.push(name);
        }
    }
    assert_eq!(guarded, ["crates", "release"]);
    assert!(
        jobs(&workflow)["crates"].contains("    environment: crates-io\n"),
        "somebody approves it"
    );
}

#[test]
fn actions_are_pinned_and_there_is_no_cache() {
    let workflow = workflow();
    let used = workflow.lines().filter_map(|line| line.split_once("uses: "));
    for (_, action) in used {
        let (action, version) = action.split_once(" # v").expect("it has a version");
        let (name, commit) = action.split_once('@').expect("it has a commit");
        assert!(commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()), "{action}");
        assert_eq!(version.split('.').count(), 3, "{action}");
        assert!(!name.contains("cache"), "{action}");
    }
    // An expression in a script could inject commands.
    for line in scripts(&workflow) {
        assert!(!line.contains("${{"), "{line}");
    }
}

#[test]
fn jobs_wait_for_what_they_publish() {
    let workflow = workflow();
    let jobs = jobs(&workflow);
    let needs = jobs.iter().map(|(name, job)| {
        let needs = job.lines().find_map(|line| line.strip_prefix("    needs: "));
        (*name, needs.unwrap_or_default())
    });
    let expected =
        [("archive", ""), ("crates", "join"), ("join", "archive"), ("release", "[join, crates]")];
    assert_eq!(needs.collect::<Vec<_>>(), expected);
    // An earlier job is not skipped, and a failure is not ignored.
    for word in ["always()", "continue-on-error", "failure()", "cancelled()"] {
        assert!(!workflow.contains(word), "{word}");
    }
    assert!(jobs["join"].contains(" --all-systems"));
    assert!(jobs["release"].contains("\n      - run: sha256sum --check --strict SHA256SUMS\n"));
    let before = |job: &str, first: &str, second: &str| {
        let at = |text: &str| jobs[job].find(text).unwrap_or_else(|| panic!("no `{text}`"));
        assert!(at(first) < at(second), "`{first}` and `{second}`");
    };
    before("release", "!= \"$COMMIT\"", "gh release create");
    before("release", "gh release view", "gh release create");
    before("release", "--verify-tag", "gh release create \"$TAG\" \"${arguments[@]}\"");
    before("crates", "release/compare", "crates-io-auth-action");
    before("crates", "crates-io-auth-action", "release/publish");
}

#[test]
fn no_other_code_runs_beside_the_token() {
    let workflow = workflow();
    let crates = &jobs(&workflow)["crates"];
    assert_eq!(
        scripts(crates),
        [
            "rustup toolchain install",
            "bash crates/release/compare target/list/crates.txt target/parts/SHA256SUMS",
            "bash crates/release/publish target/list/crates.txt",
        ]
    );
    let token = "CARGO_REGISTRY_TOKEN: ${{ steps.registry.outputs.token }}";
    let step = format!(
        "      - run: bash crates/release/publish target/list/crates.txt\n        env:\n          {token}\n"
    );
    assert!(crates.contains(&step), "{crates}");
    assert_eq!(workflow.matches("CARGO_REGISTRY_TOKEN").count(), 1);
    for script in ["compare", "publish"] {
        let text = fs::read_to_string(root().join("crates/release").join(script)).expect("text");
        assert!(!text.contains("cargo run") && !text.contains("./dev"), "{script}");
        assert!(text.contains(" --no-verify "), "cargo must not compile anything");
    }
}

/// Runs a script with this stand-in for cargo, in a repository with the list of crates.
fn script(small: &Repository, name: &str, cargo: &str, more: &[&str]) -> Output {
    let program = small.path("target/programs/cargo");
    small.write("target/programs/cargo", format!("#!/bin/sh\n{cargo}\n"));
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it exists");
    small.write("target/list", "zebra 0.1.0\npear 0.1.0\n");
    let path = format!("{}:/usr/bin:/bin", program.parent().expect("a folder").display());
    let mut bash = Command::new("bash");
    bash.arg(root().join("crates/release").join(name)).arg("target/list").args(more);
    Output::of(bash.env("PATH", path).env_remove("CARGO_TARGET_DIR").current_dir(small.path("")))
}

#[test]
fn crates_that_are_published_are_skipped_and_other_errors_stop() {
    let small = Repository::small();
    let publish = |cargo: &str| script(&small, "publish", cargo, &[]);
    let all = publish("echo \"$@\"");
    assert_eq!(all.code, Some(0), "{all}");
    assert_eq!(
        all.stdout,
        "publish --locked --no-verify --package zebra\npublish --locked --no-verify --package pear\n"
    );
    let exists = "echo 'error: crate zebra@0.1.0 already exists on crates.io index' >&2; exit 101";
    let rest = publish(&format!("[ \"$5\" = pear ] && exit; {exists}"));
    assert_eq!(rest.code, Some(0), "{rest}");
    assert!(rest.stdout.starts_with("zebra 0.1.0 is already in the registry\n"), "{rest}");
    // It is another crate that exists.
    assert_eq!(publish(exists).code, Some(1));
    let offline = publish("echo 'error: the registry does not answer' >&2; exit 101");
    assert_eq!(offline.code, Some(1));
    assert!(offline.stderr.contains("does not answer") && offline.stdout.is_empty(), "{offline}");
}

#[test]
fn packages_that_differ_are_not_published() {
    let small = Repository::small();
    let cargo = "mkdir -p target/package && cp target/packages/*-0.1.0.crate target/package && rm target/package/apple*";
    let sums = |names: &[&str]| {
        let packages = small.path("target/packages");
        let sums = names
            .iter()
            .map(|name| format!("{}  {name}\n", crate::repository::sha256(&packages.join(name))));
        small.write("target/SHA256SUMS", sums.collect::<String>() + "0123  release-notes.md\n");
    };
    let compare = || script(&small, "compare", cargo, &["target/SHA256SUMS"]);
    sums(&["pear-0.1.0.crate", "zebra-0.1.0.crate"]);
    let same = compare();
    assert_eq!(same.code, Some(0), "{same}");
    sums(&["pear-0.1.0.crate"]);
    assert_eq!(compare().code, Some(1));
    sums(&["pear-0.1.0.crate", "zebra-0.1.0.crate"]);
    small.write("target/packages/zebra-0.1.0.crate", "other");
    let other = compare();
    assert_eq!(other.code, Some(1), "{other}");
    assert!(other.stderr.contains("are not those of the release"), "{other}");
}
