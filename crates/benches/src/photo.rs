//! Generates pictures that resemble photos: smooth surfaces, edges, and noise.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, ImageEncoder, Rgb, RgbImage};

/// Makes a JPEG.
pub(crate) fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut jpeg = Vec::new();
    write(width, height, JpegEncoder::new_with_quality(&mut jpeg, 85));
    jpeg
}

/// Makes a PNG.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut png = Vec::new();
    write(width, height, PngEncoder::new(&mut png));
    png
}

fn write(width: u32, height: u32, encoder: impl ImageEncoder) {
    let picture = DynamicImage::from(picture(width, height));
    picture.write_with_encoder(encoder).expect("a picture of a size that the format allows");
}

fn picture(width: u32, height: u32) -> RgbImage {
    let mut state = 1_u32;
    RgbImage::from_fn(width, height, |x, y| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (state >> 27) as u8;
        let edge = if (x / 97 + y / 61) % 5 == 0 { 60 } else { 0 };
        let slope = |part: u32, whole: u32| (part * 150 / whole) as u8;
        Rgb([
            slope(x, width) + noise + edge,
            slope(y, height) + noise,
            slope(x + y, width + height) + edge,
        ])
    })
}
