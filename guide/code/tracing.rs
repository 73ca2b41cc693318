//! What the page "Tracing and metrics" says, as tests.

// ANCHOR: imports
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::inspect;
use ambit::prelude::*;
use ambit::system::System;
use ambit::telemetry::{Event, TelemetryGuard};
use ambit::test::{crash, settle, start_supervised};
use tracing_subscriber::filter::{LevelFilter, Targets};
// ANCHOR_END: imports

use std::sync::LazyLock;

use tracing::Dispatch;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::subscriber::NoSubscriber;
use tracing_subscriber::layer::{Context as LayerContext, Layer};
use tracing_subscriber::prelude::*;

// ANCHOR: till
struct Till {
    cents: u64,
}

#[gen_server]
impl Till {
    #[init]
    fn new(cents: u64) -> Self {
        Self { cents }
    }

    #[call]
    fn pay(&mut self, cents: u64) -> u64 {
        self.cents += cents;
        self.cents
    }
}
// ANCHOR_END: till

/// Collects the fields of spans as text.
struct Spans(Arc<Mutex<Vec<BTreeMap<&'static str, String>>>>);

struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl<S: tracing::Subscriber> Layer<S> for Spans {
    fn on_new_span(&self, span: &Attributes<'_>, _: &Id, _: LayerContext<'_, S>) {
        let mut fields = Fields(BTreeMap::from([(
            "name",
            span.metadata().name().to_owned(),
        )]));
        span.record(&mut fields);
        if let Ok(mut spans) = self.0.lock() {
            spans.push(fields.0);
        }
    }
}

// ANCHOR: spans
/// Handlers of ambit at DEBUG, everything else at INFO.
fn levels() -> Targets {
    Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target("ambit", LevelFilter::DEBUG)
}
// ANCHOR_END: spans

/// A second dispatcher. With only one registered, `tracing` asks the thread that reaches a callsite first: a test
/// without a subscriber would disable that callsite for this one.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

#[ambit::test]
async fn a_handler_runs_in_a_span() -> Result<(), Box<dyn Error>> {
    LazyLock::force(&SECOND);
    let spans = Arc::new(Mutex::new(Vec::new()));
    let layer = Spans(spans.clone()).with_filter(levels());
    let subscriber = tracing_subscriber::registry().with(layer);
    let _default = tracing::subscriber::set_default(subscriber);
    let till = Till::start(0).await?;
    till.pay(250).await?;

    let spans = spans.lock().map_err(|_| "poisoned")?;
    let span = spans
        .iter()
        .find(|span| span["name"] == "handle")
        .ok_or("no span")?;
    assert_eq!(
        (&*span["server"], &*span["method"], &*span["kind"]),
        ("Till", "pay", "Call")
    );
    assert_eq!(span["trace_id"].len(), 32);
    assert!(span.contains_key("pid") && span.contains_key("span_id"));
    Ok(())
}

// ANCHOR: counters
/// Counters of one program, by label.
#[derive(Clone, Default)]
struct Metrics {
    counters: Arc<Mutex<BTreeMap<String, u64>>>,
}

impl Metrics {
    /// Counts until the guard is dropped. A listener runs in the process where the event happens: it only adds.
    fn listen(&self) -> Result<TelemetryGuard, StartError> {
        let metrics = self.clone();
        let system = System::current()?;
        Ok(system.on_event(move |event| match event {
            Event::Handled {
                type_name,
                method,
                took,
                ..
            } => {
                let labels = format!("{{server=\"{type_name}\",method=\"{method}\"}}");
                metrics.add(format!("ambit_handled_total{labels}"), 1);
                metrics.add(
                    format!("ambit_handled_ns_total{labels}"),
                    took.as_nanos() as u64,
                );
            }
            Event::Crashed(report) => {
                metrics.add(
                    format!("ambit_crashes_total{{server=\"{}\"}}", report.type_name),
                    1,
                );
            }
            Event::Restarted { child, .. } => {
                metrics.add(format!("ambit_restarts_total{{child=\"{child}\"}}"), 1);
            }
            Event::DeadLetter(_) => metrics.add("ambit_dead_letters_total".to_owned(), 1),
            _ => {}
        }))
    }

    fn add(&self, name: String, n: u64) {
        if let Ok(mut counters) = self.counters.lock() {
            *counters.entry(name).or_default() += n;
        }
    }

    /// The text that Prometheus reads: the counters, and gauges from a snapshot of this moment.
    fn render(&self) -> String {
        let mut text = String::new();
        if let Ok(counters) = self.counters.lock() {
            for (name, value) in &*counters {
                writeln!(text, "{name} {value}").ok();
            }
        }
        let seen = inspect::snapshot();
        writeln!(text, "ambit_processes {}", seen.processes.len()).ok();
        for process in seen
            .processes
            .iter()
            .filter(|process| !process.names.is_empty())
        {
            let (name, queued) = (&process.names[0], process.queued);
            writeln!(text, "ambit_queued{{name=\"{name}\"}} {queued}").ok();
        }
        text
    }
}
// ANCHOR_END: counters

// ANCHOR: scrape
#[ambit::test]
async fn crashes_and_messages_are_counted() -> Result<(), Box<dyn Error>> {
    let metrics = Metrics::default();
    let _listening = metrics.listen()?;
    let till = start_supervised(Till::child_spec(0).name("till")).await;
    till.pay(250).await?;
    till.pay(99).await?;
    crash(&till).await;
    settle().await;

    let text = metrics.render();
    for line in [
        "ambit_handled_total{server=\"Till\",method=\"pay\"} 2",
        "ambit_crashes_total{server=\"Till\"} 1",
        "ambit_restarts_total{child=\"Till\"} 1",
        "ambit_queued{name=\"till\"} 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    Ok(())
}
// ANCHOR_END: scrape

// ANCHOR: measure
#[ambit::test]
async fn measuring_costs_less_than_a_listener() -> Result<(), Box<dyn Error>> {
    let _measuring = inspect::measure()?; // counts each message, times one of 64
    let till = Till::start(0).await?;
    for _ in 0..100 {
        till.pay(1).await?;
    }
    let seen = inspect::snapshot();
    let pay = seen
        .methods
        .iter()
        .find(|method| method.method == "pay")
        .ok_or("not run")?;
    assert_eq!((pay.type_name, pay.handled, pay.panicked), ("Till", 100, 0));
    assert!(pay.times.p99 < Duration::from_secs(1));
    Ok(())
}
// ANCHOR_END: measure
