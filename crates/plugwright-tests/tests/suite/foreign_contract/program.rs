//! The drawing program, which provides the imports of plugins of its contract.

use std::mem;
use std::sync::{Arc, Mutex};

use plugwright::wasmtime::Result;
use plugwright::wasmtime::component::Resource;
use plugwright::{Held, LogLevel, State};

use demo::canvas::tools::{Cap, Host, HostBrush, Level, Spill};

plugwright::world!(
    Canvas, CanvasPre = "canvas" in "tests/suite/foreign_contract/wit",
    data = Arc<Program>,
    imports: { default: async | trappable },
    with: { "demo:canvas/tools.brush": Bristles },
    derives: [PartialEq],
);

/// The state of the program, and a record of what happened.
#[derive(Debug, Default)]
#[expect(unreachable_pub, reason = "the generated bindings name it")]
pub struct Program {
    /// The frame that the program has.
    frame: Option<Frame>,
    /// What happened to the brushes.
    told: Mutex<Vec<String>>,
    /// Whether the program never answers a request for a brush.
    is_slow: bool,
}

impl Program {
    /// Returns a program with this frame.
    pub(super) fn of(frame: Frame) -> Self {
        Self { frame: Some(frame), ..Self::default() }
    }

    /// Returns a program that never answers a request for a brush.
    pub(crate) fn slow() -> Self {
        Self { is_slow: true, ..Self::default() }
    }

    fn tell(&self, line: String) {
        self.told.lock().expect("no thread panicked").push(line);
    }

    /// Returns what happened since the last call of this function.
    pub(crate) fn told(&self) -> Vec<String> {
        mem::take(&mut self.told.lock().expect("no thread panicked"))
    }
}

/// A brush, for which the program holds memory.
#[derive(Debug)]
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct Bristles {
    width: u32,
    colour: Option<String>,
    _held: Held,
}

/// The size of the program's memory for each brush, in bytes.
pub(crate) const BRUSH: u64 = 1 << 20;

type Painting = State<Arc<Program>>;

/// Creates a brush and hands it to the plugin of the call.
pub(crate) fn brush(state: &mut Painting, width: u32) -> Result<Resource<Bristles>> {
    let held = state.hold(usize::try_from(BRUSH)?)?;
    Ok(state.resources().push(Bristles { width, colour: None, _held: held })?)
}

/// Takes a brush back from the plugin, and returns its width and its colour.
pub(crate) fn put_away(
    state: &mut Painting,
    brush: Resource<Bristles>,
) -> Result<(u32, Option<String>)> {
    let Bristles { width, colour, .. } = state.resources().delete(brush)?;
    Ok((width, colour))
}

impl demo::canvas::shapes::Host for Painting {}

impl CanvasImports for Painting {
    async fn has_frame(&mut self, frame: Frame) -> Result<bool> {
        Ok(self.data.frame.as_ref() == Some(&frame))
    }
}

impl HostBrush for Painting {
    async fn new(&mut self, width: u32) -> Result<Resource<Bristles>> {
        brush(self, width)
    }

    async fn width(&mut self, brush: Resource<Bristles>) -> Result<u32> {
        Ok(self.resources().get(&brush)?.width)
    }

    async fn dip(
        &mut self,
        brush: Resource<Bristles>,
        colour: String,
    ) -> Result<Result<Option<String>, Spill>> {
        Ok(match &*colour {
            "water" => Err(Spill::Dry),
            "mud" => Err(Spill::WrongColour(colour)),
            _ => Ok(self.resources().get_mut(&brush)?.colour.replace(colour)),
        })
    }

    async fn join(
        &mut self,
        brush: Resource<Bristles>,
        other: Resource<Bristles>,
    ) -> Result<Resource<Bristles>> {
        let more = self.resources().get(&other)?.width;
        let mut joined = self.resources().delete(brush)?;
        joined.width += more;
        Ok(self.resources().push(joined)?)
    }

    async fn drop(&mut self, brush: Resource<Bristles>) -> Result<()> {
        let (width, _) = put_away(self, brush)?;
        self.data.tell(format!("a brush of {width} was dropped"));
        Ok(())
    }
}

impl Host for Painting {
    async fn lend(&mut self, cap: Cap) -> Result<Resource<Bristles>> {
        if self.data.is_slow {
            std::future::pending::<()>().await;
        }
        self.data.tell(format!("a brush was lent: {cap:?}"));
        brush(self, 5)
    }

    async fn wider(&mut self, one: Resource<Bristles>, other: Resource<Bristles>) -> Result<bool> {
        let (one, other) = (self.resources().get(&one)?.width, self.resources().get(&other)?.width);
        Ok(one > other)
    }

    async fn put_away(&mut self, brush: Resource<Bristles>) -> Result<(u32, Option<String>)> {
        put_away(self, brush)
    }

    async fn note(
        &mut self,
        level: Level,
        text: String,
        about: Vec<(String, String)>,
    ) -> Result<()> {
        let level = match level {
            Level::Info => LogLevel::Info,
            Level::Warn => LogLevel::Warn,
        };
        self.write_log(level, &text, &about)
    }
}
