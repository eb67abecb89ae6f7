//! The tests that are files: a case is a file of `cases/`, or a plugin's WIT, or a guest that has to give
//! the same. Guards say what is not hooked up.

mod guards;
mod guests;
mod plugins;

use libtest_mimic::Arguments;

fn main() {
    let arguments = Arguments::from_args();
    let trials =
        plugins::trials().into_iter().chain(guests::trials()).chain(guards::trials()).collect();
    libtest_mimic::run(&arguments, trials).exit();
}
