//! The options of this plugin, and how they are read.

use std::ops::RangeInclusive;
use std::str::FromStr;

use fast_image_resize::{FilterType, ResizeAlg};

use crate::exports::plugwright::plugin::transform::{
    BadOption, Failure, OptionDescription, Setting,
};

/// The options of one call.
pub(crate) struct Options {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) format: Format,
    pub(crate) quality: u8,
    pub(crate) filter: ResizeAlg,
    pub(crate) max_pixels: u32,
}

/// What is written.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    /// JPEG for JPEG, and PNG for everything else.
    Auto,
    Png,
    Jpeg,
    WebP,
}

const FORMATS: [(&str, Format); 4] =
    [("auto", Format::Auto), ("png", Format::Png), ("jpeg", Format::Jpeg), ("webp", Format::WebP)];

const FILTERS: [(&str, ResizeAlg); 4] = [
    ("catmull-rom", ResizeAlg::Convolution(FilterType::CatmullRom)),
    ("lanczos", ResizeAlg::Convolution(FilterType::Lanczos3)),
    ("triangle", ResizeAlg::Convolution(FilterType::Bilinear)),
    ("nearest", ResizeAlg::Nearest),
];

const SIDE: RangeInclusive<u32> = 1..=4096;
const DEFAULT_SIDE: u32 = 256;

const QUALITY: RangeInclusive<u8> = 1..=100;
const DEFAULT_QUALITY: u8 = 80;

const MAX_PIXELS: RangeInclusive<u32> = 1..=100_000_000;
/// What fits into the host's usual limit of memory, whatever the format.
const DEFAULT_MAX_PIXELS: u32 = 25_000_000;

impl Options {
    /// Reads the options; the last setting of an option counts.
    pub(crate) fn from_settings(settings: Vec<Setting>) -> Result<Self, Failure> {
        let mut options = Self {
            width: DEFAULT_SIDE,
            height: DEFAULT_SIDE,
            format: FORMATS[0].1,
            quality: DEFAULT_QUALITY,
            filter: FILTERS[0].1,
            max_pixels: DEFAULT_MAX_PIXELS,
        };
        for Setting { key, value } in settings {
            match &*key {
                "width" => options.width = within(&SIDE, &key, &value)?,
                "height" => options.height = within(&SIDE, &key, &value)?,
                "format" => options.format = one_of(&FORMATS, &key, &value)?,
                "quality" => options.quality = within(&QUALITY, &key, &value)?,
                "filter" => options.filter = one_of(&FILTERS, &key, &value)?,
                "max-pixels" => options.max_pixels = within(&MAX_PIXELS, &key, &value)?,
                _ => return Err(Failure::UnknownOption(key)),
            }
        }
        Ok(options)
    }
}

fn within<T: FromStr + PartialOrd + std::fmt::Display>(
    range: &RangeInclusive<T>,
    key: &str,
    value: &str,
) -> Result<T, Failure> {
    value.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
        let (least, most) = (range.start(), range.end());
        bad(key, format!("`{value}` is not a whole number from {least} to {most}"))
    })
}

fn one_of<T: Copy>(values: &[(&str, T)], key: &str, value: &str) -> Result<T, Failure> {
    let named = values.iter().find(|(name, _)| *name == value);
    named.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<_> = values.iter().map(|(name, _)| format!("`{name}`")).collect();
        bad(key, format!("`{value}` is none of {}", names.join(", ")))
    })
}

fn bad(key: &str, message: String) -> Failure {
    Failure::BadOption(BadOption { key: key.to_owned(), message, at: None })
}

/// Describes the options, with the defaults of [`Options::from_settings`].
pub(crate) fn describe() -> Vec<OptionDescription> {
    let option = |key: &str, default: &dyn ToString, help: String| OptionDescription {
        key: key.to_owned(),
        default: default.to_string(),
        help,
    };
    let side = SIDE.end();
    vec![
        option("width", &DEFAULT_SIDE, format!("the greatest width in pixels, up to {side}")),
        option("height", &DEFAULT_SIDE, format!("the greatest height in pixels, up to {side}")),
        option(
            "format",
            &FORMATS[0].0,
            "what comes out: `png`, `jpeg`, `webp`, which is lossless, or with `auto` JPEG for JPEG and PNG \
             for everything else"
                .to_owned(),
        ),
        option("quality", &DEFAULT_QUALITY, "the quality of JPEG, from 1 to 100".to_owned()),
        option(
            "filter",
            &FILTERS[0].0,
            "how pixels become fewer: `catmull-rom`, `lanczos`, which is sharper, `triangle`, which is \
             softer, or `nearest` for pixel art"
                .to_owned(),
        ),
        option(
            "max-pixels",
            &DEFAULT_MAX_PIXELS,
            format!(
                "how many pixels a picture may have to be decoded, up to {}; more than the default may need \
                 more memory than the host allows",
                MAX_PIXELS.end()
            ),
        ),
    ]
}
