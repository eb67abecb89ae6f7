//! Tests the shop, its plugin, and the outcomes of orders.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use own_contract::{Catalogue, Quote, Shop, answer, cart};
use plugwright::{Cache, CallError, Contract, Host, Limit, Manifest, Policy};
use plugwright_contract::Transformer;
use tests::{
    Output, cache_folder, candidate, dist_folder, plugwright_path, program, root, target_folder,
};
use tokio::runtime::{Builder, Runtime};

/// The shop's plugin, built by the pipeline.
static RULE: LazyLock<PathBuf> = LazyLock::new(|| {
    let dist = target_folder("own-contract");
    let mut command = program(&plugwright_path(), &root(), ["build", "examples/own-contract"]);
    command.env("PLUGWRIGHT_DIST", &dist).env("CARGO_TARGET_DIR", target_folder(""));
    command.env("PLUGWRIGHT_CACHE", cache_folder()).env("CARGO_NET_OFFLINE", "true");
    let output = Output::of(&mut command);
    assert_eq!(output.code, Some(0), "{output}");
    dist.join("examples/own-contract.wasm")
});

fn coupons() -> PathBuf {
    root().join("examples/own-contract/coupons")
}

fn host(coupons: &Path) -> Host {
    let cache = Cache::open(cache_folder()).expect("the cache can be opened");
    Shop::host(coupons)
        .expect("the folder can be granted")
        .cache(cache)
        .build()
        .expect("the engine starts")
}

