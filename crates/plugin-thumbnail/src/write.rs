//! Encodes pictures.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageEncoder, ImageFormat, ImageResult, RgbImage, RgbaImage};
use plugwright_guest::Failure;

use crate::options::{Format, Options};

/// An encoded picture.
pub(crate) struct Written {
    pub(crate) body: Vec<u8>,
    /// The part of the media type after `image/`.
    pub(crate) name: &'static str,
    /// The extension of the name.
    pub(crate) ending: &'static str,
}

/// Encodes the picture in the format of the options, or in the format nearest to the original.
pub(crate) fn write(
    picture: &DynamicImage,
    profile: Option<Vec<u8>>,
    original: ImageFormat,
    options: &Options,
) -> Result<Written, Failure> {
    let format = match (options.format, original) {
        (Format::Auto, ImageFormat::Jpeg) => Format::Jpeg,
        (Format::Auto, _) => Format::Png,
        (format, _) => format,
    };
    let mut body = Vec::new();
    let (written, name, ending) = match format {
        Format::Jpeg => {
            let encoder = JpegEncoder::new_with_quality(&mut body, options.quality);
            (encode(encoder, &opaque(picture), profile), "jpeg", "jpg")
        }
        Format::WebP => {
            // A profile for shades of grey does not apply to WebP's colours.
            let profile = profile.filter(|_| picture.color().has_color());
            (encode(WebPEncoder::new_lossless(&mut body), picture, profile), "webp", "webp")
        }
        Format::Auto | Format::Png => {
            let encoder = PngEncoder::new_with_quality(
                &mut body,
                CompressionType::Default,
                FilterType::Adaptive,
            );
            (encode(encoder, picture, profile), "png", "png")
        }
    };
    written.map_err(Failure::internal)?;
    Ok(Written { body, name, ending })
}

fn encode(
    mut encoder: impl ImageEncoder,
    picture: &DynamicImage,
    profile: Option<Vec<u8>>,
) -> ImageResult<()> {
    if let Some(profile) = profile {
        encoder.set_icc_profile(profile).map_err(image::ImageError::Unsupported)?;
    }
    picture.write_with_encoder(encoder)
}

/// Puts the picture on a white background, for formats without transparency.
fn opaque(picture: &DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return picture.clone();
    }
    let pixels: RgbaImage = picture.to_rgba8();
    let mut paper = RgbImage::new(pixels.width(), pixels.height());
    for (to, from) in paper.pixels_mut().zip(pixels.pixels()) {
        let [red, green, blue, alpha] = from.0.map(u32::from);
        to.0 = [red, green, blue].map(|channel| {
            let mixed = (channel * alpha + 255 * (255 - alpha) + 127) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        });
    }
    let paper = DynamicImage::ImageRgb8(paper);
    if picture.color().has_color() { paper } else { paper.into_luma8().into() }
}
