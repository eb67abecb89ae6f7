//! The options of this plugin.

use fast_image_resize::{FilterType, ResizeAlg};
use plugwright_guest::{choices, options};

options! {
    pub(crate) struct Options {
        /// the greatest width in pixels, up to 4096
        pub(crate) width: u32 = 256, in 1..=4096;
        /// the greatest height in pixels, up to 4096
        pub(crate) height: u32 = 256, in 1..=4096;
        /// the format of the result: `png`, `jpeg`, `webp`, which is lossless, or with `auto` JPEG for JPEG
        /// and PNG for everything else
        pub(crate) format: Format = Format::Auto;
        /// the quality of JPEG, from 1 to 100
        pub(crate) quality: u8 = 80, in 1..=100;
        /// the filter for scaling: `catmull-rom`, `lanczos`, which is sharper, `triangle`, which is
        /// softer, or `nearest` for pixel art
        pub(crate) filter: ResizeAlg = "catmull-rom", of {
            "catmull-rom" => ResizeAlg::Convolution(FilterType::CatmullRom),
            "lanczos" => ResizeAlg::Convolution(FilterType::Lanczos3),
            "triangle" => ResizeAlg::Convolution(FilterType::Bilinear),
            "nearest" => ResizeAlg::Nearest,
        };
        /// the greatest number of pixels of a picture, up to 100000000; more than the default may need more
        /// memory than the host allows
        pub(crate) max_pixels: u32 = DEFAULT_MAX_PIXELS, in 1..=100_000_000;
    }
}

/// The default, which fits into the host's default memory limit for every format.
pub(crate) const DEFAULT_MAX_PIXELS: u32 = 25_000_000;

choices! {
    /// The format of the output.
    pub(crate) enum Format {
        /// JPEG for JPEG, and PNG for all other formats.
        Auto = "auto",
        Png = "png",
        Jpeg = "jpeg",
        WebP = "webp",
    }
}
