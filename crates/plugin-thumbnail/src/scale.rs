//! A picture made small.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x4;
use fast_image_resize::{ResizeOptions, Resizer};
use image::{DynamicImage, RgbaImage};
use plugwright_guest::Failure;

use crate::options::Options;
use crate::read::Original;

/// Makes the picture fit into the bounds, and turns it as it was meant.
///
/// It has a channel for transparency only if something is transparent, and for colours only if the
/// original has.
pub(crate) fn scale(original: Original, options: &Options) -> Result<DynamicImage, Failure> {
    let (width, height) = original.size();
    let (new_width, new_height) = fit((width, height), (options.width, options.height));
    let turned = width != original.pixels.width();
    let new_size = if turned { (new_height, new_width) } else { (new_width, new_height) };
    let colour = original.pixels.color();
    let pixels = original.pixels.into_rgba8();
    let transparent = colour.has_alpha() && pixels.pixels().any(|pixel| pixel[3] != u8::MAX);
    let small = resize(&pixels, new_size, transparent, options)?;
    drop(pixels);
    let small = DynamicImage::ImageRgba8(small);
    let mut small = match (colour.has_color(), transparent) {
        (true, true) => small,
        (true, false) => small.into_rgb8().into(),
        (false, true) => small.into_luma_alpha8().into(),
        (false, false) => small.into_luma8().into(),
    };
    small.apply_orientation(original.orientation);
    Ok(small)
}

/// The largest size within the bounds that has the aspect of `size`, and is not larger than that.
fn fit(size: (u32, u32), bounds: (u32, u32)) -> (u32, u32) {
    let (width, height) = (u64::from(size.0), u64::from(size.1));
    let (most_width, most_height) = (u64::from(bounds.0), u64::from(bounds.1));
    if width <= most_width && height <= most_height {
        return size;
    }
    // The nearest whole number, which is never above the bound that it is computed from.
    let part = |side: u64, new: u64, old: u64| {
        u32::try_from((side * new + old / 2) / old).unwrap_or(u32::MAX).max(1)
    };
    if width * most_height >= most_width * height {
        (bounds.0, part(height, most_width, width))
    } else {
        (part(width, most_height, height), bounds.1)
    }
}

fn resize(
    pixels: &RgbaImage,
    (width, height): (u32, u32),
    transparent: bool,
    options: &Options,
) -> Result<RgbaImage, Failure> {
    let from = TypedImageRef::<U8x4>::from_buffer(pixels.width(), pixels.height(), pixels.as_raw());
    let from = from.map_err(Failure::internal)?;
    let mut small = RgbaImage::new(width, height);
    let mut to =
        TypedImage::<U8x4>::from_buffer(width, height, &mut small).map_err(Failure::internal)?;
    // What is transparent has no say in the colours of what is beside it.
    let how = ResizeOptions::new().resize_alg(options.filter).use_alpha(transparent);
    Resizer::new().resize_typed(&from, &mut to, &how).map_err(Failure::internal)?;
    Ok(small)
}
