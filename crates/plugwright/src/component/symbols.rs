//! A plugin's symbols, which give the function, file and line of a frame in a stripped component.
//!
//! The symbols are the same component before it was stripped. Stripping removes custom sections and leaves the rest as
//! it is. So the rest shows whether two files are the same build, and an offset in a core module's code section is the
//! same in both files, even though the section itself moved.

#![warn(clippy::arithmetic_side_effects)]

use std::cell::OnceCell;
use std::collections::HashMap;
use std::convert::Infallible;
use std::ffi::OsStr;
use std::fmt::{self, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use addr2line::gimli::{self, Dwarf, EndianSlice, LittleEndian, UnitHeader};
use wasmparser::{
    BinaryReader, BinaryReaderError, Name, NameSectionReader, Parser, Payload, TypeRef,
};
use wasmtime::FrameInfo;

use crate::component::frame::Frame;
use crate::component::stack::on_large_stack;
use crate::component::structure::{self, Fault};
use crate::permission::given_file::FileKind;
use crate::text::foreign_text::ForeignText;

/// The most frames that a backtrace has.
const FRAMES: usize = 50;

/// How deep debug entries may be nested. Compilers reach about 100 levels.
const DEEPEST: isize = 256;

/// The most bytes of a name in a frame.
const LONGEST_NAME: usize = 4 << 10;

/// Returns the path where the pipeline stores the symbols of the plugin in the file `plugin`: a file of the same name
/// in the folder `symbols` beside it.
pub fn symbols_beside(plugin: &Path) -> PathBuf {
    plugin.with_file_name("symbols").join(plugin.file_name().unwrap_or(OsStr::new("")))
}

/// Resolves the frames of one plugin. A clone is another handle to the same value.
#[derive(Clone)]
pub(crate) struct Symbols {
    plugin: Arc<Build>,
    file: Option<Arc<Path>>,
}

impl Symbols {
    /// Records what is needed to recognise the symbols of the component `plugin`, which must be scanned.
    pub(crate) fn of(plugin: &[u8]) -> Self {
        // A component that cannot be read is not loaded either.
        let plugin = Component::parse(plugin).map_or_else(|_| Build::default(), Component::build);
        Self { plugin: Arc::new(plugin), file: None }
    }

    /// Sets the file of the symbols, which is read only when frames are resolved.
    pub(crate) fn with_file(self, file: &Path) -> Self {
        Self { file: Some(Arc::from(file)), ..self }
    }

    /// Returns the frames of a backtrace, innermost first. Without symbols of the same build, they have only what the
    /// stripped component says.
    pub(crate) fn tell(&self, frames: &[FrameInfo]) -> Vec<Frame> {
        // The file is read each time and not kept, so a plugin that does not trap costs nothing.
        let bytes = self.file.as_ref().and_then(|file| FileKind::SYMBOLS.read(file).ok());
        let told = bytes.and_then(|bytes| on_large_stack(|| self.tell_by(&bytes, frames)).ok());
        told.unwrap_or_else(|| self.tell_by(&[], frames))
    }

    /// Returns the frames, resolved with the symbols in `bytes` if they are of the same build.
    fn tell_by(&self, bytes: &[u8], frames: &[FrameInfo]) -> Vec<Frame> {
        let unstripped = Component::read(bytes).ok();
        let unstripped = unstripped.filter(|component| component.digest == self.plugin.digest);
        let modules = unstripped.map_or_else(Vec::new, |component| component.modules);
        // Line tables are read as a whole, which is worth it only for modules that have a frame.
        let modules: Vec<_> = modules.iter().map(|it| (it, OnceCell::new())).collect();

        let mut told = Vec::new();
        for frame in frames {
            // The line tables decide how many inlined functions one frame has, so this is checked for each frame.
            if told.len() >= FRAMES {
                break;
            }
            let bare = Frame {
                function: frame.func_name().map(demangled),
                file: None,
                line: None,
                offset: frame.module_offset(),
            };
            match self.place(frame, &modules) {
                Some(((module, lines), address)) => {
                    let mut names = module.function_names();
                    let name = names.find(|(index, _)| *index == frame.func_index());
                    let name = name.map(|(_, name)| demangled(name));
                    let function = name.or(bare.function);
                    let lines = lines.get_or_init(|| Lines::new(module));
                    told.extend(lines.tell(address, Frame { function, ..bare }));
                }
                None => told.push(bare),
            }
        }
        told.truncate(FRAMES);
        told
    }

    /// Returns the module that contains the frame, and the frame's offset in the code section of the module.
    fn place<'m, 'a>(
        &self,
        frame: &FrameInfo,
        modules: &'m [(&'a Module<'a>, OnceCell<Lines<'a>>)],
    ) -> Option<(&'m (&'a Module<'a>, OnceCell<Lines<'a>>), usize)> {
        // wasmtime's offsets are from the beginning of the file that it compiled, which is the component.
        let (offset, in_function) = (frame.module_offset()?, frame.func_offset()?);
        let index = self.plugin.code.iter().position(|code| code.contains(&offset))?;
        let (found, code) = (modules.get(index)?, self.plugin.code.get(index)?);
        let (module, _) = found;
        let address = offset.checked_sub(code.start)?;
        // Adapter modules that wasmtime generates have offsets of their own. Comparing the beginning of the function rules
        // them out, unless one has the same function at the same offset.
        let body = module.bodies.get(frame.func_index().checked_sub(module.imports)? as usize)?;
        let begin = body.start.checked_sub(module.code.start)?;
        (address.checked_sub(in_function) == Some(begin)).then_some((found, address))
    }
}

