//! The messages of one child while another one crashes and is restarted.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ambit::prelude::*;
use ambit::test::{await_restart, crashes};

use crate::supervision_proof::spinner::*;

const SENDERS: u64 = 4;
const MESSAGES: u64 = 5000;
const CRASHES: usize = 300;

/// Counts the messages of each sender, and asserts that none is missing.
#[derive(Default)]
struct Sink {
    next: BTreeMap<u64, u64>,
}

#[gen_server]
impl Sink {
    #[init]
    fn init() -> Self {
        Self::default()
    }

    #[cast]
    fn take(&mut self, sender: u64, number: u64) {
        let next = self.next.entry(sender).or_default();
        assert_eq!(*next, number, "of sender {sender}");
        *next += 1;
    }

    #[call]
    fn taken(&mut self, sender: u64) -> u64 {
        self.next.get(&sender).copied().unwrap_or_default()
    }
}

#[ambit::test(flavor = "multi_thread")]
async fn restarts_of_a_sibling_lose_no_message() {
    let none = Hold::new();
    let supervisor = Supervisor::builder()
        .restarts(u32::MAX, Duration::from_secs(1))
        .child(spinner("before", &none))
        .start()
        .await
        .unwrap();
    let sink = supervisor.start_child(Sink::child_spec()).await.unwrap();
    let crasher = supervisor
        .start_child(spinner("crasher", &none))
        .await
        .unwrap();
    let (first, done) = (sink.pid(), Arc::new(AtomicBool::new(false)));

    let mut senders = Vec::new();
    for sender in 0..SENDERS {
        let sink = sink.clone();
        senders.push(tokio::spawn(async move {
            for number in 0..MESSAGES {
                // Every hundredth time a call checks that all earlier casts have arrived.
                if number % 100 == 99 {
                    assert_eq!(sink.taken(sender).await, Ok(number));
                }
                sink.take(sender, number).await.unwrap();
            }
            sink.taken(sender).await
        }));
    }
    let is_done = done.clone();
    let crashing = tokio::spawn(async move {
        let mut crashed = 0;
        while crashed < CRASHES || !is_done.load(Ordering::SeqCst) {
            let old = crasher.pid();
            crasher.when_available().crash().await.unwrap();
            await_restart(&crasher, old).await;
            crashed += 1;
        }
        crashed
    });
    for sender in senders {
        assert_eq!(sender.await.unwrap(), Ok(MESSAGES));
    }
    done.store(true, Ordering::SeqCst);
    let crashed = crashing.await.unwrap();
    assert_eq!(sink.pid(), first, "it was not touched");
    assert_eq!(crashes().len(), crashed);
    supervisor.stop().await.unwrap();
}
