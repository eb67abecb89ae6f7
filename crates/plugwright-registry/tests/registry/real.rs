//! Pushes to Debian's registry, and pulls from it.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use insta::assert_snapshot;
use plugwright_registry::{Artifact, Attached, Client, Limits, Reference, RegistryError};
use serde_json::Value;

use crate::command::masked;
use crate::server::Real;

pub(crate) fn artifact() -> Artifact {
    let annotation =
        |key: &str, value: &str| (format!("org.opencontainers.image.{key}"), value.to_owned());
    Artifact {
        component: b"\0asm\x0d\0\x01\0 and so on".to_vec(),
        exports: vec!["plugwright:plugin/transform@0.2.0".to_owned()],
        imports: vec!["plugwright:plugin/host@0.2.0".to_owned()],
        annotations: BTreeMap::from([annotation("title", "geo"), annotation("version", "1.4.0")]),
    }
}

pub(crate) fn client() -> Client {
    Client::builder().build().expect("a client")
}

pub(crate) fn reference(host: &str, rest: &str) -> Reference {
    format!("oci://{host}/plugins/geo{rest}").parse().expect("a reference")
}

/// The kinds of [`attached`].
pub(crate) const KINDS: [&str; 2] =
    ["application/vnd.in-toto+json", "application/vnd.cyclonedx+json"];

fn attached() -> Vec<Attached> {
    let file = |media_type: &str, name: &str, bytes: &[u8]| Attached {
        media_type: media_type.to_owned(),
        name: name.to_owned(),
        bytes: bytes.to_vec(),
    };
    vec![
        file("application/vnd.in-toto+json", "geo.provenance.json", b"{\"from\": \"here\"}"),
        file("application/vnd.cyclonedx+json", "geo.cdx.json", b"{}"),
    ]
}

#[test]
fn a_plugin_comes_back_as_it_went_with_all_that_is_said_of_it() {
    let registry = Real::plain();
    let tagged = reference(&registry.host, ":1.4.0");
    let pushed = client().push(&tagged, &artifact(), &attached(), |_| ()).expect("it takes it");
    for reference in [&tagged, &pushed.reference] {
        let pulled =
            client().pull(reference, &KINDS, &Limits::default(), &|_, _| ()).expect("it is there");
        assert_eq!(fs::read(pulled.component.path()).expect("a file"), artifact().component);
        assert_eq!(Some(&*pulled.digest), pushed.reference.digest());
        assert_eq!(pulled.annotations, artifact().annotations);
        assert_eq!(pulled.attached, attached());
    }
    // A second push changes nothing, and nothing is listed twice.
    let again = client().push(&tagged, &artifact(), &attached(), |_| ()).expect("it takes it");
    assert_eq!(again, pushed);
    let pulled =
        client().pull(&tagged, &KINDS, &Limits::default(), &|_, _| ()).expect("it is there");
    assert_eq!(pulled.attached, attached());
}

