//! Registries that are hostile or broken.

use std::sync::{Arc, OnceLock};

use insta::assert_snapshot;
use plugwright_registry::{Limits, RegistryError};
use sha2::{Digest as _, Sha256};

use crate::command::masked;
use crate::real::{KINDS, artifact, client, reference};
use crate::server::{Fake, answer};

const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0 and so on";

fn digest(bytes: &[u8]) -> String {
    let digits: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

/// Returns a manifest with these layers and this type of configuration.
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

/// Pulls from a registry that has this manifest and gives this answer for the blob, and returns the error.
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
        client().pull(&reference(&registry.host, ":1.4.0"), &KINDS, &Limits::default(), &|_, _| ());
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
    this is not a plugin: it has 2 layers instead of one
    this is not a plugin: it has 0 layers instead of one
    this is not a plugin: its configuration is `application/vnd.oci.image.config.v1+json`, not `application/vnd.wasm.config.v0+json`
    this is not a plugin: its layer is `application/vnd.oci.image.layer.v1.tar`, not `application/wasm`
    this is not a plugin: its manifest cannot be read: missing field `schemaVersion` at line 1 column 2
    this is not a plugin: its manifest cannot be read: expected value at line 1 column 1
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
    `HOST` gave an invalid answer: `blobs/sha256:9aa4d0f286be884c3cf018206ecea42518c0d77dbbae6b7afcb7a764625d87d1` has the digest sha256:dcc920d683300fdbe4b8aac2a4ba3d072416412b5b8910cd177df2ada6086c9a
    `HOST` gave an invalid answer: `blobs/sha256:9aa4d0f286be884c3cf018206ecea42518c0d77dbbae6b7afcb7a764625d87d1` has the digest sha256:0b962365c76b3c2699fbd0893ce778cee6a6b50565759167ed4e6a1da39e45e0
    `HOST` gave an invalid answer: `blobs/sha256:9aa4d0f286be884c3cf018206ecea42518c0d77dbbae6b7afcb7a764625d87d1` has more than 18 bytes
    `HOST` gave an invalid answer: `blobs/sha256:9aa4d0f286be884c3cf018206ecea42518c0d77dbbae6b7afcb7a764625d87d1` is missing
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
    `HOST` gave an invalid answer: `manifests/1.4.0` has more than 4194304 bytes
    `HOST` gave an invalid answer: `blobs/sha256:9aa4d0f286be884c3cf018206ecea42518c0d77dbbae6b7afcb7a764625d87d1` has more than 18 bytes
    ");
}

#[test]
fn what_is_too_large_is_not_begun() {
    let large = String::from_utf8(good())
        .expect("text")
        .replace(&format!("\"size\":{}", COMPONENT.len()), "\"size\":99999999999");
    assert_snapshot!(refused(large.into_bytes(), |_| Vec::new()), @"`blobs/sha256:9aa4d0f286be884c3cf018206ecea42518c0d77dbbae6b7afcb7a764625d87d1` has 99999999999 bytes, but at most 67108864 are allowed: to allow more, raise the limit `component-size`");
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
fn another_manifest_than_that_of_the_digest_is_noticed() {
    let registry = Fake::start(|path, _| {
        if path.contains("/manifests/") { answer("200 OK", &good()) } else { answer("200 OK", b"") }
    });
    let wanted = reference(&registry.host, &format!("@{}", digest(b"another")));
    let error =
        client().pull(&wanted, &KINDS, &Limits::default(), &|_, _| ()).expect_err("it is another");
    let told = error.to_string().replace(&registry.host, "HOST");
    assert_snapshot!(told, @"`HOST` gave an invalid answer: `manifests/sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5` has the digest sha256:e780d74670cf7c83583d5cc1c9ba5b395f6c9c5b341662f491aa529469149095");
    let asked = registry.asked.lock().expect("no panic");
    assert!(!asked.iter().any(|path| path.contains("/blobs/")), "{asked:?}");
}

/// Returns an answer that redirects, or asks for a login.
fn with_header(status: &str, header: &str) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{header}\r\nContent-Length: 0\r\n");
    [head.as_bytes(), b"Connection: close\r\n\r\n"].concat()
}

