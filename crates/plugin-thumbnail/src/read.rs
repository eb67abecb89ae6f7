//! Pictures as they come: what their headers say, and then their pixels.

use std::error::Error as _;
use std::io::Cursor;

use image::codecs::gif::GifDecoder;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageError, ImageFormat, ImageResult, Limits,
};
use plugwright_guest::Invalid;

use crate::header;

/// How large a colour profile can be that is packed. A larger one is left out: some are made to be too large.
const PROFILE: u64 = 8 << 20;

/// The longest side that a picture may have, that of the largest JPEG.
const MAX_SIDE: u32 = 65_535;

/// A picture as it came.
pub(crate) struct Original {
    pub(crate) pixels: DynamicImage,
    pub(crate) format: ImageFormat,
    /// How it has to be turned to be as it was meant.
    pub(crate) orientation: Orientation,
    /// Its colour profile, if it holds for the pixels.
    pub(crate) profile: Option<Vec<u8>>,
    /// Whether it is the first of many.
    pub(crate) animated: bool,
}

impl Original {
    /// Its width and height once it is turned.
    pub(crate) fn size(&self) -> (u32, u32) {
        let (width, height) = (self.pixels.width(), self.pixels.height());
        match self.orientation {
            Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH => (height, width),
            _ => (width, height),
        }
    }
}

/// Reads a picture whose header says that it has no more than `max_pixels`.
pub(crate) fn read(body: &[u8], max_pixels: u32) -> Result<Original, Invalid> {
    let format = image::guess_format(body).ok().filter(|format| !name(*format).is_empty());
    let Some(format) = format else {
        return Err(Invalid::new("this is not PNG, JPEG, GIF or WebP"));
    };
    let broken = |error: ImageError| {
        // What comes around it says what went wrong in general.
        let source = match &error {
            ImageError::Decoding(error) => error.source(),
            _ => None,
        };
        let message = source.map_or_else(|| error.to_string(), ToString::to_string);
        broken(format, message.trim_end_matches('.'))
    };
    if format == ImageFormat::Png
        && let Some(size) = header::png_size(body)
    {
        check(size, max_pixels)?;
    }
    // Four bytes for each pixel, twice: some decoders hold a frame beside the picture, and some pictures
    // have 16 bits a channel.
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(u64::from(max_pixels) * 8);
    let (mut decoder, animated) = open(body, format).map_err(broken)?;
    check(decoder.dimensions(), max_pixels)?;
    decoder.set_limits(limits).map_err(broken)?;
    // A picture is shown even if what is said about it is broken.
    let orientation = orientation(&mut *decoder).unwrap_or(Orientation::NoTransforms);
    let profile = match decoder.original_color_type() {
        // Its pixels are converted by the decoder.
        ExtendedColorType::Cmyk8 => None,
        _ => decoder.icc_profile().unwrap_or_default(),
    };
    if header::cut_off(body, format) {
        return Err(self::broken(format, "it is cut off"));
    }
    let pixels = DynamicImage::from_decoder(decoder).map_err(broken)?;
    Ok(Original { pixels, format, orientation, profile, animated })
}

/// How a picture has to be turned, by its EXIF data. Some that write WebP put before these what JPEG has there.
fn orientation(decoder: &mut dyn ImageDecoder) -> Option<Orientation> {
    let exif = decoder.exif_metadata().ok()??;
    Orientation::from_exif_chunk(exif.strip_prefix(b"Exif\0\0").unwrap_or(&exif))
}

/// Refuses a size that is too large to be decoded.
fn check((width, height): (u32, u32), max_pixels: u32) -> Result<(), Invalid> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        Err(Invalid::new(format!("it has no pixels: it is {width} wide and {height} high")))
    } else if pixels > u64::from(max_pixels) {
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

fn broken(format: ImageFormat, why: &str) -> Invalid {
    let name = if format == ImageFormat::WebP { "WebP" } else { &name(format).to_uppercase() };
    Invalid::new(format!("this {name} cannot be read: {why}"))
}

/// The part of the format's media type after `image/`, if it is one that is read.
pub(crate) fn name(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Png => "png",
        ImageFormat::Jpeg => "jpeg",
        ImageFormat::Gif => "gif",
        ImageFormat::WebP => "webp",
        _ => "",
    }
}

/// Reads the header, which tells whether there is more than one picture, too.
fn open<'a>(
    body: &'a [u8],
    format: ImageFormat,
) -> ImageResult<(Box<dyn ImageDecoder + 'a>, bool)> {
    let reader = Cursor::new(body);
    Ok(match format {
        ImageFormat::Png => {
            // What is not pixels is read with the header.
            let mut limits = Limits::no_limits();
            limits.max_alloc = Some(PROFILE);
            let decoder = PngDecoder::with_limits(reader, limits)?;
            let animated = decoder.is_apng()?;
            (Box::new(decoder), animated)
        }
        ImageFormat::Jpeg => (Box::new(JpegDecoder::new(reader)?), false),
        ImageFormat::Gif => (Box::new(GifDecoder::new(reader)?), header::gif_moves(body)),
        _ => {
            let decoder = WebPDecoder::new(reader)?;
            let animated = decoder.has_animation();
            (Box::new(decoder), animated)
        }
    })
}
