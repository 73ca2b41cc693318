//! The order of one sender also holds for messages that are sent with a permit.

use std::future::Future;
use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context as Polled, Waker};

use ambit::prelude::*;

use crate::support::process::soon;

/// Records the numbers it takes, and waits for a signal at number 0.
struct Line {
    seen: Vec<u32>,
    go: mpsc::Receiver<()>,
}

#[gen_server(mailbox = 2, in_place = never)]
impl Line {
    #[cast]
    fn take(&mut self, number: u32) {
        if number == 0 {
            self.go.recv().ok();
        }
        self.seen.push(number);
    }

    #[call]
    fn seen(&self) -> Vec<u32> {
        self.seen.clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_with_a_permit_does_not_overtake_those_of_its_sender_that_wait() {
    for _ in 0..20 {
        let (go, wait) = mpsc::channel();
        let seen = Vec::new();
        let line = Line { seen, go: wait }.start().await.unwrap();
        let permit = soon(line.as_ref().reserve()).await.unwrap();
        line.take(0).now().unwrap();
        // Uses up the remaining capacity.
        soon(line.take(1)).await.unwrap();
        let mut second = pin!(line.take(2).no_timeout());
        let mut third = pin!(line.take(3).no_timeout());
        let mut cx = Polled::from_waker(Waker::noop());
        assert!(second.as_mut().poll(&mut cx).is_pending());
        assert!(third.as_mut().poll(&mut cx).is_pending());
        permit.send(LineCast::Take { number: 4 });
        let fifth = line.take(5).no_timeout();
        go.send(()).unwrap();
        soon(async {
            second.await.unwrap();
            third.await.unwrap();
            fifth.await.unwrap();
        })
        .await;
        assert_eq!(soon(line.seen()).await, Ok(vec![0, 1, 2, 3, 4, 5]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_with_a_permit_keeps_its_position_in_the_queue_too() {
    let (go, wait) = mpsc::channel();
    let seen = Vec::new();
    let line = Line { seen, go: wait }.start().await.unwrap();
    let permit = soon(line.as_ref().reserve()).await.unwrap();
    line.take(0).now().unwrap();
    soon(line.take(1)).await.unwrap();
    let mut second = pin!(line.take(2).no_timeout());
    let mut cx = Polled::from_waker(Waker::noop());
    assert!(second.as_mut().poll(&mut cx).is_pending());
    let seen = permit.call(|reply| LineCall::Seen { reply });
    go.send(()).unwrap();
    assert_eq!(soon(seen).await, Ok(vec![0, 1, 2]));
    soon(second).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permit_that_is_used_waits_for_no_other_reservation() {
    let (go, wait) = mpsc::channel();
    let seen = Vec::new();
    let line = Line { seen, go: wait }.start().await.unwrap();
    let subject = line.as_ref();
    let (first, last) = (subject.reserve().await, subject.reserve().await);
    let mut other = pin!(subject.reserve().no_timeout());
    let mut cx = Polled::from_waker(Waker::noop());
    assert!(other.as_mut().poll(&mut cx).is_pending());
    first.unwrap().send(LineCast::Take { number: 1 });
    let seen = last.unwrap().call(|reply| LineCall::Seen { reply });
    assert_eq!(soon(seen).await, Ok(vec![1]));
    soon(other)
        .await
        .unwrap()
        .send(LineCast::Take { number: 2 });
    assert_eq!(soon(line.seen()).await, Ok(vec![1, 2]));
    drop(go);
}
