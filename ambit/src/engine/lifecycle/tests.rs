//! Rules of the lifecycle word.

use super::*;

#[test]
fn a_start_is_decided_once() {
    let life = Lifecycle::new(false);
    assert_eq!(
        (life.start(), life.stage()),
        (StartState::Underway, Stage::Running)
    );
    assert!(life.begin());
    life.advance(Stage::Ending);
    assert_eq!(
        (life.start(), life.stage()),
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
fn a_stage_never_goes_back() {
    let life = Lifecycle::new(true);
    life.advance(Stage::Gone);
    life.advance(Stage::Ending);
    assert_eq!(
        (life.start(), life.stage()),
        (StartState::Begun, Stage::Gone)
    );
}

#[test]
fn a_starter_that_finds_both_is_told_of_the_start() {
    let life = Lifecycle::new(false);
    let end = Poll::Ready("end");
    let early = Poll::<&str>::Pending;
    assert_eq!(life.poll_start(early, || ()), Poll::Pending);
    assert_eq!(life.poll_start(end, || ()), Poll::Ready(Err("end")));
    life.begin();
    life.advance(Stage::Gone);
    assert_eq!(life.poll_start(end, || ()), Poll::Ready(Ok(())));
}

#[test]
fn a_starter_waits_only_for_what_is_not_decided() {
    let life = Lifecycle::new(false);
    let mut waits = 0;
    let early = Poll::<()>::Pending;
    assert_eq!(life.poll_start(early, || waits += 1), Poll::Pending);
    assert_eq!(waits, 1);
    life.begin();
    assert_eq!(life.poll_start(early, || waits += 1), Poll::Ready(Ok(())));
    assert_eq!(waits, 1);
}
