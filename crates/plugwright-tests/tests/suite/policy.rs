//! The operator's policy: its form, what it allows and refuses, and what plugins get from it.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use plugwright::{
    BuildError, Cache, DenialReason, Grants, Host, Inspection, Limit, Limits, LoadError, Policy,
    PolicyError,
};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Setting, Transformer, inspect};
use tests::{Output, cache_folder, dist, plugwright, trapping};

use crate::build::WORKSPACE;
use crate::curious::{Folders, tries};
use crate::manifest::{LATE, embedded};

fn parsed(text: &str) -> Policy {
    Policy::parse(text, "").unwrap_or_else(|error| panic!("{error}"))
}

fn host(policy: Policy) -> Host {
    let cache = Cache::open(cache_folder()).expect("the cache can be opened");
    Host::builder().cache(cache).policy(policy).concurrency(64).build().expect("the engine starts")
}

fn inspected(component: &[u8]) -> Inspection {
    inspect("sample", component).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns a plugin that asks for the clock and expects some memory.
fn late() -> Vec<u8> {
    let text = "world = \"transformer\"\ngrants = [\"wall-clock\"]\nlimits = [\"memory=64MiB\"]";
    embedded(text, &LATE)
}

/// Returns the policy's decision about the plugin `late`.
fn decided(policy: &str, component: &[u8]) -> String {
    let inspection = inspected(component);
    match parsed(policy).decide("late", &inspection, None) {
        Ok(allowed) => format!("allowed by line {}", allowed.line()),
        Err(refusal) => {
            assert!(!refusal.reasons.is_empty());
            refusal.to_string().replace(&inspection.sha256, "$SHA256")
        }
    }
}

#[test]
fn what_is_wrong_in_a_policy_is_told_with_its_place() {
    let refused = |text: &str| Policy::parse(text, "").expect_err(text).to_string();
    let with = |rest: &str| refused(&format!("[[plugin]]\nname = \"a\"\n{rest}"));
    let errors = [
        refused("plugin"),
        refused("[[plugins]]"),
        refused("limits = [\"speed=1\"]"),
        refused("limits = [\"memory=1MiB\", \"memory=2MiB\"]"),
        refused("limits = []\n\n[[plugin]]\ngrants = []"),
        refused("[[plugin]]\nsha256 = \"abc\""),
        with("key = \"abc\""),
        with("grants = [\"wall-clock\",\n  \"sockets\"]"),
        with("grants = [\"random\", \"random\"]"),
        with("deny = [\"random=1\"]"),
        with("deny = [\"random\", \"random\"]"),
        with("grants = [\"random\"]\ndeny = [\"random\"]"),
        with("limits = [\"deadline=1h\"]"),
        with("limits = [\"stack=1MiB\"]"),
        refused("[plugin]\nname = \"a\""),
        refused("[[plugin]]\nname = template"),
        refused("[[plugin]]\nname = [\"a\"]"),
        with("deny = \"random\""),
        with("[[plugin]]\nname = \"b\"\n[[plugin]]\nname = \"a\""),
    ];
    assert_snapshot!(errors.join("\n"), @r#"
    line 1, column 7: key with no value, expected `=`
    line 1, column 3: there is no key `plugins`, only `limits` or `plugin`
    line 1, column 11: the limit `speed=1`: there is no limit `speed`, only deadline, fuel, memory, table-elements, instances, stack, transfer, handles, host-memory, descriptors, output, log-lines, log-bytes, requests, download, component-size
    line 1, column 26: the limit `memory=2MiB`: it is set twice
    line 3, column 1: a rule needs the `name` of a plugin, its `sha256`, or the `key` that it is signed with
    line 2, column 10: a digest is 64 digits from 0 to 9 and a to f, as `plugwright inspect` shows it
    line 3, column 7: a public key is the text of the `.pub` file that `plugwright key new` writes beside the secret key
    line 4, column 3: the grant `sockets`: there is no grant `sockets`, only folder, folder-rw, variable, argument, stdin, wall-clock, random and http
    line 3, column 21: the grant `random`: it is granted twice
    line 3, column 9: the grant `random=1`: it takes no value here: the operator sets the value
    line 3, column 19: the grant `random`: it is denied twice
    line 4, column 9: the grant `random`: it is both granted and denied
    line 3, column 11: the limit `deadline=1h`: `1h` is not an amount: there is no unit `h`, only s, ms
    line 3, column 11: all plugins of a host have the same stack: set it above all rules
    line 1, column 1: `plugin` is written `[[plugin]]`
    line 2, column 8: `template` is not a value: write text in quotes, as "template"
    line 2, column 8: `name` is written `name = "template"`
    line 3, column 8: `deny` is written `deny = ["random"]`
    line 5, column 1: the rule in line 1 matches every plugin that this rule matches: remove one of the two, or put this one first
    "#);
    let digest = "0".repeat(64);
    let named = format!("[[plugin]]\nname = \"a\"\nsha256 = \"{digest}\"\n");
    parsed(&format!("{named}[[plugin]]\nname = \"a\"\n"));
    assert_snapshot!(refused(&format!("[[plugin]]\nname = \"a\"\n{named}")), @"line 3, column 1: the rule in line 1 matches every plugin that this rule matches: remove one of the two, or put this one first");
}

#[test]
fn a_policy_can_have_many_rules() {
    let rule = |number: usize| format!("[[plugin]]\nname = \"plugin-{number}\"\n");
    let many: String = (0..20_000).map(rule).collect();
    parsed(&many);
    let error =
        Policy::parse(&format!("{many}{}", rule(15_000)), "").expect_err("the rule already exists");
    assert_eq!(error.line, 40_001);
    assert!(error.to_string().contains("the rule in line 30001 matches every plugin"), "{error}");
}

#[test]
fn a_policy_refuses_what_it_does_not_name_grant_or_allow() {
    let late = late();
    let digest = inspected(&late).sha256;
    assert_snapshot!(decided("", &late), @r#"

      - there is no rule for it
    to allow it, add to the policy:
      [[plugin]]
      name = "late"
      sha256 = "$SHA256"
      grants = ["wall-clock"]
    "#);
    let rule = "[[plugin]]\nname = \"late\"\n";
    assert_snapshot!(decided(rule, &late), @r#"

      - it asks for `wall-clock`, which the rule in line 1 neither grants nor denies
    to allow it, add "wall-clock" to `grants` of the rule in line 1 of the policy, or "wall-clock" to its `deny`
    "#);
    let granted = format!("{rule}grants = [\"wall-clock=0\"]\n");
    assert_snapshot!(decided(&granted, &late), @"allowed by line 1");
    assert_snapshot!(decided(&format!("{rule}deny = [\"wall-clock\"]"), &late), @"allowed by line 1");
    assert_snapshot!(decided(&format!("{granted}limits = [\"memory=32 MiB\"]"), &late), @r#"

      - it declares `memory=64MiB`, but the rule in line 1 allows `memory=32MiB`
    to allow it, add "memory=64MiB" to `limits` of the rule in line 1 of the policy
    "#);
    assert_snapshot!(decided(&format!("limits = [\"memory=1MiB\"]\n{rule}"), &late), @r#"

      - it asks for `wall-clock`, which the rule in line 2 neither grants nor denies
      - it declares `memory=64MiB`, but the rule in line 2 allows `memory=1MiB`
    to allow it, add "wall-clock" to `grants` of the rule in line 2 of the policy, or "wall-clock" to its `deny`
    to allow it, add "memory=64MiB" to `limits` of the rule in line 2 of the policy
    "#);
    let raised = format!("limits = [\"memory=1MiB\"]\n{granted}limits = [\"memory=none\"]");
    assert_snapshot!(decided(&raised, &late), @"allowed by line 2");
    // A rule by digest applies whatever the plugin's name is.
    let by_digest = format!("[[plugin]]\nsha256 = \"{digest}\"\ngrants = [\"wall-clock\"]");
    assert_snapshot!(decided(&by_digest, &late), @"allowed by line 1");
    let other = format!("[[plugin]]\nname = \"late\"\nsha256 = \"{}\"", "0".repeat(64));
    assert_snapshot!(decided(&other, &late), @r#"

      - the rule in line 1 allows another file, whose digest is 0000000000000000000000000000000000000000000000000000000000000000
    to allow it, replace the rule in line 1 of the policy with this:
      [[plugin]]
      name = "late"
      sha256 = "$SHA256"
      grants = ["wall-clock"]
    "#);
    // The first rule that matches applies.
    assert_snapshot!(decided(&format!("{other}\n{granted}"), &late), @"allowed by line 4");
    // A plugin without a manifest asks for what it imports.
    assert_snapshot!(decided(rule, &LATE), @r#"

      - it asks for `wall-clock`, which the rule in line 1 neither grants nor denies
    to allow it, add "wall-clock" to `grants` of the rule in line 1 of the policy, or "wall-clock" to its `deny`
    "#);
    assert_snapshot!(decided(&granted, &LATE), @"allowed by line 1");
}

#[test]
fn a_host_loads_what_its_policy_allows_and_nothing_else() {
    let late = late();
    let refused = |policy: &str| {
        let loaded = host(parsed(policy)).load_bytes::<Transformer>("late", &late);
        let error = loaded.expect_err("the plugin is not allowed");
        let LoadError::Refused { refusal, .. } = &error else { panic!("{error}") };
        (refusal.reasons.clone(), error.to_string())
    };
    let (reasons, message) = refused("");
    assert_eq!(reasons, [DenialReason::Unlisted]);
    assert!(message.starts_with("`late` is not allowed here:\n  - there is no rule"), "{message}");
    let rule =
        "limits = [\"deadline=3s\"]\n[[plugin]]\nname = \"late\"\ngrants = [\"wall-clock=0\"]\n";
    let (reasons, _) = refused(&format!("{rule}limits = [\"memory=1MiB\"]"));
    let (limit, expected, allowed) = (Limit::Memory, 64 << 20, 1 << 20);
    assert_eq!(reasons, [DenialReason::Limit { line: 2, limit, expected, allowed }]);

    // The strictest of the manifest, the policy and the host applies.
    let policy = parsed(&format!("{rule}limits = [\"memory=512MiB\", \"output=1KiB\"]"));
    let plugin = host(policy.clone())
        .load_bytes::<Transformer>("late", &late)
        .expect("the policy allows the plugin");
    let of = |limits: Limits| {
        [Limit::Memory, Limit::Output, Limit::Deadline, Limit::Requests].map(|it| limits.get(it))
    };
    assert_eq!(of(plugin.limits()), [Some(64 << 20), Some(1 << 10), Some(3000), Some(100)]);
    let strict = Host::builder().no_cache().policy(policy.clone()).concurrency(64);
    let strict = strict.limits(Limits::none().memory(32 << 20)).build().expect("the engine starts");
    let plugin =
        strict.load_bytes::<Transformer>("late", &late).expect("the policy allows the plugin");
    assert_eq!(of(plugin.limits()), [Some(32 << 20), Some(1 << 10), Some(3000), Some(100)]);

    // A plugin that is denied a grant that it needs is not loaded.
    let denied = parsed("[[plugin]]\nname = \"late\"\ndeny = [\"wall-clock\"]");
    let error = host(denied)
        .load_bytes::<Transformer>("late", &late)
        .expect_err("the plugin needs the grant");
    assert!(matches!(error, LoadError::Contract { .. }), "{error}");

    let both = Host::builder().policy(policy).grants(Grants::none().argument("a")).build();
    let error = both.expect_err("a host has either a policy or grants");
    assert!(matches!(error, BuildError::PolicyAndGrants), "{error}");
    assert_snapshot!(error, @"a host has either a policy or grants: with `HostBuilder::policy`, leave out `HostBuilder::grants`");
}

#[test]
fn a_plugin_gets_what_the_policy_grants_and_its_manifest_asks_for() {
    // The plugin asks to read the folder `/given`, and for the clock, random numbers and one origin.
    let folders = Folders::new();
    let path = folders.path("policy.toml");
    let rule = |grants: &str| {
        let needed = "\"wall-clock=7\", \"random=1\", \"http=http://localhost:1\"";
        let text = format!("[[plugin]]\nname = \"curious\"\ngrants = [{needed}, {grants}]\n");
        fs::write(&path, text).expect("the file can be written");
        host(Policy::open(&path).unwrap_or_else(|error| panic!("{error}")))
    };
    let load = |host: &Host| host.load::<Transformer>(WORKSPACE.path("dist/curious.wasm"));
    let plugin = load(&rule("\"folder=open:/given\", \"variable=A=b\", \"folder=.:/all\""));
    let plugin = plugin.unwrap_or_else(|error| panic!("{error}"));
    let lines = ["read /given/file.txt", "list /all", "variables", "time"];
    assert_snapshot!(tries(&plugin, &lines), @r#"
    read /given/file.txt: "text"
    list /all: No such file or directory (os error 44)
    variables: []
    time: Ok(7s)
    "#);
    let error = load(&rule("\"folder=gone:/given\"")).expect_err("the folder does not exist");
    assert!(matches!(error, LoadError::Denied { .. }), "{error}");
    // Relative folders start at the policy file, wherever the host runs.
    assert_snapshot!(crate::manifest::told(&error).replace(&*folders.path.to_string_lossy(), "$FOLDER"), @"cannot give `curious` what it was granted: cannot grant the folder `$FOLDER/gone`: No such file or directory (os error 2)");
}

#[test]
fn a_plugin_can_do_without_what_is_denied() {
    let policy = parsed("[[plugin]]\nname = \"template\"\ndeny = [\"folder=/templates\"]");
    let template = dist().read("template").unwrap_or_else(|error| panic!("{error}"));
    let plugin = host(policy)
        .load_bytes::<Transformer>("template", &template)
        .expect("the policy allows the plugin");
    let data = Document::new("data.json", "application/json", "{\"name\": \"Ada\"}");
    let options = [Setting::new("template", "Hello, {{ name }}")];
    assert_eq!(plugin.transform(&data, &options).expect("the call succeeds").body, b"Hello, Ada");
    let options = [Setting::new("file", "page.html")];
    plugin.transform(&data, &options).expect_err("the folder does not exist");
}

#[test]
fn what_is_for_no_plugin_is_told() {
    let (late, plain) = (inspected(&late()), inspected(&trapping("transformer")));
    let policy = parsed(
        "[[plugin]]\nname = \"late\"\ngrants = [\"wall-clock\", \"random\"]\ndeny = [\"stdin\"]\n\
         [[plugin]]\nname = \"gone\"\n\
         [[plugin]]\nname = \"plain\"\ngrants = [\"random\"]\n",
    );
    // A plugin without a manifest may need anything.
    let idle = policy.idle([("late", &late, None), ("plain", &plain, None)]);
    let idle: Vec<_> = idle.iter().map(ToString::to_string).collect();
    assert_snapshot!(idle.join("\n"), @"
    line 1: none of its plugins asks for the grant `random`: remove it
    line 1: none of its plugins asks for `stdin`, which it denies: remove it
    line 5: the rule matches none of the plugins: remove it
    ");
}

#[test]
fn the_command_keeps_to_a_policy_and_says_what_it_would_load() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let run = |arguments: &[&str]| {
        let output = Output::of(&mut plugwright(folder.path(), arguments)).to_string();
        output.replace(&inspected(&late()).sha256, "$SHA256")
    };
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).expect(name);
    fs::create_dir(folder.path().join("plugins")).expect("the folder can be created");
    write("plugins/late.wasm", &late());
    let markdown = dist().read("markdown").unwrap_or_else(|error| panic!("{error}"));
    write("plugins/markdown.wasm", &markdown);
    let policy = "[[plugin]]\nname = \"markdown\"\n\n[[plugin]]\nname = \"late\"\n";
    write("policy.toml", policy.as_bytes());
    assert_snapshot!(run(&["check", "--policy", "policy.toml", "plugins"]), @r#"
    plugins/markdown.wasm: a plugin of the world plugwright:plugin/transformer@0.2.0, allowed by the rule in line 1
    ── stderr
    error: `plugins/late.wasm`: `late` is not allowed here:
      - it asks for `wall-clock`, which the rule in line 4 neither grants nor denies
    to allow it, add "wall-clock" to `grants` of the rule in line 4 of `policy.toml`, or "wall-clock" to its `deny`
    error: 1 of 2 files cannot be run
    [exit code 3]
    "#);
    let more =
        format!("{policy}grants = [\"wall-clock\", \"random\"]\n\n[[plugin]]\nname = \"jq\"\n");
    write("policy.toml", more.as_bytes());
    assert_snapshot!(run(&["check", "--policy", "policy.toml", "plugins"]), @"
    plugins/late.wasm: a plugin of the world plugwright:plugin/transformer@0.2.0, which asks for `wall-clock`, allowed by the rule in line 4
    plugins/markdown.wasm: a plugin of the world plugwright:plugin/transformer@0.2.0, allowed by the rule in line 1
    ── stderr
    error: `policy.toml`, line 4: none of its plugins asks for the grant `random`: remove it
    error: `policy.toml`, line 8: the rule matches none of the plugins: remove it
    error: parts of the policy apply to no plugin
    [exit code 3]
    ");
    // The command cannot know whether there are more plugins than these files.
    assert_snapshot!(run(&["check", "--policy", "policy.toml", "plugins/late.wasm"]), @"
    plugins/late.wasm: a plugin of the world plugwright:plugin/transformer@0.2.0, which asks for `wall-clock`, allowed by the rule in line 4
    [exit code 0]
    ");

    write("input.txt", b"text");
    let with = |rest: &[&str]| run(&[&["run", "--policy", "policy.toml"], rest].concat());
    assert_snapshot!(with(&["markdown", "input.txt"]), @"
    <p>text</p>
    [exit code 0]
    ");
    assert_snapshot!(with(&["csv-json", "input.txt", "--log", "off"]).lines().take(3).collect::<Vec<_>>().join("\n"), @"
    ── stderr
    error: `csv-json` is not allowed here:
      - there is no rule for it
    ");
    let limited = with(&["markdown", "input.txt", "--limit", "output=4"]);
    assert!(limited.ends_with("[exit code 5]\n"), "{limited}");
    assert!(with(&["markdown", "input.txt", "--grant", "random"]).ends_with("[exit code 2]\n"));
    let stage = "[[stage]]\nplugin = \"markdown\"\ngrants = [\"random=1\"]\n";
    write("pipeline.toml", stage.as_bytes());
    assert_snapshot!(with(&["--pipeline", "pipeline.toml", "input.txt"]), @"
    ── stderr
    error: `pipeline.toml`, line 2: `--policy` decides the grants: leave out `grants`, or `--policy`
    [exit code 2]
    ");
    write("policy.toml", b"[[plugin]]\n");
    assert_snapshot!(with(&["markdown", "input.txt"]), @"
    ── stderr
    error: `policy.toml` is not a policy: line 1, column 1: a rule needs the `name` of a plugin, its `sha256`, or the `key` that it is signed with
    [exit code 2]
    ");
    let missing = Policy::open(Path::new("missing.toml")).expect_err("the file does not exist");
    assert!(matches!(missing, PolicyError::Read { .. }), "{missing}");
}
