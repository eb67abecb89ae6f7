//! The bytes of a plugin on their way into a host: first from nobody knows whom, then from somebody who is
//! trusted, and looked through before they are looked into.

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

/// A plugin's bytes, of which it is not known who made them: nothing can be read of them but how many they are.
/// [`Unverified::verify`] and [`Host::verify`](crate::Host::verify) make a [`Candidate`] of them.
#[derive(Clone)]
#[must_use]
pub struct Unverified<'a> {
    name: Cow<'a, str>,
    bytes: Cow<'a, [u8]>,
    signature: Option<Arc<str>>,
    /// The file that they are of.
    file: Option<PathBuf>,
    hash: OnceLock<blake3::Hash>,
}

/// A plugin's bytes whose signature was found good, if signatures count, and whose structure is within what is
/// looked into. It may still be damaged, or be no plugin.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    plugin: Unverified<'a>,
    /// The key that it was found to be signed with: a trusted one, or one of a policy's rules.
    signer: Option<PublicKey>,
    found: Arc<Found>,
}

/// What was found out about a plugin's bytes, for all clones and for whoever loads the same bytes again.
#[derive(Debug)]
pub(crate) struct Found {
    surface: Surface,
    composition: OnceLock<Composition>,
    /// Set once they were validated: that takes the longest of all that is done before compiling.
    is_valid: OnceLock<()>,
}

/// How many bytes there are, in the place of all of them.
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
    /// The plugin `bytes`, without a signature, under the name `plugin`.
    pub fn new(plugin: impl Into<Cow<'a, str>>, bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        let (name, bytes) = (plugin.into(), bytes.into());
        Self { name, bytes, signature: None, file: None, hash: OnceLock::new() }
    }

    /// Reads the plugin in the file `path`, which is to be loaded within these limits. Its name is the file's without
    /// its extension.
    ///
    /// # Errors
    ///
    /// [`LoadError::Read`] if it cannot be read, and [`LoadError::Exceeded`] if it is longer than the limit
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

    /// Says that it is the plugin of the file `path`: its symbols are [beside](crate::symbols_beside) that.
    pub fn of_file(self, path: impl Into<PathBuf>) -> Self {
        Self { file: Some(path.into()), ..self }
    }

    /// Gives it the signature that is [beside](crate::signature_beside) its file, if there is one.
    ///
    /// # Errors
    ///
    /// [`LoadError::Read`] if it is there and cannot be read.
    pub fn signed_beside(self) -> Result<Self, LoadError> {
        let signature = self.file.as_deref().map(signature::read_signature).transpose()?;
        Ok(self.with_signature(signature.flatten().as_deref()))
    }

    /// Makes sure that it is signed by somebody whom `trust` has, and looks through it.
    ///
    /// # Errors
    ///
    /// [`LoadError::Unsigned`], [`LoadError::UnknownKey`] or [`LoadError::BadSignature`] before anything else is looked
    /// at; then [`LoadError::NotWasm`], [`LoadError::CoreModule`], [`LoadError::Structure`], [`LoadError::Damaged`] or
    /// [`LoadError::Manifest`], and [`LoadError::Thread`] if the system gives no thread to look on.
    pub fn verify(self, trust: &Trust) -> Result<Candidate<'a>, LoadError> {
        let signer = self.signer(trust)?.cloned();
        let found = Found::look(&self)?;
        Ok(Candidate::new(self, signer, Arc::new(found)))
    }

    /// Gives it the signature `text`, in the place of any that it had.
    pub fn with_signature(self, text: Option<&str>) -> Self {
        Self { signature: text.map(Into::into), ..self }
    }

    /// The plugin's name: what it was [given](Unverified::new), or that of its file as [`name_of`] has it. Errors and log
    /// lines call it so, and rules of a policy can ask for it; nothing vouches for it, as it is not in the bytes.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text of its signature, if it has one.
    pub fn signature(&self) -> Option<&str> {
        self.signature.as_deref()
    }

    /// The file that it is of, if it is of one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The digest of its bytes.
    pub fn sha256(&self) -> String {
        sha256(&self.bytes)
    }

    /// The bytes, once it is made sure that they are signed by somebody whom `trust` has. They are not looked through.
    ///
    /// # Errors
    ///
    /// [`LoadError::Unsigned`], [`LoadError::UnknownKey`] or [`LoadError::BadSignature`].
    pub fn verified_bytes(&self, trust: &Trust) -> Result<&[u8], LoadError> {
        self.signer(trust)?;
        Ok(&self.bytes)
    }

    /// The one of the trusted keys that it is signed with, if signatures count.
    pub(crate) fn signer<'t>(&self, trust: &'t Trust) -> Result<Option<&'t PublicKey>, LoadError> {
        trust.signer(&self.name, &self.bytes, self.signature())
    }

    /// The hash that compiled code is found by: of all bytes but the description, on which code does not depend.
    pub(crate) fn hash(&self) -> &blake3::Hash {
        self.hash.get_or_init(|| blake3::hash(compiled_part(&self.bytes)))
    }

    /// How many bytes there are.
    pub(crate) fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The one of `keys` that it is signed with.
    pub(crate) fn signer_of<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k PublicKey>,
    ) -> Result<&'k PublicKey, LoadError> {
        signature::verify(keys, &self.name, &self.bytes, self.signature())
    }
}