/// What is needed of a component to find its frames in another file.
#[derive(Default)]
struct Build {
    digest: [u8; 32],
    /// The position of each core module's code in the component.
    code: Vec<Range<usize>>,
}

/// The parts of a component that matter for symbols.
pub(crate) struct Component<'a> {
    /// The digest of everything that stripping keeps.
    digest: [u8; 32],
    pub(crate) modules: Vec<Module<'a>>,
}

/// A core module of a component.
#[derive(Default)]
pub(crate) struct Module<'a> {
    /// The number of imported functions, which have the first indices.
    pub(crate) imports: u32,
    /// The position of the code section's content.
    code: Range<usize>,
    /// The position of each function's body.
    pub(crate) bodies: Vec<Range<usize>>,
    /// The size of the data sections in bytes.
    pub(crate) data: u64,
    /// The custom sections, including names and line tables.
    custom: HashMap<&'a str, &'a [u8]>,
}

impl<'a> Component<'a> {
    /// Scans `bytes`, and reads them.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        structure::scan(bytes)?;
        Ok(Self::parse(bytes)?)
    }

    fn parse(bytes: &'a [u8]) -> Result<Self, BinaryReaderError> {
        let mut digest = blake3::Hasher::new();
        let mut modules: Vec<Module<'_>> = Vec::new();
        // Modules do not nest, so a flag is enough.
        let mut in_module = false;
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            let module = modules.last_mut().filter(|_| in_module);
            match &payload {
                Payload::ModuleSection { .. } => {
                    modules.push(Module::default());
                    in_module = true;
                    continue;
                }
                // The content of the component follows as further payloads.
                Payload::ComponentSection { .. } => continue,
                Payload::End(_) => in_module = false,
                Payload::CustomSection(section) => {
                    if let Some(module) = module {
                        module.custom.insert(section.name(), section.data());
                    }
                    continue;
                }
                Payload::ImportSection(imports) => {
                    for import in imports.clone().into_imports() {
                        let function =
                            matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_));
                        if let Some(module) = modules.last_mut().filter(|_| function) {
                            module.imports = module.imports.saturating_add(1);
                        }
                    }
                }
                Payload::CodeSectionStart { range, .. } => {
                    if let Some(module) = module {
                        module.code = range.clone();
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    if let Some(module) = module {
                        module.bodies.push(body.range());
                    }
                }
                Payload::DataSection(section) => {
                    if let Some(module) = module {
                        let bytes = section.range().len() as u64;
                        module.data = module.data.saturating_add(bytes);
                    }
                }
                _ => {}
            }
            if let Some((id, range)) = payload.as_section() {
                digest.update(&[id]);
                digest.update(&range.len().to_le_bytes());
                digest.update(bytes.get(range).unwrap_or_default());
            }
        }
        Ok(Self { digest: digest.finalize().into(), modules })
    }

    fn build(self) -> Build {
        let code = self.modules.into_iter().map(|module| module.code).collect();
        Build { digest: self.digest, code }
    }
}