#[test]
fn the_layout_is_that_of_the_field() {
    let registry = Real::plain();
    let tagged = reference(&registry.host, ":1.4.0");
    client().push(&tagged, &artifact(), &[], |_| ()).expect("it takes it");
    let manifest = stored(
        &registry,
        &client().push(&tagged, &artifact(), &[], |_| ()).expect("again").reference,
    );
    assert_snapshot!(serde_json::to_string_pretty(&manifest).expect("JSON"), @r#"
    {
      "annotations": {
        "org.opencontainers.image.title": "geo",
        "org.opencontainers.image.version": "1.4.0"
      },
      "config": {
        "digest": "sha256:c6762d340831de9d47b715f0dadf0d0ccd93fde6ea6dec368b9a21d9e0921b69",
        "mediaType": "application/vnd.wasm.config.v0+json",
        "size": 233
      },
      "layers": [
        {
          "digest": "sha256:9aa4d0f286be884c3cf018206ecea42518c0d77dbbae6b7afcb7a764625d87d1",
          "mediaType": "application/wasm",
          "size": 18
        }
      ],
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "schemaVersion": 2
    }
    "#);
    let config = manifest["config"]["digest"].as_str().expect("a digest").to_owned();
    let config = stored_blob(&registry, &config);
    assert_snapshot!(serde_json::to_string_pretty(&config).expect("JSON"), @r#"
    {
      "architecture": "wasm",
      "component": {
        "exports": [
          "plugwright:plugin/transform@0.2.0"
        ],
        "imports": [
          "plugwright:plugin/host@0.2.0"
        ]
      },
      "layerDigests": [
        "sha256:9aa4d0f286be884c3cf018206ecea42518c0d77dbbae6b7afcb7a764625d87d1"
      ],
      "os": "wasip2"
    }
    "#);
}

fn stored(registry: &Real, reference: &Reference) -> Value {
    stored_blob(registry, reference.digest().expect("a digest"))
}

/// Reads JSON that the registry keeps on disk.
fn stored_blob(registry: &Real, digest: &str) -> Value {
    let hex = digest.trim_start_matches("sha256:");
    let file = format!("data/docker/registry/v2/blobs/sha256/{}/{hex}/data", &hex[..2]);
    let bytes = fs::read(registry.folder.path().join(file)).expect("a blob");
    serde_json::from_slice(&bytes).expect("JSON")
}

#[test]
fn what_is_not_there_is_told() {
    let registry = Real::plain();
    let error =
        client().pull(&reference(&registry.host, ":2.0.0"), &KINDS, &Limits::default(), &|_, _| ());
    let told = error.expect_err("it is not there").to_string().replace(&registry.host, "HOST");
    assert_snapshot!(told, @"`HOST` has no `plugins/geo:2.0.0`");
    let nobody = "oci://127.0.0.1:1/plugins/geo:1.0.0".parse().expect("a reference");
    let error =
        client().pull(&nobody, &KINDS, &Limits::default(), &|_, _| ()).expect_err("nobody listens");
    assert!(error.to_string().starts_with("cannot reach `127.0.0.1:1`: "), "{error}");
}

/// The line of `htpasswd -B` for `ada` and `moonlight`.
const LOGIN: &str = "ada:$2b$05$olEw7PiZbaaSDskoDhOLIuls7bwMlZN3TkJZvf2NKEE9xtxUkbqEy";

#[test]
fn a_registry_that_asks_who_it_is_is_told_over_tls() {
    let certificate = tempfile::tempdir().expect("a folder");
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]);
    openssl.args(["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]);
    // The certificate is its own authority.
    openssl.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
    openssl.args(["-keyout", "key.pem", "-out", "certificate.pem"]).current_dir(&certificate);
    assert!(openssl.output().expect("openssl").status.success());
    fs::write(certificate.path().join("logins"), LOGIN).expect("a file");
    let path = certificate.path().display();
    let tls = format!(
        "  tls: {{certificate: {path}/certificate.pem, key: {path}/key.pem}}\n\
         auth: {{htpasswd: {{realm: here, path: {path}/logins}}}}\n"
    );
    let registry = Real::start(&tls);
    let pem = fs::read(certificate.path().join("certificate.pem")).expect("it is there");
    let tagged = reference(&registry.host, ":1.4.0");
    let command = |configuration: &str| {
        let folder = certificate.path().join("docker");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("config.json"), configuration).expect("a file");
        crate::command::run_with(
            certificate.path(),
            &registry.host,
            &["push", "count", &tagged.to_string(), "--authority", "certificate.pem"],
            &[("DOCKER_CONFIG", folder)],
        )
    };
    // A file that is no authority is named, whether it has no certificate or a broken one.
    let broken = "-----BEGIN CERTIFICATE-----\nbW9vbg==\n-----END CERTIFICATE-----\n";
    let cut = broken.split_inclusive('\n').take(2).collect::<String>();
    for (name, text) in [("moon.txt", "moon"), ("broken.pem", broken), ("cut.pem", &cut)] {
        fs::write(certificate.path().join(name), text).expect("a file");
    }
    let with = |authority: &str| {
        let arguments = ["pull", &tagged.to_string(), "--authority", authority];
        crate::command::run_with(certificate.path(), &registry.host, &arguments, &[])
    };
    assert_snapshot!(["moon.txt", "broken.pem", "cut.pem", "key.pem"].map(with).concat(), @"
    ── stderr
    error: cannot use `moon.txt`: a certificate authority has no valid certificates in PEM: there is no line `-----BEGIN CERTIFICATE-----`
    [exit code 2]
    ── stderr
    error: cannot use `broken.pem`: a certificate authority has no valid certificates in PEM: certificate 1 cannot be read
    [exit code 2]
    ── stderr
    error: cannot use `cut.pem`: a certificate authority has no valid certificates in PEM: certificate 1 has no line `-----END CERTIFICATE-----`
    [exit code 2]
    ── stderr
    error: cannot use `key.pem`: a certificate authority has no valid certificates in PEM: there is no line `-----BEGIN CERTIFICATE-----`
    [exit code 2]
    ");
    // Without credentials, with wrong ones, and with the right ones.
    let login = |text: &str| {
        let host = &registry.host;
        format!(r#"{{"auths": {{"{host}": {{"auth": "{text}"}}}}}}"#)
    };
    let told =
        [command("{}"), command(&login("YWRhOnN1bg==")), command(&login("YWRhOm1vb25saWdodA=="))];
    assert_snapshot!(masked(&told.join("")), @"
    ── stderr
    error: `HOST` does not allow this: 401 Unauthorized; log in with `docker login HOST`, or another program that writes Docker's configuration
    [exit code 9]
    ── stderr
    error: `HOST` does not allow this: 401 Unauthorized; log in with `docker login HOST`, or another program that writes Docker's configuration
    [exit code 9]
    oci://HOST/plugins/geo@sha256:DIGEST
    [exit code 0]
    ");
    // The client must know the authority.
    let unknown =
        client().pull(&tagged, &KINDS, &Limits::default(), &|_, _| ()).expect_err("it is TLS");
    assert!(unknown.to_string().contains("400 Bad Request"), "{unknown}");
    let trusting =
        Client::builder().authority(&pem).expect("a certificate").build().expect("a client");
    let denied = trusting.pull(&tagged, &KINDS, &Limits::default(), &|_, _| ());
    assert!(matches!(denied, Err(RegistryError::Denied { .. })), "{denied:?}");
}

#[test]
fn what_is_no_reference_is_told() {
    let told = [
        "geo:1.0.0",
        "oci://geo",
        "oci://host/geo:1.0.0",
        "oci://a.example/geo",
        "oci://a.example/Geo:1",
        "oci://a.example/geo@sha256:12",
    ]
    .map(|text| text.parse::<Reference>().expect_err("it is none").to_string());
    assert_snapshot!(told.join("\n"), @"
    `geo:1.0.0` is not a reference: it must begin with `oci://`
    `oci://geo` is not a reference: after the host it needs a `/` and a name
    `oci://host/geo:1.0.0` is not a reference: its host must have a dot or a port, or be `localhost`
    `oci://a.example/geo` is not a reference: it needs a tag or a digest, such as `:1.0.0` or `@sha256:…`
    `oci://a.example/Geo:1` is not a reference: a name has lowercase letters, digits and single `.`, `_`, `-` and `/` between them, a tag has letters, digits, `.`, `_` and `-`, and a digest is `sha256:` and 64 hexadecimal digits
    `oci://a.example/geo@sha256:12` is not a reference: a name has lowercase letters, digits and single `.`, `_`, `-` and `/` between them, a tag has letters, digits, `.`, `_` and `-`, and a digest is `sha256:` and 64 hexadecimal digits
    ");
}
