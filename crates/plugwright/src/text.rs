//! Shows, reads and writes text, including text from untrusted sources.

pub(crate) mod amount;
pub(crate) mod file_name;
pub(crate) mod foreign_text;
pub(crate) mod text_error;
pub(crate) mod toml_text;
pub(crate) mod version;
