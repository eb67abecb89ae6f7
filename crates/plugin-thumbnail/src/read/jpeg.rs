//! JPEG, of which no more is decoded than the thumbnail needs.
//!
//! Where half of the pixels each way are enough, jpeg-decoder makes no more of them; else zune-jpeg, which is faster,
//! makes all. What is damaged zune-jpeg reads as far as it can.

use image::{DynamicImage, GrayImage, ImageFormat, RgbImage};
use jpeg_decoder::{Decoder, PixelFormat};
use plugwright_guest::Invalid;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;
use zune_jpeg::{ImageInfo, JpegDecoder};

use super::{Original, check, check_memory, header, orientation, pixels, turned};
use crate::options::Options;
use crate::scale::fit;

pub(super) fn read(body: &[u8], options: &Options) -> Result<Original, Invalid> {
    let mut headers = zune(body, false);
    headers.decode_headers().map_err(|error| broken(&error.to_string()))?;
    let info = headers.info().ok_or_else(|| broken("it has no header"))?;
    let size = (info.width.into(), info.height.into());
    check(size, options)?;
    if header::is_cut_off(body) {
        return Err(broken("it is cut off"));
    }
    let orientation = orientation(headers.exif().map(Vec::as_slice));
    let bounds = (options.width, options.height);
    let wanted = turned(fit(turned(size, orientation), bounds), orientation);
    // The colours of print are made those of a screen.
    let profile = headers.icc_profile().filter(|_| info.components < 4);
    drop(headers);

    let marked = header::with_ends(body);
    let found = match small(&marked, &info, wanted, options) {
        Ok(None) => whole(&marked, &info, true, options),
        Ok(Some(small)) => Ok(small),
        Err(unread) => Err(unread),
    };
    let (pixels, damage) = match found {
        Ok(pixels) => (pixels, None),
        Err(Unread::Damaged(why)) => (whole(body, &info, false, options)?, Some(why)),
        Err(Unread::Refused(invalid)) => return Err(invalid),
    };
    Ok(Original { pixels, size, orientation, profile, animated: false, damage })
}

/// Why there are no pixels.
enum Unread {
    Damaged(String),
    Refused(Invalid),
}

impl From<Unread> for Invalid {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Damaged(why) => broken(&why),
            Unread::Refused(invalid) => invalid,
        }
    }
}

/// Reads an eighth, a quarter or half of the pixels each way, if that is enough. It takes no damage.
fn small(
    body: &[u8],
    info: &ImageInfo,
    wanted: (u32, u32),
    options: &Options,
) -> Result<Option<DynamicImage>, Unread> {
    let side = |side: u32| u16::try_from(side).unwrap_or(u16::MAX);
    let mut decoder = Decoder::new(body);
    let decoded = decoder.scale(side(wanted.0), side(wanted.1)).and_then(|(width, height)| {
        if width > info.width.div_ceil(2) {
            return Ok(None);
        }
        let size = (u32::from(width), u32::from(height));
        if let Err(refused) = check_memory(body, coefficients(info) + pixels(size) * 8, options) {
            return Ok(Some(Err(refused)));
        }
        Ok(Some(Ok((size, decoder.decode()?))))
    });
    let (size, bytes) = match decoded {
        Ok(Some(found)) => found.map_err(Unread::Refused)?,
        Ok(None) | Err(jpeg_decoder::Error::Unsupported(_)) => return Ok(None),
        Err(jpeg_decoder::Error::Format(why)) => return Err(Unread::Damaged(why)),
        Err(error) => return Err(Unread::Damaged(error.to_string())),
    };
    Ok(match decoder.info().map(|info| info.pixel_format) {
        Some(PixelFormat::L8) => luma(size, bytes),
        Some(PixelFormat::RGB24) => rgb(size, bytes),
        Some(PixelFormat::CMYK32) => {
            rgb(size, bytes.as_chunks().0.iter().flat_map(on_screen).collect())
        }
        Some(PixelFormat::L16) | None => None,
    })
}

/// Reads all pixels: of what is damaged too, unless `strict`.
fn whole(
    body: &[u8],
    info: &ImageInfo,
    strict: bool,
    options: &Options,
) -> Result<DynamicImage, Unread> {
    let size = (info.width.into(), info.height.into());
    let needed = coefficients(info) + pixels(size) * 3;
    check_memory(body, needed, options).map_err(Unread::Refused)?;
    let damaged = |error: DecodeErrors| {
        // It shows its messages as strings of Rust.
        Unread::Damaged(error.to_string().trim_matches('"').to_owned())
    };
    let mut decoder = zune(body, strict);
    decoder.decode_headers().map_err(damaged)?;
    let is_grey = decoder.input_colorspace() == Some(ColorSpace::Luma);
    let colours = if is_grey { ColorSpace::Luma } else { ColorSpace::RGB };
    decoder.set_options(decoder.options().jpeg_set_out_colorspace(colours));
    let bytes = decoder.decode().map_err(damaged)?;
    let image = if is_grey { luma(size, bytes) } else { rgb(size, bytes) };
    image.ok_or_else(|| Unread::Damaged("it has other pixels than it says".to_owned()))
}

fn zune(body: &[u8], strict: bool) -> JpegDecoder<ZCursor<&[u8]>> {
    let options = DecoderOptions::default().set_strict_mode(strict);
    let options = options.set_max_width(usize::MAX).set_max_height(usize::MAX);
    JpegDecoder::new_with_options(ZCursor::new(body), options)
}

/// How many bytes both decoders keep of a picture that is written in several passes, two for each value.
fn coefficients(info: &ImageInfo) -> u64 {
    let values = pixels((info.width.into(), info.height.into())) * u64::from(info.components);
    if info.sof.is_sequential_dct() { 0 } else { values * 2 }
}

fn luma((width, height): (u32, u32), bytes: Vec<u8>) -> Option<DynamicImage> {
    Some(GrayImage::from_raw(width, height, bytes)?.into())
}

fn rgb((width, height): (u32, u32), bytes: Vec<u8>) -> Option<DynamicImage> {
    Some(RgbImage::from_raw(width, height, bytes)?.into())
}

/// The colour on a screen of inks on paper.
fn on_screen([cyan, magenta, yellow, black]: &[u8; 4]) -> [u8; 3] {
    let light = u16::from(255 - black);
    [cyan, magenta, yellow]
        .map(|ink| u8::try_from(u16::from(255 - ink) * light / 255).unwrap_or(u8::MAX))
}

fn broken(why: &str) -> Invalid {
    super::broken(ImageFormat::Jpeg, why)
}
