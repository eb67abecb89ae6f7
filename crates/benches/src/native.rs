//! The work of plugins, done by native code.

/// The renderer of the plugin `markdown`, from the same source file.
#[path = "../../plugin-markdown/src/html/mod.rs"]
#[expect(dead_code, reason = "the plugin has options that are not measured")]
mod html;

/// Turns Markdown into HTML, as the plugin `markdown` does, and counts what was escaped.
pub fn markdown(body: &[u8]) -> (String, usize) {
    let text = std::str::from_utf8(body).expect("documents are text");
    let html = html::render(text, html::Raw::Escaped, false);
    (html.text, html.escaped)
}

/// Returns a copy of a document.
pub fn echo(body: &[u8]) -> Vec<u8> {
    body.to_vec()
}
