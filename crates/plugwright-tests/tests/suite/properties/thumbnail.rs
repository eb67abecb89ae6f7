//! The properties of the plugin `thumbnail`.

use std::fs;

use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Setting};
use proptest::sample::select;
use proptest::{prop_assert, prop_assert_eq, proptest};
use tests::{root, transformer};

use super::config;

const PICTURES: [&str; 6] = [
    "approaching.gif",
    "dinosaur.png",
    "held-upright.jpg",
    "mirrored.webp",
    "print.jpg",
    "strip.png",
];

/// Runs the plugin `thumbnail` on the picture, within the bounds.
fn thumbnail(picture: &Document, bounds: (u64, u64), format: &str) -> Document {
    let options = [
        Setting::new("width", bounds.0.to_string()),
        Setting::new("height", bounds.1.to_string()),
        Setting::new("format", format),
    ];
    transformer("thumbnail").transform(picture, &options).expect("the file is a valid picture")
}

/// Returns a number from the document's attributes.
fn number(document: &Document, key: &str) -> u64 {
    let attribute = document.attributes.iter().find(|attribute| attribute.key == key);
    attribute.and_then(|attribute| attribute.value.parse().ok()).expect(key)
}

proptest! {
    #![proptest_config(config(16))]

    #[test]
    fn a_thumbnail_fits_and_keeps_its_aspect_and_so_does_one_of_it(
        name in select(&PICTURES[..]),
        bounds in (1_u64..=320, 1_u64..=320),
        format in select(&["png", "jpeg", "webp"][..]),
    ) {
        let path = root().join("tests/cases/thumbnail/inputs").join(name);
        let body = fs::read(path).expect("the file exists");
        let small = thumbnail(&Document::new(name, "image/*", body), bounds, format);
        let original = (number(&small, "original-width"), number(&small, "original-height"));
        let (width, height) = (number(&small, "width"), number(&small, "height"));
        prop_assert!(width <= bounds.0.min(original.0) && height <= bounds.1.min(original.1));
        let off = (width * original.1).abs_diff(height * original.0);
        prop_assert!(off <= original.0.max(original.1), "{width}×{height} of {original:?}");
        // The thumbnail is as large as the bounds allow.
        let fills = width == bounds.0 || height == bounds.1 || (width, height) == original;
        prop_assert!(fills, "{width}×{height} within {bounds:?}");

        let again = thumbnail(&small, bounds, format);
        let read = (number(&again, "original-width"), number(&again, "original-height"));
        prop_assert_eq!(read, (width, height), "the size in the file differs from the attributes");
        prop_assert_eq!((number(&again, "width"), number(&again, "height")), (width, height));
    }
}
