//! The host functions of the interface `host`.

use plugwright::wasmtime::Result;
use plugwright::wasmtime::component::{HasSelf, Linker, Resource};
use plugwright::{LogLevel, State};

use crate::bindings::prettify::plugwright::plugin::host::{
    self, Field, Host, HostMapResource, Level as WitLevel,
};
use crate::map_resource::{Entries, MapResource};

/// The name of the interface in each supported version of the contract, the newest first. The interface is the same in
/// all of them.
const NAMES: &[&str] = &["plugwright:plugin/host@0.2.0", "plugwright:plugin/host@0.1.0"];

/// Links the interface under each of its names.
pub(crate) fn link(linker: &mut Linker<State>) -> Result<()> {
    for name in NAMES {
        host::add_to_linker_instance::<_, HasSelf<_>>(&mut linker.instance(name)?, |state| state)?;
    }
    Ok(())
}

impl<D: Send> Host for State<D> {
    fn log(&mut self, level: WitLevel, message: String, fields: Vec<Field>) -> Result<()> {
        let level = match level {
            WitLevel::Trace => LogLevel::Trace,
            WitLevel::Debug => LogLevel::Debug,
            WitLevel::Info => LogLevel::Info,
            WitLevel::Warn => LogLevel::Warn,
            WitLevel::Error => LogLevel::Error,
        };
        let fields: Vec<_> = fields.into_iter().map(|field| (field.key, field.value)).collect();
        self.write_log(level, &message, &fields)
    }

    fn log_structured(&mut self, message: String, properties: Resource<MapResource>) -> Result<()> {
        let MapResource { entries: Entries(fields), .. } = self.resources().delete(properties)?;
        self.write_log(LogLevel::Info, &message, &fields)
    }
}

impl<D: Send> HostMapResource for State<D> {
    fn new(&mut self, entries: Vec<(String, String)>) -> Result<Resource<MapResource>> {
        let size = size(&entries) + entries.len() * size_of::<(String, String)>();
        self.receive(size)?;
        let held = match size {
            0 => None,
            size => Some(self.hold(size)?),
        };
        Ok(self.resources().push(MapResource { entries: Entries::from_iter(entries), held })?)
    }

    fn take(&mut self, map: Resource<MapResource>) -> Result<Vec<(String, String)>> {
        let MapResource { entries: Entries(entries), held } = self.resources().get_mut(&map)?;
        *held = None;
        Ok(std::mem::take(entries))
    }

    fn length(&mut self, map: Resource<MapResource>) -> Result<u32> {
        let MapResource { entries: Entries(entries), .. } = self.resources().get(&map)?;
        Ok(u32::try_from(entries.len())?)
    }

    fn drop(&mut self, map: Resource<MapResource>) -> Result<()> {
        self.resources().delete(map)?;
        Ok(())
    }
}

/// Returns the size of key-value pairs in bytes.
fn size(pairs: &[(String, String)]) -> usize {
    pairs.iter().map(|(key, value)| key.len() + value.len()).sum()
}
