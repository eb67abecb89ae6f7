//! Confines a process before it reads untrusted bytes: limits of time and memory, and no access to files, the network,
//! or other programs and processes.
//!
//! Linux supports all of this: resource limits, Landlock, and a filter for system calls. On other systems there are
//! only limits of time, and the process has the rights of its user.

use std::{fmt, io};

use rustix::process::{Resource, Rlimit, getppid, getrlimit, setrlimit};

/// The limits that the process sets for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OwnLimits {
    /// The CPU time of all its threads together, in seconds.
    pub(super) cpu_time: u64,
    /// The memory, in bytes.
    pub(super) memory: u64,
}

/// The kinds of confinement that the system provided.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Confinement {
    /// Memory is limited.
    pub(super) memory: bool,
    /// Landlock denies files and, if the kernel supports it, the network.
    pub(super) landlock: bool,
    /// A filter denies all system calls that compiling does not need.
    pub(super) seccomp: bool,
}

impl Confinement {
    /// Says whether both mechanisms that deny files and the network are active.
    pub(super) fn is_whole(self) -> bool {
        self.landlock && self.seccomp
    }

    pub(super) fn to_byte(self) -> u8 {
        let Self { memory, landlock, seccomp } = self;
        u8::from(memory) | u8::from(landlock) << 1 | u8::from(seccomp) << 2
    }

    pub(super) fn of_byte(byte: u8) -> Self {
        let bit = |number: u8| byte >> number & 1 == 1;
        Self { memory: bit(0), landlock: bit(1), seccomp: bit(2) }
    }
}

impl fmt::Display for Confinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory, landlock, seccomp } = *self;
        let all = [("a limit of memory", memory), ("Landlock", landlock), ("seccomp", seccomp)];
        for (index, (what, is_there)) in all.into_iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{} {what}", if is_there { "with" } else { "without" })?;
        }
        Ok(())
    }
}

/// Makes the system end this process when the process `host`, which started it, ends, where this is possible.
///
/// # Errors
///
/// If another process is the parent: the host has ended, or started another program that started this one.
pub(super) fn end_with(host: u32) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Signal, set_parent_process_death_signal};
        // If this fails, the process still ends at its time limit or when its pipes close.
        let _ = set_parent_process_death_signal(Some(Signal::KILL));
    }
    // A host that ended before the call above causes no signal, so the parent is checked.
    let parent = getppid().map(|parent| parent.as_raw_nonzero().get().cast_unsigned());
    match parent == Some(host) {
        true => Ok(()),
        false => Err(io::Error::other(
            "the host has ended, or did not start this program itself: name this program, not one that starts it",
        )),
    }
}

/// Sets the limits of this process.
pub(super) fn limit(limits: OwnLimits) -> io::Result<()> {
    // The system counts nanoseconds in 64 bits, and treats a larger limit as already exceeded.
    if limits.cpu_time < u64::MAX / 1_000_000_000 {
        // The soft limit ends the process with a signal that identifies the limit. The hard limit does not.
        set(Resource::Cpu, limits.cpu_time, limits.cpu_time.saturating_add(2))?;
    }
    set(Resource::Core, 0, 0)?;
    set(Resource::Fsize, 0, 0)?;
    if cfg!(target_os = "linux") {
        // This limit counts memory that is written to. A limit of the address space would also count what the allocator
        // only reserves for each thread.
        set(Resource::Data, limits.memory, limits.memory)?;
    }
    Ok(())
}

fn set(resource: Resource, current: u64, maximum: u64) -> io::Result<()> {
    // A process cannot raise a limit above its hard limit.
    let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let limit = Rlimit { current: Some(current.min(most)), maximum: Some(maximum.min(most)) };
    Ok(setrlimit(resource, limit)?)
}

/// Gives up files and the network, for this thread and the threads that it starts. Open files stay open.
pub(super) fn give_up_files(limits: OwnLimits) -> Confinement {
    let memory = cfg!(target_os = "linux") && limits.memory != u64::MAX;
    #[cfg(target_os = "linux")]
    let landlock = landlocked();
    #[cfg(not(target_os = "linux"))]
    let landlock = false;
    // Forbids further file descriptors. If even this fails, the other mechanisms must suffice.
    let _ = set(Resource::Nofile, 3, 3);
    Confinement { memory, landlock, seccomp: false }
}

