//! Text that plugins and files choose stays in its place in a line, and cannot control a terminal, wherever it is
//! shown. The tests put one hostile text into every place that takes text.

use std::error::Error;
use std::fs;
use std::path::Path;

use plugwright::{
    Dist, ForeignText, Grant, Host, LoadError, Manifest, Policy, RequestedGrant, difference, sizes,
};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, inspect};
use tempfile::TempDir;
use tests::{Output, around, host, plugwright};

/// Text that would start a new line, clear a terminal and hide behind other text.
const EVIL: &str = "x\n@forged\r\n@forged\u{1b}[2J\u{9b}2J\u{7f}\u{202e}\u{2066}\u{200b}\u{feff}\u{2028}\u{fe0f}\u{fe0f}@";

/// Checks that a text does nothing that [`EVIL`] attempts.
fn is_harmless(what: &str, text: &str) {
    assert!(!text.lines().any(|line| line.starts_with('@')), "{what} starts a new line: {text:?}");
    let bad = |c: &char| {
        c.is_control() && *c != '\n'
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    assert_eq!(text.chars().find(bad), None, "{what}: {text:?}");
    assert!(text.len() < 200_000, "{what} is {} bytes long", text.len());
}

/// Checks the error and all its causes.
fn errors_are_harmless(what: &str, error: &(dyn Error + 'static)) {
    let mut next = Some(error);
    while let Some(error) = next {
        next = error.source();
        is_harmless(what, &error.to_string());
        is_harmless(what, &format!("{error:?}"));
        is_harmless(what, &format!("{error:#?}").replace("\n", " "));
    }
}

/// Returns a plugin that prints [`EVIL`] wherever it can, and then traps, refuses or returns a document.
fn plugin(ending: &str) -> Vec<u8> {
    let text: String = EVIL.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let length = EVIL.len();
    let set = |at: u32| {
        format!(
            "(i32.store (i32.const {at}) (i32.const 4096)) (i32.store (i32.const {}) (i32.const {length}))",
            at + 4
        )
    };
    let lists: String = [8, 16].map(|at| {
        format!("(i32.store (i32.const {at}) (i32.const 256)) (i32.store (i32.const {}) (i32.const 2))", at + 4)
    }).concat();
    let ending = match ending {
        "trap" => "(call $evil) unreachable".to_owned(),
        // The first case of the failure, without a position.
        "refuse" => format!("(i32.store8 (i32.const 512) (i32.const 1)) {}", set(520)),
        _ => [516, 524, 532].map(set).concat(),
    };
    let core = format!(
        r#"(module
          (import "plugwright:plugin/host@0.2.0" "log" (func $log (param i32 i32 i32 i32 i32)))
          (memory (export "memory") 17)
          (data (i32.const 4096) "{text}")
          (func $evil (@name "{text}") unreachable)
          (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16384))
          (func (export "plugwright:plugin/transform@0.2.0#describe") (result i32)
            {set0} {lists} {set256} {set264}
            (i32.store (i32.const 24) (i32.const 300)) (i32.store (i32.const 28) (i32.const 1))
            {set300} {set308} {set316}
            (i32.const 0))
          (func (export "plugwright:plugin/transform@0.2.0#transform")
            (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
            (call $log (i32.const 2) (i32.const 4096) (i32.const {length}) (i32.const 0) (i32.const 0))
            {ending}
            (i32.const 512)))"#,
        set0 = set(0),
        set256 = set(256),
        set264 = set(264),
        set300 = set(300),
        set308 = set(308),
        set316 = set(316),
    );
    let mut component = around(&core, "transformer");
    append(&mut component, "version", EVIL.as_bytes());
    append(&mut component, EVIL, b"a custom section");
    component
}

/// Adds a custom section.
fn append(component: &mut Vec<u8>, name: &str, data: &[u8]) {
    let number = |mut number: usize| {
        let mut bytes = Vec::new();
        while number >= 0x80 {
            bytes.push(u8::try_from(number & 0x7f).expect("the value has seven bits") | 0x80);
            number >>= 7;
        }
        bytes.push(u8::try_from(number).expect("the value has seven bits"));
        bytes
    };
    let content = [&*number(name.len()), name.as_bytes(), data].concat();
    component.push(0);
    component.extend(number(content.len()));
    component.extend(content);
}

/// Returns a folder in which everything is named [`EVIL`] or contains it.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let write = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("the path has a parent"))
            .expect("the folder can be created");
        fs::write(path, content).expect("the file can be written");
    };
    for ending in ["trap", "refuse", "give"] {
        write(&format!("{ending}.wasm"), &plugin(ending));
    }
    write(&format!("{EVIL}.wasm"), &plugin("trap"));
    write(&format!("{EVIL}.txt"), b"a document");
    write(&format!("{EVIL}.broken.wasm"), b"\0asm no component");
    let quoted: String = EVIL.chars().map(|c| format!("\\U{:08X}", u32::from(c))).collect();
    let quoted = format!("\"{quoted}\"");
    for (name, manifest) in [
        ("key", format!("world = \"transformer\"\n{quoted} = 1\n")),
        ("grant", format!("world = \"transformer\"\ngrants = [{quoted}]\n")),
        ("folder", format!("world = \"transformer\"\ngrants = [\"folder=\" , {quoted}]\n")),
        ("limit", format!("world = \"transformer\"\nlimits = [{quoted}]\n")),
        ("world", format!("world = {quoted}\n")),
    ] {
        let mut component = plugin("trap");
        append(&mut component, Manifest::SECTION, manifest.as_bytes());
        write(&format!("manifests/{name}.wasm"), &component);
        write(&format!("manifests/{name}.toml"), manifest.as_bytes());
    }
    write("policy.toml", b"[[plugin]]\nname = \"another\"\n");
    write("evil-policy.toml", format!("[[plugin]]\n{quoted} = 1\n").as_bytes());
    write(
        "pipeline.toml",
        b"[[stage]]\nplugin = \"give.wasm\"\n[[stage]]\nplugin = \"give.wasm\"\n",
    );
    write("evil-pipeline.toml", format!("[[stage]]\nplugin = {quoted}\n").as_bytes());
    write("worse-pipeline.toml", format!("[[stage]]\n{quoted} = 1\n").as_bytes());
    let json = serde_json::to_string(EVIL).expect("the value can be serialised");
    for (name, list) in [
        (
            "evil-name",
            format!(
                r#"[{{"name":{json},"version":"1","world":"w","sha256":"{}","bytes":1,"bytes_before_strip":1,"imports":[],"exports":[]}}]"#,
                "0".repeat(64)
            ),
        ),
        (
            "evil-digest",
            format!(
                r#"[{{"name":"a","version":"1","world":"w","sha256":{json},"bytes":1,"bytes_before_strip":1,"imports":[],"exports":[]}}]"#
            ),
        ),
        ("evil-type", format!(r#"[{{"name":"a","version":{json},"bytes":{json}}}]"#)),
    ] {
        write(&format!("{name}/plugins.json"), list.as_bytes());
    }
    folder
}

#[test]
fn whatever_the_command_is_given_it_writes_no_line_of_another_s() {
    let folder = folder();
    let evil_plugin = format!("./{EVIL}.wasm");
    let broken = format!("./{EVIL}.broken.wasm");
    let document = format!("./{EVIL}.txt");
    let grant = format!("folder={EVIL}:/{EVIL}");
    let commands: &[&[&str]] = &[
        &["inspect", "trap.wasm"],
        &["inspect", "trap.wasm", "--json"],
        &["inspect", &evil_plugin],
        &["inspect", &broken],
        &["inspect", "manifests/key.wasm"],
        &["inspect", EVIL],
        &["check", "."],
        &["check", "manifests"],
        &["check", "--policy", "policy.toml", "."],
        &["check", "--policy", "evil-policy.toml", "."],
        &["run", "trap.wasm", &document],
        &["run", "trap.wasm", &document, "--grant", &grant],
        &["run", "refuse.wasm", &document, "--stats"],
        &["run", "refuse.wasm", &document, "--stats", "--json"],
        &["run", "give.wasm", &document, "-o", "result", "--stats", "--json"],
        &["run", &evil_plugin, &document, "-o", "result", "--stats"],
        &["run", "refuse.wasm", EVIL],
        &["run", EVIL, "policy.toml"],
        &["run", "--pipeline", "pipeline.toml", &document],
        &["run", "--pipeline", "evil-pipeline.toml", &document],
        &["run", "--pipeline", "worse-pipeline.toml", &document],
        &["run", "--pipeline", "pipeline.toml", &document, "--into", EVIL],
        &["run", "--policy", "policy.toml", &evil_plugin, &document],
        &["size", "--dist", "evil-name"],
        &["size", "--dist", "evil-type"],
        &["size", "--dist", "evil-digest"],
        &["compare", "evil-name", "evil-digest"],
        &["compare", EVIL, "evil-digest"],
        &["stamp", "manifests/key.toml", "trap.wasm"],
        &["stamp", "manifests/limit.toml", "trap.wasm"],
        &["new", EVIL],
        &["build", EVIL],
        &["verify", EVIL],
        &["contract", EVIL],
        &["sign", "--key", EVIL, EVIL],
        &["key", "new", EVIL],
        &["cache", "--cache", EVIL],
    ];
    for arguments in commands {
        let mut command = plugwright(folder.path(), *arguments);
        let output = command.output().expect("the command is built");
        let (out, error) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        is_harmless(&format!("standard output of {arguments:?}"), &out);
        is_harmless(&format!("standard error of {arguments:?}"), &error);
        assert!(!out.is_empty() || !error.is_empty() || output.status.success(), "{arguments:?}");
    }
}

#[test]
fn json_has_the_exact_text_all_the_same() {
    let folder = folder();
    let output = Output::of(&mut plugwright(folder.path(), ["inspect", "trap.wasm", "--json"]));
    let report: serde_json::Value =
        serde_json::from_str(&output.stdout).expect("the text is valid JSON");
    assert_eq!(report["version"], EVIL);
    assert_eq!(report["description"]["takes"][0], EVIL);
    // A plugin's name comes from its file, and errors show it in its harmless form.
    let shown = ForeignText::from(EVIL).to_string();
    let evil = format!("./{EVIL}.wasm");
    let stats = ["run", &*evil, "policy.toml", "-o", "result", "--stats", "--json", "--log", "off"];
    let output = Output::of(&mut plugwright(folder.path(), stats));
    let objects = output.stderr.lines().filter(|line| line.starts_with('{'));
    let objects = objects.map(|line| serde_json::from_str(line).expect("the text is valid JSON"));
    let objects: Vec<serde_json::Value> = objects.collect();
    assert!(!objects.is_empty(), "{output}");
    assert!(objects.iter().all(|object| object["plugin"] == shown), "{output}");
}

#[test]
fn whatever_the_library_says_of_a_plugin_is_one_line() {
    let folder = folder();
    let host = host();
    for ending in ["trap", "refuse"] {
        let bytes =
            fs::read(folder.path().join(format!("{ending}.wasm"))).expect("the file can be read");
        let plugin = host.load_any_bytes(EVIL, &bytes).unwrap_or_else(|error| panic!("{error}"));
        let plugin = plugin.transformer().expect("the plugin is a transformer");
        let error = plugin
            .transform(&Document::new(EVIL, EVIL, EVIL), &[])
            .expect_err("the plugin ends with an error");
        errors_are_harmless(ending, &error);
        if let plugwright::CallError::Trapped { backtrace, .. } = &error {
            assert!(backtrace.iter().any(|frame| frame.function.is_some()), "{error:?}");
            backtrace.iter().for_each(|frame| is_harmless("a frame", &frame.to_string()));
        }
        let inspection = inspect(EVIL, &bytes).expect("the component is valid");
        is_harmless("an inspection", &format!("{inspection:?}"));
        let nobody = Policy::parse("", "").expect("the policy is valid");
        let refusal = nobody.decide(EVIL, &inspection, None);
        let refusal = refusal.expect_err("no rule allows the plugin").to_string();
        is_harmless("a refusal", &refusal);
        // The rule that the error suggests is TOML, and names that plugin.
        let rule = refusal.split_once("[[plugin]]").expect("the error suggests a rule").1;
        let policy =
            Policy::parse(&format!("[[plugin]]{rule}"), "").unwrap_or_else(|it| panic!("{it}"));
        assert!(policy.decide(EVIL, &inspection, None).is_ok());
        let mut other = bytes.clone();
        append(&mut other, EVIL, b"another custom section");
        is_harmless(
            "a difference",
            &difference(&bytes, &other).expect("the files differ").to_string(),
        );
        let sizes = sizes(EVIL, &bytes).expect("the component is valid");
        is_harmless("sizes", &format!("{sizes:?}"));
    }
    for (what, bytes) in
        [("nothing", &b""[..]), ("a text", b"(x"), ("a broken one", b"\0asm\x0d\0\x01\0xx")]
    {
        let error = host.load_any_bytes(EVIL, bytes).expect_err("the file is not a plugin");
        errors_are_harmless(what, &error);
    }
    for name in ["key", "grant", "folder", "limit", "world"] {
        let error = host.load_any(folder.path().join(format!("manifests/{name}.wasm")));
        let error = error.expect_err("the manifest is invalid");
        assert!(matches!(error, LoadError::Manifest { .. }), "{error}");
        errors_are_harmless(name, &error);
    }
    for name in ["evil-name", "evil-digest", "evil-type", EVIL] {
        errors_are_harmless(
            name,
            &Dist::open(folder.path().join(name)).expect_err("the list is invalid"),
        );
    }
    errors_are_harmless("a grant", &EVIL.parse::<Grant>().expect_err("the grant is invalid"));
    for text in ["folder=/", "variable=", "http=http://", ""] {
        let error =
            format!("{text}{EVIL}").parse::<RequestedGrant>().expect_err("the name is invalid");
        errors_are_harmless("a request", &error);
    }
    errors_are_harmless(
        "a file",
        &Host::builder()
            .build()
            .expect("the host can be created")
            .load_any(EVIL)
            .expect_err("the file does not exist"),
    );
    is_harmless("a path", &ForeignText::of_path(Path::new(EVIL)).to_string());
}

#[test]
fn arguments_that_are_refused_are_shown_harmlessly() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let (option, assigned) = (format!("--{EVIL}"), format!("--{EVIL}={EVIL}"));
    let (near, value) = (format!("run{EVIL}"), format!("--log={EVIL}"));
    for arguments in [
        &[EVIL][..],
        &[&near],
        &[&value],
        &["run", &option],
        &["run", &assigned],
        &["run", "--limit", EVIL],
        &["completions", EVIL],
        &["key", EVIL],
        &["help", EVIL],
    ] {
        let output = Output::of(&mut plugwright(folder.path(), arguments));
        assert_eq!(output.code, Some(2), "{arguments:?}: {output}");
        assert!(output.stderr.contains(r"\u{1b}[2J"), "{arguments:?}: {output}");
        is_harmless(&format!("{arguments:?}"), &output.stderr);
    }
    // An argument that is a part of the colours of the message does not change the usage.
    let output = Output::of(&mut plugwright(folder.path(), ["\u{1b}"]));
    assert!(output.stderr.contains("\n\nUsage: plugwright "), "{output}");
}
