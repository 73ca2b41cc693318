//! Delayed restarts.

use ambit::supervisor::Backoff;
use std::time::Duration;

use ambit::prelude::*;
use ambit::supervisor::ChildState;
use ambit::test::{Probe, settle};
use tokio::time::{Instant, sleep};

use crate::supervision::support::*;

/// Starts a supervisor with one such child, and enough restarts.
async fn one(role: &Role, backoff: Backoff) -> Supervisor {
    let builder = Supervisor::builder().restarts(100, SECOND);
    let spec = role.spec().backoff(backoff);
    builder.child(spec).start().await.unwrap()
}

/// Crashes the child and waits for its restart; returns how long that took.
async fn crash_and_wait(role: &Role) -> Duration {
    role.tries();
    crash(role.id).await;
    assert_eq!(role.tries(), 0, "it is put off");
    let back = part(role.id).when_available();
    let (answer, took) = timed(back.add(0).timeout(3600 * SECOND)).await;
    assert_eq!((answer, role.tries()), (Ok(0), 1));
    took
}

#[ambit::test]
async fn delays_grow_to_the_maximum_and_reset_after_a_healthy_run() {
    let role = Role::new("a", &Log::new());
    let backoff = Backoff::exponential(SECOND, 5 * SECOND).healthy_after(60 * SECOND);
    let _supervisor = one(&role, backoff).await;
    for seconds in [1, 2, 4, 5, 5] {
        about(seconds * SECOND, crash_and_wait(&role).await);
    }
    sleep(59 * SECOND).await;
    about(5 * SECOND, crash_and_wait(&role).await);
    sleep(61 * SECOND).await;
    about(SECOND, crash_and_wait(&role).await);
    about(2 * SECOND, crash_and_wait(&role).await);
}

/// By default a child that has been running as long as the longest delay is healthy.
#[ambit::test]
async fn a_constant_delay_stays_the_same() {
    let role = Role::new("a", &Log::new());
    let _supervisor = one(&role, Backoff::constant(3 * SECOND)).await;
    for _ in 0..4 {
        about(3 * SECOND, crash_and_wait(&role).await);
        sleep(4 * SECOND).await;
    }
}

#[ambit::test]
async fn starts_that_fail_are_put_off_longer_and_longer() {
    let role = Role::new("a", &Log::new());
    let _supervisor = one(&role, Backoff::exponential(SECOND, 60 * SECOND)).await;
    role.next(&[How::Fails, How::Panics]);
    crash("a").await;
    role.tries();
    for seconds in [1, 2, 4] {
        let began = Instant::now();
        while role.tries() == 0 {
            sleep(ms(1)).await;
        }
        let off = began.elapsed().abs_diff(seconds * SECOND);
        assert!(off <= ms(2), "{off:?} off {seconds} s");
    }
    assert!(part("a").is_alive());
}

#[ambit::test(seed = 7)]
async fn jitter_shortens_each_delay_by_another_part() {
    let role = Role::new("a", &Log::new());
    let backoff = Backoff::constant(10 * SECOND).jitter(0.5);
    let _supervisor = one(&role, backoff).await;
    let mut seen = Vec::new();
    for _ in 0..20 {
        let took = crash_and_wait(&role).await;
        assert!(
            5 * SECOND <= took && took <= 10 * SECOND + ms(1),
            "{took:?}"
        );
        seen.push(took);
        sleep(20 * SECOND).await;
    }
    seen.sort_unstable();
    assert!(seen[19] - seen[0] > 2 * SECOND, "{seen:?}");
    seen.dedup();
    assert!(seen.len() > 10, "{seen:?}");
}

#[ambit::test]
async fn terminate_child_ends_the_wait() {
    let role = Role::new("a", &Log::new());
    let supervisor = one(&role, Backoff::constant(10 * SECOND)).await;
    role.tries();
    crash("a").await;
    assert_eq!(state(&supervisor, "a").await, Some(ChildState::Restarting));
    let refused = supervisor.restart_child("a").await;
    assert_eq!(refused, Err(ChildError::Restarting));
    assert_eq!(supervisor.terminate_child("a").await, Ok(()));
    assert_eq!(state(&supervisor, "a").await, Some(ChildState::Stopped));
    sleep(60 * SECOND).await;
    assert_eq!(role.tries(), 0);
    // A cancelled restart does not affect later ones.
    supervisor.restart_child("a").await.unwrap();
    crash("a").await;
    sleep(5 * SECOND).await;
    supervisor.terminate_child("a").await.unwrap();
    supervisor.restart_child("a").await.unwrap();
    let new = part("a").pid();
    sleep(60 * SECOND).await;
    assert_eq!(part("a").pid(), new);
    assert_eq!(role.tries(), 2);
}