/// Gives up all system calls that compiling does not need, for all threads.
pub(super) fn give_up_system_calls(before: Confinement) -> Confinement {
    #[cfg(target_os = "linux")]
    let seccomp = filter::apply().is_ok();
    #[cfg(not(target_os = "linux"))]
    let seccomp = false;
    Confinement { seccomp, ..before }
}

#[cfg(target_os = "linux")]
fn landlocked() -> bool {
    use landlock::{
        ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _, RulesetStatus, Scope,
    };
    // Everything in this version of Landlock that the kernel supports is denied.
    let abi = ABI::V6;
    let denied = Ruleset::default()
        .handle_access(AccessFs::from_all(abi))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(abi)))
        .and_then(|rules| rules.scope(Scope::from_all(abi)))
        .and_then(|rules| rules.create()?.restrict_self());
    denied.is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
}

#[cfg(target_os = "linux")]
mod filter {
    //! The system calls of a process that computes and uses its three pipes. All others fail with `EPERM` instead of
    //! ending the process, because the standard library and the allocator try some that they do not need.

    use std::collections::BTreeMap;
    use std::env::consts::ARCH;
    use std::process;

    use seccompiler::{
        BackendError, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
        SeccompFilter, SeccompRule, apply_filter_all_threads,
    };

    const STDIN: u64 = 0;
    const STDOUT: u64 = 1;
    const STDERR: u64 = 2;

    /// The system calls that are allowed with any arguments.
    const ALWAYS: [i64; 21] = [
        // Memory.
        libc::SYS_brk,
        libc::SYS_madvise,
        libc::SYS_mremap,
        libc::SYS_munmap,
        // Existing threads, and their end.
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_futex,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_rseq,
        libc::SYS_sched_getaffinity,
        libc::SYS_sched_yield,
        libc::SYS_set_robust_list,
        // Signals to this process.
        libc::SYS_restart_syscall,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        // Seeds of hash maps, and the time.
        libc::SYS_clock_gettime,
        libc::SYS_getrandom,
        // Closing file descriptors.
        libc::SYS_close,
    ];

    pub(super) fn apply() -> seccompiler::Result<()> {
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
            ALWAYS.into_iter().map(|call| (call, Vec::new())).collect();
        let to = |descriptor| rule(&[(0, SeccompCmpOp::Eq, descriptor)]);
        rules.insert(libc::SYS_read, vec![to(STDIN)?]);
        rules.insert(libc::SYS_write, vec![to(STDOUT)?, to(STDERR)?]);
        rules.insert(libc::SYS_writev, vec![to(STDOUT)?, to(STDERR)?]);
        // Anonymous memory that is not executable.
        let anonymous = SeccompCmpOp::MaskedEq(bits(libc::MAP_ANONYMOUS));
        let runs = SeccompCmpOp::MaskedEq(bits(libc::PROT_EXEC));
        let maps = rule(&[(2, runs.clone(), 0), (3, anonymous, bits(libc::MAP_ANONYMOUS))])?;
        rules.insert(libc::SYS_mmap, vec![maps]);
        rules.insert(libc::SYS_mprotect, vec![rule(&[(2, runs, 0)])?]);
        // For `abort`.
        let own = rule(&[(0, SeccompCmpOp::Eq, u64::from(process::id()))])?;
        rules.insert(libc::SYS_tgkill, vec![own]);
        let denied = SeccompAction::Errno(libc::EPERM.unsigned_abs());
        let filter = SeccompFilter::new(rules, denied, SeccompAction::Allow, ARCH.try_into()?)?;
        let program: seccompiler::BpfProgram = filter.try_into()?;
        apply_filter_all_threads(&program)
    }

    /// Returns a rule for calls whose arguments, by index, meet these conditions.
    fn rule(arguments: &[(u8, SeccompCmpOp, u64)]) -> Result<SeccompRule, BackendError> {
        let conditions = arguments.iter().map(|(number, is, value)| {
            SeccompCondition::new(*number, SeccompCmpArgLen::Dword, is.clone(), *value)
        });
        SeccompRule::new(conditions.collect::<Result<_, _>>()?)
    }

