//! The bytes of a plugin before a host loads them: unverified at first, then verified against trusted keys, and scanned
//! before anything parses them.

#![warn(clippy::arithmetic_side_effects)]

use std::borrow::Cow;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use wasmparser::{Parser, Validator};

use crate::admission::inspection::{Inspection, sha256};
use crate::admission::load_error::LoadError;
use crate::admission::manifest::Manifest;
use crate::admission::sections::compiled_part;
use crate::admission::signature::{self, PublicKey, Trust};
use crate::admission::surface::Surface;
use crate::component::composition::Composition;
use crate::component::stack::on_large_stack;
use crate::component::{compile_cost, structure};
use crate::contract::{WorldType, print};
use crate::permission::given_file::FileKind;
use crate::permission::limits::{Limit, Limits};

/// A plugin's bytes whose origin is not verified yet: only their number and their digest can be read.
/// [`Unverified::verify`] and [`Host::verify`](crate::Host::verify) turn them into a [`Candidate`].
#[derive(Clone)]
#[must_use]
pub struct Unverified<'a> {
    name: Cow<'a, str>,
    bytes: Cow<'a, [u8]>,
    signature: Option<Arc<str>>,
    /// The file that the bytes were read from.
    file: Option<PathBuf>,
    hash: OnceLock<blake3::Hash>,
}

/// A plugin's bytes whose signature is valid, if signatures are required, and whose structure is within the limits for
/// inspection. The component may still be damaged, or not be a plugin.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    plugin: Unverified<'a>,
    /// The key that the plugin is signed with: a trusted key, or the key of a policy rule.
    signer: Option<PublicKey>,
    found: Arc<Found>,
}

/// The results of scanning a plugin's bytes, shared by all clones and by later loads of the same bytes.
#[derive(Debug)]
pub(crate) struct Found {
    surface: Surface,
    composition: OnceLock<Composition>,
    /// Set after the bytes were validated, because validation is the slowest step before compiling.
    is_valid: OnceLock<()>,
}

/// Shows the number of bytes instead of the bytes.
impl fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, bytes, signature, file, hash: _ } = self;
        f.debug_struct("Unverified")
            .field("name", name)
            .field("bytes", &bytes.len())
            .field("signature", signature)
            .field("file", file)
            .finish()
    }
}

impl<'a> Unverified<'a> {
    /// Creates a plugin named `plugin` from `bytes`, without a signature.
    pub fn new(plugin: impl Into<Cow<'a, str>>, bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        let (name, bytes) = (plugin.into(), bytes.into());
        Self { name, bytes, signature: None, file: None, hash: OnceLock::new() }
    }

