//! A process that does the work. `worker WORK` handles one document, from standard input to standard output.
//! `worker WORK stay` handles documents until its input ends. Each document is preceded by its length in 8
//! bytes, little-endian.

use std::env;
use std::io::{self, ErrorKind, Read as _, Write as _};

use work::Work;

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let work = arguments.next().and_then(|name| Work::of_name(&name));
    let work =
        work.ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "usage: worker WORK [stay]"))?;
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    if arguments.next().is_none() {
        let mut body = Vec::new();
        input.read_to_end(&mut body)?;
        return output.write_all(&work.of(&body));
    }
    loop {
        let mut length = [0; 8];
        match input.read_exact(&mut length) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            read => read?,
        }
        let mut body = Vec::new();
        input.by_ref().take(u64::from_le_bytes(length)).read_to_end(&mut body)?;
        let answer = work.of(&body);
        output.write_all(&(answer.len() as u64).to_le_bytes())?;
        output.write_all(&answer)?;
        output.flush()?;
    }
}
