//! The plugin `thumbnail` with the largest pictures that it accepts.

use std::sync::LazyLock;
use std::time::Duration;

use insta::assert_snapshot;
use plugwright::{Cache, CallError, Host, Limits, Plugin};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Failure, Setting, Transformer};
use tests::{cache_folder, dist};

/// The side of the largest square within the default of `max-pixels`.
const SIDE: u16 = 5000;

/// Returns a progressive JPEG of one colour with this many channels. A decoder keeps all of its values, and each
/// value takes one bit, which is 0.
fn progressive(channels: u8) -> Vec<u8> {
    let segment = |kind: u8, content: &[u8]| {
        let length = u16::try_from(content.len() + 2).expect("the length fits").to_be_bytes();
        [&[0xff, kind], &length[..], content].concat()
    };
    let [high, low] = SIDE.to_be_bytes();
    let mut frame = vec![8, high, low, high, low, channels];
    frame.extend((1..=channels).flat_map(|channel| [channel, 0x11, 0]));
    let blocks = usize::from(SIDE).div_ceil(8).pow(2);
    let scan = |channels: &[u8], values: [u8; 2]| {
        let mut head = vec![u8::try_from(channels.len()).expect("the count fits")];
        head.extend(channels.iter().flat_map(|channel| [*channel, 0]));
        head.extend([values[0], values[1], 0]);
        [segment(0xda, &head), vec![0; (blocks * channels.len()).div_ceil(8)]].concat()
    };
    let all: Vec<u8> = (1..=channels).collect();
    // One code each, of one bit, for "no difference" and for "the end of the block".
    let table = |kind: u8| [&[kind, 1][..], &[0; 15], &[0]].concat();
    let mut jpeg = vec![0xff, 0xd8];
    jpeg.extend(segment(0xdb, &[&[0][..], &[1; 64]].concat()));
    jpeg.extend(segment(0xc2, &frame));
    jpeg.extend(segment(0xc4, &[table(0), table(0x10)].concat()));
    jpeg.extend(scan(&all, [0, 0]));
    jpeg.extend(all.iter().flat_map(|channel| scan(&[*channel], [1, 63])));
    jpeg.extend([0xff, 0xd9]);
    jpeg
}

/// Pictures of this size, all of the same grey, made with libvips 8.14.
const LARGE: [&[u8]; 2] =
    [include_bytes!("pictures/large.gif"), include_bytes!("pictures/large.webp")];

/// The plugin, with time for large pictures on a busy machine.
static THUMBNAIL: LazyLock<Plugin<Transformer>> = LazyLock::new(|| {
    let cache = Cache::open(cache_folder()).expect("the folder can be used");
    let limits = Limits::default().deadline(Duration::from_secs(100));
    let host = Host::builder().cache(cache).limits(limits).build().expect("the engine starts");
    host.load(dist().path("thumbnail")).expect("the plugin is built")
});

fn thumbnail(picture: impl Into<Vec<u8>>, side: u16) -> Result<Document, CallError<Failure>> {
    let bound = |key: &str| Setting::new(key, side.to_string());
    let picture = Document::new("large", "image/*", picture);
    THUMBNAIL.transform(&picture, &[bound("width"), bound("height")])
}

#[test]
fn a_picture_of_all_the_pixels_that_are_allowed_fits_into_the_memory() {
    let [gif, webp] = LARGE.map(<[u8]>::to_vec);
    let inks = [(progressive(3), 256), (progressive(3), 4096), (progressive(4), 256)];
    for (picture, side) in inks.into_iter().chain([(gif, 256), (webp, 4096)]) {
        let small = thumbnail(picture, side).expect("the file is a valid picture");
        let width =
            small.attributes.iter().find(|it| it.key == "width").expect("the attribute exists");
        assert_eq!(width.value, side.to_string());
    }
}

#[test]
fn a_picture_that_needs_more_memory_is_refused() {
    let error =
        thumbnail(progressive(4), 4096).expect_err("the picture needs 5000² pixels of 11 bytes");
    assert_snapshot!(error, @"plugin `thumbnail` refused: invalid input: to read it takes 263 MiB of memory, and there are 248 unless the option `max-pixels` and the limit `memory` are raised");
}
