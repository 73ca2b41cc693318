//! Node events, and a node on its own.

use std::time::Duration;

use ambit::error::Executed;
use ambit::prelude::*;
use ambit::test::Probe;
use ambit_dist::{ConnectError, DownReason, NodeEvent, NodeEvents, Timeouts};
use tokio::time::{Instant, timeout};

use crate::conformance::actors::{Log, area};
use crate::conformance::stage::{everywhere, in_process, in_virtual_time, soon, until_some};

/// Records the order of node events and messages.
struct Witness(Vec<Told>);

#[derive(Clone, Debug, Message, PartialEq, Eq)]
#[message(name = "cases.told")]
enum Told {
    Up,
    Said(u64),
    Down,
}

#[gen_server(remote = "cases.witness")]
impl Witness {
    #[init]
    fn new() -> Self {
        Self(Vec::new())
    }

    #[cast]
    fn say(&mut self, number: u64) {
        self.0.push(Told::Said(number));
    }

    #[call]
    fn told(&self) -> Vec<Told> {
        self.0.clone()
    }

    #[info]
    fn on_event(&mut self, event: NodeEvent) {
        match event {
            NodeEvent::Up { .. } => self.0.push(Told::Up),
            NodeEvent::Down { .. } => self.0.push(Told::Down),
            other => panic!("{other:?}"),
        }
    }
}

/// Sends to a witness of the other node as early and as often as possible.
struct Speaker;

