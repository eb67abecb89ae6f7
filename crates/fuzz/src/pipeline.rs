//! Texts from outside of the host, apart from plugins: pipeline files, grants, limits, keys and signatures.

use std::path::Path;
use std::sync::LazyLock;

use plugwright::{Grant, Grants, Host, Limit, Limits, LoadError, PublicKey};
use plugwright_cli::chain_file;
use plugwright_contract::prelude::*;

use crate::seeds;

/// A key of the reference implementation, and its signature of `test`.
const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
const SIGNATURE: &str = "untrusted comment: signature from minisign secret key\n\
    RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=\n\
    trusted comment: timestamp:1556193335\tfile:test\n\
    y/rUw2y8/hOUYjZU71eHp/Wo1KZ40fGy2VJEDl34XMJM+TX48Ss/17u3IvIfbVR1FkZZSNCisQbuQY+bHwhEBg==\n";

static TRUSTING: LazyLock<Host> = LazyLock::new(|| {
    let key: PublicKey = KEY.parse().expect("the key is valid");
    let host = Host::builder().no_cache().concurrency(64).trust([key]);
    host.build().expect("the engine starts")
});

/// Parses `bytes` as each kind of text.
///
/// # Panics
///
/// If a pipeline that was read cannot be used, or if a forged signature is accepted.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match chain_file::parse(text, Path::new("folder/pipeline.toml")) {
        Ok(stages) => {
            assert!(!stages.is_empty(), "the pipeline has no stages");
            for stage in stages {
                assert!(stage.place.is_some(), "the stage has no position");
                for text in &stage.limits {
                    let limits =
                        Limits::none().with_text(text).expect("the limit was already parsed");
                    assert_eq!(limits.get(Limit::Stack), None);
                }
            }
        }
        Err(error) => assert!(format!("{error:#}").starts_with("`folder/pipeline.toml`")),
    }
    if let Ok(key) = text.parse::<PublicKey>() {
        assert_eq!(key.id().len(), 16);
    }
    match TRUSTING.with_signature(text).load_any_bytes("input", b"test") {
        Err(LoadError::UnknownKey { .. } | LoadError::BadSignature { .. }) => {}
        // The signature was accepted, and the signed text is not a plugin.
        Err(LoadError::NotWasm { .. }) => {
            let signed = |text: &str| text.lines().nth(2).map(str::to_owned);
            assert_eq!(signed(text), signed(SIGNATURE), "a forged signature was accepted");
        }
        answer => panic!("the signature was neither refused nor accepted: {answer:?}"),
    }
    if let Err(error) = Limits::default().with_text(text) {
        assert!(!error.to_string().is_empty());
    }
    match text.parse::<Grant>() {
        // Other grants would open folders, or read variables of this process.
        Ok(grant) if text.starts_with("http") || text.starts_with("argument") => {
            let _ = Grants::none().with(&grant, Path::new("folder"));
        }
        Ok(_) => {}
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Returns one text of each kind, and all grants and limits.
pub fn seeds() -> Vec<Vec<u8>> {
    let files = ["examples/pages.toml"].map(seeds::text);
    let stages = "[[stage]]\nplugin = \"csv-json\"\noptions = { lines = true, delimiter = \";\", \
                  number = 1.5e3, count = 0x10 }\ngrants = [\"folder=templates:/templates\", \
                  \"random=1\"]\nlimits = [\"deadline=2s\"]\n[[stage]]\nplugin = './a.wasm'\n";
    let grants = [
        "folder=a:/b",
        "folder-rw=a",
        "variable=A=b",
        "argument=a",
        "stdin",
        "wall-clock=18446744073709551615",
        "random=1",
        "http=https://api.example.org:443",
    ];
    let names: Vec<_> = Limit::ALL.iter().map(|limit| format!("{limit}=64")).collect();
    let limits = ["deadline=2s", "deadline=500ms", "memory=64MiB", "fuel=none", "stack=1GiB"];
    let others = [stages, KEY, SIGNATURE].map(str::to_owned);
    let texts = files.into_iter().chain(others).chain(names);
    let texts = texts.chain(grants.into_iter().chain(limits).map(str::to_owned));
    texts.map(String::into_bytes).collect()
}
