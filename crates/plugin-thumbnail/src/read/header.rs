//! What the bytes of a file tell that its decoder would tell too late, or only by decoding it.

use memchr::{memchr, memchr_iter};

/// The size that a PNG declares, whose decoder refuses large ones without saying how large they are.
pub(super) fn png_size(png: &[u8]) -> Option<(u32, u32)> {
    let number = |at| Some(u32::from_be_bytes(*png.get(at..)?.first_chunk()?));
    Some((number(16)?, number(20)?))
}

/// Says whether a JPEG is cut off although its decoder takes it: it leaves grey what is missing.
pub(super) fn is_cut_off(jpeg: &[u8]) -> bool {
    !jpeg_ends(jpeg)
}

/// How many parts the pixels of a JPEG are written in.
pub(super) fn scans(jpeg: &[u8]) -> usize {
    let mut rest = jpeg;
    let scans = std::iter::from_fn(|| {
        let length = segment(rest)?;
        let is_scan = matches!(rest, [0xff, 0xda, ..]);
        rest = rest.get(length..)?;
        Some(is_scan)
    });
    scans.filter(|is_scan| *is_scan).count()
}

/// The JPEG with ones, which no value begins with, where the values of each part of the pixels end: decoders put zeros there, and
/// are content with values that are missing. It becomes half as long again at most.
pub(super) fn with_ends(jpeg: &[u8]) -> Vec<u8> {
    let mut marked = Vec::with_capacity(jpeg.len() + jpeg.len() / 2);
    let mut rest = jpeg;
    while let Some(length) = segment(rest) {
        let is_scan = matches!(rest, [0xff, 0xda, ..]);
        let (head, behind) = rest.split_at(length.min(rest.len()));
        marked.extend_from_slice(head);
        rest = if is_scan { values_with_ends(behind, &mut marked) } else { behind };
    }
    marked.extend_from_slice(rest);
    marked
}

/// The length of the segment that the JPEG goes on with, or of what stands between two of them.
fn segment(jpeg: &[u8]) -> Option<usize> {
    match jpeg {
        [0xff, 0x00 | 0x01 | 0xd0..=0xd9, ..] => Some(2),
        [0xff, 0xff, ..] => Some(1),
        [0xff, _, high, low, ..] => Some(2 + usize::from(u16::from_be_bytes([*high, *low]))),
        [0xff, ..] | [] => None,
        // Values, or what is for the decoder to judge.
        _ => Some(memchr(0xff, jpeg).unwrap_or(jpeg.len())),
    }
}

/// Takes the values behind the head of a scan, and gives what comes behind them.
fn values_with_ends<'a>(jpeg: &'a [u8], marked: &mut Vec<u8>) -> &'a [u8] {
    const ONES: [u8; 8] = [0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0];

    let mut taken = 0;
    for marker in memchr_iter(0xff, jpeg) {
        match jpeg.get(marker + 1) {
            // A value of 0xff, or one more of them before a marker.
            Some(0 | 0xff) | None => {}
            Some(kind) => {
                let more = jpeg[taken..marker].iter().rev().take_while(|it| **it == 0xff).count();
                marked.extend_from_slice(&jpeg[taken..marker - more]);
                taken = marker - more;
                // There is always room for the rest of it.
                if marked.capacity() - marked.len() < ONES.len() + jpeg.len() - taken {
                    return &jpeg[taken..];
                }
                marked.extend_from_slice(&ONES);
                // The values go on behind those that decoders can begin anew at.
                if !matches!(kind, 0xd0..=0xd7) {
                    return &jpeg[taken..];
                }
            }
        }
    }
    &jpeg[taken..]
}

/// Says whether there is an end behind the beginning of the pixels.
fn jpeg_ends(mut jpeg: &[u8]) -> bool {
    while let Some(length) = segment(jpeg) {
        if let [0xff, 0xda, ..] = jpeg {
            return jpeg.windows(2).any(|pair| pair == [0xff, 0xd9]);
        }
        jpeg = jpeg.get(length..).unwrap_or_default();
    }
    false
}

/// Says whether a WebP has its colours in one picture and what is transparent in another one.
pub(super) fn has_alpha_apart(webp: &[u8]) -> bool {
    webp_chunks(webp.get(12..).unwrap_or_default()).any(|(name, _)| name == b"ALPH")
}

/// How many pixels the largest picture in a WebP says that it has, which can be more than the whole does.
pub(super) fn webp_pixels(webp: &[u8]) -> u64 {
    let chunks = webp_chunks(webp.get(12..).unwrap_or_default());
    let pictures = chunks.flat_map(|(name, data)| match name {
        // One of an animation: where it is and how long, then its chunks.
        b"ANMF" => webp_chunks(data.get(16..).unwrap_or_default()).filter_map(webp_size).max(),
        _ => webp_size((name, data)),
    });
    pictures.max().unwrap_or_default()
}

/// The pixels of the picture that a chunk is.
fn webp_size((name, data): (&[u8; 4], &[u8])) -> Option<u64> {
    let size = match name {
        b"VP8 " => u32::from_le_bytes(*data.get(6..)?.first_chunk()?),
        b"VP8L" => {
            let size = u32::from_le_bytes(*data.get(1..)?.first_chunk()?);
            // Both are one less than they are.
            return Some(u64::from((size & 0x3fff) + 1) * u64::from((size >> 14 & 0x3fff) + 1));
        }
        _ => return None,
    };
    Some(u64::from(size & 0x3fff) * u64::from(size >> 16 & 0x3fff))
}

/// The chunks of a WebP, each with its name.
fn webp_chunks(webp: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let mut rest = Some(webp);
    std::iter::from_fn(move || {
        let (name, behind) = rest?.split_first_chunk()?;
        let (length, behind) = behind.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        // They begin at even places.
        rest = behind.get(length.saturating_add(length % 2)..);
        Some((name, behind.get(..length).unwrap_or(behind)))
    })
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
