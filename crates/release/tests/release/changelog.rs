//! What counts as a heading, as a change and as a note in `CHANGELOG.md`.

use insta::assert_snapshot;

use crate::repository::Repository;

#[test]
fn sections_without_a_change_are_refused() {
    let small = Repository::small();
    let said = [
        "## [Unreleased]\n\n<!-- Nothing\nyet. -->\n",
        "## [Unreleased]\n\n ### Added\n\nFixed\n-----\n",
        "## [Unreleased]\n\n[Unreleased]: https://example.org\n",
        "## [Unreleased]\n\n- One.\n\n## [Unreleased]\n\n- Two.\n",
        "Below `## [Unreleased]`:\n\n```\n## [Unreleased]\n\n- An example.\n```\n",
    ];
    let said = said.map(|text| {
        small.write("CHANGELOG.md", text);
        small.commit();
        small.release(["0.2.0", "--plugwright", "target/plugwright"]).error()
    });
    assert_snapshot!(said.concat(), @"
    error: CHANGELOG.md has nothing under `## [Unreleased]`: describe the changes since the last version
    error: CHANGELOG.md has nothing under `## [Unreleased]`: describe the changes since the last version
    error: CHANGELOG.md has nothing under `## [Unreleased]`: describe the changes since the last version
    error: CHANGELOG.md has the heading `## [Unreleased]` twice: move the changes under one of them
    error: CHANGELOG.md has no heading `## [Unreleased]`: add it above the last version
    ");
    assert_eq!(small.git(&["status", "--porcelain"]), "");
}

#[test]
fn the_heading_is_renamed_and_the_rest_is_kept() {
    let small = Repository::small();
    let text = "# Changes\r\n\r\nWrite below `## [Unreleased]`, not\r\n## [Unreleased]s.\r\n\r\n## [Unreleased]\r\n\r\n#123 fixed\r\n";
    small.write("CHANGELOG.md", text);
    small.commit();
    let output = small.release(["0.2.0", "--plugwright", "target/plugwright"]);
    assert_eq!(output.code, Some(0), "{output}");
    let today = crate::repository::Output::well(
        std::process::Command::new("date").args(["-u", "+%Y-%m-%d"]),
    );
    let released =
        format!("\r\n## [Unreleased]\r\n\r\n## [0.2.0] - {}\r\n\r\n#123", today.trim_end());
    let expected = text.replace("\r\n## [Unreleased]\r\n\r\n#123", &released);
    assert_eq!(small.read("CHANGELOG.md"), expected);
}

#[test]
fn notes_are_one_section_with_its_links() {
    let small = Repository::small();
    small.write(
        "CHANGELOG.md",
        "# Changes

## [Unreleased]

- Run [pears][guide]:

  ~~~text
  ## [0.0.9] is no heading
  ~~~
- Last.

## [0.0.9] - 2020-02-02

- Old.

[Unreleased]: https://example.org/compare
[guide]: https://example.org/guide
",
    );
    small.commit();
    small.packages("0.1.0");
    let output = small.dry_run("0.1.0", &[]);
    assert_eq!(output.code, Some(0), "{output}");
    assert_snapshot!(small.read("target/releases/0.1.0/files/release-notes.md"), @"
    - Run [pears][guide]:

      ~~~text
      ## [0.0.9] is no heading
      ~~~
    - Last.

    [guide]: https://example.org/guide
    ");
}
