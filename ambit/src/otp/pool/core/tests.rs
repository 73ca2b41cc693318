//! The core against a plain model of a pool, over random events; and the rules that have numbers, one by one.

use super::*;

mod sim;

const SECOND: Duration = Duration::from_secs(1);

pub(super) fn rules(size: usize) -> Rules {
    Rules {
        size,
        max_overflow: 0,
        max_waiting: usize::MAX,
        hand_out: HandOut::Lifo,
        is_lazy: false,
        on_failure: ClientFailure::Return,
        restarts: 3,
        within: 5 * SECOND,
        backoff: None,
        has_checkout: false,
        has_checkin: false,
        ping_after: SECOND,
        max_pings: usize::MAX,
    }
}

fn at(seconds: u64) -> Moment {
    Moment {
        now: Duration::from_secs(seconds),
        dice: 0,
    }
}

/// A pool whose workers 1 to `size` are up.
fn up(rules: Rules) -> Core {
    let size = rules.size as u64;
    let (mut core, mut out) = (Core::new(rules), Vec::new());
    core.boot(at(0), &mut out);
    for worker in 1..=size {
        core.up(WorkerId(worker), at(0), &mut out);
    }
    core
}

fn take(core: &mut Core) -> WorkerId {
    let ticket = core.checkout(true, at(0), &mut Vec::new()).unwrap();
    match core.take(ticket) {
        Standing::Has(worker) => worker,
        other => panic!("a worker, not {other:?}"),
    }
}

/// The starts among these actions: which worker, instead of which, how late.
fn starts(out: &[Action]) -> Vec<(u64, Option<u64>, Duration)> {
    let starts = out.iter().filter_map(|action| match action {
        Action::Start {
            worker,
            replaces,
            delay,
        } => Some((worker.0, replaces.map(|old| old.0), *delay)),
        _ => None,
    });
    starts.collect()
}

#[test]
fn the_last_or_the_first_that_came_back_is_handed_out() {
    for (hand_out, expected) in [(HandOut::Lifo, [3, 1, 2]), (HandOut::Fifo, [2, 1, 3])] {
        let mut core = up(Rules {
            hand_out,
            ..rules(3)
        });
        let mut held = BTreeMap::new();
        for _ in 0..3 {
            let worker = take(&mut core);
            let (ticket, _) = core.holders.iter().find(|(_, w)| **w == worker).unwrap();
            held.insert(worker.0, *ticket);
        }
        for worker in [2, 1, 3] {
            core.leave(held[&worker], Left::Returned, at(1), &mut Vec::new());
        }
        assert_eq!([(); 3].map(|()| take(&mut core).0), expected);
    }
}

#[test]
fn one_restart_too_many_ends_the_pool() {
    let mut core = up(Rules {
        restarts: 1,
        ..rules(1)
    });
    let mut out = Vec::new();
    core.down(WorkerId(1), &ExitReason::Killed, at(1), &mut out);
    assert_eq!(starts(&out), [(2, Some(1), Duration::ZERO)]);
    core.up(WorkerId(2), at(1), &mut out);
    out.clear();
    core.down(WorkerId(2), &ExitReason::Killed, at(6), &mut out);
    let said = "a worker ended again after 1 restart within 5s, the limit; last error: killed";
    assert_eq!(out, [Action::GiveUp(ExitReason::shutdown_with(said))]);
    assert_eq!(core.checkout(true, at(6), &mut out), Err(Full));
}

#[test]
fn a_hook_that_wants_a_worker_gone_counts_only_with_a_reason_that_is_not_clean() {
    for (reason, counts) in [
        (ExitReason::Shutdown, false),
        (ExitReason::error("broken"), true),
    ] {
        let mut core = up(Rules {
            restarts: 0,
            has_checkin: true,
            ..rules(1)
        });
        let ticket = core.checkout(true, at(0), &mut Vec::new()).unwrap();
        core.leave(ticket, Left::Returned, at(0), &mut Vec::new());
        let mut out = Vec::new();
        let verdict = Err(reason.clone());
        core.looked(WorkerId(1), Hook::Checkin, verdict, at(0), &mut out);
        let expected = if counts {
            let said =
                "a worker ended again after 0 restarts within 5s, the limit; last error: broken";
            Action::GiveUp(ExitReason::shutdown_with(said))
        } else {
            Action::Stop(WorkerId(1), Some(reason))
        };
        assert_eq!(out, [expected]);
    }
}

