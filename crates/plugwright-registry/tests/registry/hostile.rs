//! Registries that mean harm, or are broken.

use insta::assert_snapshot;
use plugwright_registry::{Limits, RegistryError};
use sha2::{Digest as _, Sha256};

use crate::real::{client, reference};
use crate::server::{Fake, answer};

const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0 and so on";

fn digest(bytes: &[u8]) -> String {
    let digits: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

/// A manifest with these layers and this type of configuration.
fn manifest(config: &str, layers: &[&str]) -> Vec<u8> {
    let layer = |media_type: &&str| {
        let (digest, size) = (digest(COMPONENT), COMPONENT.len());
        format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{size}}}"#)
    };
    let layers: Vec<_> = layers.iter().map(layer).collect();
    let nothing = digest(b"{}");
    format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
        "config":{{"mediaType":"{config}","digest":"{nothing}","size":2}},"layers":[{}]}}"#,
        layers.join(",")
    )
    .into_bytes()
}

const CONFIG: &str = "application/vnd.wasm.config.v0+json";
const WASM: &str = "application/wasm";

/// Why nothing comes from a registry with this manifest that answers so to the blob.
fn refused(manifest: Vec<u8>, blob: impl Fn(usize) -> Vec<u8> + Send + 'static) -> String {
    let registry = Fake::start(move |path, before| {
        if path == "/v2/" {
            answer("200 OK", b"")
        } else if path.ends_with("/manifests/1.4.0") {
            answer("200 OK", &manifest)
        } else if path.contains("/blobs/") {
            blob(before)
        } else {
            answer("404 Not Found", b"")
        }
    });
    let pulled =
        client().pull(&reference(&registry.host, ":1.4.0"), &Limits::default(), &|_, _| ());
    let told = |error: RegistryError| error.to_string().replace(&registry.host, "HOST");
    pulled.map_or_else(told, |pulled| {
        format!("{} bytes", pulled.component.as_file().metadata().expect("a file").len())
    })
}

fn good() -> Vec<u8> {
    manifest(CONFIG, &[WASM])
}

#[test]
fn what_is_no_plugin_is_refused() {
    let nothing = |_| answer("404 Not Found", b"");
    let told = [
        refused(manifest(CONFIG, &[WASM, WASM]), nothing),
        refused(manifest(CONFIG, &[]), nothing),
        refused(manifest("application/vnd.oci.image.config.v1+json", &[WASM]), nothing),
        refused(manifest(CONFIG, &["application/vnd.oci.image.layer.v1.tar"]), nothing),
        refused(b"{}".to_vec(), nothing),
        refused(b"<html>".to_vec(), nothing),
    ];
    assert_snapshot!(told.join("\n"), @"
    this is no plugin: it has 2 layers and not one
    this is no plugin: it has 0 layers and not one
    this is no plugin: its configuration is `application/vnd.oci.image.config.v1+json` and not `application/vnd.wasm.config.v0+json`
    this is no plugin: its layer is `application/vnd.oci.image.layer.v1.tar` and not `application/wasm`
    this is no plugin: its manifest cannot be read: missing field `schemaVersion` at line 1 column 2
    this is no plugin: its manifest cannot be read: expected value at line 1 column 1
    ");
}

#[test]
fn another_component_than_the_manifest_says_is_refused() {
    let told = [
        refused(good(), |_| answer("200 OK", &COMPONENT.to_ascii_uppercase())),
        refused(good(), |_| answer("200 OK", &COMPONENT[1..])),
        refused(good(), |_| answer("200 OK", &[COMPONENT, b"more"].concat())),
        refused(good(), |_| answer("404 Not Found", b"")),
    ];
    assert_snapshot!(told.join("\n"), @"
    `HOST` answered wrongly: `blobs/sha256:9aa4d0f286be884c3cf018206ecea42518c0d77dbbae6b7afcb7a764625d87d1` has the digest sha256:dcc920d683300fdbe4b8aac2a4ba3d072416412b5b8910cd177df2ada6086c9a
    `HOST` answered wrongly: `blobs/sha256:9aa4d0f286be884c3cf018206ecea42518c0d77dbbae6b7afcb7a764625d87d1` has the digest sha256:0b962365c76b3c2699fbd0893ce778cee6a6b50565759167ed4e6a1da39e45e0
    `HOST` answered wrongly: `blobs/sha256:9aa4d0f286be884c3cf018206ecea42518c0d77dbbae6b7afcb7a764625d87d1` has more than 18 bytes
    `HOST` has no `plugins/geo:1.4.0`
    ");
}

#[test]
fn a_registry_that_breaks_off_is_told() {
    let told = refused(good(), |_| b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n\0asm".to_vec());
    assert!(told.starts_with("cannot reach `HOST`: "), "{told}");
}

#[test]
fn a_body_without_end_is_not_read_to_it() {
    let endless = vec![b' '; 16 << 20];
    let told = [
        refused([b"HTTP".to_vec(), endless.clone()].concat(), |_| Vec::new()),
        refused(good(), move |_| {
            [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", &endless[..]].concat()
        }),
    ];
    assert_snapshot!(told.join("\n"), @"
    `HOST` answered wrongly: `manifests/1.4.0` has more than 4194304 bytes
    `HOST` answered wrongly: `blobs/sha256:9aa4d0f286be884c3cf018206ecea42518c0d77dbbae6b7afcb7a764625d87d1` has more than 18 bytes
    ");
}

#[test]
fn what_is_too_large_is_not_begun() {
    let large = String::from_utf8(good())
        .expect("text")
        .replace(&format!("\"size\":{}", COMPONENT.len()), "\"size\":99999999999");
    assert_snapshot!(refused(large.into_bytes(), |_| Vec::new()), @"it has 99999999999 bytes, and 67108864 are allowed");
}

#[test]
fn a_registry_without_time_is_asked_again() {
    let busy = |before| {
        match before {
        0 => b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(),
        1 => answer("503 Service Unavailable", b""),
        _ => answer("200 OK", COMPONENT),
    }
    };
    assert_snapshot!(refused(good(), busy), @"18 bytes");
    let told = refused(good(), |_| answer("429 Too Many Requests", b""));
    assert!(told.ends_with("is 429 Too Many Requests"), "{told}");
}

#[test]
fn a_tag_that_moves_is_noticed_by_the_digest() {
    let registry = Fake::start(|path, _| {
        if path.contains("/manifests/") { answer("200 OK", &good()) } else { answer("200 OK", b"") }
    });
    let wanted = reference(&registry.host, &format!("@{}", digest(b"another")));
    let error = client().pull(&wanted, &Limits::default(), &|_, _| ()).expect_err("it is another");
    let told = error.to_string().replace(&registry.host, "HOST");
    assert_snapshot!(told, @"`HOST` answered wrongly: `manifests/sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5` has the digest sha256:e780d74670cf7c83583d5cc1c9ba5b395f6c9c5b341662f491aa529469149095");
    let asked = registry.asked.lock().expect("no panic");
    assert!(!asked.iter().any(|path| path.contains("/blobs/")), "{asked:?}");
}
