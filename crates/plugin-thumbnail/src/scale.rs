//! Scales a picture.

use std::borrow::Cow;
use std::ops::Range;

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x4;
use fast_image_resize::{ResizeOptions, Resizer};
use image::{DynamicImage, RgbaImage};
use plugwright_guest::Failure;

use crate::options::Options;
use crate::read::{Original, turned};

/// How many pixels are scaled at once.
const BAND: u32 = 1 << 20;

/// Scales the picture to fit into the bounds, and turns it upright.
///
/// The result has an alpha channel only if a pixel is transparent, and colour channels only if the original has them.
pub(crate) fn scale(
    Original { pixels, size, extent, orientation, .. }: Original,
    options: &Options,
) -> Result<DynamicImage, Failure> {
    let bounds = (options.width, options.height);
    let new_size = turned(fit(turned(size, orientation), bounds), orientation);
    let colour = pixels.color();
    let transparent = colour.has_alpha() && is_transparent(&pixels);
    let small = resize(&pixels, extent, new_size, transparent, options)?;
    drop(pixels);
    let small = DynamicImage::ImageRgba8(small);
    let mut small = match (colour.has_color(), transparent) {
        (true, true) => small,
        (true, false) => small.into_rgb8().into(),
        (false, true) => small.into_luma_alpha8().into(),
        (false, false) => small.into_luma8().into(),
    };
    small.apply_orientation(orientation);
    Ok(small)
}

/// Returns the largest size within the bounds that has the aspect ratio of `size` and is not larger.
pub(crate) fn fit(size: (u32, u32), bounds: (u32, u32)) -> (u32, u32) {
    let (width, height) = (u64::from(size.0), u64::from(size.1));
    let (most_width, most_height) = (u64::from(bounds.0), u64::from(bounds.1));
    if width <= most_width && height <= most_height {
        return size;
    }
    // Rounding to the nearest integer never exceeds the bound from which the size is computed.
    let part = |side: u64, new: u64, old: u64| {
        u32::try_from((side * new + old / 2) / old).unwrap_or(u32::MAX).max(1)
    };
    if width * most_height >= most_width * height {
        (bounds.0, part(height, most_width, width))
    } else {
        (part(width, most_height, height), bounds.1)
    }
}

/// Scales the picture band by band, so that little memory is needed besides the pixels.
fn resize(
    pixels: &DynamicImage,
    extent: (f64, f64),
    (width, height): (u32, u32),
    transparent: bool,
    options: &Options,
) -> Result<RgbaImage, Failure> {
    let mut small = RgbaImage::new(width, height);
    let factor = extent.1 / f64::from(height);
    // Transparent pixels must not affect the colours beside them.
    let how = ResizeOptions::new().resize_alg(options.filter).use_alpha(transparent);
    let mut resizer = Resizer::new();
    let rows = (f64::from(BAND) / f64::from(pixels.width()) / factor).max(1.0) as u32;
    let stride = width as usize * 4;
    for (index, band) in small.chunks_mut(stride * rows as usize).enumerate() {
        let (first, count) = (index as u32 * rows, (band.len() / stride) as u32);
        let (top, bottom) = (f64::from(first) * factor, f64::from(first + count) * factor);
        // Rounding can put the bottom slightly below the picture.
        let bottom = bottom.min(extent.1);
        // The widest filter reads three pixels in each direction, in the larger of the two pixel sizes.
        let reach = 3.0 * factor.max(1.0) + 1.0;
        let begin = (top - reach).max(0.0) as u32;
        let end = ((bottom + reach).ceil() as u32).min(pixels.height());
        let rgba = rgba(pixels, begin..end);
        let from = TypedImageRef::<U8x4>::from_buffer(pixels.width(), end - begin, &rgba);
        let from = from.map_err(Failure::internal)?;
        let to = TypedImage::<U8x4>::from_buffer(width, count, band);
        let mut to = to.map_err(Failure::internal)?;
        let crop = how.crop(0.0, top - f64::from(begin), extent.0, bottom - top);
        resizer.resize_typed(&from, &mut to, &crop).map_err(Failure::internal)?;
    }
    Ok(small)
}

/// Returns whether a pixel is transparent.
fn is_transparent(pixels: &DynamicImage) -> bool {
    let channels = usize::from(pixels.color().channel_count());
    pixels.as_bytes().chunks_exact(channels).any(|pixel| pixel[channels - 1] != u8::MAX)
}

/// Returns rows of a picture with 8 bits per channel, and with all channels.
fn rgba(pixels: &DynamicImage, rows: Range<u32>) -> Cow<'_, [u8]> {
    let channels = usize::from(pixels.color().channel_count());
    let stride = pixels.width() as usize * channels;
    let bytes = &pixels.as_bytes()[rows.start as usize * stride..rows.end as usize * stride];
    match channels {
        1 => bytes.iter().flat_map(|grey| [*grey, *grey, *grey, u8::MAX]).collect(),
        2 => bytes
            .as_chunks()
            .0
            .iter()
            .flat_map(|[grey, alpha]| [*grey, *grey, *grey, *alpha])
            .collect(),
        3 => bytes.as_chunks().0.iter().flat_map(|[r, g, b]| [*r, *g, *b, u8::MAX]).collect(),
        _ => bytes.into(),
    }
}
