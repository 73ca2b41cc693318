//! Helpers shared by the conformance cases.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use ambit::prelude::*;
use ambit::process::{LetterKind, Undelivered};
use ambit::system::System;
use ambit::telemetry::TelemetryGuard;
use tokio::sync::{mpsc, oneshot};

pub(crate) use crate::support::process::{in_process, in_process_for_long, poll_once, quiet, soon};

/// Starts a process that discards messages until it is stopped.
pub(crate) fn idle() -> Subject<u8> {
    ambit::spawn(|mut inbox: Inbox<u8>| async move { while inbox.recv().await.is_some() {} })
}

/// Starts a process that traps exits and forwards every event to the test; exits are trapped when this returns.
pub(crate) async fn listener() -> (Subject<u8>, mpsc::UnboundedReceiver<InboxEvent<u8>>) {
    let (tell, heard) = mpsc::unbounded_channel();
    let (ready, is_ready) = oneshot::channel();
    let process = ambit::spawn(|mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        ready.send(()).ok();
        loop {
            tell.send(inbox.next().await).ok();
        }
    });
    is_ready.await.unwrap();
    (process, heard)
}

/// Returns the subject of a process that has ended.
pub(crate) async fn ended() -> Subject<u8> {
    let process = ambit::spawn(|_: Inbox<u8>| async {});
    process.closed().await;
    process
}

/// Takes all events that are queued now, without waiting.
pub(crate) async fn queued<M: Message>(inbox: &mut Inbox<M>) -> Vec<InboxEvent<M>> {
    let mut events = Vec::new();
    while let Some(event) = inbox.next_within(Duration::ZERO).await {
        events.push(event);
    }
    events
}

/// Yields to other tasks a few times, differently for each `n`, to vary the winner of a race.
pub(crate) async fn dawdle(n: usize) {
    for _ in 0..n % 7 {
        tokio::task::yield_now().await;
    }
}

/// Returns one reason of every kind except `Normal` and `Kill`.
pub(crate) fn reasons() -> Vec<ExitReason> {
    vec![
        ExitReason::Shutdown,
        ExitReason::shutdown_with("disk full"),
        ExitReason::Killed,
        ExitReason::NoProcess,
        ExitReason::NoConnection,
        ExitReason::Timeout,
        ExitReason::error("bad luck"),
    ]
}

/// Hands the reply ports of its calls to the test.
pub(crate) struct Hands(pub(crate) mpsc::UnboundedSender<ReplyTo<u8>>);

#[gen_server]
impl Hands {
    #[call(deferred)]
    pub(crate) fn ask(&mut self, reply: ReplyTo<u8>) {
        drop(self.0.send(reply));
    }
}

/// Collects the dead letters of the current system, whose content must be a `T`.
pub(crate) fn dead_letters<T: 'static>(number: fn(&T) -> u64) -> (TelemetryGuard, Letters) {
    let letters = Letters::default();
    let log = letters.clone();
    let guard = System::current().unwrap().on_dead_letter(move |letter| {
        let content = number(letter.content().unwrap());
        log.lock()
            .unwrap()
            .push((letter.kind(), letter.why(), content));
    });
    (guard, letters)
}

/// The kind of each dead letter, its reason, and the number in it.
pub(crate) type Letters = Arc<Mutex<Vec<(LetterKind, Undelivered, u64)>>>;

/// Polls a future without a runtime, as the executor of another library does.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut cx) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}
