//! PNG. Pictures with 16 bits per channel are converted to 8 bits row by row.

use std::io::Cursor;

use image::{DynamicImage, GrayAlphaImage, GrayImage, ImageFormat, RgbImage, RgbaImage};
use plugwright_guest::Invalid;
use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Transformations};

use super::{Original, check, check_memory, extent, header, orientation};
use crate::options::Options;

/// The greatest length of unpacked metadata. A larger colour profile is ignored, because some files have such profiles
/// on purpose.
const TOLD: usize = 8 << 20;

pub(super) fn read(body: &[u8], options: &Options) -> Result<Original, Invalid> {
    // The decoder refuses a large size without telling it.
    if let Some(size) = header::png_size(body) {
        check(size, options)?;
    }
    let mut decoder = Decoder::new_with_limits(Cursor::new(body), Limits { bytes: TOLD });
    decoder.set_ignore_text_chunk(true);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let undecoded = |error: DecodingError| broken(&error.to_string());
    let mut reader = decoder.read_info().map_err(undecoded)?;
    let info = reader.info();
    let size = info.size();
    check(size, options)?;
    let orientation = orientation(info.exif_metadata.as_deref());
    let profile = info.icc_profile.as_ref().map(|profile| profile.to_vec());
    let animated = info.animation_control.is_some();

    let length = reader.output_buffer_size().ok_or_else(|| broken("it is too large"))?;
    check_memory((body.len() + length) as u64, options)?;
    let mut bytes = vec![0; length];
    reader.next_frame(&mut bytes).map_err(undecoded)?;
    let (colours, depth) = reader.output_color_type();
    let (width, height) = size;
    let pixels: Option<DynamicImage> = match (colours, depth) {
        (ColorType::Grayscale, BitDepth::Eight) => {
            GrayImage::from_raw(width, height, bytes).map(Into::into)
        }
        (ColorType::GrayscaleAlpha, BitDepth::Eight) => {
            GrayAlphaImage::from_raw(width, height, bytes).map(Into::into)
        }
        (ColorType::Rgb, BitDepth::Eight) => {
            RgbImage::from_raw(width, height, bytes).map(Into::into)
        }
        (ColorType::Rgba, BitDepth::Eight) => {
            RgbaImage::from_raw(width, height, bytes).map(Into::into)
        }
        _ => None,
    };
    let pixels = pixels.ok_or_else(|| broken("its pixels are of no known kind"))?;
    Ok(Original {
        pixels,
        extent: extent(size),
        size,
        orientation,
        profile,
        animated,
        damage: None,
    })
}

fn broken(why: &str) -> Invalid {
    super::broken(ImageFormat::Png, why)
}
