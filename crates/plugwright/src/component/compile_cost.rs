//! What compiling a component's functions costs, as far as it can be told before, which is not far: what holds in the
//! end are the limits of the process that compiles. What is refused here is refused at once, with what is wrong with
//! the plugin, and the same in each host, whoever compiles.

#![warn(clippy::arithmetic_side_effects)]

use wasmparser::{BinaryReaderError, Operator, Parser, Payload};

/// The most bytes of one function. Memory goes with it: about a kilobyte a byte in the worst case.
const FUNCTION: usize = 1 << 20;

/// The most loops of one function. Time goes with the square of it: a thousand of them take a tenth of a second
/// or less. Of the functions that are known the interpreter of CPython has the most, 81 in 430 KB.
const LOOPS: usize = 1000;

/// Says what is too much of the first function that costs too much to compile.
pub(crate) fn costly(bytes: &[u8]) -> Result<Option<String>, BinaryReaderError> {
    for payload in Parser::new(0).parse_all(bytes) {
        let Payload::CodeSectionEntry(body) = payload? else { continue };
        let range = body.range();
        if range.len() > FUNCTION {
            let length = range.len();
            return Ok(Some(format!(
                "the function at byte {:#x} has {length} bytes, and {FUNCTION} are the most",
                range.start
            )));
        }
        let mut loops: usize = 0;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            if let Operator::Loop { .. } = operators.read()? {
                loops = loops.saturating_add(1);
            }
        }
        if loops > LOOPS {
            return Ok(Some(format!(
                "the function at byte {:#x} has {loops} loops, and {LOOPS} are the most",
                range.start
            )));
        }
    }
    Ok(None)
}
