//! How many secrets the plugin `redact` finds, and how many false positives it has. The secrets are generated and
//! written as people and programs write them. There is also text without secrets.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use plugwright_contract::Document;
use plugwright_contract::prelude::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::string::string_regex;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tests::{root, transformer};

/// The number of values for each kind in each notation.
const VALUES: usize = 4;

/// Notations for a value beside a name.
const NAMED: [&str; 17] = [
    "NAME=VALUE\n",
    "export NAME=\"VALUE\"\n",
    "name: VALUE\n",
    "  - name: NAME\n    value: \"VALUE\"\n",
    "{\"name\": \"VALUE\", \"other\": 1}\n",
    r#""{\"name\":\"VALUE\"}""#,
    "name = \"VALUE\"\n",
    "ENV NAME VALUE\n",
    "<name>VALUE</name>\n",
    "<input name=\"NAME\" value=\"VALUE\">\n",
    "2026-11-29T10:00:00Z INFO name=VALUE done\r\n",
    "| `name` | `VALUE` |\n",
    "client = Client(name='VALUE')\n",
    "const name = `VALUE`;\n",
    "--name VALUE --other\n",
    "name\tVALUE\tother\n",
    "\u{1b}[32mname\u{1b}[0m=\u{1b}[1;33mVALUE\u{1b}[0m\n",
];

/// Notations for a value without a name.
const ALONE: [&str; 9] = [
    "It is VALUE.\n",
    "first,VALUE,last\n",
    "(VALUE), <VALUE>\n",
    "https://example.org/path?key=VALUE&more=1\n",
    "Authorization: Bearer VALUE\r\n",
    "> - VALUE\n",
    "[\"VALUE\",\"VALUE\"]",
    "log: got VALUE\\nnext line",
    "VALUE",
];

/// The names for values of a kind, and a regular expression for the values. If there are names, a value counts only
/// beside one of them.
struct Form {
    kind: &'static str,
    names: &'static [&'static str],
    value: &'static str,
}