    fn bits(flags: i32) -> u64 {
        u64::from(flags.cast_unsigned())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs::{self, File};
    use std::io::{ErrorKind, Write as _};
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::unix::net::UnixStream;
    use std::process::{self, Command};
    use std::{env, thread};

    use rustix::process::{Pid, Signal, kill_process};

    use super::*;

    /// The environment variable that tells the confined process what to give up.
    const GIVES_UP: &str = "CONFINE_GIVES_UP";

    /// The name of the test below.
    const HERE: &str = "compiler::confine::tests::what_is_given_up_is_gone";

    /// Tries things that a process can do, and returns the results.
    fn tried() -> Vec<(&'static str, io::Result<()>)> {
        let signal = || kill_process(getppid().unwrap_or(Pid::INIT), Signal::CONT);
        vec![
            ("read a file", File::open("/etc/passwd").map(drop)),
            ("read its memory as a file", File::open("/proc/self/mem").map(drop)),
            ("write a file", File::create(env::temp_dir().join("plugwright-confined")).map(drop)),
            ("list a folder", fs::read_dir("/").map(drop)),
            ("listen", TcpListener::bind("127.0.0.1:0").map(drop)),
            ("connect", TcpStream::connect("127.0.0.1:9").map(drop)),
            ("send", UdpSocket::bind("127.0.0.1:0").map(drop)),
            ("pair sockets", UnixStream::pair().map(drop)),
            ("open a pipe", io::pipe().map(drop)),
            ("start a program", Command::new("/bin/sh").args(["-c", ":"]).status().map(drop)),
            ("start a thread", thread::Builder::new().spawn(|| {}).map(drop)),
            ("signal another process", signal().map_err(Into::into)),
        ]
    }

    /// Runs in a separate process, writes what the process can do, and ends it.
    fn confined(gives_up: &str) -> ! {
        let limits = OwnLimits { cpu_time: 60, memory: 1 << 30 };
        limit(limits).expect("it is lower than what there was");
        let all = match gives_up {
            "files" => Confinement { landlock: landlocked(), ..Confinement::default() },
            "system calls" => give_up_system_calls(Confinement::default()),
            "both" => give_up_system_calls(give_up_files(limits)),
            _ => Confinement::default(),
        };
        let mut said = format!("confined: {all}\n");
        for (what, done) in tried() {
            let denied = done.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied);
            said += &format!("{} {what}\n", if denied { "cannot" } else { "can" });
        }
        io::stderr().write_all(said.as_bytes()).expect("standard error stays open");
        process::exit(0);
    }

    #[test]
    fn what_is_given_up_is_gone() {
        if let Some(gives_up) = env::var_os(GIVES_UP) {
            confined(&gives_up.to_string_lossy());
        }
        let this = env::current_exe().expect("the system knows this program");
        let told = |gives_up| {
            let mut command = Command::new(&this);
            command.args(["--exact", HERE, "--nocapture"]).env(GIVES_UP, gives_up);
            let output = command.output().expect("it can be started");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{}: {said}", output.status);
            said
        };
        let whole = told("nothing");
        assert!(!whole.contains("cannot"), "without confinement, all of it works: {whole}");
        let files = told("files");
        if files.contains("with Landlock") {
            for what in ["read a file", "write a file", "list a folder", "start a program"] {
                assert!(files.contains(&format!("cannot {what}\n")), "{files}");
            }
        }
        for said in [told("system calls"), told("both")] {
            assert!(!said.contains("with seccomp") || !said.contains("can "), "{said}");
        }
    }

    #[test]
    fn what_a_process_says_of_its_confinement_is_understood() {
        for byte in 0..8 {
            assert_eq!(Confinement::of_byte(byte).to_byte(), byte);
        }
        let some = Confinement { memory: true, landlock: false, seccomp: true };
        assert_eq!(some.to_string(), "with a limit of memory, without Landlock, with seccomp");
    }
}