    /// Reads the plugin in the file `path`, to be loaded within `limits`. Its name is the file name without the
    /// extension.
    ///
    /// # Errors
    ///
    /// [`LoadError::Read`] if the file cannot be read, and [`LoadError::Exceeded`] if it is longer than the limit
    /// `component-size`.
    pub fn open(path: impl AsRef<Path>, limits: &Limits) -> Result<Unverified<'static>, LoadError> {
        let path = path.as_ref();
        let name = name_of(path);
        match FileKind::plugin(limits).read(path) {
            Ok(bytes) => Ok(Unverified::new(name, bytes).of_file(path)),
            Err(error) => Err(match limits.get(Limit::ComponentSize) {
                Some(_) if error.kind() == ErrorKind::FileTooLarge => {
                    LoadError::exceeded(&name, limits.exceeded(Limit::ComponentSize))
                }
                _ => error.into(),
            }),
        }
    }

    /// Sets the file of the plugin to `path`. The plugin's symbols are looked up [beside](crate::symbols_beside) this
    /// file.
    pub fn of_file(self, path: impl Into<PathBuf>) -> Self {
        Self { file: Some(path.into()), ..self }
    }

    /// Sets the signature to the one [beside](crate::signature_beside) the plugin's file, if there is one.
    ///
    /// # Errors
    ///
    /// [`LoadError::Read`] if the signature exists but cannot be read.
    pub fn signed_beside(self) -> Result<Self, LoadError> {
        let signature = self.file.as_deref().map(signature::read_signature).transpose()?;
        Ok(self.with_signature(signature.flatten().as_deref()))
    }

    /// Verifies that the plugin is signed with a key in `trust`, and scans its structure.
    ///
    /// # Errors
    ///
    /// The signature is checked first: [`LoadError::Unsigned`], [`LoadError::UnknownKey`] or
    /// [`LoadError::BadSignature`]. After that: [`LoadError::NotWasm`], [`LoadError::CoreModule`],
    /// [`LoadError::Structure`], [`LoadError::Damaged`] or [`LoadError::Manifest`], and [`LoadError::Thread`] if the
    /// system cannot start a thread for the scan.
    pub fn verify(self, trust: &Trust) -> Result<Candidate<'a>, LoadError> {
        let signer = self.signer(trust)?.cloned();
        let found = Found::look(&self)?;
        Ok(Candidate::new(self, signer, Arc::new(found)))
    }

    /// Sets the signature to `text`, or removes the signature if `text` is `None`.
    pub fn with_signature(self, text: Option<&str>) -> Self {
        Self { signature: text.map(Into::into), ..self }
    }

    /// Returns the plugin's name: the name that it was [created](Unverified::new) with, or the [name](name_of) of its
    /// file. Errors and log lines use this name, and policy rules can match it. The name is not part of the bytes, so
    /// nothing proves that it is right.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the text of the signature, if there is one.
    pub fn signature(&self) -> Option<&str> {
        self.signature.as_deref()
    }

    /// Returns the plugin's file, if it was read from one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Returns the SHA-256 digest of the bytes, in lowercase hexadecimal digits.
    pub fn sha256(&self) -> String {
        sha256(&self.bytes)
    }

    /// Returns the bytes after verifying that they are signed with a key in `trust`. Their structure is not scanned.
    ///
    /// # Errors
    ///
    /// [`LoadError::Unsigned`], [`LoadError::UnknownKey`] or [`LoadError::BadSignature`].
    pub fn verified_bytes(&self, trust: &Trust) -> Result<&[u8], LoadError> {
        self.signer(trust)?;
        Ok(&self.bytes)
    }

    /// Returns the trusted key that the plugin is signed with, or `None` if signatures are not required.
    pub(crate) fn signer<'t>(&self, trust: &'t Trust) -> Result<Option<&'t PublicKey>, LoadError> {
        trust.signer(&self.name, &self.bytes, self.signature())
    }

    /// Returns the hash that the cache looks compiled code up by. It covers all bytes except the description, which
    /// does not affect the code.
    pub(crate) fn hash(&self) -> &blake3::Hash {
        self.hash.get_or_init(|| blake3::hash(compiled_part(&self.bytes)))
    }

    /// Returns the number of bytes.
    pub(crate) fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Returns the key among `keys` that the plugin is signed with.
    pub(crate) fn signer_of<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k PublicKey>,
    ) -> Result<&'k PublicKey, LoadError> {
        signature::verify(keys, &self.name, &self.bytes, self.signature())
    }
}

impl Found {
    /// Scans the plugin.
    pub(crate) fn look(plugin: &Unverified<'_>) -> Result<Self, LoadError> {
        let (name, bytes) = (plugin.name(), &*plugin.bytes);
        if !bytes.starts_with(b"\0asm") {
            let reason = match bytes {
                [] => "it is empty".to_owned(),
                _ if bytes.starts_with(b"(") => {
                    "it is in WebAssembly's text format, which `wasm-tools parse` translates"
                        .to_owned()
                }
                _ => "it does not begin with the bytes `\\0asm`".to_owned(),
            };
            return Err(LoadError::NotWasm { plugin: name.into(), reason: reason.into() });
        }
        if Parser::is_core_wasm(bytes) {
            return Err(LoadError::CoreModule { plugin: name.into() });
        }
        structure::scan(bytes).map_err(|fault| LoadError::structure(name, fault))?;
        let surface = on_stack(name, || Surface::skim(name, bytes))?;
        let (composition, is_valid) = (OnceLock::new(), OnceLock::new());
        Ok(Self { surface, composition, is_valid })
    }
}

impl<'a> Candidate<'a> {
    /// Creates a candidate from a plugin, the key that it is signed with, if signatures are required, and the results
    /// of its scan.
    pub(crate) fn new(
        plugin: Unverified<'a>,
        signer: Option<PublicKey>,
        found: Arc<Found>,
    ) -> Self {
        Self { plugin, signer, found }
    }

    /// Returns the plugin's [name](Unverified::name), which is not part of its bytes.
    pub fn name(&self) -> &str {
        &self.plugin.name
    }

