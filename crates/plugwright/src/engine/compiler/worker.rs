//! The compiler process, from the beginning of `main` to its end.

use std::io::{self, Read as _, Write as _};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, process, thread};

use super::confine::{self, Confinement};
use super::protocol::{Answer, Orders, Request, VARIABLE};
use crate::engine::running;
use crate::engine::seal::{Code, Key, Sealer};

/// The most threads of the compiler: more threads gain little and take address space.
const THREADS: usize = 8;

/// The stack size of the compiler's threads, independent of the program's default.
const STACK: usize = 8 << 20;

/// Compiles a component and ends the process, if a host started the process for this. Otherwise this does nothing.
///
/// Each program that is given to [`Compiler::process`](crate::Compiler::process) must call this in the first line of
/// `main`, before it reads its arguments or starts a thread:
///
/// ```no_run
/// plugwright::compile_worker();
/// // The rest of the program.
/// ```
///
/// The process sets its own limits of time and memory. Where the system supports it, it gives up the right to open
/// files, use the network and start programs. Then it reads the component from its standard input. An environment
/// variable tells it to compile, so no argument of the program is reserved.
pub fn compile_worker() {
    let Some(orders) = env::var_os(VARIABLE) else {
        CALLED.store(true, Ordering::Relaxed);
        return;
    };
    let Some(orders) = orders.to_str().and_then(Orders::read) else {
        // If standard error cannot be written, here and below, nothing is left to report to.
        let _ = writeln!(io::stderr(), "error: `{VARIABLE}` is set, but not by a host: unset it");
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

/// Whether the program called [`compile_worker`].
static CALLED: AtomicBool = AtomicBool::new(false);

/// Says whether the program would compile if a host started it for this.
pub(super) fn was_called() -> bool {
    CALLED.load(Ordering::Relaxed)
}

/// Reads the request, compiles, and writes the answer.
fn work(orders: Orders) -> io::Result<()> {
    let limits = orders.limits;
    confine::end_with(orders.host)?;
    confine::limit(limits)?;
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let files = confine::give_up_files(limits);
    // The system call filter forbids starting threads, so they are started before.
    let number = cores.min(THREADS);
    let threads = rayon::ThreadPoolBuilder::new().num_threads(number).stack_size(STACK).build();
    let threads = match threads {
        Ok(threads) => threads,
        // The system's error does not say that the cause is too little memory.
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
