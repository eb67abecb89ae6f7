//! Contracts that the pipeline stores beside the plugins.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use plugwright::{Contract, ContractError, Manifest, WitFile};
use tests::{STRUCTURES, candidate};

use crate::any_contract::{folder, run, write};

#[test]
fn contracts_are_kept_beside_the_plugins() {
    let folder = folder();
    let path = folder.path();
    for file in ["rule.wasm", "symbols/rule.wasm"] {
        fs::create_dir_all(path.join("dist/symbols")).expect("the folder can be created");
        fs::copy(path.join("rule.wasm"), path.join("dist").join(file))
            .expect("the file can be copied");
    }
    write(path, "plugin.toml", "world = \"pricing\"\n");
    let rule = fs::read(path.join("rule.wasm")).expect("the file exists");
    let contract = Contract::read(path.join("wit")).expect("the contract is valid");
    let manifest = Manifest::parse("world = \"pricing\"\n").expect("the manifest is valid");
    let rule = manifest.embed(&candidate("rule", &rule), &contract.worlds());
    let rule = rule.unwrap_or_else(|error| panic!("{error}"));
    // The pipeline writes the name and the version.
    let named = wasm_metadata(&rule);
    fs::write(path.join("dist/rule.wasm"), named).expect("the file can be written");
    assert_snapshot!(run(&folder, &["index", "dist"]), @"[exit code 0]");
    fs::remove_dir_all(path.join("wit")).expect("the folder can be removed");
    assert_snapshot!(run(&folder, &["check", "rule", "--dist", "dist"]), @"
    dist/rule.wasm: a plugin of the world shop:pricing/pricing@1.0.0, which imports only its contract
    [exit code 0]
    ");
    let kept =
        fs::read(path.join("dist/contracts/shop+pricing@1.0.0.wasm")).expect("the file is kept");
    let kept = Contract::decode(&kept).unwrap_or_else(|error| panic!("{error}"));
    let pricing = kept.world("pricing").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(pricing.documentation(), Some("A plugin that prices carts."));
    assert_eq!(pricing.name(), "shop:pricing/pricing@1.0.0");
    let missing = kept.world("prices").expect_err("the world does not exist");
    assert!(matches!(missing, ContractError::World { .. }), "{missing:?}");
    assert_snapshot!(missing, @"there is no world `prices` in `shop:pricing@1.0.0`, only `pricing`");
    fs::write(path.join("dist/contracts/shop+pricing@1.0.0.wasm"), "none")
        .expect("the file can be written");
    assert_snapshot!(run(&folder, &["check", "rule", "--dist", "dist"]), @"
    ── stderr
    error: `dist/contracts/shop+pricing@1.0.0.wasm`: remove the file and run `plugwright index` to write it again: this is not a WIT package encoded as a component: it does not begin with WebAssembly's magic bytes
    [exit code 7]
    ");
}

#[test]
fn a_contract_beside_the_plugins_is_read_or_refused_whatever_it_is() {
    let text = "package a:b@1.0.0;\ninterface c { record d { e: u8 } f: func(d: d); }\nworld w { export c; }\n";
    let file = WitFile { path: "a.wit".into(), text: text.to_owned() };
    let contract = Contract::parse(Path::new("a.wit"), vec![file], Vec::new());
    let contract = contract.unwrap_or_else(|error| panic!("{error}"));
    let encoded = contract.encode().unwrap_or_else(|error| panic!("{error}"));
    let (mut read, mut refused) = (0, 0);
    for at in 0..encoded.len() {
        for bit in [1, 8, 64] {
            let mut changed = encoded.clone();
            changed[at] ^= bit;
            match Contract::decode(&changed) {
                Ok(_) => read += 1,
                Err(error) => refused += usize::from(!error.to_string().is_empty()),
            }
        }
        let cut = Contract::decode(&encoded[..at]);
        refused += usize::from(cut.is_err());
    }
    assert!(read > 0 && refused > 0, "{read} and {refused}");
    for structure in STRUCTURES {
        let bytes = (structure.make)(1000);
        assert!(Contract::decode(&bytes).is_err(), "{}", structure.name);
    }
}

#[test]
fn what_cannot_be_kept_is_told_before_it_is() {
    let folder = folder();
    let doubled: String =
        (1..60).map(|it| format!("type t{it} = tuple<t{}, t{}>; ", it - 1, it - 1)).collect();
    let text = format!("package a:b@1.0.0;\ninterface c {{ type t0 = u8; {doubled} }}\n");
    write(folder.path(), "doubled/a.wit", &text);
    fs::create_dir_all(folder.path().join("dist/symbols")).expect("the folder can be created");
    let index = |wit: &str| run(&folder, &["index", "dist", "--wit", wit]);
    let told = index("doubled");
    assert!(told.code == Some(7) && told.stderr.contains("`a:b@1.0.0`"), "{told}");
    assert!(!folder.path().join("dist/contracts/a+b@1.0.0.wasm").exists());
    let many: String = (0..300).map(|it| format!("interface i{it} {{ type t = u8; }}\n")).collect();
    write(folder.path(), "many/a.wit", &format!("package a:b@1.0.0;\n{many}"));
    assert_snapshot!(index("many"), @"
    ── stderr
    error: this is not a WIT package encoded as a component: `a:b@1.0.0`: it has more than 256 interfaces
    [exit code 7]
    ");
    fs::remove_dir_all(folder.path().join("dist/contracts")).expect("the folder can be removed");
    std::os::unix::fs::symlink("../wit", folder.path().join("dist/contracts"))
        .expect("the link can be created");
    assert_snapshot!(index("wit"), @"
    ── stderr
    error: `dist/contracts` is a link: replace it with a folder, because contracts are kept in the folder of the plugins itself
    [exit code 7]
    ");
}

/// Returns the component with a name and a version, as the pipeline writes them.
fn wasm_metadata(component: &[u8]) -> Vec<u8> {
    let section = |name: &str, data: &[u8]| {
        let mut body = vec![u8::try_from(name.len()).expect("the name is short")];
        body.extend_from_slice(name.as_bytes());
        body.extend_from_slice(data);
        [&[0, u8::try_from(body.len()).expect("the section is short")], &*body].concat()
    };
    [component, &section("version", b"0.1.0")].concat()
}
