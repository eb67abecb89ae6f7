//! Reads pictures: first their headers, then their pixels.

mod header;
mod jpeg;
mod png;

use std::error::Error as _;
use std::io::Cursor;

use image::codecs::gif::GifDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageResult, Limits};
use plugwright_guest::Invalid;

use crate::options::{DEFAULT_MAX_PIXELS, Options};

/// The longest side of a picture, which is that of the largest JPEG.
const MAX_SIDE: u32 = 65_535;

/// How much memory reading a picture may take, in bytes: the memory in the manifest, without what else is needed.
const MEMORY: u64 = 248 << 20;

/// A decoded picture.
pub(crate) struct Original {
    /// The pixels. There can be fewer than in the original, but at least as many as requested.
    pub(crate) pixels: DynamicImage,
    /// Width and height before the picture is turned.
    pub(crate) size: (u32, u32),
    /// Width and height of the picture within the pixels. If there are fewer pixels, those at the edge may be only
    /// partly picture.
    pub(crate) extent: (f64, f64),
    /// How to turn the picture upright.
    pub(crate) orientation: Orientation,
    /// Its colour profile, if it applies to the pixels.
    pub(crate) profile: Option<Vec<u8>>,
    /// Whether the file has more pictures.
    pub(crate) animated: bool,
    /// What is wrong with the picture, if it can be read in spite of that.
    pub(crate) damage: Option<String>,
}

/// Reads a picture that has no more pixels than the options allow.
pub(crate) fn read(
    body: &[u8],
    format: ImageFormat,
    options: &Options,
) -> Result<Original, Invalid> {
    match format {
        ImageFormat::Jpeg => jpeg::read(body, options),
        ImageFormat::Png => png::read(body, options),
        _ => read_by_image(body, format, options),
    }
}

/// Detects the format of a picture, if it is a supported one.
pub(crate) fn format(body: &[u8]) -> Result<ImageFormat, Invalid> {
    let format = image::guess_format(body).ok().filter(|format| !name(*format).is_empty());
    format.ok_or_else(|| Invalid::new("this is not PNG, JPEG, GIF or WebP"))
}

/// Returns the part of the format's media type after `image/`, if the format is supported.
pub(crate) fn name(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Png => "png",
        ImageFormat::Jpeg => "jpeg",
        ImageFormat::Gif => "gif",
        ImageFormat::WebP => "webp",
        _ => "",
    }
}

/// Returns width and height after a picture of this size is turned.
pub(crate) fn turned((width, height): (u32, u32), orientation: Orientation) -> (u32, u32) {
    match orientation {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => (height, width),
        _ => (width, height),
    }
}

fn read_by_image(body: &[u8], format: ImageFormat, options: &Options) -> Result<Original, Invalid> {
    let broken = |error: ImageError| {
        // The outer error only says what kind of error it is.
        let source = match &error {
            ImageError::Decoding(error) => error.source(),
            _ => None,
        };
        broken(format, &source.map_or_else(|| error.to_string(), ToString::to_string))
    };
    let (mut decoder, animated) = open(body, format).map_err(broken)?;
    let size = decoder.dimensions();
    check(size, options)?;
    let largest = if format == ImageFormat::WebP { header::webp_pixels(body) } else { 0 };
    let needed = largest.max(pixels(size)) * bytes_per_pixel(body, format, animated);
    check_memory(body.len() as u64 + needed, options)?;
    // A frame can be larger than the declared size of the picture.
    let mut limits = Limits::no_limits();
    let kept = body.len() as u64 + pixels(size) * 4;
    limits.max_alloc = Some((u64::from(options.max_pixels) * 10).max(MEMORY).saturating_sub(kept));
    decoder.set_limits(limits).map_err(broken)?;
    // Broken metadata does not prevent a thumbnail.
    let exif = decoder.exif_metadata().unwrap_or_default();
    let profile = decoder.icc_profile().unwrap_or_default();
    Ok(Original {
        pixels: DynamicImage::from_decoder(decoder).map_err(broken)?,
        extent: extent(size),
        size,
        orientation: orientation(exif.as_deref()),
        profile,
        animated,
        damage: None,
    })
}

/// The greatest number of bytes that the decoder of GIF or WebP keeps per pixel: for the picture, and for the frames
/// that it is composed of.
fn bytes_per_pixel(body: &[u8], format: ImageFormat, animated: bool) -> u64 {
    match format {
        ImageFormat::WebP if animated => 12,
        ImageFormat::WebP if header::has_alpha_apart(body) => 11,
        _ => 8,
    }
}

/// Reads how to turn a picture from its EXIF data. Some writers of WebP put the header of JPEG before it.
fn orientation(exif: Option<&[u8]>) -> Orientation {
    let exif = exif.map(|exif| exif.strip_prefix(b"Exif\0\0").unwrap_or(exif));
    exif.and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms)
}

/// Returns the extent of a picture whose pixels are all there.
fn extent((width, height): (u32, u32)) -> (f64, f64) {
    (width.into(), height.into())
}

fn pixels((width, height): (u32, u32)) -> u64 {
    u64::from(width) * u64::from(height)
}

/// Refuses a size that is too large to decode.
fn check(size: (u32, u32), options: &Options) -> Result<(), Invalid> {
    let ((width, height), max_pixels) = (size, options.max_pixels);
    if pixels(size) == 0 {
        Err(Invalid::new(format!("it has no pixels: it is {width} wide and {height} high")))
    } else if pixels(size) > u64::from(max_pixels) {
        Err(Invalid::new(format!(
            "it is {width} pixels wide and {height} high, and no more than {max_pixels} pixels are \
             decoded unless the option `max-pixels` allows it"
        )))
    } else if width.max(height) > MAX_SIDE {
        Err(Invalid::new(format!(
            "it is {width} pixels wide and {height} high, and no side may be longer than {MAX_SIDE}"
        )))
    } else {
        Ok(())
    }
}

/// Refuses a picture that needs more memory than there is. A caller who allows more pixels must also allow more memory.
fn check_memory(needed: u64, options: &Options) -> Result<(), Invalid> {
    if needed <= MEMORY || options.max_pixels > DEFAULT_MAX_PIXELS {
        return Ok(());
    }
    Err(Invalid::new(format!(
        "to read it takes {} MiB of memory, and there are {} unless the option `max-pixels` and the limit `memory` are \
         raised",
        needed.div_ceil(1 << 20),
        MEMORY >> 20
    )))
}

fn broken(format: ImageFormat, why: &str) -> Invalid {
    let name = if format == ImageFormat::WebP { "WebP" } else { &name(format).to_uppercase() };
    Invalid::new(format!("this {name} cannot be read: {}", why.trim_end_matches('.')))
}

/// Reads the header, which also says whether there is more than one picture.
fn open<'a>(
    body: &'a [u8],
    format: ImageFormat,
) -> ImageResult<(Box<dyn ImageDecoder + 'a>, bool)> {
    let reader = Cursor::new(body);
    Ok(match format {
        ImageFormat::Gif => (Box::new(GifDecoder::new(reader)?), header::gif_moves(body)),
        _ => {
            let decoder = WebPDecoder::new(reader)?;
            let animated = decoder.has_animation();
            (Box::new(decoder), animated)
        }
    })
}
