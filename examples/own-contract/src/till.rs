//! The till: orders as people type them, and answers as they read them.

use plugwright::CallError;

use crate::{Cart, Line, Quote, Refusal};

/// Reads an order such as `tea=2 cup=1 coupon=SUMMER`.
///
/// # Errors
///
/// Says which word is none of an order.
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

/// Says what became of an order. Whose fault it is that there is no price makes four answers.
pub fn answer(price: Result<Quote, CallError<Refusal>>) -> String {
    match price {
        Ok(Quote { total, discount: 0 }) => money(total),
        Ok(Quote { total, discount }) => format!("{}, {} off", money(total), money(discount)),
        // The customer can do something about it.
        Err(CallError::Refused { failure, .. }) => match failure {
            Refusal::EmptyCart => "refused: the cart is empty".to_owned(),
            Refusal::UnknownArticle(sku) => format!("refused: we have no {sku}"),
            Refusal::UnknownCoupon(coupon) => format!("refused: there is no coupon {coupon}"),
        },
        // Whoever wrote the plugin has to mend it.
        Err(error @ CallError::Trapped { .. }) => format!("broken: {error}"),
        // It may work later.
        Err(error @ CallError::Exceeded { .. }) => format!("too slow or too large: {error}"),
        // The shop took away what it had granted.
        Err(CallError::Denied { source, .. }) => format!("closed: {source}"),
        Err(error) => error.to_string(),
    }
}

fn money(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
