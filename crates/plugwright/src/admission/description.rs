//! What a plugin was found to say of itself when it was built, put into the plugin: for whoever wants to know without
//! running it. What it means is the contract's business.

use wasm_encoder::{ComponentSection as _, CustomSection};

use crate::admission::candidate::Candidate;
use crate::admission::load_error::LoadError;
use crate::admission::sections::{DESCRIPTION, split, without};

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
    /// [`LoadError::Description`] if the text has more than a MiB, and [`LoadError::Damaged`] if its sections cannot be told
    /// apart.
    pub fn with_description(&self, text: &str) -> Result<Vec<u8>, LoadError> {
        if text.len() > MOST {
            return Err(LoadError::Description { plugin: self.name().into(), most: MOST });
        }
        let mut component = without(&[DESCRIPTION], self.bytes())
            .map_err(|error| LoadError::damaged(self.name(), &error))?;
        let (name, data) = (DESCRIPTION.into(), text.as_bytes().into());
        CustomSection { name, data }.append_to_component(&mut component);
        Ok(component)
    }
}
