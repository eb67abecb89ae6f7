//! `just size --memory`: shows the peak memory of each plugin, in its cases and with the inputs of the benchmarks, and
//! compares it with the limit in the plugin's manifest.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use benches::work::{self, WORK};
use benches::{cells, table};
use plugwright::{CALL_TARGET, Host, Limit};
use tests::{cases, dist, host, manifest, outcome};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// The peak memory of calls.
#[derive(Clone, Default)]
struct Peak(Arc<Mutex<u64>>);

fn main() {
    let peak = Peak::default();
    let ours = |metadata: &Metadata<'_>| metadata.is_span() && metadata.target() == CALL_TARGET;
    tracing_subscriber::registry().with(peak.clone().with_filter(filter_fn(ours))).init();

    let wanted: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let (dist, host) = (dist(), host());
    let mut in_cases: BTreeMap<String, (u64, String)> = BTreeMap::new();
    let is_wanted = |plugin: &str| wanted.is_empty() || wanted.iter().any(|it| it == plugin);
    for case in cases().into_iter().filter(|case| is_wanted(case.plugin())) {
        // The outcome is compared with its snapshot elsewhere.
        let _ = outcome(&case, &dist);
        let most = in_cases.entry(case.plugin().to_owned()).or_default();
        *most = most.clone().max((peak.take(), case.name().to_owned()));
    }
    table(&[
        "plugin",
        "peak in a case",
        "case",
        "peak in a benchmark",
        "input",
        "share of the limit",
    ]);
    for (plugin, (most, case)) in in_cases {
        let (large, what) = in_benchmarks(&host, &plugin, &peak);
        let limit = manifest(&dist, &plugin).limits.get(Limit::Memory);
        let part = limit.map(|limit| {
            format!("{} % of {}", (most.max(large) * 100).div_ceil(limit), shown(limit))
        });
        cells(&[
            &format!("`{plugin}`"),
            &shown(most),
            &case,
            &if large == 0 { String::new() } else { shown(large) },
            what,
            &part.unwrap_or_default(),
        ]);
    }
}

/// Returns the peak memory of the plugin with the inputs of the benchmarks, and the input that it belongs to.
fn in_benchmarks(host: &Host, plugin: &str, peak: &Peak) -> (u64, &'static str) {
    let measured = WORK.iter().filter(|work| work.plugin == plugin).map(|work| {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(work.file);
        std::fs::write(&file, (work.body)()).expect("a file");
        let options: Vec<_> = work.options.iter().map(ToString::to_string).collect();
        work::run(host, plugin, &file, &options, &mut io::sink());
        (peak.take(), work.what)
    });
    measured.max().unwrap_or_default()
}

fn shown(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

impl Peak {
    /// Returns the peak so far, and resets it.
    fn take(&self) -> u64 {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<S: Subscriber> Layer<S> for Peak {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        attributes.record(&mut self.clone());
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        values.record(&mut self.clone());
    }
}

impl Visit for Peak {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "memory" {
            let mut most = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *most = value.max(*most);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
