//! Signatures: what is signed with a key, and what a host with trusted keys refuses.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use insta::assert_snapshot;
use plugwright::{
    Cache, DistEntry, Host, HostBuilder, Limits, LoadError, Policy, PublicKey, Unverified, Watched,
    signature_beside,
};
use plugwright_contract::Prettify;
use plugwright_contract::prelude::*;
use tempfile::TempDir;
use tests::{Output, STRUCTURES, dist, plugwright, trapping};

/// A folder with the plugin `quote`, which can be signed.
pub(crate) struct Signed(TempDir);

impl Signed {
    /// Creates the folder and signs the plugin with the key `release`.
    pub(crate) fn new() -> Self {
        let signed = Self(tempfile::tempdir().expect("a temporary folder can be created"));
        signed.put(&dist().read("quote").unwrap_or_else(|error| panic!("{error}")));
        signed.make_key("release");
        signed.sign("release");
        signed
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn plugin(&self) -> PathBuf {
        self.folder().join("quote.wasm")
    }

    pub(crate) fn signature(&self) -> PathBuf {
        signature_beside(&self.plugin())
    }

    /// Writes the plugin, and the manifest that lists it.
    pub(crate) fn put(&self, bytes: &[u8]) {
        let mut entry: DistEntry = dist().plugins()[0].clone();
        entry.name = "quote".to_owned();
        entry.sha256 = plugwright::sha256(bytes);
        let manifest = serde_json::to_vec(&[entry]).expect("the value can be serialised");
        fs::write(self.folder().join("plugins.json"), manifest).expect("the file can be written");
        // Replaces the file in one step, because it may be watched.
        let new = self.folder().join("new");
        fs::write(&new, bytes).expect("the file can be written");
        fs::rename(new, self.plugin()).expect("both paths are in the same folder");
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        Output::of(plugwright(self.folder(), arguments).env("PLUGWRIGHT_DIST", "."))
    }

    pub(crate) fn make_key(&self, name: &str) {
        let made = self.run(&["key", "new", &format!("{name}.key")]);
        assert_eq!(made.code, Some(0), "{made}");
    }

    pub(crate) fn sign(&self, key: &str) {
        let signed = self.run(&["sign", "--key", &format!("{key}.key")]);
        assert_eq!(signed.code, Some(0), "{signed}");
    }

    pub(crate) fn key(&self, name: &str) -> PublicKey {
        let key = PublicKey::from_file(self.folder().join(format!("{name}.pub")));
        key.unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn trusting(&self, keys: &[&str]) -> Host {
        host(builder().trust(keys.iter().map(|key| self.key(key))))
    }

    /// Returns the error for the plugin's file from a host that trusts the key `release`.
    pub(crate) fn refusal(&self) -> LoadError {
        self.trusting(&["release"])
            .load::<Prettify>(self.plugin())
            .expect_err("the plugin is refused")
    }
}

pub(crate) fn builder() -> HostBuilder {
    let cache = Cache::open(tests::cache_folder()).unwrap_or_else(|error| panic!("{error}"));
    Host::builder().cache(cache).concurrency(64)
}

pub(crate) fn host(builder: HostBuilder) -> Host {
    builder.build().expect("the engine starts")
}

#[test]
fn only_plugins_signed_with_a_trusted_key_are_loaded() {
    let signed = Signed::new();
    let path = signed.plugin();
    let plugin =
        signed.trusting(&["release"]).load::<Prettify>(&path).expect("the plugin is signed");
    assert_eq!(plugin.prettify(&["a".to_owned()]).expect("the call succeeds"), "\"a\"");
    signed.trusting(&["release"]).load_any(&path).expect("the plugin is signed");

    signed.make_key("next");
    let key = signed.key("release").id();
    let other = signed
        .trusting(&["next"])
        .load::<Prettify>(&path)
        .expect_err("the signature is by another key");
    assert_snapshot!(other.to_string().replace(&key, "…"), @"`quote` is signed with the key …, which is not trusted: to trust this key, give its public key as well");
    assert!(matches!(other, LoadError::UnknownKey { key: named, .. } if named == key));
    signed
        .trusting(&["next", "release"])
        .load::<Prettify>(&path)
        .expect("the plugin is signed with a trusted key");
    let nobody = host(builder().trust([])).load::<Prettify>(&path);
    assert!(matches!(nobody, Err(LoadError::UnknownKey { .. })));
    signed.sign("next");
    signed
        .trusting(&["next", "release"])
        .load::<Prettify>(&path)
        .expect("the plugin is signed with a trusted key");

    fs::remove_file(signed.signature()).expect("the file existed");
    let unsigned = signed.refusal();
    assert!(matches!(unsigned, LoadError::Unsigned { .. }));
    assert_snapshot!(unsigned, @"`quote` is not signed, and only plugins signed with a trusted key are loaded: have its author sign it with `plugwright sign`, which writes a `.minisig` file beside it");
    host(builder()).load::<Prettify>(&path).expect("no signature is required");
}

#[test]
fn bytes_are_loaded_with_their_signature_whatever_is_in_the_cache() {
    let signed = Signed::new();
    let cache = Cache::open(signed.folder().join("cache")).expect("the cache can be opened");
    let key = signed.key("release");
    let host = host(builder().cache(cache.clone()).trust([key]));
    let bytes = fs::read(signed.plugin()).expect("the file can be read");
    let signature = fs::read_to_string(signed.signature()).expect("the file can be read");
    host.with_signature(&*signature)
        .load_bytes::<Prettify>("quote", &bytes)
        .expect("the plugin is signed");
    host.with_signature(&*signature).load_any_bytes("quote", &bytes).expect("the plugin is signed");
    assert_eq!((cache.hits(), cache.misses()), (1, 1));
    let unsigned =
        host.load_bytes::<Prettify>("quote", &bytes).expect_err("the signature is missing");
    assert!(matches!(unsigned, LoadError::Unsigned { .. }));
    let unsigned = host.load_any_bytes("quote", &bytes).expect_err("the signature is missing");
    assert!(matches!(unsigned, LoadError::Unsigned { .. }));
    assert_eq!(
        (cache.hits(), cache.misses()),
        (1, 1),
        "the plugin is refused before it is compiled"
    );
}

#[test]
fn a_bad_signature_is_told_before_anything_is_done_with_the_bytes() {
    let signed = Signed::new();
    let mut bytes = fs::read(signed.plugin()).expect("the file can be read");
    let signature = fs::read(signed.signature()).expect("the file can be read");
    bytes[0] ^= 1;
    fs::write(signed.plugin(), &bytes).expect("the file can be written");
    let refusal = signed.refusal().to_string().replace(&signed.key("release").id(), "[key]");
    assert_snapshot!(refusal, @"the signature of `quote` is not valid: the plugin or the signature changed after the key [key] signed it; copy the plugin and its signature again from their source, or sign the plugin again");
    bytes[0] ^= 1;
    fs::write(signed.plugin(), &bytes).expect("the file can be written");
    for (at, what) in [(0, "the beginning"), (signature.len() - 20, "the end")] {
        let mut changed = signature.clone();
        changed[at] = changed[at].wrapping_add(1);
        fs::write(signed.signature(), changed).expect("the file can be written");
        let loaded = signed.trusting(&["release"]).load::<Prettify>(signed.plugin());
        // The first line is a comment, which is not signed.
        assert_eq!(loaded.is_ok(), at == 0, "{what}");
    }
    fs::write(signed.signature(), [0xff, 0xfe]).expect("the file can be written");
    assert_snapshot!(signed.refusal(), @"the signature of `quote` is not valid: it is not a minisign signature; copy the plugin and its signature again from their source, or sign the plugin again");
    fs::remove_file(signed.signature()).expect("the file existed");
    fs::create_dir(signed.signature()).expect("the folder can be created");
    assert!(matches!(signed.refusal(), LoadError::Read { .. }));
}

#[test]
fn a_policy_allows_plugins_by_the_key_that_they_are_signed_with() {
    let signed = Signed::new();
    signed.make_key("next");
    let public = fs::read_to_string(signed.folder().join("release.pub")).expect("the key exists");
    let key = public.lines().last().expect("the file has this line");
    let rule = |name: &str| format!("[[plugin]]\n{name}key = \"{key}\"\n");
    let load = |policy: &str| {
        let policy = Policy::parse(policy, "").unwrap_or_else(|error| panic!("{error}"));
        host(builder().policy(policy)).load::<Prettify>(signed.plugin())
    };
    let refusal = |policy: &str| {
        let error = load(policy).expect_err("the plugin is refused");
        assert!(matches!(error, LoadError::Refused { .. }), "{error:?}");
        let digest = plugwright_contract::inspect(
            "quote",
            &fs::read(signed.plugin()).expect("the file can be read"),
        );
        let digest = digest.expect("the component is valid").sha256;
        error.to_string().replace(&signed.key("release").id(), "…").replace(&digest, "$SHA256")
    };
    load(&rule("name = \"quote\"\n")).expect("the plugin is signed with this key");
    load(&rule("")).expect("another plugin is signed with this key");

    signed.sign("next");
    assert_snapshot!(refusal(&rule("name = \"quote\"\n")), @r#"
    `quote` is not allowed here:
      - it is not signed with the key … of the rule in line 1
    to allow it, have it signed with that key and put the signature beside it, or replace the rule in line 1 of the policy with this:
      [[plugin]]
      name = "quote"
      sha256 = "$SHA256"
    "#);
    assert_snapshot!(refusal(&rule("")), @r#"
    `quote` is not allowed here:
      - there is no rule for it
    to allow it, add to the policy:
      [[plugin]]
      name = "quote"
      sha256 = "$SHA256"
    "#);
    // A signature of other bytes is an error, not a missing rule.
    signed.sign("release");
    signed.put(&trapping("prettify"));
    for name in ["", "name = \"quote\"\n"] {
        let error = load(&rule(name)).expect_err("the plugin is refused");
        assert!(matches!(error, LoadError::BadSignature { .. }), "{error}");
        let says = format!("changed after the key {} signed it", signed.key("release").id());
        assert!(error.to_string().contains(&says), "{error}");
    }
    fs::remove_file(signed.signature()).expect("the file existed");
    refusal(&rule(""));

    // The command decides as the host does.
    let policy = format!("{}limits = [\"memory=64MiB\"]\n", rule("name = \"quote\"\n"));
    fs::write(signed.folder().join("policy.toml"), policy).expect("the file can be written");
    let check = || signed.run(&["check", "--policy", "policy.toml", "quote.wasm"]);
    assert_eq!(check().code, Some(3));
    signed.sign("release");
    let checked = check();
    assert_eq!(checked.code, Some(0), "{checked}");
    assert!(checked.stdout.contains("allowed by the rule in line 1"), "{checked}");
}

#[test]
fn a_watched_plugin_is_replaced_when_its_signature_is_there() {
    let signed = Signed::new();
    let host = signed.trusting(&["release"]);
    let watched: Watched<Prettify> = host.watch(signed.plugin()).expect("the plugin is signed");
    let works = || watched.current().prettify(&["a".to_owned()]).is_ok();
    let wait = |seen| watched.wait_for_change(seen, Duration::from_secs(20));
    signed.put(&trapping("prettify"));
    let seen = wait(0);
    let error = watched.last_error().expect("the call was refused");
    assert!(matches!(&*error, LoadError::BadSignature { .. }), "{error}");
    assert!(works(), "the previous plugin still serves");
    signed.sign("release");
    wait(seen);
    assert!(watched.last_error().is_none(), "the plugin is signed now");
    assert!(!works(), "another plugin serves, which traps");
}

#[test]
fn the_command_signs_and_trusts() {
    let signed = Signed::new();
    assert_snapshot!(signed.run(&["sign", "--key", "release.key"]), @"
    ./quote.wasm.minisig
    [exit code 0]
    ");
    fs::write(signed.folder().join("words"), "a word").expect("the file can be written");
    for (plugin, arguments) in [
        ("quote", &["call", "quote"][..]),
        ("quote", &["call", "quote", "prettify([\"a\"])"]),
        ("quote", &["call", "./quote.wasm", "prettify([\"a\"])"]),
        ("quote", &["check", "quote.wasm"]),
        ("quote", &["inspect", "quote"]),
        // Under the same name, a plugin that documents go through.
        ("count", &["run", "quote", "words"]),
        ("count", &["run", "./quote.wasm", "words"]),
    ] {
        signed.put(&dist().read(plugin).unwrap_or_else(|error| panic!("{error}")));
        signed.sign("release");
        let run = |keys: &[&str]| {
            let keys = keys.iter().flat_map(|key| ["--trust", key]);
            signed.run(&arguments.iter().copied().chain(keys).collect::<Vec<_>>())
        };
        let trusted = run(&["release.pub"]);
        assert_eq!(trusted.code, Some(0), "{trusted}");
        fs::rename(signed.signature(), signed.folder().join("away")).expect("the file existed");
        let unsigned = run(&["release.pub"]);
        assert!(unsigned.code == Some(3) && unsigned.stderr.contains("not signed"), "{unsigned}");
        let anybody = run(&[]);
        assert_eq!(anybody.code, Some(0), "{anybody}");
        fs::rename(signed.folder().join("away"), signed.signature()).expect("the file existed");
    }
    let run = |key: &str| signed.run(&["run", "quote", "words", "--trust", key]);
    let public = fs::read_to_string(signed.folder().join("release.pub")).expect("the key exists");
    let by_its_line = run(public.lines().last().expect("the file has this line"));
    assert_eq!(by_its_line.code, Some(0), "{by_its_line}");
    assert_snapshot!(run("release.key"), @"
    ── stderr
    error: `release.key` is not a public key: a public key is the text of the `.pub` file that `plugwright key new` writes beside the secret key
    [exit code 2]
    ");
    assert_snapshot!(run("release.pup"), @"
    ── stderr
    error: `release.pup` is neither a public key nor a file: a key is the last line of a `.pub` file, which `plugwright key new` writes beside the secret key
    [exit code 2]
    ");
    let cut = run(&public.lines().last().expect("the file has this line")[..20]);
    assert_eq!(cut.code, Some(2), "{cut}");
    assert!(cut.stderr.contains("is neither a public key nor a file"), "{cut}");
    assert_snapshot!(signed.run(&["sign", "--key", "release.pub"]), @"
    ── stderr
    error: cannot sign with `release.pub`: it is not a secret key as `plugwright key new` and `minisign -G` write it
    [exit code 2]
    ");
    assert_snapshot!(signed.run(&["sign", "--key", "release.key", "nothing"]), @"
    ── stderr
    error: there is no plugin `nothing` in `.`, which has `quote`: to name a file, give its folder or its ending `.wasm`
    [exit code 3]
    ");
}

#[test]
fn what_was_verified_is_what_is_used_whatever_its_file_is_by_then() {
    let signed = Signed::new();
    let read =
        Unverified::open(signed.plugin(), &Limits::default()).expect("the file can be opened");
    let read = read.signed_beside().expect("the signature exists");
    // From here on, the file is not read again, neither to verify nor to load it.
    fs::write(signed.plugin(), trapping("prettify")).expect("the file can be written");
    fs::write(signed.signature(), "none").expect("the file can be written");
    let host = signed.trusting(&["release"]);
    let candidate = host.verify(read).expect("the plugin was signed");
    fs::remove_file(signed.plugin()).expect("the file exists");
    let plugin = host.load_candidate::<Prettify>(&candidate).expect("the plugin is signed");
    let words = ["a".to_owned(), "word".to_owned()];
    assert_eq!(plugin.prettify(&words).expect("the call succeeds"), "\"a\" \"word\"");
}

#[test]
fn a_signature_can_be_left_out() {
    let bytes = trapping("prettify");
    let plain = Unverified::new("sample", &bytes).with_signature(None);
    assert_eq!(plain.signature(), None);
    assert_eq!(plain.with_signature(Some("text")).signature(), Some("text"));
}

#[test]
fn only_components_are_signed() {
    let signed = Signed::new();
    let whole = fs::read(signed.plugin()).expect("the file exists");
    let half = &whole[..whole.len() / 2];
    let core = b"\0asm\x01\0\0\0";
    let others: [(&str, &[u8]); 3] = [("text", b"words"), ("core", core), ("half", half)];
    let refused = others.map(|(name, bytes)| {
        let file = signed.folder().join(name).with_extension("wasm");
        fs::write(&file, bytes).expect("the file can be written");
        let file = format!("{name}.wasm");
        // No file is signed if any is refused.
        let output = signed.run(&["sign", "--key", "release.key", "./quote.wasm", &file]);
        assert_eq!(output.code, Some(3), "{output}");
        assert!(!signed.folder().join(format!("{file}.minisig")).exists(), "{name}");
        output.stderr
    });
    assert_snapshot!(refused[..2].concat(), @r"
    error: `text` is not WebAssembly: it does not begin with the bytes `\0asm`; a plugin is a file that `plugwright build` puts into `dist/`
    error: `core` is a core module, not a component: build it for wasm32-wasip2, or wrap it with `wasm-tools component new`
    ");
    assert!(refused[2].starts_with("error: `half` is damaged: "), "{}", refused[2]);
}

#[test]
fn a_lone_file_is_signed_beside_itself() {
    let signed = Signed::new();
    let lone = signed.folder().join("lone");
    fs::create_dir(&lone).expect("the folder can be created");
    fs::copy(signed.plugin(), lone.join("other.wasm")).expect("the file can be copied");
    fs::rename(signed.plugin(), signed.folder().join("third.wasm"))
        .expect("both paths are in the same folder");
    fs::remove_file(signed.folder().join("plugins.json")).expect("the file exists");
    assert_snapshot!(signed.run(&["sign", "--key", "release.key", "lone/other.wasm", "third.wasm"]), @"
    lone/other.wasm.minisig
    third.wasm.minisig
    [exit code 0]
    ");
    let host = signed.trusting(&["release"]);
    for file in ["lone/other.wasm", "third.wasm"] {
        let loaded = host.load::<Prettify>(signed.folder().join(file));
        loaded.unwrap_or_else(|error| panic!("{file}: {error}"));
    }
    // A name is looked up in the list, and no signature is written if a file is missing.
    fs::remove_file(signature_beside(&lone.join("other.wasm"))).expect("the file exists");
    assert_snapshot!(signed.run(&["sign", "--key", "release.key", "lone/other.wasm", "none.wasm"]), @"
    ── stderr
    error: cannot read the plugin `none.wasm`: No such file or directory (os error 2)
    [exit code 8]
    ");
    assert_snapshot!(signed.run(&["sign", "--key", "release.key", "third"]), @"
    ── stderr
    error: there are no built plugins in `.`: it has no `plugins.json`; run `plugwright build`
    [exit code 8]
    ");
    assert!(!signature_beside(&lone.join("other.wasm")).exists());
    // A file that is listed beside it must be the one that was checked.
    signed.put(&trapping("prettify"));
    fs::write(signed.plugin(), b"changed").expect("the file can be written");
    assert_snapshot!(signed.run(&["sign", "--key", "release.key", "./quote.wasm"]), @"
    ── stderr
    error: `./quote.wasm` is not the file that the pipeline checked: its digest is not the one in `plugins.json`; run `plugwright build` to make it again
    [exit code 3]
    ");
}

/// Files with errors that any inspection would report: not a component, damaged, with types that are nested too
/// deeply, and with an invalid manifest.
fn wrong_ones() -> [Vec<u8>; 4] {
    let deep = STRUCTURES.iter().find(|it| it.name == "component types in one another");
    let mut manifest = trapping("transformer");
    manifest.extend(b"\0\x16\x13plugwright:manifest=?");
    [
        b"# A document".to_vec(),
        b"\0asm\x0d\0\x01\0\xff".to_vec(),
        (deep.expect("the structure exists").make)(100_000),
        manifest,
    ]
}

#[test]
fn whichever_verb_gets_a_plugin_verifies_it_before_it_says_anything_else() {
    let signed = Signed::new();
    let signature = fs::read(signed.signature()).expect("the file can be read");
    fs::write(signed.folder().join("plugin.toml"), "world = \"transformer\"\n")
        .expect("the file can be written");
    fs::create_dir(signed.folder().join("symbols")).expect("the folder can be created");
    for bytes in wrong_ones() {
        signed.put(&bytes);
        fs::write(signed.folder().join("symbols/quote.wasm"), &bytes)
            .expect("the file can be written");
        for (signature, what) in [
            (None, "`quote` is not signed"),
            (Some(&signature), "the signature of `quote` is not valid"),
        ] {
            match signature {
                Some(signature) => {
                    fs::write(signed.signature(), signature).expect("the file can be written");
                }
                None => fs::remove_file(signed.signature()).unwrap_or_default(),
            }
            for verb in [
                &["run", "quote", "plugin.toml"][..],
                &["run", "./quote.wasm", "plugin.toml"],
                &["call", "quote"],
                &["call", "./quote.wasm", "prettify([])"],
                &["check", "."],
                &["inspect", "quote"],
                &["inspect", "./quote.wasm", "--json"],
                &["size", "quote"],
                &["compare", ".", "."],
                &["stamp", "plugin.toml", "quote.wasm"],
                &["index", "."],
            ] {
                let said = signed.run(&[verb, &["--trust", "release.pub"]].concat());
                assert_eq!(said.code, Some(3), "{verb:?}: {said}");
                let text = said.to_string();
                assert!(text.contains(what), "{verb:?}: {said}");
            }
        }
    }
}

#[test]
fn a_policy_that_has_no_rule_for_a_plugin_refuses_it_before_it_is_looked_into() {
    let signed = Signed::new();
    let line = fs::read_to_string(signed.folder().join("release.pub")).expect("the key exists");
    let line = line.lines().last().expect("the signature has two lines").to_owned();
    for rule in [format!("key = \"{line}\""), "name = \"other\"".to_owned()] {
        let policy =
            Policy::parse(&format!("[[plugin]]\n{rule}"), "/").expect("the policy is valid");
        let host = host(builder().policy(policy));
        for bytes in wrong_ones() {
            let refused = host.load_any_bytes("quote", &bytes);
            assert!(matches!(refused, Err(LoadError::Refused { .. })), "{refused:?}");
        }
    }
}
