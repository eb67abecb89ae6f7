//! The process that compiles: what it does between its first line and its end.

use std::io::{self, Read as _, Write as _};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, process, thread};

use super::confine::{self, Confinement};
use super::protocol::{Answer, Orders, Request, VARIABLE};
use crate::engine::running;
use crate::engine::seal::{Code, Key, Sealer};

/// More threads than this gain little and take address space.
const THREADS: usize = 8;

/// What the threads of the compiler have for a stack, whatever the program's own threads have.
const STACK: usize = 8 << 20;

/// Compiles a component and ends the process, if a host started it for that; otherwise this does nothing.
///
/// It is for the first line of `main` in each program that is named to [`Compiler::process`](crate::Compiler::process),
/// before the program reads its arguments or starts a thread:
///
/// ```no_run
/// plugwright::compile_worker();
/// // What the program does otherwise.
/// ```
///
/// The process sets itself limits of time and memory, gives up the right to open files, to use the network and to
/// start programs where the system lets it, and then reads the component from its standard input. It is told by its
/// environment what it is to be, so no argument of the program's is taken.
pub fn compile_worker() {
    let Some(orders) = env::var_os(VARIABLE) else {
        CALLED.store(true, Ordering::Relaxed);
        return;
    };
    let Some(orders) = orders.to_str().and_then(Orders::read) else {
        // Nobody is left to be told if this fails, here and below.
        let _ = writeln!(io::stderr(), "error: `{VARIABLE}` is set, and not by a host: unset it");
        process::exit(1);
    };
    let code = match work(orders) {
        Ok(()) => 0,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            1
        }
    };
    process::exit(code);
}

/// Whether the program calls [`compile_worker`].
static CALLED: AtomicBool = AtomicBool::new(false);

/// Says whether the program would compile if it were started for that.
pub(super) fn was_called() -> bool {
    CALLED.load(Ordering::Relaxed)
}

/// Answers the one request.
fn work(orders: Orders) -> io::Result<()> {
    let limits = orders.limits;
    confine::end_with(orders.host)?;
    confine::limit(limits)?;
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let files = confine::give_up_files(limits);
    // The filter lets nobody start a thread.
    let number = cores.min(THREADS);
    let threads = rayon::ThreadPoolBuilder::new().num_threads(number).stack_size(STACK).build();
    let threads = match threads {
        Ok(threads) => threads,
        // The system does not say that it is for want of memory.
        Err(_) if limits.memory <= (2 * number * STACK) as u64 => {
            return give(Answer::Memory, files);
        }
        Err(error) => return Err(io::Error::other(error)),
    };
    threads.broadcast(|_| ());
    let confinement = confine::give_up_system_calls(files);

    let mut stdin = io::stdin().lock();
    let request = Request::read(&mut stdin)?;
    let mut wasm = Vec::new();
    stdin.take(request.length).read_to_end(&mut wasm)?;
    if wasm.len() as u64 != request.length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let compiled: wasmtime::Result<_> = threads.install(|| {
        let engine = running::compiling(request.counts_fuel)?;
        let code = Code::compile(&engine, &wasm)?;
        Ok(Sealer::new(request.key).seal(&Key::new(&engine, &wasm), code))
    });
    let answer = match compiled {
        Ok(sealed) => Answer::Code(sealed),
        Err(error) if error.is::<wasmtime::OutOfMemory>() => Answer::Memory,
        Err(error) => Answer::Refused(format!("{error:#}")),
    };
    give(answer, confinement)
}

fn give(answer: Answer, confinement: Confinement) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(&answer.write(confinement))?;
    stdout.flush()
}
