//! Rules of the lifecycle word.

use super::*;

#[test]
fn a_start_is_decided_once() {
    let lifecycle = Lifecycle::new(false);
    assert_eq!(
        (lifecycle.start(), lifecycle.stage()),
        (StartState::Underway, Stage::Running)
    );
    assert!(lifecycle.begin());
    lifecycle.advance(Stage::Ending);
    assert_eq!(
        (lifecycle.start(), lifecycle.stage()),
        (StartState::Begun, Stage::Ending)
    );
    let failed = Lifecycle::new(false);
    failed.advance(Stage::Ending);
    assert!(!failed.begin(), "it has begun to end");
    assert_eq!(
        (failed.start(), failed.stage()),
        (StartState::Failed, Stage::Ending)
    );
}

#[test]
fn a_stage_never_regresses() {
    let lifecycle = Lifecycle::new(true);
    lifecycle.advance(Stage::Gone);
    lifecycle.advance(Stage::Ending);
    assert_eq!(
        (lifecycle.start(), lifecycle.stage()),
        (StartState::Begun, Stage::Gone)
    );
}

#[test]
fn a_starter_that_finds_start_and_end_returns_the_start() {
    let lifecycle = Lifecycle::new(false);
    let end = Poll::Ready("end");
    let early = Poll::<&str>::Pending;
    assert_eq!(lifecycle.poll_start(early, || ()), Poll::Pending);
    assert_eq!(lifecycle.poll_start(end, || ()), Poll::Ready(Err("end")));
    lifecycle.begin();
    lifecycle.advance(Stage::Gone);
    assert_eq!(lifecycle.poll_start(end, || ()), Poll::Ready(Ok(())));
}

#[test]
fn a_starter_waits_only_for_what_is_not_decided() {
    let lifecycle = Lifecycle::new(false);
    let mut waits = 0;
    let early = Poll::<()>::Pending;
    assert_eq!(lifecycle.poll_start(early, || waits += 1), Poll::Pending);
    assert_eq!(waits, 1);
    lifecycle.begin();
    assert_eq!(
        lifecycle.poll_start(early, || waits += 1),
        Poll::Ready(Ok(()))
    );
    assert_eq!(waits, 1);
}
