//! Late events: cancelled starts that succeed, cancelled children that end, requests during the stop.

use super::generators::SECOND;
use super::*;
use crate::supervisor::backoff::Backoff;

const FIRST: Key = Key(0);
const NOW: Duration = Duration::ZERO;

fn pid(n: u32) -> Pid {
    Pid::new(1, n, 0)
}

fn rules(id: &str) -> Rules {
    Rules {
        id: id.into(),
        restart: Restart::Permanent,
        shutdown: Shutdown::Infinity,
        significant: false,
        backoff: None,
        kind: ChildKind::Worker,
    }
}

fn fixed() -> Fixed<u32> {
    Fixed::new(Flags::default(), [(FIRST, rules("one"))])
}

fn send(core: &mut dyn Decide<u32>, event: Event<u32>) -> Vec<Action<u32>> {
    core.handle(event, NOW, 0)
}

fn leave() -> Event<u32> {
    Event::Leave(ExitReason::Shutdown)
}

/// Returns a core whose first start has begun and is cancelled.
fn cancelled() -> Fixed<u32> {
    let mut core = fixed();
    assert_eq!(send(&mut core, Event::Boot), [Action::Start(FIRST)]);
    assert_eq!(
        send(&mut core, leave()),
        [Action::Cancel(FIRST, Shutdown::Brutal)]
    );
    core
}

#[test]
fn a_start_that_succeeds_though_it_was_cancelled_is_killed_once_more() {
    let mut core = cancelled();
    let stop = [Action::Stop(FIRST, Shutdown::Brutal)];
    assert_eq!(send(&mut core, Event::Started(FIRST, pid(1))), stop);
    let actions = send(&mut core, Event::Exited(FIRST, pid(1), ExitReason::Killed));
    assert_eq!(actions.last(), Some(&Action::End(ExitReason::Shutdown)));
}

#[test]
fn a_start_of_a_supervisor_is_stopped_with_its_shutdown_time() {
    let inner = Rules {
        kind: ChildKind::Supervisor,
        shutdown: Shutdown::After(SECOND),
        ..rules("one")
    };
    let shutdown = inner.shutdown;
    let mut core = Fixed::new(Flags::default(), [(FIRST, inner)]);
    assert_eq!(send(&mut core, Event::Boot), [Action::Start(FIRST)]);
    let cancel = [Action::Cancel(FIRST, shutdown)];
    assert_eq!(send(&mut core, leave()), cancel);
    let stop = [Action::Stop(FIRST, shutdown)];
    assert_eq!(send(&mut core, Event::Started(FIRST, pid(1))), stop);
}

#[test]
fn a_stuck_start_that_ends_in_time_is_not_named() {
    let mut core = cancelled();
    let stuck = [Action::Report(FIRST, Report::Stuck), Action::Grace];
    assert_eq!(send(&mut core, Event::Overdue(FIRST, pid(1))), stuck);
    assert_eq!(send(&mut core, Event::Started(FIRST, pid(1))), []);
    let actions = send(&mut core, Event::Exited(FIRST, pid(1), ExitReason::Killed));
    assert_eq!(actions.last(), Some(&Action::End(ExitReason::Shutdown)));
}

#[test]
fn a_stuck_start_that_begins_after_all_is_named_while_it_runs() {
    let mut core = cancelled();
    drop(send(&mut core, Event::Overdue(FIRST, pid(1))));
    assert_eq!(send(&mut core, Event::Started(FIRST, pid(1))), []);
    let end = ExitReason::shutdown_with("stuck: one");
    assert_eq!(send(&mut core, Event::GraceOver), [Action::End(end)]);
}

#[test]
fn a_supervisor_that_gives_up_over_a_stuck_child_names_both() {
    let flags = Flags {
        restarts: 0,
        ..Flags::default()
    };
    let (second, two) = (Key(1), rules("two"));
    let mut core = Fixed::new(flags, [(FIRST, rules("one")), (second, two)]);
    drop(send(&mut core, Event::Boot));
    drop(send(&mut core, Event::Started(FIRST, pid(1))));
    drop(send(&mut core, Event::Started(second, pid(2))));
    let error = ExitReason::error("no disk");
    drop(send(&mut core, Event::Exited(FIRST, pid(1), error)));
    drop(send(&mut core, Event::Overdue(second, pid(2))));
    let end = send(&mut core, Event::GraceOver);
    let [Action::End(reason @ ExitReason::ShutdownWith(said))] = &end[..] else {
        panic!("{end:?}");
    };
    let said = said.to_string();
    assert!(
        said.starts_with("child `one` ended again after 0 restarts"),
        "{said}"
    );
    assert!(said.ends_with("last error: no disk; stuck: two"), "{said}");
    assert_eq!(stuck_below("inner", reason), ["inner/two"]);
}

#[test]
fn a_question_on_the_way_out_is_answered() {
    let mut core = cancelled();
    let answer = [Action::Answer(7, Err(ChildError::NoProcess))];
    let question = Command::Terminate(ChildSelector::Id("one".into()), 7);
    assert_eq!(send(&mut core, Event::Command(question)), answer);
}

