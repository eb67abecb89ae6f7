//! Reads facts from the bytes of a file that its decoder would report too late, or only after decoding.

use memchr::{memchr, memchr_iter};

/// Returns the size that a PNG declares. The decoder refuses large pictures without telling their size.
pub(super) fn png_size(png: &[u8]) -> Option<(u32, u32)> {
    let number = |at| Some(u32::from_be_bytes(*png.get(at..)?.first_chunk()?));
    Some((number(16)?, number(20)?))
}

/// Returns whether a JPEG is cut off. The decoder would accept it and leave the missing part grey.
pub(super) fn is_cut_off(jpeg: &[u8]) -> bool {
    !jpeg_ends(jpeg)
}

/// Returns the number of scans of a JPEG.
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

/// Returns the JPEG with one bits at the end of the values of each part, because no value begins with them. Decoders
/// add zeros there, and so would accept missing values. The result is at most half as long again.
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

/// Returns the length of the next segment, or of the bytes between two segments.
fn segment(jpeg: &[u8]) -> Option<usize> {
    match jpeg {
        [0xff, 0x00 | 0x01 | 0xd0..=0xd9, ..] => Some(2),
        [0xff, 0xff, ..] => Some(1),
        [0xff, _, high, low, ..] => Some(2 + usize::from(u16::from_be_bytes([*high, *low]))),
        [0xff, ..] | [] => None,
        // These are values, or something that the decoder must judge.
        _ => Some(memchr(0xff, jpeg).unwrap_or(jpeg.len())),
    }
}

/// Takes the values after the header of a scan, and returns the bytes after them.
fn values_with_ends<'a>(jpeg: &'a [u8], marked: &mut Vec<u8>) -> &'a [u8] {
    const ONES: [u8; 8] = [0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0];

    let mut taken = 0;
    for marker in memchr_iter(0xff, jpeg) {
        match jpeg.get(marker + 1) {
            // This is the value 0xff, or a fill byte before a marker.
            Some(0 | 0xff) | None => {}
            Some(kind) => {
                let more = jpeg[taken..marker].iter().rev().take_while(|it| **it == 0xff).count();
                marked.extend_from_slice(&jpeg[taken..marker - more]);
                taken = marker - more;
                // The capacity is always large enough for the rest.
                if marked.capacity() - marked.len() < ONES.len() + jpeg.len() - taken {
                    return &jpeg[taken..];
                }
                marked.extend_from_slice(&ONES);
                // The values continue after a restart marker.
                if !matches!(kind, 0xd0..=0xd7) {
                    return &jpeg[taken..];
                }
            }
        }
    }
    &jpeg[taken..]
}

/// Returns whether the file has an end after the beginning of the pixels.
fn jpeg_ends(mut jpeg: &[u8]) -> bool {
    while let Some(length) = segment(jpeg) {
        if let [0xff, 0xda, ..] = jpeg {
            return jpeg.windows(2).any(|pair| pair == [0xff, 0xd9]);
        }
        jpeg = jpeg.get(length..).unwrap_or_default();
    }
    false
}

/// Returns whether a WebP has its colours and its transparency in separate pictures.
pub(super) fn has_alpha_apart(webp: &[u8]) -> bool {
    webp_chunks(webp.get(12..).unwrap_or_default()).any(|(name, _)| name == b"ALPH")
}

/// Returns the number of pixels of the largest picture in a WebP, which can be more than the whole picture has.
pub(super) fn webp_pixels(webp: &[u8]) -> u64 {
    let chunks = webp_chunks(webp.get(12..).unwrap_or_default());
    let pictures = chunks.flat_map(|(name, data)| match name {
        // A frame of an animation: its position and size, then its chunks.
        b"ANMF" => webp_chunks(data.get(16..).unwrap_or_default()).filter_map(webp_size).max(),
        _ => webp_size((name, data)),
    });
    pictures.max().unwrap_or_default()
}

/// Returns the number of pixels of the picture in a chunk.
fn webp_size((name, data): (&[u8; 4], &[u8])) -> Option<u64> {
    let size = match name {
        b"VP8 " => u32::from_le_bytes(*data.get(6..)?.first_chunk()?),
        b"VP8L" => {
            let size = u32::from_le_bytes(*data.get(1..)?.first_chunk()?);
            // Both numbers are stored minus one.
            return Some(u64::from((size & 0x3fff) + 1) * u64::from((size >> 14 & 0x3fff) + 1));
        }
        _ => return None,
    };
    Some(u64::from(size & 0x3fff) * u64::from(size >> 16 & 0x3fff))
}

/// Returns the chunks of a WebP with their names.
fn webp_chunks(webp: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let mut rest = Some(webp);
    std::iter::from_fn(move || {
        let (name, behind) = rest?.split_first_chunk()?;
        let (length, behind) = behind.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        // Chunks begin at even offsets.
        rest = behind.get(length.saturating_add(length % 2)..);
        Some((name, behind.get(..length).unwrap_or(behind)))
    })
}

/// Returns whether the GIF has more than one picture, as far as it can be read.
pub(super) fn gif_moves(gif: &[u8]) -> bool {
    gif_pictures(gif).nth(1).is_some()
}

/// Returns an item for each picture.
fn gif_pictures(gif: &[u8]) -> impl Iterator<Item = ()> {
    // The header, the logical screen, and its colour table.
    let mut rest = gif.get(10).and_then(|flags| gif.get(13 + gif_colours(*flags)..));
    std::iter::from_fn(move || {
        loop {
            let blocks = rest?;
            match blocks.first()? {
                // An extension: its kind, then its data.
                0x21 => rest = blocks.get(2..).and_then(behind_gif_data),
                // A picture: its position, its colours, its compression, then its data.
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

/// Returns the length of a colour table, if the flags say that there is one.
fn gif_colours(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Returns the bytes after data in blocks. Each block begins with its length, and the last one has length 0.
fn behind_gif_data(mut bytes: &[u8]) -> Option<&[u8]> {
    loop {
        let length = *bytes.first()?;
        bytes = bytes.get(1 + usize::from(length)..)?;
        if length == 0 {
            return Some(bytes);
        }
    }
}
