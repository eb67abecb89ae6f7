//! What the bytes of a file tell that its decoder would tell too late, or only by decoding it.

use memchr::memchr_iter;

/// The size that a PNG declares, whose decoder refuses large ones without saying how large they are.
pub(super) fn png_size(png: &[u8]) -> Option<(u32, u32)> {
    let number = |at| Some(u32::from_be_bytes(*png.get(at..)?.first_chunk()?));
    Some((number(16)?, number(20)?))
}

/// Says whether a JPEG is cut off although its decoder takes it: it leaves grey what is missing.
pub(super) fn is_cut_off(jpeg: &[u8]) -> bool {
    !jpeg_ends(jpeg).unwrap_or_default()
}

/// The JPEG with ones, which no value begins with, where the values of each part of the pixels end: decoders put zeros there, and
/// are content with values that are missing.
pub(super) fn with_ends(jpeg: &[u8]) -> Vec<u8> {
    const ONES: [u8; 8] = [0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0];
    let mut marked = Vec::with_capacity(jpeg.len() + jpeg.len() / 64);
    let (mut at, mut in_pixels) = (0, false);
    for marker in memchr_iter(0xff, jpeg) {
        match jpeg.get(marker + 1) {
            Some(0 | 0xff) | None => {}
            Some(0xd0..=0xd7) if !in_pixels => {}
            Some(kind) => {
                marked.extend_from_slice(&jpeg[at..marker]);
                at = marker;
                if in_pixels {
                    marked.extend_from_slice(&ONES);
                }
                in_pixels = matches!(kind, 0xda) || in_pixels && matches!(kind, 0xd0..=0xd7);
            }
        }
    }
    marked.extend_from_slice(&jpeg[at..]);
    marked
}

/// Says whether there is an end behind the beginning of the pixels.
fn jpeg_ends(jpeg: &[u8]) -> Option<bool> {
    let mut rest = jpeg.get(2..)?;
    loop {
        let [0xff, marker, high, low] = *rest.first_chunk()? else {
            // What stands between two segments is for the decoder to judge.
            rest = rest.get(1..)?;
            continue;
        };
        match marker {
            0xff => rest = rest.get(1..)?,
            // The pixels, in which 0xff has something else behind it.
            0xda => return Some(rest.windows(2).any(|pair| pair == [0xff, 0xd9])),
            0x01 | 0xd0..=0xd8 => rest = rest.get(2..)?,
            _ => rest = rest.get(2 + usize::from(u16::from_be_bytes([high, low]))..)?,
        }
    }
}

/// Says whether a WebP has its colours in one picture and what is transparent in another one.
pub(super) fn has_alpha_apart(webp: &[u8]) -> bool {
    let mut rest = webp.get(12..);
    let chunks = std::iter::from_fn(|| {
        let (name, behind) = rest?.split_first_chunk::<4>()?;
        let (length, behind) = behind.split_first_chunk()?;
        // They begin at even places.
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        rest = behind.get(length + length % 2..);
        Some(name)
    });
    chunks.into_iter().any(|name| name == b"ALPH")
}

/// Says whether there is more than one picture in the GIF, as far as it can be read.
pub(super) fn gif_moves(gif: &[u8]) -> bool {
    gif_pictures(gif).nth(1).is_some()
}

/// An item for each picture.
fn gif_pictures(gif: &[u8]) -> impl Iterator<Item = ()> {
    // The header, the screen, and its colours.
    let mut rest = gif.get(10).and_then(|flags| gif.get(13 + gif_colours(*flags)..));
    std::iter::from_fn(move || {
        loop {
            let blocks = rest?;
            match blocks.first()? {
                // An extension: what it is, then its data.
                0x21 => rest = blocks.get(2..).and_then(behind_gif_data),
                // A picture: where it is, its colours, how it is packed, then its data.
                0x2c => {
                    let flags = blocks.get(9)?;
                    rest = blocks.get(11 + gif_colours(*flags)..).and_then(behind_gif_data);
                    return Some(());
                }
                _ => return None,
            }
        }
    })
}

/// The bytes of a table of colours, if the flags say that there is one.
fn gif_colours(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// What comes behind data in pieces, each of which begins with its length, the last one with 0.
fn behind_gif_data(mut bytes: &[u8]) -> Option<&[u8]> {
    loop {
        let length = *bytes.first()?;
        bytes = bytes.get(1 + usize::from(length)..)?;
        if length == 0 {
            return Some(bytes);
        }
    }
}
