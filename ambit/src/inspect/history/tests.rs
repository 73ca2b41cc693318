//! Histories and lints, with made-up snapshots.

use super::*;
use crate::inspect::finding::Finding;
use crate::inspect::lints;
use crate::inspect::process::ProcessInfo;
use crate::supervisor::restart_stats::Restarts;

const SECOND: Duration = Duration::from_secs(1);

fn pid(n: u32) -> Pid {
    Pid::new(1, n, 0)
}

fn fact(n: u32, queue_snapshot: QueueSnapshot) -> ProcessFacts {
    let info = ProcessInfo {
        queued: queue_snapshot.queued,
        capacity: queue_snapshot.capacity,
        ..ProcessInfo::blank(pid(n), "Worker")
    };
    ProcessFacts {
        info,
        queue_snapshot,
        is_server: true,
        progress: 0,
    }
}

/// Returns a queue with this number of messages, after this number that have begun.
fn queue(queued: usize, begun: u64) -> QueueSnapshot {
    QueueSnapshot {
        queued,
        capacity: None,
        begun,
        next: begun + queued as u64,
    }
}

fn at(seconds: u64, processes: Vec<ProcessFacts>) -> Facts {
    Facts {
        at: Duration::from_secs(seconds),
        measured: true,
        processes,
        dead_letters: 0,
        polls: Vec::new(),
        waits: Vec::new(),
        lags: Vec::new(),
    }
}

fn look(history: &mut History, facts: &Facts) -> Vec<Finding> {
    history.note(facts);
    lints::find(facts, history)
}

fn kinds(found: &[Finding]) -> Vec<Lint> {
    found.iter().map(|finding| finding.lint).collect()
}

