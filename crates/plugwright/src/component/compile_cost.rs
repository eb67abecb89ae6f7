//! Estimates what compiling a component's functions costs. The estimate is rough, and the limits of the compiler
//! process are what really bounds the cost. But a refusal here is immediate, names the fault of the plugin, and is the
//! same in each host, whichever compiler it uses.

#![warn(clippy::arithmetic_side_effects)]

use wasmparser::{BinaryReaderError, Operator, Parser, Payload};

/// The most bytes of one function. Compiling takes about a kilobyte of memory for each byte in the worst case.
const FUNCTION: usize = 1 << 20;

/// The most loops of one function. The time grows with their square: a thousand loops take a tenth of a second or less.
/// The known function with the most loops is the interpreter of CPython, with 81 in 430 KB.
const LOOPS: usize = 1000;

/// Returns what is too large about the first function that is too expensive to compile, if there is one.
pub(crate) fn costly(bytes: &[u8]) -> Result<Option<String>, BinaryReaderError> {
    for payload in Parser::new(0).parse_all(bytes) {
        let Payload::CodeSectionEntry(body) = payload? else { continue };
        let range = body.range();
        if range.len() > FUNCTION {
            let length = range.len();
            return Ok(Some(format!(
                "the function at byte {:#x} has {length} bytes, but at most {FUNCTION} are allowed",
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
                "the function at byte {:#x} has {loops} loops, but at most {LOOPS} are allowed",
                range.start
            )));
        }
    }
    Ok(None)
}
