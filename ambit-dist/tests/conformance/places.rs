//! Reserved slots in the mailbox of a remote process, held across a reconnect.

use ambit::prelude::*;
use ambit_dist::{Limits, NodeEvent};

use crate::conformance::actors::{Log, LogCall, LogCast, LogSubject};
use crate::conformance::stage::{Stage, everywhere_within, soon};

/// The window of a process, in messages.
const WINDOW: u32 = 8;

fn small() -> Limits {
    Limits::default().window(WINDOW)
}

/// Starts a server whose claim has arrived, so that it outlives the connection.
async fn log(stage: &Stage) -> LogSubject {
    let log = soon(stage.near.on("far").start::<Log>(())).await.unwrap();
    assert_eq!(log.ping().await, Ok(7));
    log
}

/// Sends many more messages than the window. The process receives each once and in order, and no node closes the
/// connection for a missing or an extra credit.
async fn all_goes_well(stage: &Stage, log: &LogSubject, first: u64) {
    let mut events = stage.near.events();
    let before = log.heard().await.unwrap().len();
    let last = first + 5 * u64::from(WINDOW);
    for number in first..last {
        soon(log.note(number).into_owned()).await.unwrap();
    }
    let heard = soon(log.heard().into_owned()).await.unwrap();
    assert_eq!(heard[before..], (first..last).collect::<Vec<_>>());
    let Some(peer) = stage.near.peer("far") else {
        panic!("{:?}", events.next().await)
    };
    assert!(peer.traffic.credits_used <= u64::from(WINDOW), "{peer:?}");
}

#[test]
fn a_slot_reserved_across_a_reconnect_is_used_once() {
    everywhere_within(&small(), |stage| async move {
        let log = log(&stage).await;
        let used = soon(log.reserve().into_owned()).await.unwrap();
        let asked = soon(log.reserve().into_owned()).await.unwrap();
        let dropped = soon(log.reserve().into_owned()).await.unwrap();
        stage.lose().await;
        stage.find().await;
        used.send(LogCast::Note { number: 1 });
        let asked = asked.call(|reply| LogCall::Ask { number: 2, reply });
        assert_eq!(soon(asked).await, Ok(2));
        drop(dropped);
        assert_eq!(soon(log.heard().into_owned()).await, Ok(vec![1, 2]));
        all_goes_well(&stage, &log, 3).await;
    });
}

#[test]
fn a_slot_reserved_in_the_previous_session_counts_in_the_next_window() {
    everywhere_within(&small(), |stage| async move {
        let log = log(&stage).await;
        let mut places = Vec::new();
        for number in 0..WINDOW {
            if number == WINDOW / 2 {
                stage.lose().await;
                stage.find().await;
            }
            places.push(soon(log.reserve().into_owned()).await.unwrap());
        }
        // All slots are reserved, so no other sender may send.
        assert_eq!(log.note(0).now(), Err(CastError::Full));
        for (place, number) in places.into_iter().zip(0..) {
            place.send(LogCast::Note { number });
        }
        all_goes_well(&stage, &log, u64::from(WINDOW)).await;
        let all: Vec<_> = (0..6 * u64::from(WINDOW)).collect();
        assert_eq!(soon(log.heard().into_owned()).await, Ok(all));
    });
}

#[test]
fn a_message_in_a_reserved_slot_is_dropped_while_the_connection_is_lost() {
    everywhere_within(&small(), |stage| async move {
        let log = log(&stage).await;
        let mut down = stage.near.events();
        let cast = soon(log.reserve().into_owned()).await.unwrap();
        let call = soon(log.reserve().into_owned()).await.unwrap();
        stage.lose().await;
        cast.send(LogCast::Note { number: 1 });
        let asked = call.call(|reply| LogCall::Ask { number: 2, reply });
        let executed = Executed::No;
        assert_eq!(soon(asked).await, Err(CallError::NoConnection { executed }));
        assert!(matches!(
            soon(down.next()).await,
            Some(NodeEvent::Down { .. })
        ));
        stage.find().await;
        all_goes_well(&stage, &log, 3).await;
        let heard = soon(log.heard().into_owned()).await.unwrap();
        assert_eq!(heard[0], 3);
    });
}
