//! The work as an Extism plugin, with a function for each work.
#![expect(missing_docs, reason = "what `plugin_fn` generates")]

use extism_pdk::{FnResult, plugin_fn};
use work::Work;

#[plugin_fn]
pub fn echo(body: Vec<u8>) -> FnResult<Vec<u8>> {
    Ok(body)
}

#[plugin_fn]
pub fn markdown(body: Vec<u8>) -> FnResult<Vec<u8>> {
    Ok(Work::Markdown.of(&body))
}

#[plugin_fn]
pub fn count(body: Vec<u8>) -> FnResult<Vec<u8>> {
    Ok(Work::Count.of(&body))
}
