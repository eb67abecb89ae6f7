//! The pages of the guide that are made from the code: every option of the command, and every error of the libraries.
//!
//! `just review` and `just bless` write them anew; every other run of the tests compares them.

use std::fmt::Write as _;
use std::fs;

use regex_lite::Regex;
use syn::{Attribute, Expr, ExprLit, Ident, Item, Lit, LitStr, Meta, Visibility};
use tests::{Output, plugwright, root};

use crate::layers::sources;

/// The crates whose errors an application meets.
const LIBRARIES: &[&str] = &[
    "plugwright",
    "plugwright-contract",
    "plugwright-registry",
    "plugwright-http",
    "plugwright-report",
    "plugwright-test",
];

/// Compares the page with what the code makes of it, or writes it where snapshots are accepted.
#[track_caller]
fn keep(page: &str, text: &str) {
    let path = root().join("docs/src").join(page);
    if std::env::var_os("INSTA_FORCE_PASS").is_some_and(|it| it == "1") {
        fs::write(&path, text).expect("the page can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let differs = kept.lines().zip(text.lines()).find(|(kept, text)| kept != text);
    assert!(
        kept == text,
        "`docs/src/{page}` differs from what the code makes: run `just bless`: {differs:?}"
    );
}

#[test]
fn the_page_of_options_has_those_of_the_help() {
    let help = |arguments: &[&str]| {
        let output = Output::of(&mut plugwright(&root(), arguments));
        assert_eq!(output.code, Some(0), "{output}");
        output.stdout
    };
    let all = help(&["help", "--all"]);
    let row = Regex::new(r"(?m)^  ([a-z]+) +\S.*$").expect("a pattern");
    let verbs = row.captures_iter(&all).map(|it| it[1].to_owned());
    let mut page = "# Options\n\nEvery argument and option of the command, as `plugwright VERB --help` shows them. \
                    [The command](command.md) says what the verbs are for.\n"
        .to_owned();
    let top = help(&["--help"]);
    page += "\n## Options of all verbs\n";
    let shared = entries(&top);
    shared.iter().for_each(|entry| entry.write(&mut page));
    for verb in verbs.filter(|verb| verb != "help") {
        let text = help(&[&verb, "--help"]);
        section(&mut page, &verb, &text, &shared, 2);
        let Some((_, list)) = text.split_once("\nCommands:\n") else { continue };
        let list = list.split("\n\n").next().unwrap_or_default();
        for sub in row.captures_iter(list).map(|it| it[1].to_owned()).filter(|it| it != "help") {
            let text = help(&[&verb, &sub, "--help"]);
            section(&mut page, &format!("{verb} {sub}"), &text, &shared, 3);
        }
    }
    keep("options.md", &page);
}

/// An argument or option, and the paragraphs that explain it.
struct Entry {
    name: String,
    paragraphs: Vec<String>,
}

impl Entry {
    /// Whether both say the same, whatever the layout: the help of a verb puts defaults into lines of their own.
    fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.paragraphs.join(" ") == other.paragraphs.join(" ")
    }

    fn write(&self, page: &mut String) {
        let text = self.paragraphs.join("\n\n  ");
        // The machine's own values are in the help, too.
        let variable = Regex::new(r"\[env: (\w+)=[^\]]*\]").expect("a pattern");
        let text = variable.replace_all(&text, "[env: $1]");
        writeln!(page, "\n- `{}`: {text}", self.name).expect("a string takes all");
    }
}

fn section(page: &mut String, verb: &str, help: &str, shared: &[Entry], level: usize) {
    let (about, rest) = help.split_once("\n\nUsage: ").expect("it says how it is called");
    let usage = rest.split("\n\n").next().expect("there is one").replace("\n       ", "\n");
    let marks = "#".repeat(level);
    write!(page, "\n{marks} {verb}\n\n{about}\n\n```text\n{usage}\n```\n")
        .expect("a string takes all");
    let is_shared =
        |entry: &Entry| shared.iter().any(|it| it.is_same(entry)) || entry.name.starts_with("-h, ");
    entries(help).iter().filter(|it| !is_shared(it)).for_each(|entry| entry.write(page));
}

/// The arguments and options of a help: names begin a line at two or six spaces, texts are further in or behind the name.
fn entries(help: &str) -> Vec<Entry> {
    let mut entries = Vec::<Entry>::new();
    let mut is_inside = false;
    let mut is_new = true;
    for line in help.lines() {
        let text = line.trim();
        let depth = line.len() - line.trim_start().len();
        if !line.is_empty() && depth == 0 {
            is_inside = ["Arguments:", "Options:"].contains(&line);
        } else if !is_inside {
        } else if text.is_empty() {
            is_new = true;
        } else if depth <= 6 && (text.starts_with(['-', '<', '['])) {
            let (name, told) = text.split_once("  ").unwrap_or((text, ""));
            let paragraphs = (!told.is_empty()).then(|| told.trim().to_owned());
            entries.push(Entry {
                name: name.to_owned(),
                paragraphs: paragraphs.into_iter().collect(),
            });
            is_new = true;
        } else if let Some((value, told)) = value(text) {
            let entry = entries.last_mut().expect("a value is of an option");
            entry.paragraphs.push(format!("- `{value}`: {told}"));
        } else if let Some(entry) = entries.last_mut() {
            match entry.paragraphs.last_mut().filter(|_| !is_new) {
                Some(last) => *last = format!("{last} {text}"),
                None => entry.paragraphs.push(text.to_owned()),
            }
            is_new = false;
        }
    }
    entries
}

/// A line of the list of values, and what the value stands for.
fn value(line: &str) -> Option<(&str, &str)> {
    let (value, told) = line.strip_prefix("- ")?.split_once(':')?;
    Some((value, told.trim()))
}

#[test]
fn the_page_of_errors_has_those_of_the_libraries() {
    let mut page = "# Errors\n\nEvery error type of the libraries, with its messages, in which `…` stands for a value or for another error, and \
                    their causes. An exceeded limit has a message that names the [limit](limits.md). The command shows the \
                    same messages after `error: `, and its [exit code](command.md#exit-codes) tells the kind.\n"
        .to_owned();
    for library in LIBRARIES {
        writeln!(page, "\n## {library}").expect("a string takes all");
        for file in sources(&root().join("crates").join(library).join("src")) {
            let text = fs::read_to_string(&file).expect("UTF-8");
            let file = syn::parse_file(&text).expect("it compiles");
            file.items.iter().for_each(|item| errors(&mut page, item));
        }
    }
    keep("errors.md", &page);
}

/// Writes a table of the errors that the item declares.
fn errors(page: &mut String, item: &Item) {
    match item {
        Item::Enum(item) if matches!(item.vis, Visibility::Public(_)) => {
            let rows = item.variants.iter().filter_map(|variant| {
                let message = message(&variant.attrs)?;
                Some([format!("`{}`", variant.ident), message, documentation(&variant.attrs)])
            });
            table(page, &item.ident, Some(&item.attrs), &["variant", "message", "cause"], rows);
        }
        Item::Struct(item) if matches!(item.vis, Visibility::Public(_)) => {
            let row = message(&item.attrs).map(|message| [message, documentation(&item.attrs)]);
            table(page, &item.ident, None, &["message", "cause"], row.into_iter());
        }
        _ => {}
    }
}

fn table<const COLUMNS: usize>(
    page: &mut String,
    name: &Ident,
    attributes: Option<&[Attribute]>,
    columns: &[&str; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return;
    }
    let about = attributes.map(|it| documentation(it) + "\n\n").unwrap_or_default();
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    *page += &format!("\n### {name}\n\n{about}");
    *page += &line(&columns.map(str::to_owned));
    *page += &line(&columns.map(|_| "---".to_owned()));
    rows.for_each(|row| *page += &line(&row.map(|text| cell(&text))));
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// The text of `#[error("…")]`, with `…` for each value. A transparent error shows the error within it.
fn message(attributes: &[Attribute]) -> Option<String> {
    let attribute = attributes.iter().find(|it| it.path().is_ident("error"))?;
    let arguments = attribute.meta.require_list().expect("a message");
    let first = arguments.tokens.clone().into_iter().next().expect("a message").to_string();
    if first == "transparent" {
        return Some("…".to_owned());
    }
    let text = syn::parse_str::<LitStr>(&first).expect("a message is a literal").value();
    let values = Regex::new(r"\{[^{}]*\}").expect("a pattern");
    Some(values.replace_all(&text, "…").replace("{{", "{").replace("}}", "}"))
}

/// The doc comment: its first paragraph, without links.
fn documentation(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter(|it| it.path().is_ident("doc")).filter_map(|it| match &it
        .meta
    {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    });
    let text = lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let link = Regex::new(r"\[([^\]]*)\](\([^)]*\))?").expect("a pattern");
    link.replace_all(&text, "$1").into_owned()
}
