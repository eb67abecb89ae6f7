//! Makes small pictures of large ones, in the world `transformer`.
//!
//! PNG, JPEG, GIF and WebP become PNG, JPEG or lossless WebP that fits into bounds. Of what is known of a
//! picture beside its pixels, only the colour profile is kept: a thumbnail does not tell where a photo was
//! taken.
//!
//! A JPEG that is damaged becomes a thumbnail in which a part may be wrong: the attribute `original-damaged` and a
//! line of the log say so. Of damage that libjpeg warns of, all is noticed in a picture that is written in a single pass, and a
//! good half in one of several. One that is cut off is refused, as is damage to another format.
//!
//! # Memory
//!
//! A picture within the default of `max-pixels` fits into the 256 MiB that the manifest asks for, or is refused
//! before it is decoded: a JPEG of four inks in several passes that becomes larger than a quarter, a WebP of
//! more than 23 million pixels that has colours and transparency apart, or an animated one of 21 million. For 25 million
//! pixels a JPEG in one pass takes 5 MB where an eighth of them each way is enough, PNG, GIF and most others 95 to 180 MB.
//!
//! # Model
//!
//! `vipsthumbnail` of libvips: the same fit within bounds, an upright picture, and a JPEG of which no more is decoded than an
//! eighth, a quarter or half each way where that is enough. Other than it, it resizes by Catmull-Rom, keeps nothing
//! that is known of a photo but its colour profile, and never enlarges.
//!
//! # Crates
//!
//! `image` decodes GIF and WebP and encodes; `png` and `zune-jpeg`, which it is built on, are asked by themselves, because so 16
//! bits a channel never take twice the memory, and damage is told. `jpeg-decoder` adds 32 KB and takes 0.11 s for a photo of 23
//! million pixels, of which all are decoded in 0.41. `fast_image_resize` adds 19 KB and halves the time for a picture of which
//! all pixels are read; and it lets what is transparent have no say in the colours beside it.

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
