//! The cost of ambit's optional parts: the same work with and without them.

use std::marker::PhantomData;
use std::sync::OnceLock;
use std::time::Duration;

use ambit::prelude::*;
use ambit::system::System;
use ambit::telemetry::TelemetryGuard;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::latch::Hit;
use crate::peers::{Peer, plain, queued};

/// A part that can be enabled before the first server starts.
pub(super) trait Part: Send + Sync + 'static {
    fn switch_on() -> impl Future<Output = ()> + Send;
}

/// A peer with an enabled part.
pub(super) struct With<O, P>(PhantomData<(O, P)>);

impl<O: Part, P: Peer> Peer for With<O, P> {
    type Counter = P::Counter;

    async fn start(gone: Option<Hit>) -> P::Counter {
        O::switch_on().await;
        P::start(gone).await
    }
    async fn stop(counter: P::Counter) {
        P::stop(counter).await;
    }
    async fn get(counter: &P::Counter) -> u64 {
        P::get(counter).await
    }
    async fn add(counter: &P::Counter, by: u64) {
        P::add(counter, by).await;
    }
    async fn echo(counter: &P::Counter, bytes: Vec<u8>) -> Vec<u8> {
        P::echo(counter, bytes).await
    }
    async fn crunch(counter: &P::Counter, steps: u64) -> u64 {
        P::crunch(counter, steps).await
    }
}

/// `tracing` at `DEBUG`, with a layer that does nothing.
pub(super) struct Spans;

struct Nothing;

impl<S: tracing::Subscriber> Layer<S> for Nothing {}

impl Part for Spans {
    async fn switch_on() {
        static ON: OnceLock<()> = OnceLock::new();
        ON.get_or_init(|| {
            let registry = tracing_subscriber::registry().with(Nothing);
            registry.with(LevelFilter::DEBUG).init();
        });
    }
}

/// A listener that ignores all events.
pub(super) struct Telemetry;

impl Part for Telemetry {
    async fn switch_on() {
        let system = System::current().expect("this is a runtime");
        // The listener stays until the process ends.
        let guard: TelemetryGuard = system.on_event(|event| {
            std::hint::black_box(event);
        });
        std::mem::forget(guard);
    }
}

/// Lists all processes (a hundred more than the working one) ten times a second.
pub(super) struct Inspection;

impl Part for Inspection {
    async fn switch_on() {
        for _ in 0..100 {
            plain::Counter::start(None).await.expect("it starts");
        }
        tokio::spawn(async {
            loop {
                std::hint::black_box(ambit::inspect::processes());
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
    }
}

/// Calls and casts without a timeout.
macro_rules! patient {
    ($peer:ident, $module:ident) => {
        pub(super) struct $peer;

        impl Peer for $peer {
            type Counter = $module::CounterSubject;

            async fn start(gone: Option<Hit>) -> Self::Counter {
                $module::Counter::start(gone).await.expect("it starts")
            }
            async fn stop(counter: Self::Counter) {
                ambit::exit(&counter, ExitReason::Shutdown);
            }
            async fn get(counter: &Self::Counter) -> u64 {
                counter.get().no_timeout().await.expect("it answers")
            }
            async fn add(counter: &Self::Counter, by: u64) {
                counter.add(by).no_timeout().await.expect("it runs");
            }
            async fn echo(counter: &Self::Counter, bytes: Vec<u8>) -> Vec<u8> {
                let echo = counter.echo(bytes).no_timeout();
                echo.await.expect("it answers")
            }
            async fn crunch(counter: &Self::Counter, steps: u64) -> u64 {
                let crunch = counter.crunch(steps).no_timeout();
                crunch.await.expect("it answers")
            }
        }
    };
}

patient!(Patient, plain);
patient!(PatientQueued, queued);
