//! A plugin's symbols: what tells the function, file and line of a frame of a stripped component.
//!
//! Symbols are the same component before it was stripped. Stripping takes custom sections away and
//! leaves the rest as it is, so what is left says whether two files are one build, and a place in a
//! core module's code section is the same in both, however far the section itself has moved.

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

/// How deep entries of line tables can stand in one another. Compilers come to some 100.
const DEEPEST: isize = 256;

/// The most bytes of a name in a frame.
const LONGEST_NAME: usize = 4 << 10;

/// Where the pipeline leaves the symbols of the plugin in the file `plugin`: a file of the same name
/// in the folder `symbols` beside it.
pub fn symbols_beside(plugin: &Path) -> PathBuf {
    plugin.with_file_name("symbols").join(plugin.file_name().unwrap_or(OsStr::new("")))
}

/// What tells the frames of one plugin. A clone is another handle to it.
#[derive(Clone)]
pub(crate) struct Symbols {
    plugin: Arc<Build>,
    file: Option<Arc<Path>>,
}

impl Symbols {
    /// Notes what will tell whether a file holds the symbols of the component `plugin`, which was looked through.
    pub(crate) fn of(plugin: &[u8]) -> Self {
        // What cannot be read is not loaded either.
        let plugin = Component::parse(plugin).map_or_else(|_| Build::default(), Component::build);
        Self { plugin: Arc::new(plugin), file: None }
    }

    /// Takes the symbols from `file`, which is read when a frame is to be told and not before.
    pub(crate) fn with_file(self, file: &Path) -> Self {
        Self { file: Some(Arc::from(file)), ..self }
    }

    /// Tells the frames of a backtrace, innermost first. Without symbols, or with those of another
    /// build, it is as much as the stripped component says.
    pub(crate) fn tell(&self, frames: &[FrameInfo]) -> Vec<Frame> {
        // Nothing of the file is kept: what was built since is read anew, and a plugin that does not
        // trap costs nothing.
        let bytes = self.file.as_ref().and_then(|file| FileKind::SYMBOLS.read(file).ok());
        let told = bytes.and_then(|bytes| on_large_stack(|| self.tell_by(&bytes, frames)).ok());
        told.unwrap_or_else(|| self.tell_by(&[], frames))
    }

    /// Tells the frames by the symbols in `bytes`, if they are those of this build.
    fn tell_by(&self, bytes: &[u8], frames: &[FrameInfo]) -> Vec<Frame> {
        let unstripped = Component::read(bytes).ok();
        let unstripped = unstripped.filter(|component| component.digest == self.plugin.digest);
        let modules = unstripped.map_or_else(Vec::new, |component| component.modules);
        // Line tables are looked through as a whole, which only those of modules with a frame are worth.
        let modules: Vec<_> = modules.iter().map(|it| (it, OnceCell::new())).collect();

        let mut told = Vec::new();
        for frame in frames {
            // Functions that were inlined into one are as many as the line tables say.
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

    /// The one of `modules` that the frame is in, and where in its code section.
    fn place<'m, 'a>(
        &self,
        frame: &FrameInfo,
        modules: &'m [(&'a Module<'a>, OnceCell<Lines<'a>>)],
    ) -> Option<(&'m (&'a Module<'a>, OnceCell<Lines<'a>>), usize)> {
        // wasmtime counts from the beginning of the file that it compiled, which is the component.
        let (offset, in_function) = (frame.module_offset()?, frame.func_offset()?);
        let index = self.plugin.code.iter().position(|code| code.contains(&offset))?;
        let (found, code) = (modules.get(index)?, self.plugin.code.get(index)?);
        let (module, _) = found;
        let address = offset.checked_sub(code.start)?;
        // The modules that wasmtime makes itself, to join components, are counted from beginnings of
        // their own. One of those would have to have the same function at the same place.
        let body = module.bodies.get(frame.func_index().checked_sub(module.imports)? as usize)?;
        let begin = body.start.checked_sub(module.code.start)?;
        (address.checked_sub(in_function) == Some(begin)).then_some((found, address))
    }
}

/// What there is to know of a component to find its frames in another file.
#[derive(Default)]
struct Build {
    digest: [u8; 32],
    /// Where the code of each core module is in the component.
    code: Vec<Range<usize>>,
}

/// A component as far as symbols go.
pub(crate) struct Component<'a> {
    /// Of all that stripping leaves.
    digest: [u8; 32],
    pub(crate) modules: Vec<Module<'a>>,
}

/// A core module of a component.
#[derive(Default)]
pub(crate) struct Module<'a> {
    /// How many functions it imports; those have the first indices.
    pub(crate) imports: u32,
    /// The content of the code section.
    code: Range<usize>,
    /// Where each function's body is.
    pub(crate) bodies: Vec<Range<usize>>,
    /// How many bytes of data there are.
    pub(crate) data: u64,
    /// The custom sections, among them names and line tables.
    custom: HashMap<&'a str, &'a [u8]>,
}

impl<'a> Component<'a> {
    /// Looks through `bytes`, and reads them.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        structure::scan(bytes)?;
        Ok(Self::parse(bytes)?)
    }

    fn parse(bytes: &'a [u8]) -> Result<Self, BinaryReaderError> {
        let mut digest = blake3::Hasher::new();
        let mut modules: Vec<Module<'_>> = Vec::new();
        // A module holds no other, so there is one to be in or none.
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
                // What is in them follows.
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
    /// The functions' names as the linker had them.
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

/// A core module's line tables, if it has some that can be read.
struct Lines<'a>(Option<addr2line::Context<EndianSlice<'a, LittleEndian>>>);

impl<'a> Lines<'a> {
    fn new(module: &Module<'a>) -> Self {
        let Ok(dwarf) = Dwarf::load(|id| {
            let section = module.custom.get(id.name()).copied().unwrap_or_default();
            Ok::<_, Infallible>(EndianSlice::new(section, LittleEndian))
        });
        Self(is_shallow(&dwarf).then(|| addr2line::Context::from_dwarf(dwarf).ok()).flatten())
    }

    /// Tells what runs at `address` of the code section: the functions that were inlined there,
    /// innermost first, and then the function `outer` itself.
    fn tell(&self, address: usize, outer: Frame) -> Vec<Frame> {
        let mut told = self.frames(address, &outer).unwrap_or_default();
        let is_whole = told.len() < FRAMES;
        match told.last_mut() {
            // The linker's name is the whole of it, which that in line tables need not be.
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

/// Says whether entries stand in one another no deeper than [`DEEPEST`]: `addr2line` calls itself for each
/// level of functions that were inlined.
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
    // What cannot be read here is not read there either.
    std::iter::from_fn(|| units.next().ok().flatten()).all(|unit| is_shallow(unit).unwrap_or(true))
}

fn demangled(name: &str) -> ForeignText {
    in_source(name).into()
}

/// A name as in the source, without the hash that ends a mangled one. A mangled name of a hundred bytes can stand
/// for one of a million, so no more than the beginning is written out.
pub(crate) fn in_source(name: &str) -> String {
    struct Beginning(String);
    impl fmt::Write for Beginning {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.push_str(text);
            if self.0.len() > LONGEST_NAME { Err(fmt::Error) } else { Ok(()) }
        }
    }
    let mut written = Beginning(String::new());
    // What is missing at the end is not missed.
    let _ = write!(written, "{:#}", rustc_demangle::demangle(beginning(name)));
    beginning(&written.0).to_owned()
}

/// As much of a name as a frame holds.
fn beginning(name: &str) -> &str {
    name.get(..name.floor_char_boundary(LONGEST_NAME)).unwrap_or(name)
}
