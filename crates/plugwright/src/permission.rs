//! What a plugin may use: its limits and its grants.

pub(crate) mod folder;
pub(crate) mod given_file;
pub(crate) mod grant_error;
pub(crate) mod grant_syntax;
pub(crate) mod grants;
pub(crate) mod limits;
pub(crate) mod origin;
pub(crate) mod requested_grant;
pub(crate) mod wasi_names;