impl<'a> Module<'a> {
    /// Returns the names of functions as the linker wrote them, with their indices.
    pub(crate) fn function_names(&self) -> impl Iterator<Item = (u32, &'a str)> {
        let section = self.custom.get("name").copied().unwrap_or_default();
        let mut sections = NameSectionReader::new(BinaryReader::new(section, 0));
        let names = sections.find_map(|section| match section {
            Ok(Name::Function(names)) => Some(names),
            _ => None,
        });
        names.into_iter().flatten().flatten().map(|naming| (naming.index, naming.name))
    }
}

/// A core module's line tables, if it has line tables that can be read.
struct Lines<'a>(Option<addr2line::Context<EndianSlice<'a, LittleEndian>>>);

impl<'a> Lines<'a> {
    fn new(module: &Module<'a>) -> Self {
        let Ok(dwarf) = Dwarf::load(|id| {
            let section = module.custom.get(id.name()).copied().unwrap_or_default();
            Ok::<_, Infallible>(EndianSlice::new(section, LittleEndian))
        });
        Self(is_shallow(&dwarf).then(|| addr2line::Context::from_dwarf(dwarf).ok()).flatten())
    }

    /// Returns the frames at `address` in the code section: the functions inlined there, innermost first, and then the
    /// function `outer` itself.
    fn tell(&self, address: usize, outer: Frame) -> Vec<Frame> {
        let mut told = self.frames(address, &outer).unwrap_or_default();
        let is_whole = told.len() < FRAMES;
        match told.last_mut() {
            // The linker's name is complete, and the name in the line tables may not be.
            Some(last) if is_whole => last.function = outer.function.or(last.function.take()),
            Some(_) => {}
            None => told.push(outer),
        }
        told
    }

    fn frames(&self, address: usize, outer: &Frame) -> Option<Vec<Frame>> {
        let mut found = self.0.as_ref()?.find_frames(address as u64).skip_all_loads().ok()?;
        let mut told = Vec::new();
        while told.len() < FRAMES
            && let Some(frame) = found.next().ok()?
        {
            let name = frame.function.as_ref().and_then(|function| function.raw_name().ok());
            told.push(Frame {
                function: name.map(|name| demangled(&name)),
                file: frame
                    .location
                    .as_ref()
                    .and_then(|it| it.file)
                    .map(|file| beginning(file).into()),
                line: frame.location.as_ref().and_then(|it| it.line),
                offset: outer.offset,
            });
        }
        Some(told)
    }
}

/// Says whether debug entries are nested no deeper than [`DEEPEST`], because `addr2line` recurses for each level of
/// inlined functions.
fn is_shallow(dwarf: &Dwarf<EndianSlice<'_, LittleEndian>>) -> bool {
    let is_shallow = |unit: UnitHeader<_>| -> gimli::Result<bool> {
        let abbreviations = unit.abbreviations(&dwarf.debug_abbrev)?;
        let mut entries = unit.entries_raw(&abbreviations, None)?;
        while !entries.is_empty() {
            if entries.next_depth() > DEEPEST {
                return Ok(false);
            }
            if let Some(abbreviation) = entries.read_abbreviation()? {
                entries.skip_attributes(abbreviation.attributes())?;
            }
        }
        Ok(true)
    };
    let mut units = dwarf.units();
    // `addr2line` does not read entries that cannot be read here.
    std::iter::from_fn(|| units.next().ok().flatten()).all(|unit| is_shallow(unit).unwrap_or(true))
}

fn demangled(name: &str) -> ForeignText {
    in_source(name).into()
}

/// Returns a name as it is in the source, without the hash at the end of a mangled name. A mangled name of a hundred
/// bytes can stand for a million bytes, so only the beginning is written.
pub(crate) fn in_source(name: &str) -> String {
    struct Beginning(String);
    impl fmt::Write for Beginning {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.push_str(text);
            if self.0.len() > LONGEST_NAME { Err(fmt::Error) } else { Ok(()) }
        }
    }
    let mut written = Beginning(String::new());
    // An error only means that the name was cut.
    let _ = write!(written, "{:#}", rustc_demangle::demangle(beginning(name)));
    beginning(&written.0).to_owned()
}

/// Returns the beginning of a name that fits into a frame.
fn beginning(name: &str) -> &str {
    name.get(..name.floor_char_boundary(LONGEST_NAME)).unwrap_or(name)
}