const fn form(kind: &'static str, names: &'static [&'static str], value: &'static str) -> Form {
    Form { kind, names, value }
}

const SECRET_KEY: &[&str] = &[
    "AWS_SECRET_ACCESS_KEY",
    "aws_secret_access_key",
    "secretAccessKey",
    "SecretAccessKey",
    "aws-secret-key",
];

const SESSION_TOKEN: &[&str] = &["AWS_SESSION_TOKEN", "sessionToken", "X-Amz-Security-Token"];

const FORMS: [Form; 28] = [
    form("email", &[], "[a-z]{2,9}[.][a-z]{2,9}@[a-z]{3,9}[.](com|org|co[.]uk|example)"),
    form("email", &[], "[a-z]{2,9}[+][a-z0-9]{1,5}@[a-z]{3,9}-[a-z]{3,9}[.](io|museum)"),
    form("ip", &[], "(10|192|203)[.][1-9]?[0-9][.]1[0-9]{2}[.]2[0-4][0-9]"),
    form("ip", &[], "2001:db8:[1-9a-f][0-9a-f]{0,3}::[1-9a-f][0-9a-f]{2}"),
    form("card", &[], "4[0-9]{14}!|5[1-5][0-9]{13}!|3[47][0-9]{12}!|6011[0-9]{11}!"),
    form(
        "card",
        &[],
        "4[0-9]{3} [0-9]{4} [0-9]{4} [0-9]{3}!|5[1-5][0-9]{2}-[0-9]{4}-[0-9]{4}-[0-9]{3}!",
    ),
    form("iban", &[], "DE##[0-9]{18}|NL##[A-Z]{4}[0-9]{10}|FR##[0-9]{23}|GB##[A-Z]{4}[0-9]{14}"),
    form("iban", &[], "DE## [0-9]{4} [0-9]{4} [0-9]{4} [0-9]{4} [0-9]{2}"),
    form("aws", &[], "(AKIA|ASIA)[A-Z2-7]{16}"),
    form("aws", &[], "ABSK[A-Za-z0-9+/]{128}=="),
    form("aws", SECRET_KEY, "[A-Za-z0-9/+]{40}"),
    form("aws", SESSION_TOKEN, "IQoJb3JpZ2luX2Vj[A-Za-z0-9/+]{300,400}={1,2}"),
    form("github", &[], "gh[pour]_[A-Za-z0-9]{36}"),
    form("github", &[], "ghs_[A-Za-z0-9]{36}"),
    form(
        "github",
        &[],
        "ghs_[1-9][0-9]{5,7}_eyJ[A-Za-z0-9_-]{40,80}[.]eyJ[A-Za-z0-9_-]{80,200}[.][A-Za-z0-9_-]{86}",
    ),
    form("github", &[], "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    form("slack", &[], "xoxb-[1-9][0-9]{10,12}-[1-9][0-9]{10,12}-[A-Za-z0-9]{24}"),
    form("slack", &[], "xoxp-[1-9][0-9]{10,12}-[1-9][0-9]{10,12}-[1-9][0-9]{10,12}-[a-f0-9]{32}"),
    form("slack", &[], "xapp-1-A[A-Z0-9]{10}-[1-9][0-9]{12}-[a-f0-9]{64}"),
    form("slack", &[], "xoxe[.]xoxp-1-[A-Za-z0-9]{163}"),
    form("slack", &[], "xoxe-1-[A-Za-z0-9]{146}"),
    form("slack", &[], "hooks[.]slack[.]com/services/T[A-Z0-9]{10}/B[A-Z0-9]{10}/[A-Za-z0-9]{24}"),
    form(
        "jwt",
        &[],
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9[.]eyJ[A-Za-z0-9_-]{40,200}[.][A-Za-z0-9_-]{43}",
    ),
    form(
        "jwt",
        &[],
        "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9[.]eyJ[A-Za-z0-9_-]{40,200}[.][A-Za-z0-9_-]{342}",
    ),
    form(
        "jwt",
        &[],
        "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ[.][A-Za-z0-9_-]{342}[.][A-Za-z0-9_-]{16}[.][A-Za-z0-9_-]{80}[.][A-Za-z0-9_-]{22}",
    ),
    form("private-key", &[], "KEY RSA PRIVATE KEY"),
    form("private-key", &[], "KEY OPENSSH PRIVATE KEY"),
    form("private-key", &[], "KEY PRIVATE KEY"),
];

/// Notations for a block with a private key: the text before each line, and the text after each line.
const BLOCKS: [(&str, &str); 9] = [
    ("", "\n"),
    ("", "\r\n"),
    ("    ", "\n"),
    ("", "\\n"),
    ("> ", "\n"),
    ("# ", "\n"),
    ("+", "\n"),
    ("2026-11-29T10:00:00Z app[1]: ", "\n"),
    ("\"", "\\n\" +\n"),
];

#[test]
fn nearly_all_secrets_are_found() {
    let mut table = String::new();
    let (mut all, mut missed) = (0, BTreeSet::new());
    let kinds: Vec<_> = FORMS.iter().map(|form| form.kind).collect();
    let mut before = "";
    for kind in kinds {
        if kind == before {
            continue;
        }
        before = kind;
        let mask = format!("[REDACTED:{kind}]");
        let corpus: Vec<(String, Vec<String>)> =
            FORMS.iter().filter(|form| form.kind == kind).flat_map(written).collect();
        let missing = corpus.iter().filter(|(text, secrets)| {
            let document = Document::new("corpus.txt", "text/plain", text.as_str());
            let result = transformer("redact")
                .transform(&document, &[])
                .expect("the plugin accepts any text");
            let left = String::from_utf8(result.body).expect("the output is UTF-8");
            match &secrets[..] {
                [secret] => left != text.replace(secret, &mask),
                // The lines of a key are masked together.
                lines => {
                    let is_left = lines.iter().any(|line| left.contains(line.as_str()));
                    let is_whole = left.contains("before") && left.contains("after");
                    is_left || !is_whole || left.matches(&mask).count() != 1
                }
            }
        });
        let missing: Vec<_> = missing.map(|(text, _)| text.clone()).collect();
        all += corpus.len();
        let _ = writeln!(table, "{kind}: {} of {}", corpus.len() - missing.len(), corpus.len());
        missed.extend(missing);
    }
    for text in missed.iter().take(20) {
        let _ = writeln!(table, "missed: {text:?}");
    }
    let found = all - missed.len();
    assert!(found * 100 >= all * 98, "{found} of {all}\n{table}");
    assert_snapshot!(table, @"
    email: 208 of 208
    ip: 208 of 208
    card: 208 of 208
    iban: 208 of 208
    aws: 344 of 344
    github: 416 of 416
    slack: 624 of 624
    jwt: 312 of 312
    private-key: 108 of 108
    ");
}

/// Returns texts with values of the form, and for each text the strings that must not remain.
fn written(form: &Form) -> Vec<(String, Vec<String>)> {
    let seed = [7; 32];
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    if let Some(label) = form.value.strip_prefix("KEY ") {
        return blocks(label, &mut runner);
    }
    let values = string_regex(form.value).expect("the pattern is valid");
    let mut written = Vec::new();
    let ways = NAMED.iter().chain(ALONE.iter().filter(|_| form.names.is_empty()));
    for (index, way) in ways.enumerate() {
        for number in 0..VALUES {
            let value = values.new_tree(&mut runner).expect("the strategy gives a value").current();
            let value = checked(&value);
            let names = if form.names.is_empty() { &["token", "KEY"] } else { form.names };
            let name = names[(index + number) % names.len()];
            let text = way.replace("NAME", name).replace("name", name).replace("VALUE", &value);
            // Kubernetes calls the key `name`, whatever the value's name is.
            let text = text.replace(&format!("- {name}: "), "- name: ");
            written.push((text, vec![value]));
        }
    }
    written
}

/// Fills in check digits: `!` stands for that of a card, and `##` for those of an IBAN.
fn checked(value: &str) -> String {
    if let Some(number) = value.strip_suffix('!') {
        let digits = number.bytes().filter(u8::is_ascii_digit).rev();
        let sum: u32 = digits
            .enumerate()
            .map(|(index, digit)| {
                let digit = u32::from(digit - b'0');
                if index % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
            })
            .sum();
        return format!("{number}{}", (10 - sum % 10) % 10);
    }
    let Some((country, account)) = value.split_once("##") else { return value.to_owned() };
    let moved = format!("{}{country}00", account.replace(' ', ""));
    let remainder = moved.bytes().fold(0, |remainder, byte| {
        let value = char::from(byte).to_digit(36).expect("the character is a digit or a letter");
        (remainder * if value < 10 { 10 } else { 100 } + value) % 97
    });
    format!("{country}{:02}{account}", 98 - remainder)
}

/// Returns private keys in all notations.
fn blocks(label: &str, runner: &mut TestRunner) -> Vec<(String, Vec<String>)> {
    let lines = (prop::collection::vec("[A-Za-z0-9+/]{64}", 4..30), "[A-Za-z0-9+/]{20,60}={0,2}");
    let mut written = Vec::new();
    for (prefix, end) in BLOCKS {
        for _ in 0..VALUES {
            let (mut secrets, last) =
                lines.new_tree(runner).expect("the strategy gives lines").current();
            secrets.push(last);
            let mut text = format!("before{end}{prefix}-----BEGIN {label}-----{end}");
            for line in &secrets {
                let _ = write!(text, "{prefix}{line}{end}");
            }
            let _ = write!(text, "{prefix}-----END {label}-----{end}after{end}");
            written.push((text, secrets));
        }
    }
    written
}

#[test]
fn nearly_nothing_else_is_found() {
    // The text of this project: some megabytes of prose and programs, whose only secrets are those of tests.
    let mut files = texts(&root());
    files.sort();
    let is_ordinary = |file: &&PathBuf| {
        let file = file.to_string_lossy();
        !["redact", "secret"].iter().any(|word| file.contains(word))
    };
    let mut text = Vec::new();
    for file in files.iter().filter(is_ordinary) {
        text.extend(fs::read(file).expect("the file exists"));
    }
    assert!(text.len() > 2_000_000, "only {} bytes were searched", text.len());
    let document = Document::new("text.txt", "text/plain", text);
    let result =
        transformer("redact").transform(&document, &[]).expect("the plugin accepts any text");
    let found = result.attributes.iter().find(|it| it.key == "redacted").expect("the file exists");
    // E-mail addresses in examples are not false positives.
    let emails = result.attributes.iter().find(|it| it.key == "redacted.email");
    assert_eq!(Some(&found.value), emails.map(|it| &it.value), "{:?}", result.attributes);
}

/// Returns the hand-written files in the folder and below. It skips build output and hidden files.
fn texts(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .expect("the folder can be read")
        .map(|it| it.expect("the entry can be read").path());
    let is_written = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        !name.starts_with('.') && !["target", "dist", "result", "corpus"].contains(&&*name)
    };
    let kinds = ["md", "rs", "toml", "wit", "yml"];
    let of_kind =
        |path: &PathBuf| path.extension().is_some_and(|it| kinds.iter().any(|kind| it == *kind));
    let mut found = Vec::new();
    for path in entries.filter(is_written) {
        match path.is_dir() && !path.is_symlink() {
            true => found.extend(texts(&path)),
            false if path.is_file() && of_kind(&path) => found.push(path),
            false => {}
        }
    }
    found
}
