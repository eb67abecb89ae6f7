//! Answers a file of orders, one per line.

use std::error::Error;
use std::io::{Write as _, stderr, stdout};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use own_contract::{Catalogue, Shop, answer, cart};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            // If standard error cannot be written, there is no other place for the error.
            let _ = writeln!(stderr(), "error: {error}{cause}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [rule, coupons, orders] = &arguments[..] else {
        return Err("usage: own-contract RULE COUPONS ORDERS".into());
    };
    let host = Shop::host(Path::new(coupons))?.build()?;
    let shop = Shop::open(&host, Path::new(rule))?;
    let catalogue = Arc::new(catalogue());
    for order in std::fs::read_to_string(orders)?.lines() {
        let answer = answer(shop.price(&catalogue, &cart(order)?));
        writeln!(stdout(), "{order}: {answer}")?;
    }
    Ok(())
}

fn catalogue() -> Catalogue {
    Catalogue::default()
        .with("tea", 350, 6, Duration::from_millis(5))
        .with("cup", 1200, 4, Duration::from_millis(5))
        .with("gift-card", 2500, 0, Duration::ZERO)
        .with("sofa", 89_900, 1, Duration::from_secs(60))
}