#[ambit::test]
async fn a_stop_ends_the_wait() {
    let role = Role::new("a", &Log::new());
    let supervisor = one(&role, Backoff::constant(3600 * SECOND)).await;
    crash("a").await;
    let (stopped, took) = timed(supervisor.stop()).await;
    assert_eq!((stopped, took), (Ok(()), ms(0)));
    role.tries();
    sleep(7200 * SECOND).await;
    assert_eq!(role.tries(), 0);
}

/// However long the delays are: a child that cannot run uses up the restart window.
#[ambit::test]
async fn a_delay_does_not_hide_that_a_child_cannot_live() {
    for fails in [false, true] {
        let log = Log::new();
        let role = Role::new("a", &log);
        let builder = Supervisor::builder().restarts(3, 5 * SECOND);
        let spec = role.spec().backoff(Backoff::constant(60 * SECOND));
        let supervisor = builder.child(spec).start().await.unwrap();
        let mut probe = Probe::<u8>::new();
        probe.monitor(&supervisor);
        if fails {
            role.next(&[How::Fails; 9]);
        }
        role.tries();
        crash("a").await;
        for n in 1..=3 {
            assert!(supervisor.is_alive(), "{n}");
            sleep(60 * SECOND + ms(1)).await;
            settle().await;
            if !fails {
                crash("a").await;
            }
        }
        assert_eq!(role.tries(), 3);
        let gone = probe.next_within(ms(0)).await;
        assert!(matches!(gone, Some(InboxEvent::Down(down)) if gave_up(&down.reason)));
    }
}

/// A delay that ends early keeps the restarts in the window only for as long as it has lasted.
#[ambit::test]
async fn a_cancelled_delay_does_not_keep_restarts_in_the_window() {
    let role = Role::new("a", &Log::new());
    let builder = Supervisor::builder().restarts(3, 5 * SECOND);
    let spec = role.spec().backoff(Backoff::constant(3600 * SECOND));
    let supervisor = builder.child(spec).start().await.unwrap();
    for round in 1..=5 {
        crash("a").await;
        let used = || {
            ambit::process_info(&supervisor)
                .unwrap()
                .restarts
                .unwrap()
                .used
        };
        assert_eq!(used(), 1, "round {round}");
        supervisor.terminate_child("a").await.unwrap();
        supervisor.restart_child("a").await.unwrap();
        sleep(6 * SECOND).await;
        assert_eq!(used(), 0, "round {round}");
    }
    assert!(supervisor.is_alive());
}

/// The restart of the group of another child ends the delay.
#[ambit::test]
async fn a_delay_that_a_group_restart_ends_does_not_keep_restarts_in_the_window() {
    let log = Log::new();
    let b = Role::new("b", &log).spec();
    let supervisor = Supervisor::builder()
        .strategy(Strategy::RestForOne)
        .restarts(2, 5 * SECOND)
        .child(Role::new("a", &log).spec())
        .child(b.backoff(Backoff::constant(3600 * SECOND)))
        .start()
        .await
        .unwrap();
    for round in 1..=4 {
        crash("b").await;
        assert!(!part("b").is_alive(), "round {round}");
        crash("a").await;
        assert!(part("b").is_alive(), "round {round}");
        sleep(6 * SECOND).await;
    }
    assert!(supervisor.is_alive());
}

/// The time for which the child runs between its delays counts towards the window, as without delays.
#[ambit::test]
async fn a_child_that_runs_long_enough_between_its_delays_keeps_being_restarted() {
    let role = Role::new("a", &Log::new());
    let builder = Supervisor::builder().restarts(1, 5 * SECOND);
    let spec = role.spec().backoff(Backoff::constant(60 * SECOND));
    let supervisor = builder.child(spec).start().await.unwrap();
    for _ in 0..5 {
        about(60 * SECOND, crash_and_wait(&role).await);
        sleep(6 * SECOND).await;
    }
    crash_and_wait(&role).await;
    crash("a").await;
    assert!(!supervisor.is_alive());
}

#[ambit::test]
async fn a_group_restarts_together_after_the_delay() {
    let strategies = [
        (Strategy::OneForAll, &["+a", "+b", "+c"][..]),
        (Strategy::RestForOne, &["+b", "+c"]),
    ];
    for (strategy, expected) in strategies {
        let log = Log::new();
        let b = Role::new("b", &log).spec();
        let supervisor = Supervisor::builder()
            .strategy(strategy)
            .restarts(2, 5 * SECOND)
            .child(Role::new("a", &log).spec())
            .child(b.backoff(Backoff::constant(10 * SECOND)))
            .child(Role::new("c", &log).spec())
            .start()
            .await
            .unwrap();
        crash("b").await;
        assert!(!part("c").is_alive());
        log.take();
        sleep(9 * SECOND).await;
        assert!(log.is_empty());
        sleep(2 * SECOND).await;
        assert_eq!(log.take(), expected);
        // The restarts of the other children are not delayed.
        crash("c").await;
        assert!(part("c").is_alive());
        supervisor.stop().await.unwrap();
    }
}
