//! The properties of the plugin `redact`.

use plugwright::Plugin;
use plugwright_contract::cases::DocumentCase;
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Streamer};
use proptest::collection::{SizeRange, vec};
use proptest::prelude::*;
use proptest::sample::select;
use tests::{streamer, transformer};

use super::{config, in_pieces};

fn redact() -> Plugin<Streamer> {
    streamer("redact")
}

fn document(body: impl Into<Vec<u8>>) -> Document {
    Document::new("a.txt", "text/plain", body)
}

/// Secrets, parts of secrets, and text that changes where a neighbouring secret begins or ends.
const FRAGMENTS: &[&str] = &[
    "ada@example.com",
    "git@github.com:a/b",
    "jörg@müller.example",
    "@",
    "%40",
    "b.com",
    ".co",
    "x.",
    "192.0.2.1",
    "1.2.3.4.5",
    "fe80::1",
    "2001:db8::7",
    "fe80::",
    "::",
    "::1",
    ":",
    "1",
    "12",
    ".",
    "0",
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "378282246310005",
    "DE89370400440532013000",
    "DE89 3704 0044 0532 0130 00",
    "AKIAIOSFODNN7EXAMPLE",
    "secret_access_key=",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "xoxb-0123456789-EXAMPLEexample",
    "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    "eyJhbGciOiJIUzI1NiJ9",
    ".eyJzdWIiOiIxIn0.abc-_",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
    "-----BEGIN PRIVATE KEY-----",
    "Proc-Type: 4,ENCRYPTED\n",
    "MIIEvQIBADANBgkqhkiG9w0B",
    "-----END PRIVATE KEY-----",
    "-----",
    "\\n",
    "\\u003c",
    "%20",
    "\\",
    "a",
    "Z",
    "é",
    "日",
    "[",
    "]",
    "-",
    "_",
    "+",
    "'",
    "/",
    "=",
    "\"",
    "\n",
    " ",
    "   ",
];

/// Generates bytes that are mostly text and mostly contain a secret.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let fragment = prop_oneof![
        9 => select(FRAGMENTS).prop_map(|text| text.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 1..4),
    ];
    vec(fragment, 1..12).prop_map(|fragments| fragments.concat())
}

/// Generates bytes that are longer than the plugin's lookahead.
fn long_bytes() -> impl Strategy<Value = Vec<u8>> {
    let filler = (select(&b" aA0.-\n"[..]), 0_usize..3000);
    let part = (bytes(), filler).prop_map(|(mut bytes, (byte, length))| {
        bytes.resize(bytes.len() + length, byte);
        bytes
    });
    vec(part, 1..12).prop_map(|parts| parts.concat())
}

fn digits(count: usize) -> impl Strategy<Value = String> {
    vec(select(&['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'][..]), count)
        .prop_map(String::from_iter)
}

/// Generates letters and digits. The first two are a digit and a letter.
fn letters(count: impl Into<SizeRange>) -> impl Strategy<Value = String> {
    let alphabet: Vec<char> = ('0'..='9').chain('A'..='Z').chain('a'..='z').collect();
    vec(select(alphabet), count).prop_map(|letters| format!("0x{}", String::from_iter(letters)))
}

/// Returns the number with its check digit, by ISO/IEC 7812-1.
fn card(number: &str) -> String {
    let sum: u32 = number.bytes().rev().enumerate().fold(0, |sum, (index, digit)| {
        let digit = u32::from(digit - b'0');
        sum + if index % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
    });
    format!("{number}{}", (10 - sum % 10) % 10)
}

/// Returns the IBAN of a German account.
fn iban(account: &str) -> String {
    let number: u128 = format!("{account}131400").parse().expect("the text consists of digits");
    format!("DE{:02}{account}", 98 - number % 97)
}

/// Generates a secret and its kind.
fn secret() -> impl Strategy<Value = (&'static str, String)> {
    let key = letters(300).prop_map(|body| {
        let body = &body[..300];
        let lines = [&body[..64], &body[64..128], &body[128..192], &body[192..]].join("\n");
        format!("-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----")
    });
    prop_oneof![
        letters(6).prop_map(|name| ("email", format!("{name}@example.com"))),
        any::<u8>().prop_map(|byte| ("ip", format!("203.0.113.{byte}"))),
        any::<u16>().prop_map(|group| ("ip", format!("2001:db8::{group:x}"))),
        digits(11).prop_map(|number| ("card", card(&format!("4111{number}")))),
        digits(18).prop_map(|account| ("iban", iban(&account))),
        letters(14).prop_map(|key| ("aws", format!("AKIA{}", key.to_uppercase()))),
        letters(38).prop_map(|key| ("aws", format!("aws_secret_access_key={key}"))),
        letters(34..60).prop_map(|token| ("github", format!("ghp_{token}"))),
        letters(12..60).prop_map(|token| ("slack", format!("xoxb-{token}"))),
        (letters(9), letters(9)).prop_map(|(claims, signature)| (
            "jwt",
            format!("eyJhbGciOiJIUzI1NiJ9.eyJ{claims}.{signature}")
        )),
        key.prop_map(|key| ("private-key", key)),
    ]
}

proptest! {
    #![proptest_config(config(32))]

    #[test]
    fn redacting_twice_is_redacting_once(body in bytes()) {
        let redact = redact();
        let once = redact.transform(&document(body), &[]).expect("the call succeeds");
        let twice = redact.transform(&once, &[]).expect("the call succeeds");
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn pieces_come_out_as_the_whole(body in long_bytes(), cuts in vec(1_usize..9000, 1..8)) {
        let redact = redact();
        let whole = redact.transform(&document(body.clone()), &[]).expect("the call succeeds");
        let pieces = in_pieces(&redact, document(body), &[], &cuts).expect("the call succeeds");
        prop_assert_eq!(whole, pieces);
    }

    #[test]
    fn a_secret_is_nowhere_in_what_comes_out(
        secrets in vec(secret(), 1..6),
        words in vec("[a-z]{1,9}[,:;]?", 6),
    ) {
        let (mut body, mut masked) = (String::new(), String::new());
        for ((kind, secret), word) in secrets.iter().zip(&words) {
            body += &format!("{word} {secret} ");
            let name = if secret.starts_with("aws_") { "aws_secret_access_key=" } else { "" };
            masked += &format!("{word} {name}[REDACTED:{kind}] ");
        }
        let mut document = document(body.clone());
        document.attributes = vec![plugwright_contract::Attribute { key: "title".to_owned(), value: body }];
        let case = DocumentCase { document, options: Vec::new() };
        let outcome = case.run(&transformer("redact")).expect("the call succeeds").to_string();
        prop_assert_eq!(outcome.matches(&masked).count(), 2, "{}", outcome);
        for (_, secret) in &secrets {
            for line in secret.lines().filter(|line| !line.starts_with("-----")) {
                prop_assert!(!outcome.contains(line), "{}", outcome);
            }
        }
    }
}
