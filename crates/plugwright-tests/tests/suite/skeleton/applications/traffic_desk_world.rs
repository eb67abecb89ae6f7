//! Loads a plugin for the world `desk-world`, and calls it.

use std::process::ExitCode;

use plugwright::wasmtime::Result as HostResult;
use plugwright::wasmtime::component::Resource;
use plugwright::{CallError, Host, Plugin, State};

use road::traffic::vehicles;

plugwright::world!(
    DeskWorld, DeskWorldPre = "desk-world" in "tests/suite/skeleton/contracts/traffic",
    imports: { default: async | trappable },
    with: { "road:traffic/vehicles.car": OwnCar, "road:traffic/vehicles.ghost": Ghost, "desk": OwnDesk, "drawer": OwnDrawer },
);

impl vehicles::Host for State {
    async fn park(
        &mut self,
        car: Resource<vehicles::Car>,
    ) -> HostResult<Result<Resource<vehicles::Car>, vehicles::Problem>> {
        println!("vehicles.park({car:?})");
        Ok(Ok(self.resources().push(vehicles::Car)?))
    }

    async fn see(&mut self) -> HostResult<Resource<vehicles::Ghost>> {
        println!("vehicles.see()");
        Ok(self.resources().push(vehicles::Ghost)?)
    }

    async fn count(&mut self, cars: Vec<Resource<vehicles::Car>>) -> HostResult<u32> {
        println!("vehicles.count({cars:?})");
        Ok(1)
    }

    async fn couple(&mut self) -> HostResult<vehicles::Pair> {
        println!("vehicles.couple()");
        plugwright::wasmtime::bail!("`couple` is not written yet")
    }
}

// Something that drives.
pub struct OwnCar;

impl vehicles::HostCar for State {
    async fn new(&mut self, name: String) -> HostResult<Resource<vehicles::Car>> {
        println!("vehicles.car({name:?})");
        Ok(self.resources().push(vehicles::Car)?)
    }

    async fn name(&mut self, self_: Resource<vehicles::Car>) -> HostResult<String> {
        println!("vehicles.car.name({self_:?})");
        Ok("name".to_owned())
    }

    async fn overtake(
        &mut self,
        self_: Resource<vehicles::Car>,
        other: Resource<vehicles::Car>,
    ) -> HostResult<Result<Resource<vehicles::Car>, String>> {
        println!("vehicles.car.overtake({self_:?}, {other:?})");
        Ok(Ok(self.resources().push(vehicles::Car)?))
    }

    async fn find(&mut self, name: String) -> HostResult<Option<Resource<vehicles::Car>>> {
        println!("vehicles.car.find({name:?})");
        Ok(None)
    }

    async fn tow(
        &mut self,
        cars: Vec<Resource<vehicles::Car>>,
    ) -> HostResult<Result<(Resource<vehicles::Car>, u8), ()>> {
        println!("vehicles.car.tow({cars:?})");
        plugwright::wasmtime::bail!("`car.tow` is not written yet")
    }

    async fn drop(&mut self, car: Resource<vehicles::Car>) -> HostResult<()> {
        self.resources().delete(car)?;
        Ok(())
    }
}

// Something that nobody makes.
pub struct Ghost;

impl vehicles::HostGhost for State {
    async fn haunt(
        &mut self,
        self_: Resource<vehicles::Ghost>,
        car: Resource<vehicles::Car>,
    ) -> HostResult<()> {
        println!("vehicles.ghost.haunt({self_:?}, {car:?})");
        Ok(())
    }

    async fn drop(&mut self, ghost: Resource<vehicles::Ghost>) -> HostResult<()> {
        self.resources().delete(ghost)?;
        Ok(())
    }
}

impl DeskWorldImports for State {
    async fn open(&mut self, desk: Resource<Desk>) -> HostResult<Resource<Drawer>> {
        println!("open({desk:?})");
        Ok(self.resources().push(Drawer)?)
    }

    async fn make(&mut self) -> HostResult<Resource<Desk>> {
        println!("make()");
        Ok(self.resources().push(Desk)?)
    }
}

pub struct OwnDesk;

impl HostDesk for State {
    async fn new(&mut self, legs: u8) -> HostResult<Resource<Desk>> {
        println!("desk({legs:?})");
        Ok(self.resources().push(Desk)?)
    }

    async fn legs(&mut self, self_: Resource<Desk>) -> HostResult<u8> {
        println!("desk.legs({self_:?})");
        Ok(1)
    }

    async fn drop(&mut self, desk: Resource<Desk>) -> HostResult<()> {
        self.resources().delete(desk)?;
        Ok(())
    }
}

pub struct OwnDrawer;

impl HostDrawer for State {
    async fn drop(&mut self, drawer: Resource<Drawer>) -> HostResult<()> {
        self.resources().delete(drawer)?;
        Ok(())
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = error.source().map(|cause| format!(": {cause}"));
            eprintln!("error: {error}{}", cause.unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args_os().nth(1);
    let file = file.unwrap_or_else(|| "dist/desk-world.wasm".into());
    let plugin: Plugin<DeskWorld> = Host::builder().build()?.load(file)?;
    let answer = plugin.call("host-desk", async |desk_world, store| {
        desk_world.call_host_desk(store, 1).await?;
        Ok(Ok::<_, String>(()))
    });
    match answer {
        Ok(()) => println!("done"),
        // The plugin worked and returned a failure. The field `failure` has a type of the contract.
        Err(error @ CallError::Refused { .. }) => println!("{error}"),
        // A grant could not be given, for example because a granted folder no longer exists.
        Err(CallError::Denied { source, .. }) => return Err(source.into()),
        // The plugin has a bug and trapped, or the call exceeded a limit: these are variants, too.
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
