//! A node that has reached its limit of protocol definitions.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context as TaskContext, Wake, Waker};
use std::thread;
use std::time::Duration;

use ambit::error::{CallError, CastError};
use ambit::prelude::*;
use ambit_dist::Limits;

use crate::two_nodes::pair::{Pair, pair_within};

struct Door;

struct Room;

#[gen_server(remote = "test.room")]
impl Room {
    #[call]
    fn seats(&self) -> u32 {
        4
    }

    #[cast]
    fn note(&mut self, text: String) {
        drop(text);
    }
}

#[gen_server(remote = "test.door")]
impl Door {
    #[init]
    fn new() -> Self {
        Self
    }

    #[call]
    async fn room(&mut self) -> RoomSubject {
        Room.start().await.unwrap()
    }
}

/// The start of the door, and the door itself.
const TYPES: usize = 2;
const WINDOW: u32 = 4;

/// Returns a pair of nodes, and a server of the far node whose protocol cannot be defined any more.
async fn room() -> (Pair, RoomSubject) {
    let mut limits = Limits::default();
    (limits.types, limits.window) = (TYPES, WINDOW);
    let pair = pair_within(&limits).await;
    pair.far.expose::<Door>();
    let door = pair.near.on("far").start::<Door>(()).await.unwrap();
    let room = door.room().await.unwrap();
    (pair, room)
}

#[ambit::test]
async fn an_undefinable_message_is_unsendable_and_costs_no_credit() {
    let (_pair, room) = room().await;
    for _ in 0..3 * WINDOW {
        let refused = room.seats().await;
        assert!(
            matches!(refused, Err(CallError::Unsendable { .. })),
            "{refused:?}"
        );
    }
}

fn is_unsendable(refused: &Result<(), CastError>) -> bool {
    matches!(refused, Err(CastError::Unsendable { .. }))
}

#[ambit::test]
async fn an_undefinable_cast_is_refused_and_costs_no_credit() {
    let (_pair, room) = room().await;
    for _ in 0..3 * WINDOW {
        let refused = room.note("a".into()).await;
        assert!(is_unsendable(&refused), "{refused:?}");
        let refused = room.note("b".into()).now_or_return();
        let Err((CastError::Unsendable { .. }, RoomCast::Note { text })) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(text, "b", "it comes back");
    }
}

#[ambit::test]
async fn an_undefinable_cast_that_waits_is_refused() {
    let (_pair, room) = room().await;
    let mut permits = Vec::new();
    for _ in 0..WINDOW {
        permits.push(room.reserve().await.unwrap());
    }
    let mut cast = pin!(room.note("a".into()).into_future());
    let polled = cast
        .as_mut()
        .poll(&mut TaskContext::from_waker(Waker::noop()));
    assert!(polled.is_pending(), "it has no credit");
    drop(permits);
    let refused = cast.await;
    assert!(is_unsendable(&refused), "{refused:?}");
}

#[ambit::test]
async fn an_undefinable_cast_with_a_permit_is_a_dead_letter() {
    let (_pair, room) = room().await;
    for _ in 0..2 * WINDOW {
        let permit = room.reserve().await.unwrap();
        permit.send(RoomCast::Note { text: "a".into() });
    }
    let letters = ambit::test::dead_letters();
    assert_eq!(letters.len(), 2 * WINDOW as usize, "{letters:?}");
}

/// A waker that calls the server whose call has ended.
struct Meddler {
    room: RoomSubject,
    woken: AtomicUsize,
}

impl Wake for Meddler {
    fn wake(self: Arc<Self>) {
        let mut context = TaskContext::from_waker(Waker::noop());
        let _ = pin!(self.room.seats().into_future()).poll(&mut context);
        self.woken.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn the_caller_of_a_queued_call_that_cannot_be_sent_is_woken_without_a_lock() {
    let (done, over) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(async {
            let (_pair, room) = room().await;
            let mut permits = Vec::new();
            for _ in 0..WINDOW {
                permits.push(room.reserve().await.unwrap());
            }
            let meddler = Arc::new(Meddler {
                room: room.clone(),
                woken: AtomicUsize::new(0),
            });
            let waker = Waker::from(meddler.clone());
            let mut call = pin!(room.seats().into_future());
            let polled = call.as_mut().poll(&mut TaskContext::from_waker(&waker));
            assert!(polled.is_pending(), "it has no credit");
            drop(permits);
            assert_eq!(meddler.woken.load(Ordering::SeqCst), 1);
            done.send(call.await.map_err(|error| error.to_string()))
                .unwrap();
        });
    });
    let outcome = over.recv_timeout(Duration::from_secs(20));
    assert!(outcome.expect("it hangs").is_err());
}
