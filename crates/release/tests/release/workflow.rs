//! The release workflow: only a tag publishes anything, and all actions are pinned.

use std::collections::BTreeMap;
use std::fs;

use crate::repository::root;

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

#[test]
fn only_a_tag_publishes() {
    let workflow = workflow();
    assert!(workflow.contains("\npermissions: {}\n"), "jobs get no other permissions");
    let guard = "    if: github.event_name == 'push' && github.ref_type == 'tag'\n";
    let publishes =
        |job: &str| ["cargo publish", "gh release", ": write"].iter().any(|it| job.contains(it));
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
    let scripts =
        workflow.lines().filter(|line| line.starts_with("          ") || line.contains("run:"));
    for line in scripts.filter(|line| line.contains("${{")) {
        let (key, _) = line.trim().split_once(": ").expect("a value of its own");
        assert!(!key.starts_with("run") && !key.contains(' '), "{line}");
    }
}