#[test]
fn a_back_off_puts_off_the_replacement_and_grows() {
    let mut core = up(Rules {
        backoff: Some(Backoff::exponential(SECOND, 60 * SECOND)),
        ..rules(1)
    });
    let mut out = Vec::new();
    core.down(WorkerId(1), &ExitReason::Killed, at(0), &mut out);
    assert_eq!(starts(&out), [(2, Some(1), SECOND)]);
    assert_eq!(core.status().starting, 1);
    assert!(core.due(WorkerId(2), at(1), &mut out));
    out.clear();
    core.down(WorkerId(2), &ExitReason::Killed, at(1), &mut out);
    assert_eq!(starts(&out), [(3, Some(2), 2 * SECOND)]);
}

#[test]
fn a_delayed_start_that_nobody_wants_any_more_is_not_made() {
    let mut core = up(Rules {
        backoff: Some(Backoff::constant(SECOND)),
        max_overflow: 1,
        ..rules(1)
    });
    let mut out = Vec::new();
    take(&mut core);
    let late = core.checkout(true, at(0), &mut out).unwrap();
    core.down(WorkerId(2), &ExitReason::Killed, at(0), &mut out);
    assert_eq!(starts(&out).last(), Some(&(3, Some(2), SECOND)));
    core.leave(late, Left::Returned, at(0), &mut out);
    assert!(!core.due(WorkerId(3), at(1), &mut out));
    assert_eq!(core.workers.len(), 1);
}

#[test]
fn an_overflow_worker_takes_the_place_of_one_that_is_dismissed() {
    let mut core = up(Rules {
        max_overflow: 1,
        ..rules(1)
    });
    let mut out = Vec::new();
    let first = core.checkout(true, at(0), &mut out).unwrap();
    core.checkout(true, at(0), &mut out).unwrap();
    core.up(WorkerId(2), at(0), &mut out);
    out.clear();
    core.leave(first, Left::Returned, at(0), &mut out);
    let expected = [
        Action::Stop(WorkerId(1), None),
        Action::Place(0, WorkerId(2)),
    ];
    assert_eq!(out, expected);
}

#[test]
fn pings_go_to_those_that_were_left_alone_longest_and_keep_the_row() {
    let mut core = up(Rules {
        max_pings: 2,
        ..rules(3)
    });
    let pinged = |core: &mut Core, seconds| {
        let mut out = Vec::new();
        core.ping(at(seconds), &mut out);
        let ids: Vec<_> = out
            .iter()
            .map(|action| match action {
                Action::Run(worker, Hook::Ping) => worker.0,
                other => panic!("only pings, not {other:?}"),
            })
            .collect();
        for id in &ids {
            core.looked(WorkerId(*id), Hook::Ping, Ok(()), at(seconds), &mut out);
        }
        ids
    };
    assert!(pinged(&mut core, 0).is_empty());
    assert_eq!(pinged(&mut core, 1), [1, 2]);
    assert_eq!(pinged(&mut core, 2), [3, 1]);
    let free: Vec<_> = core.free.values().copied().collect();
    assert_eq!(free, [1, 2, 3].map(WorkerId));
}

#[test]
fn a_client_that_has_not_seen_its_worker_gets_another_one_when_that_dies() {
    let mut core = up(rules(1));
    let mut out = Vec::new();
    let ticket = core.checkout(true, at(0), &mut out).unwrap();
    core.down(WorkerId(1), &ExitReason::Killed, at(0), &mut out);
    assert_eq!(core.take(ticket), Standing::Waits);
    core.up(WorkerId(2), at(0), &mut out);
    assert_eq!(core.take(ticket), Standing::Has(WorkerId(2)));
    // From now on it is the client's, and so is its death.
    core.down(WorkerId(2), &ExitReason::Killed, at(0), &mut out);
    assert_eq!(core.take(ticket), Standing::Unknown);
}
