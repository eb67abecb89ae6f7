//! Makes small pictures of large ones, in the world `transformer`.
//!
//! PNG, JPEG, GIF and WebP become PNG, JPEG or lossless WebP that fits into bounds. Of the metadata, only the colour
//! profile is kept, so a thumbnail does not tell where a photo was taken.
//!
//! A damaged JPEG becomes a thumbnail with a part that may be wrong. Then the attribute `original-damaged` is set, and
//! the log has a warning. In a picture that is written in one pass, the plugin notices all damage that libjpeg warns
//! of. In a picture of several passes, it notices somewhat more than half of it. A picture that is cut off is refused,
//! and so is a damaged picture in another format.
//!
//! # Memory
//!
//! A picture within the default of `max-pixels` fits into the 256 MiB that the manifest asks for, or is refused before
//! it is decoded. Refused are JPEGs with four inks and several passes that would become larger than a quarter, WebPs of
//! more than 23 million pixels with separate colours and transparency, and animated WebPs of 21 million pixels. For 25
//! million pixels, a JPEG in one pass takes 5 MB if an eighth of the pixels in each direction is enough. PNG, GIF and
//! most others take 95 to 180 MB.
//!
//! # Model
//!
//! The model is `vipsthumbnail` of libvips. Both fit a picture into bounds and turn it upright, and both decode only an
//! eighth, a quarter or half of a JPEG in each direction if that is enough. Unlike the model, this plugin resizes with
//! Catmull-Rom, keeps only the colour profile of the metadata, and never enlarges a picture.
//!
//! # Crates
//!
//! `image` decodes GIF and WebP, and encodes. `png` and `zune-jpeg`, which `image` builds on, are called directly. So
//! 16 bits per channel never take twice the memory, and damage is reported. `jpeg-decoder` adds 32 KB. It takes 0.11 s
//! for a photo of 23 million pixels, of which all are decoded in 0.41 s otherwise. `fast_image_resize` adds 19 KB and
//! halves the time for a picture whose pixels are all read. It also keeps transparent pixels from changing the colours
//! beside them.

mod options;
mod read;
mod scale;
mod write;

use options::Options;
use plugwright_guest::{Document, Failure, transformer, warn};

transformer! {
    summary: "makes small pictures of large ones",
    takes: ["image/png", "image/jpeg", "image/gif", "image/webp"],
    gives: ["image/png", "image/jpeg", "image/webp"],
    run: thumbnail(&Options)
}

fn thumbnail(input: Document, options: &Options) -> Result<Document, Failure> {
    let (head, body) = input.into_parts();
    let format = read::format(&body)?;
    let original = read::read(&body, format, options)?;
    drop(body);
    let size = read::turned(original.size, original.orientation);
    let (animated, damage) = (original.animated, original.damage.clone());
    let profile = original.profile.clone();
    let picture = scale::scale(original, options)?;
    let written = write::write(&picture, profile, format, options)?;

    if animated {
        warn!("only the first picture of an animation is kept");
    }
    if let Some(damage) = &damage {
        warn!("the picture is damaged, and a part of it may be wrong", reason = damage);
    }
    let mut small = head.with_body(written.body);
    small.set_attribute("original-format", read::name(format));
    small.set_attribute("original-width", size.0);
    small.set_attribute("original-height", size.1);
    small.set_attribute("original-animated", animated);
    if damage.is_some() {
        small.set_attribute("original-damaged", true);
    }
    small.set_attribute("format", written.name);
    small.set_attribute("width", picture.width());
    small.set_attribute("height", picture.height());
    let media_type = format!("image/{}", written.name);
    Ok(small.with_extension(written.ending).with_media_type(media_type))
}
