//! A wait that is polled twice in one poll is recorded once.

use std::cell::Cell;
use std::future::poll_fn;
use std::task::Poll;

use super::*;
use crate::exit_reason::ExitReason;
use crate::plain::create;
use crate::plain::inbox::Inbox;
use crate::plain::spawn::spawn;
use crate::process::exit_path;
use crate::system::System;

#[tokio::test]
async fn a_wait_that_is_polled_twice_in_one_poll_is_recorded_once() {
    let system = System::current().unwrap().inner;
    let other: ProcessRef = create::make_side::<u8>(system, None);
    let to = other.core().pid;
    let (report, reported) = tokio::sync::oneshot::channel();
    spawn(move |_inbox: Inbox<u8>| async move {
        let mut edge = WaitEdge::default();
        let records = poll_fn(|cx| {
            let count = Cell::new(0);
            let question = || {
                count.set(count.get() + 1);
                None
            };
            edge.wait(to, question, cx.waker()).unwrap();
            edge.wait(to, question, cx.waker()).unwrap();
            Poll::Ready(count.get())
        });
        report.send(records.await).unwrap();
    });
    assert_eq!(reported.await, Ok(1));
    exit_path::finish(&other, ExitReason::Shutdown);
}