fn shop() -> Shop {
    Shop::open(&host(&coupons()), &RULE).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns a catalogue with this price for tea, and a sofa whose lookup never ends.
fn catalogue(price: u64) -> Arc<Catalogue> {
    let catalogue = Catalogue::default().with("tea", price, 6, Duration::ZERO);
    Arc::new(catalogue.with("sofa", 89_900, 1, Duration::from_secs(3600)))
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("the runtime starts")
}

/// Checks that a call that started at `begin` was ended at its deadline of half a second.
fn assert_ended(price: Result<Quote, CallError<own_contract::Refusal>>, begin: Instant) {
    let time = begin.elapsed();
    match price {
        Err(CallError::Exceeded { exceeded, .. }) => assert_eq!(exceeded.limit, Limit::Deadline),
        other => panic!("{other:?}"),
    }
    assert!(time >= Duration::from_millis(500) && time < Duration::from_secs(30), "{time:?}");
}

#[test]
fn each_order_has_its_answer() {
    let example = root().join("examples/own-contract");
    let mut command = program(
        Path::new(env!("CARGO_BIN_EXE_own-contract")),
        &example,
        [RULE.as_os_str(), "coupons".as_ref(), "orders.txt".as_ref()],
    );
    let output = Output::of(command.env("XDG_CACHE_HOME", target_folder("xdg")));
    let expected = "\
tea=2: 7.00
tea=12 cup=1: 49.80, 4.20 off
tea=10 coupon=SUMMER: 26.32, 8.68 off
tea=1 coupon=../SUMMER: refused: there is no coupon ../SUMMER
coffee=1: refused: we have no coffee
gift-card=1: broken: plugin `own-contract` trapped in `price`: it panicked at examples/own-contract/plugin/src/lib.rs:22:44: attempt to calculate the remainder with a divisor of zero
sofa=1: too slow or too large: plugin `own-contract` was ended in `price`: the time of a call is limited to 500ms; to allow more, raise the limit `deadline`
tea=1: 3.50
";
    assert_eq!((output.stdout.as_str(), output.code), (expected, Some(0)), "{output}");
}

#[test]
fn each_call_sees_the_catalogue_that_it_was_given() {
    let (shop, cart) = (shop(), cart("tea=3").expect("the order is valid"));
    for price in [100, 250] {
        let quote = shop.price(&catalogue(price), &cart).expect("the call returns a price");
        assert_eq!((quote.total, quote.discount), (3 * price, 0));
    }
    let nothing = Arc::new(Catalogue::default());
    assert_eq!(answer(shop.price(&nothing, &cart)), "refused: we have no tea");
}

#[test]
fn a_call_that_waits_for_the_application_ends_at_its_deadline() {
    let (shop, catalogue, sofa) =
        (shop(), catalogue(100), cart("sofa=1").expect("the order is valid"));
    let begin = Instant::now();
    assert_ended(shop.price(&catalogue, &sofa), begin);
    assert_eq!(answer(shop.price(&catalogue, &cart("tea=1").expect("the order is valid"))), "1.00");
}

#[test]
fn a_call_that_waits_ends_at_its_deadline_in_a_task_and_lets_others_run() {
    let (shop, catalogue, runtime) = (shop(), catalogue(100), runtime());
    let begin = Instant::now();
    let waiting =
        runtime.spawn({
            let (shop, catalogue) = (shop.clone(), Arc::clone(&catalogue));
            async move {
                shop.price_async(&catalogue, &cart("sofa=1").expect("the order is valid")).await
            }
        });
    let tea = cart("tea=1").expect("the order is valid");
    // The first call waits as soon as this one does, and this one ends long before it.
    let price = runtime.block_on(async {
        tokio::task::yield_now().await;
        shop.price_async(&catalogue, &tea).await
    });
    assert_eq!(answer(price), "1.00");
    assert!(!waiting.is_finished());
    assert_ended(runtime.block_on(waiting).expect("the task did not panic"), begin);
}

#[test]
fn the_synchronous_call_works_inside_of_tokio() {
    let (shop, catalogue) = (shop(), catalogue(100));
    let (tea, sofa) = (cart("tea=12"), cart("sofa=1"));
    runtime().block_on(async {
        assert_eq!(
            answer(shop.price(&catalogue, &tea.expect("the order is valid"))),
            "10.80, 1.20 off"
        );
        let begin = Instant::now();
        assert_ended(shop.price(&catalogue, &sofa.expect("the order is valid")), begin);
    });
}

#[test]
fn what_was_granted_and_is_gone_is_told() {
    let folder = target_folder("tmp/own-contract-coupons");
    fs::create_dir_all(&folder).expect("the folder can be created");
    fs::write(folder.join("HALF"), "50").expect("the file can be written");
    let shop = Shop::open(&host(&folder), &RULE).unwrap_or_else(|error| panic!("{error}"));
    let (catalogue, cart) =
        (catalogue(100), cart("tea=1 coupon=HALF").expect("the order is valid"));
    assert_eq!(answer(shop.price(&catalogue, &cart)), "0.50, 0.50 off");
    fs::remove_dir_all(&folder).expect("the folder exists");
    let answer = answer(shop.price(&catalogue, &cart));
    let folder = format!("closed: cannot grant the folder `{}`: ", folder.display());
    assert!(answer.starts_with(&folder), "{answer}");
}

#[test]
fn a_plugin_of_another_contract_is_told_what_does_not_fit() {
    let error = Shop::open(&host(&coupons()), &dist_folder().join("quote.wasm"));
    let error = error.expect_err("the file is not a rule").to_string();
    let expected = "\
`quote` does not fit the world `shop:pricing/pricing@1.0.0`:
  - it imports `plugwright:plugin/host@0.2.0`, which this host does not provide
  - it does not export `shop:pricing/rules@1.0.0`
it was built for `plugwright:plugin@0.2.0`, but this world belongs to `shop:pricing@1.0.0`: load it for a world of its own contract";
    assert_eq!(error, expected);

    let error =
        host(&coupons()).load::<Transformer>(&*RULE).expect_err("the plugin is of another world");
    let expected = "\
`own-contract` does not fit the world `plugwright:plugin/transformer@0.2.0`:
  - it imports `shop:pricing/catalogue@1.0.0`, which this host does not provide
  - it does not export `plugwright:plugin/transform@0.2.0`
it was built for `shop:pricing@1.0.0`, but this world belongs to `plugwright:plugin@0.2.0`: load it for a world of its own contract";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_rule_that_does_not_promise_enough_is_refused() {
    let text = "world = \"pricing\"\ngrants = [\"folder=/coupons\"]\n";
    let contract =
        Contract::read(root().join("examples/own-contract/wit")).expect("the contract is valid");
    let rule = fs::read(&*RULE).expect("the plugin is built");
    let refused = |name: &str, limits: &str| {
        let manifest = Manifest::parse(&format!("{text}{limits}")).expect("the manifest is valid");
        let embedded = manifest.embed(&candidate(name, &rule), &contract.worlds());
        let file = target_folder("tmp").join(format!("{name}.wasm"));
        fs::write(&file, embedded.unwrap_or_else(|error| panic!("{error}")))
            .expect("the file can be written");
        Shop::open(&host(&coupons()), &file).err().map(|error| error.to_string())
    };
    let says = "`silent` does not promise to stay within 16 MiB: write `limits = [\"memory=16MiB\"]` into its `plugin.toml`";
    assert_eq!(refused("silent", ""), Some(says.to_owned()));
    assert!(refused("large", "limits = [\"memory=32MiB\"]").is_some());
    assert_eq!(refused("small", "limits = [\"memory=2MiB\"]"), None);
}

#[test]
fn a_policy_says_which_rules_are_loaded() {
    let policy = Policy::open(root().join("examples/own-contract/policy.toml"));
    let policy = policy.unwrap_or_else(|error| panic!("{error}"));
    let cache = Cache::open(cache_folder()).expect("the cache can be opened");
    let host = Host::builder().policy(policy).cache(cache).build().expect("the engine starts");
    let shop = Shop::open(&host, &RULE).unwrap_or_else(|error| panic!("{error}"));
    let cart = cart("tea=10 coupon=SUMMER").expect("the order is valid");
    assert_eq!(answer(shop.price(&catalogue(350), &cart)), "26.32, 8.68 off");
    let other = target_folder("tmp").join("other.wasm");
    fs::copy(&*RULE, &other).expect("the file can be copied");
    let refused = Shop::open(&host, &other).expect_err("no rule allows the plugin").to_string();
    assert!(
        refused.starts_with("`other` is not allowed here:\n  - there is no rule for it"),
        "{refused}"
    );
}
