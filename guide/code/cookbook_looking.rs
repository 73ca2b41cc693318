//! The recipes on inspection and tests.

// ANCHOR: imports
use std::error::Error;
use std::num::ParseIntError;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::prelude::*;
use ambit::server::Incoming;
use ambit::system::System;
use ambit::telemetry::{Event as News, TraceContext};
use ambit::test::{Probe, crashes, expect_crash, settle};
// ANCHOR_END: imports

// ANCHOR: counter
#[derive(Clone)]
struct Counter {
    value: u32,
}

#[gen_server]
impl Counter {
    #[cast]
    fn add(&mut self, number: String) -> Result<(), ParseIntError> {
        self.value += number.parse::<u32>()?; // an error ends the server
        Ok(())
    }

    #[call]
    fn value(&self) -> u32 {
        self.value
    }
}
// ANCHOR_END: counter

// ANCHOR: running
#[ambit::test]
async fn running_processes_are_listed() -> Result<(), Box<dyn Error>> {
    let counter = Counter { value: 0 }.start().name("counter").await?;
    println!("{}", ambit::inspect::tree()); // Counter#2 "counter" Idle, 0 queued

    ambit::sys::suspend(&counter).await?;
    counter.add("1".into()).await?;
    let longest = ambit::inspect::processes()
        .into_iter()
        .max_by_key(|one| one.queued);
    let longest = longest.ok_or("no process")?;
    assert_eq!((longest.type_name, longest.queued), ("Counter", 1));
    assert_eq!(longest.names, ["counter"]);
    ambit::sys::resume(&counter).await?;
    Ok(())
}
// ANCHOR_END: running

// ANCHOR: crashes
#[ambit::test]
async fn every_crash_is_reported() -> Result<(), Box<dyn Error>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let to = seen.clone();
    let _listening = System::current()?.on_event(move |event| {
        if let (News::Crashed(report), Ok(mut seen)) = (event, to.lock()) {
            seen.push(report.to_string()); // or send it to your error tracker
        }
    });
    let counter = Counter { value: 0 }.start().await?;
    expect_crash(&counter);
    counter.add("one".into()).await?;
    counter.closed().await;
    let seen = seen.lock().map_err(|_| "poisoned")?;
    assert!(seen[0].contains("invalid digit") && seen[0].contains("in `add`"));
    Ok(())
}
// ANCHOR_END: crashes

// ANCHOR: trace
async fn answer_http(
    traceparent: Option<&str>,
    counter: &CounterSubject,
) -> Result<u32, CallError> {
    match traceparent.and_then(|header| header.parse::<TraceContext>().ok()) {
        Some(context) => context.scope(counter.value()).await, // continues the trace of the client
        None => counter.value().await,
    }
}
// ANCHOR_END: trace

#[ambit::test]
async fn a_request_is_followed_from_outside() -> Result<(), Box<dyn Error>> {
    let counter = Counter { value: 7 }.start().await?;
    let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    for traceparent in [Some(header), Some("nonsense"), None] {
        assert_eq!(answer_http(traceparent, &counter).await, Ok(7));
    }
    Ok(())
}

// ANCHOR: cause
#[ambit::test]
async fn the_error_keeps_its_type() -> Result<(), Box<dyn Error>> {
    let counter = Counter { value: 0 }.start().await?;
    let end = counter.monitor();
    counter.add("one".into()).await?;
    let ExitReason::Error(report) = end.await.reason else {
        return Err("another reason".into());
    };
    assert!(report.downcast_ref::<ParseIntError>().is_some());
    assert_eq!(crashes().len(), 1); // read, so the test does not fail
    Ok(())
}
// ANCHOR_END: cause

// ANCHOR: replace
#[ambit::test]
async fn a_state_is_corrected_at_run_time() -> Result<(), Box<dyn Error>> {
    let counter = Counter { value: 41 }.start().await?;
    let state: Counter = ambit::sys::state_of::<Counter>(&counter).await?;
    assert_eq!(state.value, 41);
    let correct = |old: &Counter| Counter {
        value: old.value + 1,
    };
    ambit::sys::replace_state::<Counter>(&counter, correct).await?;
    assert_eq!(counter.value().await?, 42);
    Ok(())
}
// ANCHOR_END: replace

// ANCHOR: plain
#[test]
fn without_a_runtime() {
    let mut counter = Counter { value: 1 };
    assert!(counter.add("one".into()).is_err());
    assert_eq!(counter.add("2".into()), Ok(()));
    assert_eq!(counter.value(), 3);
}
// ANCHOR_END: plain

// ANCHOR: hour
/// Sends a message after an hour.
struct Lamp {
    ear: Recipient<&'static str>,
}

struct Night;

#[gen_server]
impl Lamp {
    #[init]
    fn new(ctx: &mut Context<Self>, ear: Recipient<&'static str>) -> Self {
        ctx.send_after(Duration::from_secs(3600), Night);
        Self { ear }
    }

    #[info]
    fn on_night(&mut self, _: Night) {
        self.ear.send("good night").now().ok();
    }
}

#[ambit::test]
async fn an_hour_takes_no_time() -> Result<(), Box<dyn Error>> {
    let mut ear = Probe::<&'static str>::new();
    let _lamp = Lamp::start(ear.recipient()).await?;
    ear.refute_within(Duration::from_secs(3599)).await;
    assert_eq!(ear.expect().await, "good night");
    Ok(())
}
// ANCHOR_END: hour

// ANCHOR: fake
/// Uses the protocol of `Counter`, and replies as the test wants.
struct FakeCounter {
    answer: u32,
}

impl GenServer for FakeCounter {
    type Protocol = Counter; // so its handle is a `CounterSubject`
    type Args = u32;
    type Info = ();
    type Continue = ();

    async fn init(answer: u32, _: &mut Context<Self>) -> Result<Self, ExitReason> {
        Ok(Self { answer })
    }

    fn handle_now(
        &mut self,
        message: Incoming<Self>,
        ctx: &mut Context<Self>,
    ) -> Result<Flow, Incoming<Self>> {
        match message {
            Incoming::Call(CounterCall::Value { reply }) => ctx.answer(reply, self.answer),
            Incoming::Cast(CounterCast::Add { .. }) => {}
            other => return Err(other),
        }
        Ok(Flow::Continue)
    }
}

/// The code under test: it needs a counter.
async fn is_large(counter: &CounterSubject) -> Result<bool, CallError> {
    Ok(counter.value().await? > 1000)
}

#[ambit::test]
async fn a_fake_replaces_a_server() -> Result<(), Box<dyn Error>> {
    let counter: CounterSubject = ambit::start::<FakeCounter>(1_000_000).await?;
    assert!(is_large(&counter).await?);
    counter.add("not a number".into()).await?; // the fake accepts it
    assert!(is_large(&counter).await?);
    Ok(())
}
// ANCHOR_END: fake

// ANCHOR: random
#[ambit::test(seed = 7)]
async fn random_input_is_repeatable() -> Result<(), Box<dyn Error>> {
    let counter = Counter { value: 0 }.start().await?;
    let mut random = ambit::test::seed();
    let mut sum = 0;
    for _ in 0..100 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let number = (random >> 48) as u32;
        counter.add(number.to_string()).await?;
        sum += number;
    }
    settle().await;
    assert_eq!(counter.value().await?, sum);
    Ok(())
}
// ANCHOR_END: random
