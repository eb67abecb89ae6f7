//! What a plugin was found to say of itself when it was built, put into the plugin: for whoever wants to know without
//! running it. What it means is the contract's business.

use wasm_encoder::{ComponentSection as _, CustomSection};
use wasmparser::BinaryReader;

use crate::admission::candidate::Candidate;
use crate::admission::embed::{PREAMBLE, without};
use crate::admission::load_error::LoadError;

/// The name of the custom section that holds it, which is the component's last.
pub(crate) const SECTION: &str = "plugwright:description";

/// More than this is not read.
const MOST: usize = 1 << 20;

impl Candidate<'_> {
    /// What the plugin was found to say of itself when it was built, if that is in it: a text, as whoever built it wrote it.
    /// Nobody made sure that it is true.
    pub fn description(&self) -> Option<&str> {
        let (_, data) = split(self.bytes())?;
        if data.len() > MOST {
            return None;
        }
        std::str::from_utf8(data).ok()
    }

    /// The component with `text` as its description, in the place of any that it had.
    ///
    /// # Errors
    ///
    /// [`LoadError::Damaged`] if its sections cannot be told apart.
    pub fn with_description(&self, text: &str) -> Result<Vec<u8>, LoadError> {
        let mut component = without(&[SECTION], self.bytes())
            .map_err(|error| LoadError::damaged(self.name(), &error))?;
        let (name, data) = (SECTION.into(), text.as_bytes().into());
        CustomSection { name, data }.append_to_component(&mut component);
        Ok(component)
    }
}

/// What of a component is compiled: all of it but its description, on which its code does not depend.
pub(crate) fn compiled_part(component: &[u8]) -> &[u8] {
    split(component).map_or(component, |(compiled, _)| compiled)
}

/// What comes before a component's description, and that.
fn split(component: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut reader = BinaryReader::new(component, 0);
    reader.read_bytes(PREAMBLE).ok()?;
    let mut last = None;
    while !reader.eof() {
        let begin = reader.current_position();
        let (id, length) = (reader.read_u8().ok()?, reader.read_var_u32().ok()?);
        last = Some((begin, id, reader.read_bytes(length as usize).ok()?));
    }
    let (begin, id, data) = last?;
    let mut reader = BinaryReader::new(data, 0);
    if id != 0 || reader.read_string().ok()? != SECTION {
        return None;
    }
    let text = data.get(reader.current_position()..)?;
    Some((component.get(..begin)?, text))
}
