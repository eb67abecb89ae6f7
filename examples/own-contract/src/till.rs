//! The till: orders as users type them, and answers as users read them.

use plugwright::CallError;

use crate::{Cart, Line, Quote, Refusal};

/// Parses an order such as `tea=2 cup=1 coupon=SUMMER`.
///
/// # Errors
///
/// Returns an error that names the first word that is not part of an order.
pub fn cart(order: &str) -> Result<Cart, String> {
    let mut cart = Cart { lines: Vec::new(), coupon: None };
    for word in order.split_whitespace() {
        match word.split_once('=') {
            Some(("coupon", coupon)) => cart.coupon = Some(coupon.to_owned()),
            Some((sku, quantity)) if let Ok(quantity) = quantity.parse() => {
                cart.lines.push(Line { sku: sku.to_owned(), quantity });
            }
            _ => return Err(format!("`{word}` is not written ARTICLE=QUANTITY")),
        }
    }
    Ok(cart)
}

/// Describes the outcome of an order. If there is no price, the answer shows who can fix that.
pub fn answer(price: Result<Quote, CallError<Refusal>>) -> String {
    match price {
        Ok(Quote { total, discount: 0 }) => money(total),
        Ok(Quote { total, discount }) => format!("{}, {} off", money(total), money(discount)),
        // The customer can fix this.
        Err(CallError::Refused { failure, .. }) => match failure {
            Refusal::EmptyCart => "refused: the cart is empty".to_owned(),
            Refusal::UnknownArticle(sku) => format!("refused: we have no {sku}"),
            Refusal::UnknownCoupon(coupon) => format!("refused: there is no coupon {coupon}"),
        },
        // The author of the plugin must fix this.
        Err(error @ CallError::Trapped { .. }) => format!("broken: {error}"),
        // This may work later.
        Err(error @ CallError::Exceeded { .. }) => format!("too slow or too large: {error}"),
        // The shop withdrew a grant.
        Err(CallError::Denied { source, .. }) => format!("closed: {source}"),
        Err(error) => error.to_string(),
    }
}

fn money(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
