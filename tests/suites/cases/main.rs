//! The tests that are files: a case is a file of `cases/`, or a plugin's WIT. Guards say what is not
//! hooked up.

mod guards;
mod plugins;

use libtest_mimic::Arguments;

fn main() {
    let arguments = Arguments::from_args();
    let trials = plugins::trials().into_iter().chain(guards::trials()).collect();
    libtest_mimic::run(&arguments, trials).exit();
}
