//! New plugins in languages other than Rust, for contracts that have no hand-written templates.

use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use plugwright_cli::skeleton::language::Language;
use plugwright_cli::skeleton::rust_plugin::Dependency;
use plugwright_cli::skeleton::{Request, Skeleton};
use tempfile::TempDir;
use tests::{Output, guests_dist, just, plugwright, root};
use wit_parser::Resolve;

use crate::new::copy;

const ALL: [Language; 6] = [
    Language::Zig,
    Language::Python,
    Language::C,
    Language::Cpp,
    Language::JavaScript,
    Language::TypeScript,
];

/// Returns a folder of WIT with a single world.
fn contract(name: &str) -> PathBuf {
    root().join("crates/plugwright-tests/tests/suite/skeletons_in_languages").join(name)
}

fn skeleton(language: Language, wit: &Path) -> Result<Skeleton, String> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(wit).expect("the WIT is valid");
    let world = resolve.select_world(&[package], None).expect("the package has one world");
    let request = Request { resolve: &resolve, world, name: "hello", wit: "../../../wit" };
    language.plugin(&request, Dependency::Release).map_err(|error| format!("{error:#}"))
}

/// Returns all files of the plugin's folder, except lock files of tools.
fn shown(language: Language, name: &str) -> String {
    let Skeleton { files, cases } =
        skeleton(language, &contract(name)).expect("the skeleton can be generated");
    assert_eq!(cases.len(), 1, "the skeleton has a first case");
    let is_shown = |path: &Path| {
        !["package.json", "package-lock.json", "requirements.txt"].map(Path::new).contains(&path)
    };
    let files = files.iter().filter(|(path, _)| is_shown(path));
    files.map(|(path, text)| format!("=== {}\n{text}", path.display())).collect()
}

#[test]
fn each_language_has_each_function_with_its_documentation() {
    for language in ALL {
        let name = format!("{language:?}").to_lowercase();
        assert_snapshot!(name, shown(language, "library"));
    }
}

#[test]
fn names_that_are_words_of_the_language_have_others() {
    let has = |language, names: &[&str]| {
        let text = shown(language, "shop");
        for name in names {
            assert!(text.contains(name), "no `{name}` in {text}");
        }
    };
    has(Language::C, &["bool class_,", "exports_shop_import(", "_currency_t in,"]);
    has(Language::Cpp, &["bool class_,", "exports_shop_import(", "_currency_t in,"]);
    has(
        Language::JavaScript,
        &["  delete(class_, bytes, x) {", "export { import_ as import };", "price(article, in_)"],
    );
    has(
        Language::TypeScript,
        &["export { delete_ as delete };", "export { import_ as import };", "in_: Prices.Currency"],
    );
    has(Language::Python, &["def import_(self, ", "class_: bool", "in_: money.Currency"]);
    has(Language::Zig, &["fn exports_shop_import(", "export fn exports_acme_shop_prices_delete("]);
}

#[test]
fn what_a_language_has_no_plugin_for_is_said() {
    let refused = |language, name| match skeleton(language, &contract(name)) {
        Ok(_) => "nothing refused".to_owned(),
        Err(error) => error,
    };
    assert_snapshot!(refused(Language::JavaScript, "twins"), @"the world exports `me:twins/types` and `a:a/types`, but componentize-qjs calls both of them `types`: choose another language, such as `--lang rust`");
    assert_snapshot!(refused(Language::Go, "shop"), @"cannot generate a plugin in Go for your own contract: the generator of Go bindings downloads modules, but this pipeline builds without a network; choose rust, c, cpp, javascript, typescript, python or zig");
}

/// The command's package holds copies, because it is built from its own folder only.
#[test]
fn the_tools_are_those_of_the_plugins_in_other_languages() {
    let templates = root().join("crates/plugwright-cli/templates");
    for (language, files) in [
        ("c", &["requirements.txt"][..]),
        ("cpp", &["requirements.txt"]),
        ("zig", &["requirements.txt"]),
        ("python", &["requirements.txt"]),
        ("javascript", &["package.json", "package-lock.json"]),
        ("typescript", &["package.json", "package-lock.json"]),
    ] {
        let folder = root().join("tests/languages").join(language);
        for file in files {
            let read = |folder: &Path| {
                fs::read_to_string(folder.join(file)).expect("the lock file exists")
            };
            let (here, there) = (read(&templates.join(language)), read(&folder));
            assert!(here == there, "{language}/{file} differs in crates/plugwright-cli/templates");
        }
        let manifest = fs::read_to_string(folder.join("plugin.toml")).expect("the manifest exists");
        let skeleton = shown(name(language), "library");
        let tools = manifest
            .lines()
            .find(|line| line.starts_with("tools = "))
            .expect("the manifest lists the tools");
        for tool in tools.split('"').skip(1).step_by(2) {
            assert!(skeleton.contains(tool), "no tool `{tool}` in {skeleton}");
        }
    }
}

