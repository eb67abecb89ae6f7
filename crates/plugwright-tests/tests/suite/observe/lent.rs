//! Handles that are lent inside values of all kinds.

use plugwright::State;
use plugwright::wasmtime::Result;
use plugwright::wasmtime::component::Resource;

use demo::lent::things::{Host, HostThing, Which};

plugwright::world!(
    Lent, LentPre = "lent" in "tests/suite/observe/lent.wit",
    imports: { default: trappable },
    with: { "demo:lent/things.thing": Number },
);

/// The contract.
pub(super) const WIT: &str = include_str!("lent.wit");

/// A core module that lends two things in every possible way.
pub(super) const CORE: &str = include_str!("lent.wat");

/// A thing of the host, which is a number.
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct Number(u32);

fn number(state: &mut State, thing: &Resource<Number>) -> Result<u64> {
    Ok(state.resources().get(thing)?.0.into())
}

impl HostThing for State {
    fn new(&mut self, number: u32) -> Result<Resource<Number>> {
        Ok(self.resources().push(Number(number))?)
    }

    fn drop(&mut self, thing: Resource<Number>) -> Result<()> {
        self.resources().delete(thing)?;
        Ok(())
    }
}

type Numbers = (u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64);

impl Host for State {
    fn sum(
        &mut self,
        all: Vec<Resource<Number>>,
        one: Option<Resource<Number>>,
        which: Which,
    ) -> Result<u64> {
        let mut sum = 0;
        for thing in all.iter().chain(&one) {
            sum += number(self, thing)?;
        }
        Ok(sum
            + match which {
                Which::None => 0,
                Which::One(thing) => number(self, &thing)?,
                Which::Both((thing, more)) => number(self, &thing)? + more,
            })
    }

    fn wide(
        &mut self,
        more: Numbers,
        one: Option<Resource<Number>>,
        all: Vec<std::result::Result<Resource<Number>, String>>,
    ) -> Result<(u64, String)> {
        let (mut sum, mut words) = (more.14, String::new());
        for thing in all.into_iter().chain(one.map(Ok)) {
            match thing {
                Ok(thing) => sum += number(self, &thing)?,
                Err(said) => words += &said,
            }
        }
        Ok((sum, words))
    }
}
