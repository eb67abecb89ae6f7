//! JPEG. It decodes no more than the thumbnail needs.
//!
//! If half of the pixels in each direction are enough, jpeg-decoder decodes only those. Otherwise the faster zune-jpeg
//! decodes all pixels. zune-jpeg reads damaged pictures as far as possible.

use std::borrow::Cow;

use image::{DynamicImage, GrayImage, ImageFormat, RgbImage};
use jpeg_decoder::{Decoder, PixelFormat};
use plugwright_guest::Invalid;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;
use zune_jpeg::{ImageInfo, JpegDecoder};

use super::{Original, check, check_memory, extent, header, orientation, pixels, turned};
use crate::options::Options;
use crate::scale::fit;

pub(super) fn read(body: &[u8], options: &Options) -> Result<Original, Invalid> {
    let mut headers = zune(body, false);
    headers.decode_headers().map_err(|error| broken(&why(&error)))?;
    let info = headers.info().ok_or_else(|| broken("it has no header"))?;
    let size = (info.width.into(), info.height.into());
    check(size, options)?;
    if header::is_cut_off(body) {
        return Err(broken("it is cut off"));
    }
    let orientation = orientation(headers.exif().map(Vec::as_slice));
    let bounds = (options.width, options.height);
    let wanted = turned(fit(turned(size, orientation), bounds), orientation);
    // Colours for print are converted to colours for a screen.
    let profile = headers.icc_profile().filter(|_| info.components < 4);
    drop(headers);

    let frame = Frame { size, kept: kept(body, &info) };
    // This is in addition to the decoder's own memory. If there is not enough room for it, less damage is noticed.
    let marked = match check_memory(room(body) * 5 / 2 + frame.needed(), options) {
        Ok(()) => header::with_ends(body).into(),
        Err(_) => Cow::Borrowed(body),
    };
    let small = small(&marked, &frame, wanted, options);
    let found = match small {
        Ok(Some(small)) => Ok(small),
        Err(Unread::Refused(invalid)) => return Err(invalid),
        // If one decoder refuses a picture, the picture is damaged only if the other one refuses it, too.
        Err(Unread::Damaged(why)) => match whole(&marked, &frame, true, options) {
            Err(Unread::Damaged(_)) => Err(why),
            whole => Ok(whole?),
        },
        Ok(None) => match whole(&marked, &frame, true, options) {
            Err(Unread::Damaged(why)) => match least(&marked, &frame, options) {
                Ok(Some(_)) => Ok(whole(body, &frame, false, options)?),
                _ => Err(why),
            },
            whole => Ok(whole?),
        },
    };
    drop(marked);
    let (pixels, damage) = match found {
        Ok(pixels) => (pixels, None),
        Err(why) => (whole(body, &frame, false, options)?, Some(why)),
    };
    let extent = extent_of(size, (pixels.width(), pixels.height()));
    Ok(Original { pixels, size, extent, orientation, profile, animated: false, damage })
}

/// The facts about a picture before it is decoded.
struct Frame {
    size: (u32, u32),
    /// The number of bytes that decoders keep until all values have arrived.
    kept: u64,
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

/// Decodes an eighth, a quarter or half of the pixels in each direction, if that is enough. Fails for a damaged
/// picture.
fn small(
    body: &[u8],
    frame: &Frame,
    wanted: (u32, u32),
    options: &Options,
) -> Result<Option<DynamicImage>, Unread> {
    let side = |side: u32| u16::try_from(side).unwrap_or(u16::MAX);
    // The decoder stops if one side is long enough, so only the longer side counts: then the other one is, too.
    let (least_width, least_height) = match wanted {
        (width, height) if width >= height => (side(width), u16::MAX),
        (_, height) => (u16::MAX, side(height)),
    };
    let mut decoder = Decoder::new(body);
    let decoded = decoder.scale(least_width, least_height).and_then(|(width, height)| {
        if u32::from(width) > frame.size.0.div_ceil(2) {
            return Ok(None);
        }
        let size = (u32::from(width), u32::from(height));
        let needed = room(body) + frame.kept + pixels(size) * 8;
        if let Err(refused) = check_memory(needed, options) {
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

/// Decodes as few pixels as possible, to find out whether there is damage.
fn least(body: &[u8], frame: &Frame, options: &Options) -> Result<Option<DynamicImage>, Unread> {
    small(body, frame, (1, 1), options)
}

/// Returns the extent of the picture in pixels that are an eighth, a quarter, half or all of its pixels in each
/// direction.
fn extent_of(size: (u32, u32), pixels: (u32, u32)) -> (f64, f64) {
    let all = |part: u32| ((size.0 * part).div_ceil(8), (size.1 * part).div_ceil(8));
    let part = [1, 2, 4].into_iter().find(|part| all(*part) == pixels);
    let (width, height) = extent(size);
    let part = f64::from(part.unwrap_or(8)) / 8.0;
    (width * part, height * part)
}

/// Decodes all pixels, and accepts damage unless `strict` is set.
fn whole(
    body: &[u8],
    frame: &Frame,
    strict: bool,
    options: &Options,
) -> Result<DynamicImage, Unread> {
    let size = frame.size;
    check_memory(room(body) + frame.needed(), options).map_err(Unread::Refused)?;
    let damaged = |error: DecodeErrors| Unread::Damaged(why(&error));
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

/// Returns how many bytes both decoders keep for a picture with several scans: two for each value.
fn kept(body: &[u8], info: &ImageInfo) -> u64 {
    let values = pixels((info.width.into(), info.height.into())) * u64::from(info.components);
    let at_once = info.sof.is_sequential_dct() && header::scans(body) < 2;
    if at_once { 0 } else { values * 2 }
}

impl Frame {
    /// Returns how many bytes decoding all pixels takes, besides the body.
    fn needed(&self) -> u64 {
        self.kept + pixels(self.size) * 3
    }
}

fn room(body: &[u8]) -> u64 {
    body.len() as u64
}

/// Returns the message of zune-jpeg, which comes as a debug string of Rust with the mode.
fn why(error: &DecodeErrors) -> String {
    let text = match error {
        DecodeErrors::Format(text) => text.clone(),
        DecodeErrors::FormatStatic(text) => (*text).to_owned(),
        other => other.to_string(),
    };
    text.trim().trim_start_matches("[strict-mode]:").trim_start().to_owned()
}

fn luma((width, height): (u32, u32), bytes: Vec<u8>) -> Option<DynamicImage> {
    Some(GrayImage::from_raw(width, height, bytes)?.into())
}

fn rgb((width, height): (u32, u32), bytes: Vec<u8>) -> Option<DynamicImage> {
    Some(RgbImage::from_raw(width, height, bytes)?.into())
}

/// Returns the colour on a screen for inks on paper.
fn on_screen([cyan, magenta, yellow, black]: &[u8; 4]) -> [u8; 3] {
    let light = u16::from(255 - black);
    [cyan, magenta, yellow]
        .map(|ink| u8::try_from(u16::from(255 - ink) * light / 255).unwrap_or(u8::MAX))
}

fn broken(why: &str) -> Invalid {
    super::broken(ImageFormat::Jpeg, why)
}
