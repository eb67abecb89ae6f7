//! The tests that are files: a case is a file of `cases/`, a section of the CommonMark specification,
//! or a plugin's WIT.

mod commonmark;
mod plugins;

use libtest_mimic::Arguments;

fn main() {
    let arguments = Arguments::from_args();
    let trials = plugins::trials().into_iter().chain(commonmark::trials()).collect();
    libtest_mimic::run(&arguments, trials).exit();
}
