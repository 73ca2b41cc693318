//! "Down never overtakes": all messages that a process sent before it ended arrive before its `Down`. 10,000 rounds in
//! all, with 1,000 messages each: `just flood`. `cargo test` runs a tenth of them, CI all; `FLOOD` sets the percentage.

use std::sync::Arc;
use std::time::Duration;

use ambit::prelude::*;
use tokio::sync::mpsc;

use crate::conformance::common::{dawdle, in_process_for_long, soon};

/// Returns how many of this many rounds to run.
fn share_of(rounds: u64) -> u64 {
    let percentage = std::env::var("FLOOD").map_or(10, |set| set.parse().unwrap());
    rounds * percentage / 100
}

/// Sends 0, 1, 2, .. and ends.
fn worker(to: Subject<u64>, messages: u64) -> impl FnOnce(Inbox<u8>) -> WorkerLife {
    move |_| {
        Box::pin(async move {
            for n in 0..messages {
                to.send(n).await.unwrap();
            }
        })
    }
}

type WorkerLife = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// One watcher, one worker after the other. The watcher yields every `rest` messages, so that its mailbox fills up.
async fn rounds(rounds: u64, messages: u64, rest: u64) {
    in_process_for_long(move |mut inbox: Inbox<u64>| async move {
        for _ in 0..rounds {
            soon(round(&mut inbox, messages, rest)).await;
        }
    })
    .await;
}

/// Expects all messages in order, then the `Down`.
async fn round(inbox: &mut Inbox<u64>, messages: u64, rest: u64) {
    let work = worker(inbox.subject(), messages);
    let (_, monitor) = inbox.spawn_monitor(work).unwrap();
    for n in 0..messages {
        if rest > 0 && n % rest == 0 {
            dawdle(usize::try_from(n).unwrap()).await;
        }
        assert_eq!(inbox.next().await, InboxEvent::Message(n));
    }
    match inbox.next().await {
        InboxEvent::Down(down) => {
            assert_eq!((down.monitor, down.reason), (monitor, ExitReason::Normal));
        }
        other => panic!("{other:?} instead of the Down"),
    }
}

async fn lanes(each: u64, messages: u64, rest: u64) {
    let lanes: Vec<_> = (0..4)
        .map(|_| tokio::spawn(rounds(share_of(each), messages, rest)))
        .collect();
    for lane in lanes {
        lane.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_down_overtakes_a_message() {
    lanes(800, 1000, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_down_overtakes_a_message_to_a_slow_receiver() {
    lanes(500, 1200, 64).await;
}

/// The messages and the exit reason that a [`Watcher`] received in one round.
type Seen = (Vec<u64>, ExitReason);

/// Monitors one worker after the other and hands out what it received.
struct Watcher {
    seen: Vec<u64>,
    slow: bool,
    tell: mpsc::UnboundedSender<Seen>,
}

impl Watcher {
    async fn note(&mut self, n: u64) {
        if self.slow && n.is_multiple_of(8) {
            dawdle(usize::try_from(n).unwrap()).await;
        }
        self.seen.push(n);
    }

    fn ended(&mut self, down: Down) {
        let seen = std::mem::take(&mut self.seen);
        self.tell.send((seen, down.reason)).unwrap();
    }
}

/// Starts a worker that is monitored from its start. `send` must put `n` into the watcher.
macro_rules! watcher {
    ($name:ident, $subject:ident, $mailbox:tt) => {
        struct $name(Watcher);

        #[gen_server(mailbox = $mailbox)]
        impl $name {
            #[cast]
            async fn put(&mut self, n: u64) {
                self.0.note(n).await;
            }
            #[cast]
            fn round(&mut self, ctx: &mut Context<Self>, messages: u64) {
                let to = ctx.subject();
                let work = move |_: Inbox<u8>| async move {
                    for n in 0..messages {
                        to.put(n).await.unwrap();
                    }
                };
                ctx.spawn_monitor(work).unwrap();
            }
            #[info]
            fn on_down(&mut self, down: Down) {
                self.0.ended(down);
            }
        }

        impl $name {
            async fn all_rounds(rounds: u64, messages: u64, slow: bool) {
                let (tell, mut told) = mpsc::unbounded_channel();
                let watcher = Watcher {
                    seen: Vec::new(),
                    slow,
                    tell,
                };
                let watcher: $subject = Self(watcher).start().await.unwrap();
                let expected: Arc<Vec<u64>> = Arc::new((0..messages).collect());
                for _ in 0..share_of(rounds) {
                    watcher.round(messages).await.unwrap();
                    let (seen, reason) = soon(told.recv()).await.unwrap();
                    assert_eq!(reason, ExitReason::Normal);
                    assert_eq!(seen, *expected);
                }
            }
        }
    };
}

watcher!(Tiny, TinySubject, 1);
watcher!(Unbounded, UnboundedSubject, unbounded);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_down_overtakes_a_message_to_a_server_with_one_mailbox_slot() {
    Tiny::all_rounds(700, 1000, false).await;
    Tiny::all_rounds(100, 1000, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_down_overtakes_a_message_to_a_server_without_a_limit() {
    Unbounded::all_rounds(3600, 1000, false).await;
    Unbounded::all_rounds(400, 1000, true).await;
}

/// A worker that is killed while its message waits for capacity: the message is withdrawn, and the `Down` is the last
/// event.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_message_of_a_stopped_process_arrives_after_its_down() {
    in_process_for_long(|mut inbox: Inbox<u64>| async move {
        for round in 0..300 {
            soon(one_victim(&mut inbox, round)).await;
        }
    })
    .await;
}

async fn one_victim(inbox: &mut Inbox<u64>, round: usize) {
    let work = worker(inbox.subject(), u64::MAX);
    let (victim, _) = inbox.spawn_monitor(work).unwrap();
    if !round.is_multiple_of(3) {
        // Until the mailbox is full and the worker waits for capacity.
        while ambit::process_info(inbox.pid()).unwrap().queued < 1025 {
            tokio::task::yield_now().await;
        }
    }
    dawdle(round).await;
    ambit::exit(&victim, ExitReason::Kill);
    let mut next = 0;
    loop {
        match inbox.next().await {
            InboxEvent::Message(n) => assert_eq!(n, std::mem::replace(&mut next, n + 1)),
            InboxEvent::Down(down) => break assert_eq!(down.reason, ExitReason::Killed),
            InboxEvent::Exit(exit) => panic!("{exit:?}"),
        }
    }
    assert_eq!(inbox.next_within(Duration::ZERO).await, None);
}
