//! What reads and compares files of others for the `plugwright` command, apart from it so that it can be
//! tried on its own.

// As in the library: places in bytes and texts of others are looked up, and not sliced.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unwrap_used
    )
)]

pub mod comparison;
pub mod contract;
pub mod folder_link;
pub mod parts;
pub mod pipeline;
pub mod review;
#[expect(clippy::indexing_slicing, reason = "a number of an arena is of something in it")]
pub mod skeleton;
pub mod sources;
pub mod statement;
pub mod surface;
