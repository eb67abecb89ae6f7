//! Contains each block of Rust in the README and the guide that shows how to embed the host, so that the blocks are
//! compiled.
#![expect(dead_code, reason = "the code is only compiled here; other tests run it")]

use std::error::Error;
use std::fs;
use std::time::Duration;

use plugwright_contract::prelude::*;
use plugwright_contract::{
    Access, CallError, Clock, Document, Exceeded, Failure, ForeignText, Frame, GrantError, Grants,
    Head, Host, Limits, Location, Plugin, Streamer, Transformer, TrapKind, Watched,
};
use tests::root;

use crate::guide::blocks;

fn send(_: &Document) {}
fn show(_: &ForeignText, _: Option<Location>) {}
fn report(_: TrapKind, _: &[Frame]) {}
fn warn(_: &Exceeded) {}
fn closed(_: &GrantError) {}
fn fail(_: &dyn Error) {}

#[rustfmt::skip]
fn readme() -> Result<(), Box<dyn Error>> {
    let host = Host::builder().build()?;
    let markdown: Plugin<Transformer> = host.load("dist/markdown.wasm")?;
    let document = Document::from_file("README.md")?;
    match markdown.transform(&document, &[]) {
        Ok(html) => send(&html),
        // The plugin did its work and refused, with a line and a column if it has them.
        Err(CallError::Refused { failure: Failure::InvalidInput { message, at }, .. }) => show(&message, at),
        // It trapped, for example by a panic; the backtrace has its functions.
        Err(CallError::Trapped { kind, backtrace, .. }) => report(kind, &backtrace),
        Err(CallError::Exceeded { exceeded, .. }) => warn(&exceeded),
        Err(error) => fail(&error),
    }
    Ok(())
}

#[rustfmt::skip]
fn loading(chunk: &[u8]) -> Result<(Document, Vec<u8>, Head), Box<dyn Error>> {
    let host = Host::builder().build()?;
    let markdown: Plugin<Transformer> = host.load("dist/markdown.wasm")?;
    let html = markdown.transform(&Document::from_file("README.md")?, &[])?;

    let checksum: Plugin<Streamer> = host.load("dist/checksum.wasm")?;
    let mut session = checksum.session(&Head::of_path("big.iso"), &[])?;
    let mut ready = session.push(chunk)?; // as often as there are chunks
    let (rest, head) = session.finish()?;

    ready.extend(rest);
    Ok((html, ready, head))
}

#[rustfmt::skip]
async fn errors(markdown: &Plugin<Transformer>, document: Document) {
    match markdown.transform_async(&document, &[]).await {
        Ok(html) => send(&html),
        // The plugin did its work and refused: typed by the contract, with a line and a column if it has them.
        Err(CallError::Refused { failure: Failure::InvalidInput { message, at }, .. }) => show(&message, at),
        // It trapped, for example by a panic; the backtrace has its functions.
        Err(CallError::Trapped { kind, backtrace, .. }) => report(kind, &backtrace),
        Err(CallError::Exceeded { exceeded, .. }) => warn(&exceeded),
        // Something that was granted is not available any more.
        Err(CallError::Denied { source, .. }) => closed(&source),
        Err(error) => fail(&error),
    }
}

fn hot_reload(host: &Host) -> Result<Document, Box<dyn Error>> {
    let document = Document::from_file("README.md")?;

    let watched: Watched<Transformer> = host.watch("dist/markdown.wasm")?;
    let html = watched.current().transform(&document, &[])?;
    Ok(html)
}

fn limits() -> Result<Plugin<Transformer>, Box<dyn Error>> {
    let grants = Grants::none()
        .folder("templates", "/templates", Access::ReadOnly)?
        .variable("LANG", "en")?
        .http("https://api.example.org")?
        .wall_clock(Clock::Real);
    let limits = Limits::default().deadline(Duration::from_secs(2)).memory(64 << 20);
    let host = Host::builder().limits(limits).grants(grants).build()?;

    let plugin: Plugin<Transformer> = host.with_grants(Grants::none()).load("strange.wasm")?;
    let plugin = plugin.with_limits(&Limits::none().deadline(Duration::from_millis(200)))?;
    Ok(plugin)
}

/// Returns the lines without indentation and without empty lines.
fn lines(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_block_of_rust_about_embedding_is_compiled_here() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    let (_, section) = readme.split_once("\n## Embedding\n").expect("the section");
    let (section, _) = section.split_once("\n## ").expect("another one after it");
    let shown = section.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut shown: Vec<_> = shown.map(str::to_owned).collect();
    for page in ["embedding.md", "limits.md"] {
        let blocks = blocks(page).into_iter().filter(|block| block.language == "rust");
        shown.extend(blocks.map(|block| block.text));
    }
    assert_eq!(shown.len(), 6);
    let own = lines(include_str!("embedding.rs"));
    for block in shown {
        assert!(own.contains(&lines(&block)), "embedding.rs does not have:\n{block}");
    }
}