    /// Returns the plugin's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.plugin.bytes
    }

    /// Returns the manifest in the component, if there is one. It is not yet checked against the component.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.surface().manifest.as_ref()
    }

    /// Validates the component, and describes it in terms of the worlds `known`.
    ///
    /// # Errors
    ///
    /// [`LoadError::Damaged`], [`LoadError::Structure`] if the code has too many operands and locals, and
    /// [`LoadError::Thread`] if the system cannot start a thread for the validation.
    pub fn inspect(&self, known: &[WorldType]) -> Result<Inspection, LoadError> {
        self.validate()?;
        Ok(self.surface().clone().inspection(self.bytes(), known))
    }

    /// Returns the plugin's world as its own types describe it, without WASI's interfaces and without documentation.
    /// The world has the name that the manifest declares.
    ///
    /// # Errors
    ///
    /// The errors of [`Candidate::inspect`], and [`LoadError::Wit`] if WIT cannot express the world.
    pub fn own_world(&self) -> Result<WorldType, LoadError> {
        self.validate()?;
        on_stack(self.name(), || {
            let declared = self.manifest().map(|manifest| &*manifest.world);
            let world = WorldType::of_component(self.bytes(), declared);
            world.map_err(|reason| LoadError::Wit {
                plugin: self.name().into(),
                reason: reason.into(),
            })
        })
    }

    /// Validates the component, and returns its imports and exports as WIT text, with the packages that they belong to.
    ///
    /// # Errors
    ///
    /// The errors of [`Candidate::inspect`], and [`LoadError::Wit`] if WIT cannot express the imports and exports.
    pub fn wit(&self) -> Result<String, LoadError> {
        self.validate()?;
        on_stack(self.name(), || {
            print::wit(self.bytes()).map_err(|reason| LoadError::Wit {
                plugin: self.name().into(),
                reason: reason.into(),
            })
        })
    }

    /// Returns the text of the signature, if there is one.
    pub fn signature(&self) -> Option<&str> {
        self.plugin.signature()
    }

    /// Returns the key that the plugin is signed with, or `None` if signatures are not required.
    pub(crate) fn signer(&self) -> Option<&PublicKey> {
        self.signer.as_ref()
    }

    /// Returns the plugin as it was before verification.
    pub(crate) fn given(&self) -> &Unverified<'a> {
        &self.plugin
    }

    /// Returns the plugin's file, if it was read from one.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.plugin.file()
    }

    pub(crate) fn surface(&self) -> &Surface {
        &self.found.surface
    }

    pub(crate) fn found(&self) -> &Arc<Found> {
        &self.found
    }

    /// Validates the component, unless it is validated already.
    pub(crate) fn validate(&self) -> Result<(), LoadError> {
        if self.found.is_valid.get().is_some() {
            return Ok(());
        }
        structure::check_steps(self.bytes())
            .map_err(|fault| LoadError::structure(self.name(), fault))?;
        on_stack(self.name(), || {
            let valid = Validator::new().validate_all(self.bytes());
            valid.map(drop).map_err(|error| LoadError::damaged(self.name(), &error))
        })?;
        self.found.is_valid.get_or_init(|| ());
        Ok(())
    }

    /// Refuses a component that exceeds the limits after its parts are instantiated.
    pub(crate) fn check_composition(&self, limits: &Limits) -> Result<(), LoadError> {
        let composition = match self.found.composition.get() {
            Some(composition) => composition,
            None => {
                let read = Composition::read(self.bytes())
                    .map_err(|error| LoadError::damaged(self.name(), &error))?;
                self.found.composition.get_or_init(|| read)
            }
        };
        composition.check(limits).map_err(|exceeded| {
            let manifest = self.manifest().map_or(Limits::none(), |it| it.limits);
            LoadError::exceeded(self.name(), exceeded.by(&manifest))
        })
    }

    /// Refuses a component with a function that is too expensive to compile.
    pub(crate) fn check_cost(&self) -> Result<(), LoadError> {
        let costly = compile_cost::costly(self.bytes());
        match costly.map_err(|error| LoadError::damaged(self.name(), &error))? {
            None => Ok(()),
            Some(reason) => {
                Err(LoadError::Compile { plugin: self.name().into(), reason: reason.into() })
            }
        }
    }
}

/// Inspects the component `bytes` without checking a signature, and describes it in terms of the worlds `known`. Errors
/// call it `plugin`.
///
/// # Errors
///
/// [`LoadError::NotWasm`], [`LoadError::CoreModule`], [`LoadError::Structure`], [`LoadError::Damaged`] or
/// [`LoadError::Manifest`], and [`LoadError::Thread`] if the system cannot start a thread for the inspection.
pub fn inspect(plugin: &str, bytes: &[u8], known: &[WorldType]) -> Result<Inspection, LoadError> {
    Unverified::new(plugin, bytes).verify(&Trust::anybody())?.inspect(known)
}

/// Does `work` on the bytes of `plugin`, on a stack of a known size.
pub(crate) fn on_stack<R: Send>(
    plugin: &str,
    work: impl FnOnce() -> Result<R, LoadError> + Send,
) -> Result<R, LoadError> {
    let failed = |source| LoadError::Thread { plugin: plugin.into(), source };
    on_large_stack(work).map_err(failed)?
}

/// Returns the name of the plugin in the file `path`: the file name without the folder and the last extension.
pub fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