#[gen_server(remote = "cases.speaker")]
impl Speaker {
    #[init]
    fn new(witness: WitnessSubject) -> Self {
        ambit::spawn(|_: Inbox<u8>| async move {
            for number in 0.. {
                // Pauses regularly, so that virtual time advances.
                if witness.say(number).await.is_err() || number % 20 == 0 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
        });
        Self
    }

    #[call]
    fn ping(&self) -> u64 {
        7
    }
}

#[test]
fn dist_02_a_node_is_up_before_its_first_message_and_down_after_its_last() {
    everywhere(|stage| async move {
        const ROUNDS: usize = 5;
        stage.far().node.expose::<Speaker>();
        let witness = Witness::start().await.unwrap();
        let subject: &Subject<Witness> = witness.as_ref();
        let subscription = stage.near.subscribe(&subject.recipient());
        let speaker = stage.near.on("far").start::<Speaker>((witness.clone(),));
        assert_eq!(soon(speaker).await.unwrap().ping().await, Ok(7));
        for round in 0..ROUNDS {
            stage.lose().await;
            stage.find().await;
            until_some("a message arrives after the node is up", || async {
                let told = witness.told().await.unwrap();
                let ups = told.iter().filter(|told| **told == Told::Up).count();
                let has_spoken = matches!(told.last(), Some(Told::Said(_)));
                (ups > round && has_spoken).then_some(())
            })
            .await;
        }
        subscription.cancel();
        let told = witness.told().await.unwrap();
        let mut is_up = true;
        let mut last = None;
        for (at, told) in told.iter().enumerate() {
            match told {
                Told::Up => assert!(!std::mem::replace(&mut is_up, true), "up twice, at {at}"),
                Told::Down => assert!(std::mem::replace(&mut is_up, false), "down twice, at {at}"),
                Told::Said(number) => {
                    assert!(is_up, "{number} came from a node that was down");
                    assert!(last.replace(*number) < Some(*number), "each once, in order");
                }
            }
        }
    });
}

#[test]
fn dist_01_each_subscription_counts_and_ends_by_itself_or_with_its_process() {
    everywhere(|stage| async move {
        let mut probe = Probe::<NodeEvent>::new();
        let first = stage.near.subscribe(&probe.recipient());
        let second = stage.near.subscribe(&probe.recipient());
        stage.lose().await;
        for _ in 0..2 {
            let down = soon(probe.expect()).await;
            assert!(matches!(down, NodeEvent::Down { .. }), "{down:?}");
        }
        assert!(first.cancel());
        stage.find().await;
        let up = soon(probe.expect()).await;
        assert!(matches!(up, NodeEvent::Up { .. }), "{up:?}");
        assert!(second.cancel());
        stage.lose().await;
        let gone = Probe::<NodeEvent>::new();
        let of_gone = stage.near.subscribe(&gone.recipient());
        drop(gone);
        stage.find().await;
        let third = stage.near.subscribe(&probe.recipient());
        stage.lose().await;
        // The next event belongs to the third subscription, so none arrived since the second ended.
        let down = soon(probe.expect()).await;
        assert!(matches!(down, NodeEvent::Down { .. }), "{down:?}");
        assert!(third.cancel() && !of_gone.cancel());
    });
}

#[test]
fn dist_04_disconnect_leave_restart_and_silence_have_different_down_reasons() {
    everywhere(|stage| async move {
        let mut near = stage.near.events();
        let far = stage.far().node;
        let mut hears = far.events();
        assert!(stage.near.disconnect("far").await);
        assert_eq!(down(&mut near).await, DownReason::Disconnected);
        assert_eq!(down(&mut hears).await, DownReason::Closed);
        stage.find().await;
        soon(far.leave()).await;
        assert_eq!(down(&mut near).await, DownReason::Left);
        assert_eq!(down(&mut hears).await, DownReason::Left);
    });
    in_virtual_time(|stage| async move {
        let mut near = stage.near.events();
        stage.restart().await;
        assert_eq!(down(&mut near).await, DownReason::Restarted);
        let mut far = stage.far().node.events();
        stage.part();
        assert_eq!(down(&mut near).await, DownReason::TimedOut);
        assert_eq!(down(&mut far).await, DownReason::TimedOut);
    });
}

async fn down(events: &mut NodeEvents) -> DownReason {
    loop {
        match soon(events.next()).await.unwrap() {
            NodeEvent::Down { reason, .. } => return reason,
            NodeEvent::Up { .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn dist_05_a_node_that_falls_silent_is_down_in_time_and_a_quiet_one_stays() {
    in_virtual_time(|stage| async move {
        let mut events = stage.near.events();
        let minutes = Duration::from_secs(120);
        let quiet = timeout(minutes, events.next());
        assert!(quiet.await.is_err(), "a quiet connection stays");
        stage.part();
        let begin = Instant::now();
        assert_eq!(down(&mut events).await, DownReason::TimedOut);
        let took = begin.elapsed();
        // Silence is measured from the last heartbeat, which may be one interval and one trip earlier.
        let silence = Timeouts::default().silence();
        assert!(
            took >= silence * 6 / 10 && took <= silence * 5 / 4,
            "{took:?}"
        );
    });
}

#[test]
fn x86_an_unreachable_node_is_reported_without_waiting() {
    everywhere(|stage| async move {
        let far = stage.near.on("nobody");
        let executed = Executed::No;
        let lost = Err(CallError::NoConnection { executed });
        assert_eq!(far.call(area(1, 1)).no_timeout().await, lost);
        let handle = stage.near.on("far").start::<Log>(()).await.unwrap();
        stage.lose().await;
        // A monitor fires at once, without an error.
        let begin = Instant::now();
        assert_eq!(handle.monitor().await.reason, ExitReason::NoConnection);
        in_process(move |mut inbox| async move {
            let monitor = inbox.monitor(&handle);
            let heard = soon(inbox.next()).await;
            assert!(
                matches!(&heard, InboxEvent::Down(down) if down.monitor == monitor && down.reason == ExitReason::NoConnection),
                "{heard:?}"
            );
        })
        .await;
        assert!(begin.elapsed() < Duration::from_secs(1));
    });
}

#[test]
fn x12_a_link_to_a_disconnected_node_fails_without_waiting() {
    everywhere(|stage| async move {
        let handle = stage.near.on("far").start::<Log>(()).await.unwrap();
        stage.lose().await;
        in_process(move |mut inbox| async move {
            inbox.trap_exits(true);
            inbox.link(&handle).unwrap();
            let heard = soon(inbox.next()).await;
            assert!(
                matches!(&heard, InboxEvent::Exit(exit) if exit.from == handle.pid() && exit.reason == ExitReason::NoConnection),
                "{heard:?}"
            );
        })
        .await;
    });
}

#[test]
fn x90_a_node_that_has_left_keeps_running_alone() {
    everywhere(|stage| async move {
        let (there, here) = (stage.near.on("far").start::<Log>(()), Log::start());
        let (there, here) = (soon(there).await.unwrap(), here.await.unwrap());
        let kept = there.keep().no_timeout().send();
        assert_eq!(there.kept().await, Ok((1, 0)));
        soon(stage.near.leave()).await;
        let executed = Executed::Maybe;
        assert_eq!(soon(kept).await, Err(CallError::NoConnection { executed }));
        let executed = Executed::No;
        let lost = CallError::NoConnection { executed };
        assert_eq!(there.ping().await, Err(lost.clone()));
        assert_eq!(there.note(1).await, Err(CastError::NoConnection));
        assert_eq!(there.monitor().await.reason, ExitReason::NoConnection);
        assert_eq!(stage.near.on("far").call(area(1, 1)).await, Err(lost));
        let address = stage.far().node.local_addr();
        assert_eq!(stage.near.connect(address).await, Err(ConnectError::Left));
        // Processes of both nodes keep running.
        assert_eq!(here.ask(1).await, Ok(1));
        let monitor = here.monitor();
        here.end().await.unwrap();
        assert_eq!(monitor.await.reason, ExitReason::shutdown_with("asked to"));
        assert_eq!(stage.far().system.process_count(), 1);
    });
}
