//! The harbour, which provides the imports of quays.

use std::collections::VecDeque;

use plugwright::wasmtime::Result;
use plugwright::wasmtime::component::Resource;
use plugwright::{LogLevel, State};

use port::harbour::tower::{Convoy, HostShip, Trouble};
use port::harbour::{freight, notice_board, tower};

plugwright::world!(
    Quay, QuayPre = "quay" in "tests/suite/calls/harbour/wit",
    data = Register,
    imports: { default: async | trappable },
    with: { "port:harbour/tower.ship": Vessel },
);

/// The state of the harbour.
#[derive(Debug, Clone, Default)]
pub struct Register {
    harbour: String,
    waiting: VecDeque<&'static str>,
}

/// A ship.
#[derive(Debug)]
pub struct Vessel {
    name: String,
}

impl Register {
    /// Returns a register in which ships of two names wait.
    pub fn of(harbour: &str) -> Self {
        Self { harbour: harbour.to_owned(), waiting: ["Ada", "Bea"].into() }
    }
}

type Harbour = State<Register>;

fn ship(state: &mut Harbour, name: impl Into<String>) -> Result<Resource<Vessel>> {
    Ok(state.resources().push(Vessel { name: name.into() })?)
}

impl freight::Host for Harbour {}

impl QuayImports for Harbour {
    async fn harbour_name(&mut self) -> Result<String> {
        Ok(self.data.harbour.clone())
    }
}

impl HostShip for Harbour {
    async fn new(&mut self, name: String) -> Result<Resource<Vessel>> {
        ship(self, name)
    }

    async fn name(&mut self, ship: Resource<Vessel>) -> Result<String> {
        Ok(self.resources().get(&ship)?.name.clone())
    }

    async fn draught(&mut self, ship: Resource<Vessel>) -> Result<f32> {
        Ok(self.resources().get(&ship)?.name.len() as f32)
    }

    async fn follow(
        &mut self,
        ship: Resource<Vessel>,
        other: Resource<Vessel>,
    ) -> Result<Result<(), String>> {
        let other = self.resources().get(&other)?.name.clone();
        let is_itself = self.resources().get(&ship)?.name == other;
        Ok(if is_itself { Err("no ship follows itself".to_owned()) } else { Ok(()) })
    }

    async fn find(&mut self, name: String) -> Result<Result<Resource<Vessel>, Trouble>> {
        match &*name {
            "Queen" => Ok(Ok(ship(self, name)?)),
            _ => Ok(Err(Trouble::Unknown(name))),
        }
    }

    async fn drop(&mut self, ship: Resource<Vessel>) -> Result<()> {
        self.resources().delete(ship)?;
        Ok(())
    }
}

impl tower::Host for Harbour {
    async fn tide(&mut self, hour: u8) -> Result<Option<Option<f32>>> {
        Ok((hour < 24).then_some((!hour.is_multiple_of(6)).then_some(f32::from(hour) / 2.0)))
    }

    async fn next(&mut self) -> Result<Option<Resource<Vessel>>> {
        let Some(name) = self.data.waiting.pop_front() else { return Ok(None) };
        Ok(Some(ship(self, name)?))
    }

    async fn next_convoy(&mut self) -> Result<Result<Convoy, Trouble>> {
        let (leader, other) = (ship(self, "Cil")?, ship(self, "Dot")?);
        Ok(Ok(Convoy { leader, others: vec![other] }))
    }

    async fn first(&mut self, ships: Vec<Resource<Vessel>>) -> Result<u32> {
        Ok(ships.len() as u32 - 1)
    }

    async fn send_off(&mut self, ship: Resource<Vessel>) -> Result<()> {
        self.resources().delete(ship)?;
        Ok(())
    }
}

impl notice_board::Host for Harbour {
    async fn post(&mut self, notice: String) -> Result<()> {
        self.write_log(LogLevel::Info, "a notice is put up", &[("notice".to_owned(), notice)])
    }

    async fn next(&mut self) -> Result<String> {
        Ok("Queen".to_owned())
    }
}
