//! A plugin's description of itself, recorded when it was built and stored in the component, so that it can be read
//! without running the plugin. The contract defines what the text means.

use wasm_encoder::{ComponentSection as _, CustomSection};

use crate::admission::candidate::Candidate;
use crate::admission::load_error::LoadError;
use crate::admission::sections::{DESCRIPTION, split, without};

/// The most bytes of a description that are read.
const MOST: usize = 1 << 20;

impl Candidate<'_> {
    /// Returns the plugin's description of itself, recorded when it was built, if the component holds one. It is the
    /// text that the build stored, and it is not verified.
    pub fn description(&self) -> Option<&str> {
        let (_, data) = split(self.bytes())?;
        if data.len() > MOST {
            return None;
        }
        std::str::from_utf8(data).ok()
    }

    /// Returns the component with `text` as its description, which replaces any earlier one.
    ///
    /// # Errors
    ///
    /// [`LoadError::Description`] if the text is longer than 1 MiB, and [`LoadError::Damaged`] if the sections of the
    /// component cannot be read.
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