#[test]
fn nothing_goes_anywhere_without_tls_but_within_this_machine() {
    let away = "http://elsewhere.example.org";
    let told = |answers: fn(&str) -> Vec<u8>, push: bool| {
        let registry = Fake::start(move |path, _| answers(path));
        let reference = reference(&registry.host, ":1.4.0");
        let error = match push {
            true => client().push(&reference, &artifact(), &[], |_| ()).err(),
            false => client().pull(&reference, &KINDS, &Limits::default(), &|_, _| ()).err(),
        };
        error.expect("it is refused").to_string().replace(&registry.host, "HOST")
    };
    let realm = |_: &str| {
        let realm =
            r#"WWW-Authenticate: Bearer realm="http://elsewhere.example.org/token",service="x""#;
        with_header("401 Unauthorized", realm)
    };
    let redirect = |path: &str| match path {
        "/v2/" => answer("200 OK", b""),
        _ => with_header("307 Temporary Redirect", "Location: http://elsewhere.example.org/v2/"),
    };
    let location = |path: &str| match path {
        "/v2/" => answer("200 OK", b""),
        path if path.ends_with("/uploads/") => {
            with_header("202 Accepted", "Location: http://elsewhere.example.org/upload")
        }
        _ => answer("404 Not Found", b""),
    };
    let told = [told(realm, false), told(realm, true), told(redirect, false), told(location, true)];
    assert_snapshot!(told.join("\n").replace(away, "AWAY"), @"
    `HOST` gave an invalid answer: it leads to `AWAY/token?service=x&scope=repository%3Aplugins%2Fgeo%3Apull`, which does not use TLS
    `HOST` gave an invalid answer: it leads to `AWAY/token?service=x&scope=repository%3Aplugins%2Fgeo%3Apull%2Cpush`, which does not use TLS
    `HOST` gave an invalid answer: `manifests/1.4.0` is 307 Temporary Redirect
    `HOST` gave an invalid answer: it leads to `AWAY/upload`, which does not use TLS
    ");
}

#[test]
fn a_token_is_got_from_who_gives_them_out() {
    let host = Arc::new(OnceLock::<String>::new());
    let own = Arc::clone(&host);
    let registry = Fake::start(move |path, _| match path {
        "/v2/" => {
            let realm = own.get().expect("its address");
            let asks =
                format!(r#"WWW-Authenticate: Bearer realm="http://{realm}/token",service="it""#);
            with_header("401 Unauthorized", &asks)
        }
        path if path.starts_with("/token?") => answer("200 OK", br#"{"token": "t0ken"}"#),
        path if path.ends_with("/manifests/1.4.0") => answer("200 OK", &good()),
        path if path.contains("/blobs/") => answer("200 OK", COMPONENT),
        _ => answer("404 Not Found", b""),
    });
    host.set(registry.host.clone()).expect("once");
    let wanted = reference(&registry.host, ":1.4.0");
    client().pull(&wanted, &[], &Limits::default(), &|_, _| ()).expect("a plugin");
    let asked = registry.asked.lock().expect("no panic").join("\n");
    assert_snapshot!(masked(&asked), @"
    /v2/
    /token?service=it&scope=repository%3Aplugins%2Fgeo%3Apull
    /v2/plugins/geo/manifests/1.4.0 by Bearer t0ken
    /v2/plugins/geo/blobs/sha256:DIGEST by Bearer t0ken
    /v2/plugins/geo/referrers/sha256:DIGEST by Bearer t0ken
    /v2/plugins/geo/manifests/sha256-DIGEST by Bearer t0ken
    ");
}

#[test]
fn what_others_attach_does_no_harm() {
    let subject = digest(&good());
    let referrer = |subject: &str, kind: &str, layer: &[u8], size: usize| {
        let nothing = digest(b"{}");
        format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"{kind}",
            "config":{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{nothing}","size":2}},
            "layers":[{{"mediaType":"{kind}","digest":"{}","size":{size},
            "annotations":{{"org.opencontainers.image.title":"a"}}}}],
            "subject":{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{subject}","size":2}}}}"#,
            digest(layer)
        )
        .into_bytes()
    };
    let kind = KINDS[0];
    let manifests = [
        referrer(&digest(b"another"), kind, b"of another plugin", 17),
        referrer(&subject, kind, b"not what it says", 3),
        referrer(&subject, kind, b"too long", 1 << 40),
        b"no manifest".to_vec(),
        referrer(&subject, "application/of.others", b"of others", 9),
        referrer(&subject, kind, b"good", 4),
    ];
    let entries: Vec<_> = manifests
        .iter()
        .map(|it| digest(it))
        .chain([digest(b"nowhere"), "sha256:no digest".to_owned()])
        .map(|digest| {
            format!(r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{digest}","size":2}}"#)
        })
        .collect();
    let index = format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, entries.join(","));
    let registry = Fake::start(move |path, _| {
        let last = path.rsplit('/').next().unwrap_or_default().to_owned();
        let found = manifests.iter().find(|it| digest(it) == last);
        match &*last {
            "" => answer("200 OK", b""),
            "1.4.0" => answer("200 OK", &good()),
            _ if path.contains("/referrers/") => answer("200 OK", index.as_bytes()),
            _ if found.is_some() => answer("200 OK", found.expect("it is there")),
            last if last == digest(COMPONENT) => answer("200 OK", COMPONENT),
            last if last == digest(b"good") => answer("200 OK", b"good"),
            _ => answer("404 Not Found", b""),
        }
    });
    let wanted = reference(&registry.host, ":1.4.0");
    let pulled = client().pull(&wanted, &KINDS, &Limits::default(), &|_, _| ()).expect("a plugin");
    let attached: Vec<_> = pulled.attached.iter().map(|it| &*it.bytes).collect();
    assert_eq!(attached, [b"good"]);
}

#[test]
fn what_a_registry_says_stays_in_its_line() {
    let told = refused(manifest("x\\nok: signed by everybody\\u001b[31m", &[WASM]), |_| Vec::new());
    assert_snapshot!(told, @"this is not a plugin: its configuration is `x�ok: signed by everybody�[31m`, not `application/vnd.wasm.config.v0+json`");
    let told = refused(manifest(&"x".repeat(1 << 20), &[WASM]), |_| Vec::new());
    assert!(told.len() < 2000, "{} bytes", told.len());
}