/// Compared with a model that knows the arrival time of each message.
#[test]
fn an_age_is_never_too_great_and_at_most_one_look_too_small() {
    let mut rng = fastrand::Rng::with_seed(11);
    let mut random = |below: u64| rng.u64(..below);
    for _ in 0..200 {
        let mut history = History::default();
        let (mut came, mut begun) = (VecDeque::new(), 0);
        for second in 1..60 {
            // Messages arrive throughout the second before the snapshot.
            for _ in 0..random(4) {
                came.push_back(second * SECOND - SECOND / 2);
            }
            for _ in 0..random(5) {
                begun += u64::from(came.pop_front().is_some());
            }
            let queue_snapshot = queue(came.len(), begun);
            history.note(&at(second.into(), vec![fact(1, queue_snapshot)]));
            let reported = history.age(pid(1), &queue_snapshot, second * SECOND);
            let exact = came.front().map(|at| second * SECOND - *at);
            match (exact, reported) {
                (None, None) => {}
                (Some(exact), Some(reported)) => {
                    assert!(
                        reported <= exact && exact <= reported + SECOND,
                        "{reported:?}, {exact:?}"
                    );
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn very_many_looks_at_one_queue_are_thinned_and_the_oldest_stays() {
    let mut history = History::default();
    for second in 1..1_000 {
        let queue_snapshot = queue(second as usize, 0);
        history.note(&at(second, vec![fact(1, queue_snapshot)]));
        let age = history.age(pid(1), &queue_snapshot, second as u32 * SECOND);
        assert_eq!(age, Some((second - 1) as u32 * SECOND));
    }
    let past = history.of(pid(1)).unwrap();
    assert!(past.stamps.len() <= STAMPS);
}

#[test]
fn idle_and_stopped_processes_leave_no_history() {
    let mut history = History::default();
    history.note(&at(1, vec![fact(1, queue(3, 0)), fact(2, queue(0, 7))]));
    assert!(history.of(pid(1)).is_some() && history.of(pid(2)).is_none());
    history.note(&at(2, Vec::new()));
    assert!(history.of(pid(1)).is_none());
}

#[test]
fn a_queue_counts_as_growing_after_three_snapshots_over_three_seconds() {
    let mut history = History::default();
    for (second, queued, found) in [
        (1, 10, 0),
        (2, 80, 0),
        (3, 90, 0),
        (4, 99, 0),
        (5, 120, 1),
        // Not longer, but not shorter either.
        (6, 120, 1),
        (7, 119, 0),
        (8, 130, 0),
    ] {
        let found_now = look(&mut history, &at(second, vec![fact(1, queue(queued, 5))]));
        assert_eq!(found_now.len(), found, "at {second} s");
        if let Some(finding) = found_now.first() {
            assert_eq!(finding.lint, Lint::MailboxGrowing);
            assert_eq!(finding.since, SECOND);
            assert_eq!(finding.figures["before"], 10);
        }
    }
}

#[test]
fn a_mailbox_is_nearly_full_from_eighty_percent_on() {
    for (queued, found) in [(79, 0), (80, 1), (140, 1)] {
        let capacity = Some(100);
        let queue_snapshot = QueueSnapshot {
            capacity,
            ..queue(queued, 0)
        };
        let all = look(
            &mut History::default(),
            &at(1, vec![fact(1, queue_snapshot)]),
        );
        assert_eq!(kinds(&all), vec![Lint::MailboxNearlyFull; found]);
    }
}

#[test]
fn a_handler_is_stuck_after_five_seconds_without_another_one() {
    let mut history = History::default();
    let busy = |progress, status| {
        let mut fact = fact(1, queue(2, 0));
        fact.info.status = status;
        fact.progress = progress;
        vec![fact]
    };
    for (second, progress, status, found) in [
        (1, 4, Status::Busy, 0),
        (2, 5, Status::Busy, 0),
        (7, 5, Status::Busy, 0),
        (8, 5, Status::Busy, 1),
        (9, 6, Status::Busy, 0),
        (20, 6, Status::Idle, 0),
        (21, 6, Status::Busy, 0),
        (30, 6, Status::Busy, 1),
    ] {
        let all = look(&mut history, &at(second, busy(progress, status)));
        assert_eq!(
            kinds(&all),
            vec![Lint::StuckHandler; found],
            "at {second} s"
        );
    }
    // Without counts of handlers there is no finding.
    let mut blind = at(50, busy(6, Status::Busy));
    blind.measured = false;
    assert!(look(&mut history, &blind).is_empty());
}

#[test]
fn half_of_the_restarts_are_a_sign() {
    for (used, max, found) in [(0, 0, 0), (0, 3, 0), (1, 3, 0), (2, 3, 1), (1, 1, 1)] {
        let mut fact = fact(1, queue(0, 0));
        fact.info.restarts = Some(Restarts {
            used,
            max,
            within: SECOND,
        });
        let all = look(&mut History::default(), &at(1, vec![fact]));
        assert_eq!(
            kinds(&all),
            vec![Lint::RestartBudget; found],
            "{used} of {max}"
        );
    }
}

#[test]
fn dead_letters_count_for_ten_seconds() {
    let mut history = History::default();
    // Dead letters before the first snapshot do not count as new.
    for (second, envelopes, found) in [
        (1, 500, 0),
        (2, 509, 0),
        (3, 510, 1),
        (11, 510, 1),
        (12, 510, 0),
    ] {
        let mut facts = at(second, Vec::new());
        facts.dead_letters = envelopes;
        let all = look(&mut history, &facts);
        assert_eq!(kinds(&all), vec![Lint::DeadLetters; found], "at {second} s");
    }
}

#[test]
fn dead_letters_between_two_distant_snapshots_are_reported_with_that_interval() {
    let mut history = History::default();
    look(&mut history, &at(1, Vec::new()));
    let mut facts = at(61, Vec::new());
    facts.dead_letters = 12;
    let found = look(&mut history, &facts).remove(0);
    assert_eq!(found.figures["within_ms"], 60_000);
    assert_eq!(
        found.cause,
        "12 messages of the last 60s were not delivered."
    );
}

#[test]
fn the_long_polls_of_one_process_are_one_finding() {
    let poll = |second, method, at_least| BlockingPoll {
        at: second * SECOND,
        pid: pid(3),
        type_name: "Worker",
        method,
        at_least,
    };
    let mut facts = at(20, Vec::new());
    facts.polls = vec![
        poll(5, "old", 99 * SECOND),
        poll(11, "read", 2 * SECOND),
        poll(15, "write", SECOND),
    ];
    let all = look(&mut History::default(), &facts);
    assert_eq!(kinds(&all), [Lint::BlockingPoll]);
    assert_eq!(all[0].who, "Worker#3 in `read`");
    assert_eq!(
        (all[0].figures["polls"], all[0].figures["longest_ms"]),
        (2, 2_000)
    );
}

#[test]
fn lagging_subscribers_and_call_cycles_are_reported() {
    let lag = |behind| Lag {
        source: "prices".into(),
        pid: pid(1),
        behind,
    };
    let mut facts = at(1, vec![fact(1, queue(0, 0))]);
    facts.lags = vec![lag(999), lag(1_000)];
    facts.waits = vec![(pid(1), vec![pid(2)]), (pid(2), vec![pid(1)])];
    let all = look(&mut History::default(), &facts);
    assert_eq!(kinds(&all), [Lint::SubscriberLag, Lint::CallCycle]);
    assert_eq!(all[0].who, "Worker#1 of `prices`");
    assert_eq!(
        (all[1].who.as_str(), &*all[1].pids),
        ("Worker#1, #2", &[pid(1), pid(2)][..])
    );
}

#[test]
fn a_repeated_finding_keeps_the_time_of_its_first_occurrence() {
    let mut history = History::default();
    let full = || {
        let capacity = Some(10);
        vec![fact(
            1,
            QueueSnapshot {
                capacity,
                ..queue(10, 0)
            },
        )]
    };
    for (second, since) in [(3, 3), (4, 3), (9, 3)] {
        let all = look(&mut history, &at(second, full()));
        assert_eq!(all[0].since, since * SECOND);
    }
    look(&mut history, &at(10, Vec::new()));
    assert_eq!(look(&mut history, &at(11, full()))[0].since, 11 * SECOND);
}

#[test]
fn every_lint_has_its_own_name_and_a_remedy() {
    let names: std::collections::BTreeSet<_> = Lint::ALL.iter().map(|lint| lint.name()).collect();
    assert_eq!(names.len(), Lint::ALL.len());
    assert!(Lint::ALL.iter().all(|lint| lint.remedy().ends_with('.')));
}
