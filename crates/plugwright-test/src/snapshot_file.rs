//! Snapshot files in insta's format. They are read up to a limit, written without insta, and never accessed through a
//! link.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use insta::TextSnapshotKind;
use insta::internals::TextSnapshotContents;
use plugwright::FileKind;

use crate::case_error::CaseError;

/// The `source` in the head of snapshots. It is constant, because the path of these sources differs between machines.
pub(crate) const SOURCE: &str = "plugwright test";

/// The kind of snapshot files, which have at most 512 MiB, as outcomes do.
const SNAPSHOT: FileKind = FileKind::new("snapshot", 512 << 20);

/// The line above and below the head of a snapshot.
const RULE: &str = "---";

/// Refuses links on the way from the project's folder to `path`. Through a link, accepted snapshots would be written
/// and unused snapshots removed elsewhere.
///
/// # Errors
///
/// Returns [`CaseError::Link`] with the first link.
pub(crate) fn refuse_links(folder: &Path, path: &Path) -> Result<(), CaseError> {
    let mut place = folder.to_owned();
    for part in path.components() {
        place.push(part);
        if fs::symlink_metadata(&place).is_ok_and(|it| it.is_symlink()) {
            return Err(CaseError::Link { path: place });
        }
    }
    Ok(())
}

/// Reads the text of the snapshot `path`, which is relative to the project's folder. Absent if there is no snapshot yet.
///
/// # Errors
///
/// Fails if the file cannot be read, or if a link is in its place or in the place of the [proposed](proposed) file.
pub(crate) fn read(folder: &Path, path: &Path) -> Result<Option<String>, CaseError> {
    refuse_links(folder, path)?;
    refuse_links(folder, &proposed(path))?;
    match SNAPSHOT.read_text(folder.join(path)) {
        Ok(text) => Ok(Some(normal(body(&text)))),
        // If a file is in the place of the folder, writing the snapshot fails, and that error is reported.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Returns the path of the file that is proposed for the snapshot `path`.
pub(crate) fn proposed(path: &Path) -> PathBuf {
    path.with_added_extension("new")
}

/// Normalises the text as insta does in files: without spaces at the end, and with line feeds as line ends.
pub(crate) fn normal(text: &str) -> String {
    TextSnapshotContents::new(text.to_owned(), TextSnapshotKind::File).to_string()
}

/// Returns whether two [normal](normal) texts are equal. As in insta, empty lines at the beginning do not count.
pub(crate) fn are_same(one: &str, other: &str) -> bool {
    one.trim_start_matches('\n') == other.trim_start_matches('\n')
}

/// Returns the whole text of a snapshot file for this [normal](normal) text and the project's input file `input`.
pub(crate) fn whole(input: Option<&str>, text: &str) -> String {
    let input = input.map_or(String::new(), |it| format!("input_file: {}\n", yaml(it)));
    format!("{RULE}\nsource: {SOURCE}\n{input}{RULE}\n{text}\n")
}

/// Writes the proposed file and creates the folders above it. It replaces the file of an earlier run.
///
/// # Errors
///
/// Returns the error of the system if the file cannot be written.
pub(crate) fn propose(file: &Path, whole: &str) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(file)?;
    file.write_all(whole.as_bytes())
}

/// Returns the text below the head, or the whole text if there is no head, as in a damaged file.
fn body(text: &str) -> &str {
    let mut lines = text.split_inclusive('\n');
    let Some(first) = lines.next().filter(|first| first.trim_end() == RULE) else { return text };
    let mut at = first.len();
    for line in lines {
        at = at.saturating_add(line.len());
        if line.trim_end() == RULE {
            return text.get(at..).unwrap_or_default();
        }
    }
    text
}

/// Returns the path as YAML: plain if possible, otherwise in quotes. YAML accepts JSON's quotes.
fn yaml(path: &str) -> String {
    let is_special = |c: char| c.is_control() || ":{}[],#`\"'\\".contains(c);
    if path.contains(is_special) || path.ends_with(' ') {
        serde_json::Value::from(path).to_string()
    } else {
        path.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_left_out_if_there_is_one() {
        assert_eq!(body("---\nsource: a\n---\nb\n---\nc\n"), "b\n---\nc\n");
        assert_eq!(body("---\r\n---\r\nb"), "b");
        assert_eq!(body(""), "");
        assert_eq!(body("---\nsource: a\n"), "---\nsource: a\n");
        assert_eq!(body("<<<<<<<\n---\n---\n"), "<<<<<<<\n---\n---\n");
        assert!(are_same(&normal("\n\r\n> a()\n\n"), &normal("> a()")));
        assert!(!are_same("> a()\n\n< 1", "> a()\n< 1"));
    }

    #[test]
    fn a_name_of_a_file_stays_in_its_line_of_the_head() {
        assert_eq!(
            whole(Some("tests/cases/a/b c.calls"), "> a()"),
            "---\nsource: plugwright test\ninput_file: tests/cases/a/b c.calls\n---\n> a()\n"
        );
        assert_eq!(
            whole(Some("a\n---\n'\u{1b}"), ""),
            "---\nsource: plugwright test\ninput_file: \"a\\n---\\n'\\u001b\"\n---\n\n"
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_and_what_is_no_file_are_refused() {
        use std::os::unix::fs::symlink;
        use std::os::unix::net::UnixListener;

        let (project, other) = (tempfile::tempdir(), tempfile::tempdir());
        let (project, other) = (project.expect("a folder"), other.expect("a folder"));
        let folder = project.path();
        let refused = |path: &str| match read(folder, Path::new(path)) {
            Ok(_) => "read".to_owned(),
            Err(error) => crate::case_error::told(&error).replace(&*folder.to_string_lossy(), "$"),
        };
        fs::write(other.path().join("a.snap"), "secret").expect("a file");
        fs::create_dir_all(folder.join("snapshots/a")).expect("folders");
        symlink(other.path(), folder.join("snapshots/linked")).expect("a link");
        symlink(other.path().join("a.snap"), folder.join("snapshots/a/file.snap")).expect("a link");
        symlink(other.path().join("none"), folder.join("snapshots/a/b.snap.new")).expect("a link");
        let link = "is a link, but snapshots must be files of the project itself: remove the link";
        assert_eq!(refused("snapshots/linked/a.snap"), format!("`$/snapshots/linked` {link}"));
        assert_eq!(refused("snapshots/a/file.snap"), format!("`$/snapshots/a/file.snap` {link}"));
        assert_eq!(refused("snapshots/a/b.snap"), format!("`$/snapshots/a/b.snap.new` {link}"));
        assert_eq!(refused("snapshots/a/none.snap"), "read");
        let _socket = UnixListener::bind(folder.join("snapshots/a/s.snap")).expect("a socket");
        assert_eq!(
            refused("snapshots/a/s.snap"),
            "cannot read the snapshot `$/snapshots/a/s.snap`: it is a socket, but only regular files can be read"
        );
        let sparse = fs::File::create(folder.join("snapshots/a/long.snap")).expect("a file");
        sparse.set_len(5 << 30).expect("the file system has such files");
        assert_eq!(
            refused("snapshots/a/long.snap"),
            "cannot read the snapshot `$/snapshots/a/long.snap`: it is longer than 512MiB, the maximum for a snapshot"
        );
        // If a link is in the place of the proposed file, it is replaced, not followed.
        let proposed = folder.join("snapshots/a/c.snap.new");
        symlink(other.path().join("a.snap"), &proposed).expect("a link");
        propose(&proposed, "new").expect("it can be written");
        assert_eq!(fs::read_to_string(&proposed).expect("a file"), "new");
        assert_eq!(fs::read_to_string(other.path().join("a.snap")).expect("a file"), "secret");
    }
}
