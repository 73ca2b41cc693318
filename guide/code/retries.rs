//! What the page "Retries, breakers and limits" says, as tests.

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::breaker::{BreakerError, BreakerState, CircuitBreaker};
use ambit::prelude::*;
use ambit::rate_limit::{Rate, RateLimiter};
use ambit::retry::{GaveUp, Jitter, Retry};
use ambit::supervisor::Backoff;
use ambit::test::crash;
use tokio::time::Instant;

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}
// ANCHOR_END: imports

// ANCHOR: store
#[derive(Default)]
struct Store {
    saved: u32,
}

#[gen_server]
impl Store {
    #[call]
    fn save(&mut self) -> u32 {
        self.saved += 1;
        self.saved
    }

    #[cast]
    fn touch(&mut self) {
        self.saved += 1;
    }
}
// ANCHOR_END: store

// ANCHOR: transient
#[ambit::test]
async fn a_call_is_repeated_until_the_server_is_back() -> Result<(), Box<dyn Error>> {
    let spec = ChildSpec::from_fn(|| Store::default().start().name("store"))
        .backoff(Backoff::constant(ms(500)));
    let _tree = Supervisor::builder().child(spec).start().await?;
    let store = StoreSubject::named("store");
    crash(store.pid()).await;
    assert_eq!(store.save().await, Err(CallError::NoProcess));

    let patient = Retry::times(10).every(ms(100));
    let saved = patient
        .run(|| store.save())
        .when(CallError::is_transient)
        .await?;
    assert_eq!(saved, 1);
    Ok(())
}
// ANCHOR_END: transient

// ANCHOR: within
#[ambit::test]
async fn a_pause_that_is_too_long_is_not_started() {
    let begun = Instant::now();
    let missing = StoreSubject::named("missing");
    let outcome = Retry::unlimited()
        .exponential(ms(100), ms(1_000))
        .jitter(Jitter::None)
        .within(ms(2_000))
        .run(|| missing.save())
        .await;
    let failed = outcome.unwrap_err();
    assert_eq!(failed.error, CallError::NoProcess);
    assert_eq!((failed.attempts, failed.why), (5, GaveUp::Time));
    // 100 + 200 + 400 + 800 ms; the next pause would exceed the limit.
    assert_eq!(begun.elapsed(), ms(1_500));
}
// ANCHOR_END: within

// ANCHOR: breaker
#[ambit::test]
async fn a_breaker_stops_requests_to_a_failing_service() {
    let breaker = CircuitBreaker::builder("mail")
        .failures(3)
        .open_for(Duration::from_secs(30))
        .build();
    let send = async |works: bool| if works { Ok("sent") } else { Err("no route") };

    for _ in 0..3 {
        let outcome = breaker.call(|| send(false)).await;
        assert_eq!(outcome, Err(BreakerError::Failed("no route")));
    }
    // The service works again, but the breaker is open ..
    let outcome = breaker.call(|| send(true)).await;
    let left = Duration::from_secs(30);
    assert_eq!(outcome, Err(BreakerError::Open { left }));

    // .. until it lets one call through as a probe, half a minute later.
    tokio::time::sleep(left).await;
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    assert_eq!(breaker.call(|| send(true)).await, Ok("sent"));
    assert_eq!(breaker.state(), BreakerState::Closed);
}
// ANCHOR_END: breaker

// ANCHOR: counting
#[ambit::test]
async fn a_rejection_is_not_a_failure() {
    let breaker = CircuitBreaker::builder("users").failures(1).build();
    let find = async || Err::<(), _>("no such user");
    let outcome = breaker
        .call(find)
        .counting(|error| *error != "no such user")
        .await;
    assert_eq!(outcome, Err(BreakerError::Failed("no such user")));
    assert_eq!(breaker.state(), BreakerState::Closed);
}
// ANCHOR_END: counting

// ANCHOR: limit
#[ambit::test]
async fn casts_are_limited_to_a_rate() -> Result<(), Box<dyn Error>> {
    let store = Store::default().start().await?;
    let limiter = RateLimiter::new(Rate::per_second(10).burst(2));

    let begun = Instant::now();
    for _ in 0..5 {
        limiter.limit(store.touch()).await?;
    }
    // Two at once, then one every tenth of a second.
    assert_eq!(begun.elapsed(), ms(300));

    // A sender that cannot wait asks whether there is a token.
    assert!(!limiter.try_acquire());
    let stats = limiter.stats();
    assert_eq!((stats.taken, stats.delayed, stats.refused), (5, 3, 1));
    Ok(())
}
// ANCHOR_END: limit
