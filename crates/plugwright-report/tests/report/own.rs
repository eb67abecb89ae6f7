//! This repository's own plugins.

use insta::assert_snapshot;
use tests::{cases, dist, dist_folder, root};

use crate::command::{Made, report};
use crate::page;

fn made() -> Made {
    report(&root(), &[dist_folder().to_str().expect("UTF-8")])
}

/// Removes from the summary what depends on the build and on the cases.
fn masked(summary: &str) -> String {
    let name = dist_folder().file_name().expect("a name").to_string_lossy().into_owned();
    let summary = summary.replacen(&format!("`{name}`"), "`dist`", 1);
    let mut masked = String::new();
    for line in summary.split_inclusive('\n') {
        let is_counted = line.starts_with('|') || line.starts_with("**");
        let mut was_digit = false;
        for c in line.chars() {
            let is_digit = is_counted && (c.is_ascii_digit() || (was_digit && c == '.'));
            if is_digit && !was_digit {
                masked.push('N');
            }
            if !is_digit {
                masked.push(c);
            }
            was_digit = is_digit;
        }
    }
    masked.replace("KiB", "SIZE").replace("MiB", "SIZE")
}

#[test]
fn the_summary_is_a_table_of_all_plugins() {
    let summary = masked(&made().summary);
    // Plugins that are built to compile quickly exceed their budgets.
    let lines = summary.lines().filter(|line| !line.contains("over its budget"));
    assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @"
    ## Plugins in `dist`

    **Nothing found.** N plugins. All N cases passed, and so did N checks. The report was made without an older folder to compare with (`--base`), a key to check signatures with (`--trust`) and times of a benchmark (`--bench`).

    | plugin | size | difference | cases | asks for |
    | --- | ---: | ---: | ---: | --- |
    | `checksum` | N SIZE |  | N | nothing |
    | `count` | N SIZE |  | N | nothing |
    | `csv-json` | N SIZE |  | N | nothing |
    | `jq` | N SIZE |  | N | nothing |
    | `markdown` | N SIZE |  | N | nothing |
    | `quote` | N SIZE |  | N | nothing |
    | `redact` | N SIZE |  | N | nothing |
    | `template` | N SIZE |  | N | `folder=/templates` |
    | `thumbnail` | N SIZE |  | N | nothing |
    ");
}

/// Checks, such as of a grant, do not count as cases.
#[test]
fn a_case_is_what_is_a_file_in_the_folder_of_cases() {
    let (summary, all) = (made().summary, cases());
    let of_all = format!(" All {} cases passed", all.len());
    assert!(summary.contains(&of_all), "{of_all}: {summary}");
    for entry in dist().plugins() {
        let of_plugin = all.iter().filter(|case| case.plugin() == entry.name).count();
        let row = summary.lines().find(|line| line.starts_with(&format!("| `{}` |", entry.name)));
        let counted = row.and_then(|row| row.split(" | ").nth(3));
        assert_eq!(counted, Some(&*of_plugin.to_string()), "{}", entry.name);
    }
}

#[test]
fn the_page_tells_of_each_plugin_and_of_the_contract() {
    let page = made().page;
    page::check(&page);
    let text = page::text(&page);
    for entry in dist().plugins() {
        assert!(text.contains(&entry.sha256), "{}", entry.name);
    }
    for known in [
        "Parts by size",
        "folder=/templates",
        "plugwright:plugin/host@0.2.0",
        "MIT OR Apache-2.0",
        "wasm32-wasip2",
        "transform: func(input: document, options: list<setting>) -> result<document, failure>",
        "record document { name: string, media-type: string, body: list<u8>, attributes: list<attribute> }",
        "Writes one line to the host's log. The host adds which plugin wrote it.",
        " passed",
    ] {
        assert!(text.contains(known), "{known}");
    }
}

#[test]
fn it_is_the_same_each_time_and_names_no_place_of_this_machine() {
    let (one, other) = (made(), made());
    assert!(one.page == other.page && one.summary == other.summary);
    for place in [root(), dist_folder()] {
        let place = place.to_string_lossy().into_owned();
        assert!(!one.page.contains(&place) && !one.summary.contains(&place), "{place}");
    }
}
