//! Prints a component as WIT text, with the printer of wit-component.

use std::fmt;
use std::panic::AssertUnwindSafe;

use wit_component::{WitPrinter, decode};

use super::catch_panic::catch_panic;

/// Returns the component's own world, and the packages that it refers to, as WIT text.
///
/// # Errors
///
/// The reason why there is no such text.
pub(crate) fn wit(component: &[u8]) -> Result<String, String> {
    catch_panic(AssertUnwindSafe(|| print(component)))
        .unwrap_or_else(|said| Err(format!("the WIT printer panicked: {said}")))
}

fn print(component: &[u8]) -> Result<String, String> {
    let decoded = decode(component).map_err(told)?;
    let (resolve, main) = (decoded.resolve(), decoded.package());
    let others: Vec<_> =
        resolve.packages.iter().map(|(id, _)| id).filter(|id| *id != main).collect();
    let mut printer = WitPrinter::default();
    printer.print(resolve, main, &others).map_err(told)?;
    Ok(printer.output.into())
}

fn told(error: impl fmt::Display) -> String {
    format!("{error:#}")
}