#[test]
fn the_last_request_is_answered_before_the_exit() {
    let mut core = Dynamic::new(Flags::default(), 1);
    drop(send(
        &mut core,
        Event::Command(Command::Start(FIRST, rules("one"), 1)),
    ));
    drop(send(&mut core, Event::Started(FIRST, pid(1))));
    drop(send(&mut core, leave()));
    let question = Command::Terminate(ChildSelector::Pid(pid(1)), 2);
    assert_eq!(send(&mut core, Event::Command(question)), []);
    let actions = send(
        &mut core,
        Event::Exited(FIRST, pid(1), ExitReason::Shutdown),
    );
    let [.., Action::Answer(2, Ok(None)), Action::End(_)] = &actions[..] else {
        panic!("{actions:?}")
    };
}

#[test]
fn stuck_starts_do_not_keep_a_supervisor_from_starting_others() {
    let mut core = Dynamic::new(Flags::default(), usize::MAX);
    let mut n = 0;
    while !core.is_busy() {
        let start = Command::Start(Key(n), rules("one"), 1);
        drop(send(&mut core, Event::Command(start)));
        n += 1;
    }
    // A child was restarted, and the restart was cancelled.
    drop(send(&mut core, Event::Started(FIRST, pid(1))));
    drop(send(
        &mut core,
        Event::Exited(FIRST, pid(1), ExitReason::Killed),
    ));
    assert!(core.is_busy());
    let question = Command::Terminate(ChildSelector::Pid(pid(1)), 2);
    assert_eq!(
        send(&mut core, Event::Command(question)),
        [Action::Cancel(FIRST, Shutdown::Brutal)]
    );
    drop(send(&mut core, Event::Overdue(FIRST, pid(2))));
    assert!(!core.is_busy());
    drop(send(&mut core, Event::Started(FIRST, pid(2))));
    assert_eq!(core.children()[0].state, ChildState::Running(pid(2)));
}

#[test]
fn a_stuck_child_that_ends_waits_for_the_delay_of_its_group() {
    let flags = Flags {
        strategy: Strategy::OneForAll,
        ..Flags::default()
    };
    let second = Key(1);
    let patient = Rules {
        backoff: Some(Backoff::constant(60 * SECOND).into()),
        ..rules("two")
    };
    let mut core = Fixed::new(flags, [(FIRST, rules("one")), (second, patient)]);
    drop(send(&mut core, Event::Boot));
    drop(send(&mut core, Event::Started(FIRST, pid(1))));
    drop(send(&mut core, Event::Started(second, pid(2))));
    let error = ExitReason::error("no disk");
    drop(send(&mut core, Event::Exited(second, pid(2), error)));
    let stuck = send(&mut core, Event::Overdue(FIRST, pid(1)));
    let ticket = stuck.iter().find_map(|action| match action {
        Action::Later(key, ticket, delay) if (*key, *delay) == (second, 60 * SECOND) => {
            Some(*ticket)
        }
        _ => None,
    });
    let killed = Event::Exited(FIRST, pid(1), ExitReason::Killed);
    assert_eq!(
        send(&mut core, killed),
        [],
        "the delay of the other one runs"
    );
    let retry = Event::Retry(second, ticket.expect("a delay"));
    assert_eq!(send(&mut core, retry), [Action::Start(FIRST)]);
    let started = Event::Started(FIRST, pid(3));
    assert_eq!(send(&mut core, started), [Action::Start(second)]);
}

#[test]
fn two_requests_end_a_restart_that_succeeds_though_it_was_cancelled() {
    let mut core = Dynamic::new(Flags::default(), 1);
    let start = Command::Start(FIRST, rules("one"), 1);
    drop(send(&mut core, Event::Command(start)));
    drop(send(&mut core, Event::Started(FIRST, pid(1))));
    let error = ExitReason::error("no disk");
    let restart = send(&mut core, Event::Exited(FIRST, pid(1), error));
    assert_eq!(restart.last(), Some(&Action::Start(FIRST)));
    let terminate = |core: &mut Dynamic<u32>, port| {
        let request = Command::Terminate(ChildSelector::Pid(pid(1)), port);
        send(core, Event::Command(request))
    };
    let cancel = [Action::Cancel(FIRST, Shutdown::Brutal)];
    assert_eq!(terminate(&mut core, 2), cancel);
    let stop = [Action::Stop(FIRST, Shutdown::Brutal)];
    assert_eq!(send(&mut core, Event::Started(FIRST, pid(2))), stop);
    assert_eq!(terminate(&mut core, 3), []);
    let ended = send(&mut core, Event::Exited(FIRST, pid(2), ExitReason::Killed));
    let answers = [Action::Answer(2, Ok(None)), Action::Answer(3, Ok(None))];
    assert_eq!(ended.first(), Some(&Action::Forget(FIRST)));
    assert_eq!(ended[1..], answers);
    let unknown = [Action::Answer(4, Err(ChildError::NotFound))];
    assert_eq!(terminate(&mut core, 4), unknown);
}