impl Found {
    /// Looks through the plugin.
    pub(crate) fn look(plugin: &Unverified<'_>) -> Result<Self, LoadError> {
        let (name, bytes) = (plugin.name(), &*plugin.bytes);
        if !bytes.starts_with(b"\0asm") {
            let reason = match bytes {
                [] => "it is empty".to_owned(),
                _ if bytes.starts_with(b"(") => {
                    "it is WebAssembly's text format, which `wasm-tools parse` translates"
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
    /// The plugin, which `signer` has signed if signatures count, and of which that was found out.
    pub(crate) fn new(
        plugin: Unverified<'a>,
        signer: Option<PublicKey>,
        found: Arc<Found>,
    ) -> Self {
        Self { plugin, signer, found }
    }

    /// The plugin's [name](Unverified::name), which is not in its bytes.
    pub fn name(&self) -> &str {
        &self.plugin.name
    }

    /// The plugin's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.plugin.bytes
    }

    /// What the component declares of itself, if it holds a manifest. Whether that is true is not known yet.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.surface().manifest.as_ref()
    }

    /// Validates the component, and says what it is to those who know the worlds `known`.
    ///
    /// # Errors
    ///
    /// [`LoadError::Damaged`], [`LoadError::Structure`] if its code is of more operands and locals than are looked at, and
    /// [`LoadError::Thread`] if the system gives no thread to look on.
    pub fn inspect(&self, known: &[WorldType]) -> Result<Inspection, LoadError> {
        self.validate()?;
        Ok(self.surface().clone().inspection(self.bytes(), known))
    }

    /// The world that it is of, as it stands in its own types, WASI's interfaces aside and without documentation. Its name is
    /// the one that the manifest declares.
    ///
    /// # Errors
    ///
    /// As [`Candidate::inspect`], and [`LoadError::Wit`] if WIT has no words for it.
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

    /// Validates the component, and gives what it imports and exports as WIT text, with the packages that this is of.
    ///
    /// # Errors
    ///
    /// What [`Candidate::inspect`] says, and [`LoadError::Wit`] if WIT has no words for it.
    pub fn wit(&self) -> Result<String, LoadError> {
        self.validate()?;
        on_stack(self.name(), || {
            print::wit(self.bytes()).map_err(|reason| LoadError::Wit {
                plugin: self.name().into(),
                reason: reason.into(),
            })
        })
    }

    /// The text of its signature, if it has one.
    pub fn signature(&self) -> Option<&str> {
        self.plugin.signature()
    }

    /// The key that it was found to be signed with, if signatures count.
    pub(crate) fn signer(&self) -> Option<&PublicKey> {
        self.signer.as_ref()
    }

    /// The plugin as it was given.
    pub(crate) fn given(&self) -> &Unverified<'a> {
        &self.plugin
    }

    /// The file that it is of, if it is of one.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.plugin.file()
    }

    pub(crate) fn surface(&self) -> &Surface {
        &self.found.surface
    }

    pub(crate) fn found(&self) -> &Arc<Found> {
        &self.found
    }

    /// Validates it as a component, unless that was done.
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

    /// Refuses what comes to more than the limits allow once its parts are instantiated.
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

    /// Refuses functions that cost too much to compile.
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

/// Inspects the component `bytes`, whoever they are from, for those who know the worlds `known`; `plugin` is its name in
/// errors.
///
/// # Errors
///
/// [`LoadError::NotWasm`], [`LoadError::CoreModule`], [`LoadError::Structure`], [`LoadError::Damaged`] or
/// [`LoadError::Manifest`], and [`LoadError::Thread`] if the system gives no thread to look on.
pub fn inspect(plugin: &str, bytes: &[u8], known: &[WorldType]) -> Result<Inspection, LoadError> {
    Unverified::new(plugin, bytes).verify(&Trust::anybody())?.inspect(known)
}

/// Does `work` on the bytes of `plugin` on a stack of a known size.
pub(crate) fn on_stack<R: Send>(
    plugin: &str,
    work: impl FnOnce() -> Result<R, LoadError> + Send,
) -> Result<R, LoadError> {
    let failed = |source| LoadError::Thread { plugin: plugin.into(), source };
    on_large_stack(work).map_err(failed)?
}

/// The name of the plugin in the file `path`: that of the file, without its folder and its last extension.
pub fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
