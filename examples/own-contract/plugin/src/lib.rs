//! Prices carts: a tenth off each full box, and the coupon's percentage off the rest.
#![expect(missing_docs, reason = "generated from the contract")]

plugwright_guest::generate!({ path: "../wit", world: "pricing" });

use exports::shop::pricing::rules::{Cart, Guest, Quote, Refusal};
use shop::pricing::catalogue;

struct Rules;

export!(Rules);

impl Guest for Rules {
    fn price(cart: Cart) -> Result<Quote, Refusal> {
        if cart.lines.is_empty() {
            return Err(Refusal::EmptyCart);
        }
        let (mut full, mut total) = (0, 0);
        for line in cart.lines {
            let article = catalogue::find(&line.sku).ok_or(Refusal::UnknownArticle(line.sku))?;
            // The known flaw in this rule: some articles do not come in boxes, and their box size is 0.
            let in_boxes = line.quantity - line.quantity % article.box_size;
            full += article.price * u64::from(line.quantity);
            total += article.price * u64::from(line.quantity);
            total -= article.price * u64::from(in_boxes) / 10;
        }
        if let Some(coupon) = cart.coupon {
            let percent = percent(&coupon).ok_or(Refusal::UnknownCoupon(coupon))?;
            total -= total * percent / 100;
        }
        Ok(Quote { total, discount: full - total })
    }
}

/// Returns the percentage on the coupon, which is a file in the folder that the shop grants.
fn percent(coupon: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/coupons/{coupon}")).ok()?;
    text.trim().parse().ok().filter(|percent| *percent <= 100)
}