fn name(language: &str) -> Language {
    <Language as std::str::FromStr>::from_str(language).expect("the language is known")
}

/// Returns a project with a new plugin.
fn project(language: Language, name: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    for name in ["justfile", "plugwright.toml", ".config/tools"] {
        copy(&root().join(name), &folder.path().join(name));
    }
    copy(&contract(name), &folder.path().join("wit"));
    let plugin = folder.path().join("tests/languages/hello");
    fs::create_dir_all(&plugin).expect("the folder can be created");
    let Skeleton { files, cases } =
        skeleton(language, &contract(name)).expect("the skeleton can be generated");
    for (path, text) in files.into_iter().chain(cases) {
        fs::write(plugin.join(path), text).expect("the file can be written");
    }
    folder
}

#[test]
fn what_begins_in_c_builds_and_says_that_it_is_not_written_yet() {
    builds(Language::C, "not_written_yet");
}

#[test]
fn what_begins_in_cpp_builds_and_says_that_it_is_not_written_yet() {
    builds(Language::Cpp, "not_written_yet");
}

#[test]
fn what_begins_in_zig_builds_and_says_that_it_is_not_written_yet() {
    builds(Language::Zig, "plugin.notWrittenYet");
}

#[test]
fn what_begins_in_javascript_builds_and_says_that_it_is_not_written_yet() {
    builds(Language::JavaScript, "");
}

#[test]
fn what_begins_in_typescript_builds_and_says_that_it_is_not_written_yet() {
    builds(Language::TypeScript, "");
}

#[test]
fn what_begins_in_python_builds_and_says_that_it_is_not_written_yet() {
    builds(Language::Python, "");
}

/// Tries all contracts. CI tries all languages. On other machines, only the languages that are quick to compile are
/// tried.
fn builds(language: Language, trap: &str) {
    let is_quick = matches!(language, Language::C | Language::JavaScript);
    if guests_dist().is_none() || !(is_quick || std::env::var_os("CI").is_some()) {
        return;
    }
    let library = [
        ("loans.find([])", Some("`find` is not written yet")),
        ("loans.count()", None),
        ("loans.reader(\"Ada\")", None),
        ("open-desk([1])", Some("`open-desk` is not written yet")),
    ];
    // The host takes long to compile Python's runtime, so only one contract is called.
    let is_called = language != Language::Python;
    try_calls(language, "library", trap, if is_called { &library } else { &[] });
    let shop = [
        ("prices.note(\"\")", Some("`note` is not written yet")),
        ("prices.delete(true, [], none)", None),
        ("prices.basket(\"Ada\")", None),
        ("articles.price({id: \"\"})", None),
        ("inline-one.greet(\"\")", None),
        ("money.round({value: 1, currency: euro})", None),
        ("open-shop([])", Some("`open-shop` is not written yet")),
    ];
    try_calls(language, "shop", trap, &shop);
    if !matches!(language, Language::JavaScript | Language::TypeScript) {
        let twins = [
            ("me:twins/types.f([])", None),
            ("me:twins/types.r()", None),
            ("c:c/same@2.0.0.f(a)", None),
            ("types2([])", None),
        ];
        try_calls(language, "twins", trap, if is_called { &twins } else { &[] });
    }
}

/// Builds the plugin and makes each call. It must return this error, or trap below a function of this name.
fn try_calls(language: Language, name: &str, trap: &str, calls: &[(&str, Option<&str>)]) {
    let project = project(language, name);
    let target = project.path().join("target");
    let mut build = just(project.path(), &target, ["build-languages", "hello"]);
    let output = Output::of(&mut build);
    assert_eq!(output.code, Some(0), "{language:?}, {name}: {output}");
    assert!(!output.stderr.contains("warning"), "{language:?}, {name}: {output}");
    let plugin = target.join("dist/languages/hello.wasm");
    for (call, error) in calls {
        let arguments = ["call".as_ref(), plugin.as_os_str(), call.as_ref()];
        let output = Output::of(&mut plugwright(project.path(), arguments));
        let (code, said) = match error {
            Some(error) => (1, format!("< err(\"{error}\")")),
            None => (4, format!("    in {trap}")),
        };
        let is_said = output.code == Some(code) && output.stdout.contains(&said);
        assert!(is_said, "{language:?}, {name}: no `{said}` in {output}");
    }
    if !calls.is_empty() {
        let first = project.path().join("tests/languages/hello/first.calls");
        let first = ["call".as_ref(), plugin.as_os_str(), "--calls".as_ref(), first.as_os_str()];
        let output = Output::of(&mut plugwright(project.path(), first));
        assert!(matches!(output.code, Some(1 | 4)), "{language:?}, {name}: {output}");
    }
    let arguments = ["inspect".as_ref(), plugin.as_os_str(), "--json".as_ref()];
    let output = Output::of(&mut plugwright(project.path(), arguments));
    assert!(!output.stdout.contains("\"wasi:"), "{language:?}, {name}: {output}");
}
