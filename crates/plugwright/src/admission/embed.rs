//! Embeds a manifest in a component, after checking that it matches.

use std::collections::BTreeSet;

use wasm_encoder::{ComponentSection as _, CustomSection};

use crate::admission::candidate::{Candidate, on_stack};
use crate::admission::compatibility;
use crate::admission::inspection::needed_grants;
use crate::admission::known::Known;
use crate::admission::load_error::LoadError;
use crate::admission::manifest::Manifest;
use crate::admission::sections::{DESCRIPTION, without};
use crate::contract::WorldType;
use crate::permission::grants::Grants;
use crate::text::foreign_text::ForeignText;

impl Manifest {
    /// Returns the component `plugin` with this manifest, which replaces any earlier one, after checking that the
    /// manifest matches the component. The world must be one of `known`. The embedded manifest has the world's full
    /// name.
    ///
    /// # Errors
    ///
    /// - [`LoadError::Structure`], [`LoadError::Damaged`] and [`LoadError::Thread`], as in [`Candidate::inspect`]
    /// - [`LoadError::UnknownWorld`] if the world is not in `known`, or its name stands for worlds of several packages
    /// - [`LoadError::ManifestMismatch`] lists everything in the manifest that does not match the component
    /// - [`LoadError::Contract`] lists the names and types that differ from the contract
    pub fn embed(&self, plugin: &Candidate<'_>, known: &[WorldType]) -> Result<Vec<u8>, LoadError> {
        plugin.validate()?;
        let (name, surface) = (plugin.name(), plugin.surface());
        let mut declared: Vec<_> =
            known.iter().filter(|world| world.is_called(&self.world)).collect();
        if declared.iter().any(|world| world.is_exactly(&self.world)) {
            declared.retain(|world| world.is_exactly(&self.world));
        }
        let packages: BTreeSet<_> = declared.iter().map(|world| world.package_name()).collect();
        if packages.len() != 1 {
            let of = if declared.is_empty() { known.iter().collect() } else { declared };
            let worlds: BTreeSet<_> = of.into_iter().map(|it| it.name().to_owned()).collect();
            return Err(LoadError::UnknownWorld {
                plugin: name.into(),
                declared: (&*self.world).into(),
                is_ambiguous: !packages.is_empty(),
                known: worlds.into_iter().map(ForeignText::from).collect(),
            });
        }
        self.check(name, surface, known)?;
        let world = declared.into_iter().find(|world| surface.exports_all_of(world));
        if let Some(world) = world {
            let (known, bytes) = (Known::of_type(world, known), plugin.bytes());
            // The manifest decides which grants the plugin needs, so all of them count as given here.
            let grants = Grants::placeholders(&needed_grants(surface));
            compatibility::compare_names(name, surface, &grants, &known)?;
            on_stack(name, || compatibility::compare_types(name, surface, bytes, world, &known))?;
        }
        let world = world.map_or(&*self.world, WorldType::name).to_owned();
        let whole = Self { world, ..self.clone() };
        // A description was recorded for the plugin before this change, so it is removed as well.
        let mut component = without(&[Self::SECTION, DESCRIPTION], plugin.bytes())
            .map_err(|error| LoadError::damaged(name, &error))?;
        let (name, data) = (Self::SECTION.into(), whole.to_toml().into_bytes().into());
        CustomSection { name, data }.append_to_component(&mut component);
        Ok(component)
    }
}
