//! Text in the ways of other formats: HTML, URIs, Base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jaq_core::Error;
use jaq_core::native::Fun;
use jaq_json::Val;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{Data, input, native, once};

/// All but what a URI never needs to escape.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

const HTML: [(&str, &str); 5] =
    [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("'", "&#39;"), ("\"", "&quot;")];

pub(super) fn natives() -> Vec<Fun<Data>> {
    vec![
        native("escape_html", 0, |call| {
            once(input(&call).map(|text| {
                Val::from(
                    HTML.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to)),
                )
            }))
        }),
        native("unescape_html", 0, |call| {
            // In the other order, so that `&amp;lt;` is made `&lt;` and no more.
            once(input(&call).map(|text| {
                let undone = |text: String, (to, from): &(&str, &str)| text.replace(from, to);
                Val::from(HTML.iter().rev().fold(text.to_owned(), undone))
            }))
        }),
        native("encode_uri", 0, |call| {
            once(
                input(&call).map(|text| Val::from(utf8_percent_encode(text, RESERVED).to_string())),
            )
        }),
        native("decode_uri", 0, |call| {
            once(
                input(&call)
                    .map(|text| Val::utf8_str(percent_decode_str(text).collect::<Vec<_>>())),
            )
        }),
        native("encode_base64", 0, |call| {
            once(input(&call).map(|text| Val::from(STANDARD.encode(text))))
        }),
        native("decode_base64", 0, |call| {
            once(
                input(&call)
                    .and_then(|text| STANDARD.decode(text).map(Val::utf8_str).map_err(Error::str)),
            )
        }),
    ]
}
