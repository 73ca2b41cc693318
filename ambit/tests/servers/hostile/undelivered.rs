//! Values of the user that are dropped instead of being delivered: without a lock.

use std::time::Duration;

use ambit::error::Failure;
use ambit::prelude::*;
use ambit::process_info;
use tokio::sync::oneshot;

use crate::support::hostile::{Back, Code, Hostile, must_not_hang};
use crate::support::process::poll_once;

/// An error that shows a process when it is dropped.
#[derive(Debug)]
struct Shows(Process);

impl std::fmt::Display for Shows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an error")
    }
}

impl std::error::Error for Shows {}

impl Drop for Shows {
    fn drop(&mut self) {
        assert!(!format!("{:?}", self.0).is_empty());
    }
}

#[test]
fn a_later_request_to_stop_drops_the_earlier_reason_without_a_lock() {
    must_not_hang(|| async {
        let (go, goes) = oneshot::channel();
        let process = ambit::spawn(|mut inbox: Inbox<u8>| async move {
            assert_eq!(inbox.recv().await, None);
            goes.await.unwrap();
            assert_eq!(inbox.recv().await, None);
        });
        let reason = Shows(Process::clone(&process)).into_reason();
        let first = process.stop_with(reason).timeout(Duration::from_millis(50));
        assert!(first.await.is_err());
        let mut second = Box::pin(process.stop());
        assert!(poll_once(&mut second).await.is_pending());
        go.send(()).unwrap();
        assert_eq!(second.await, Ok(()));
    });
}

/// A server that waits in its terminate.
struct Last {
    begun: Option<oneshot::Sender<()>>,
    go: Option<oneshot::Receiver<()>>,
}

#[gen_server]
impl Last {
    #[init]
    fn init(
        ctx: &mut Context<Self>,
        begun: Option<oneshot::Sender<()>>,
        go: Option<oneshot::Receiver<()>>,
    ) -> Self {
        ctx.trap_exits(true);
        Self { begun, go }
    }

    #[info]
    fn on_exit(&mut self, _: Exit) {}

    #[terminate]
    async fn terminate(&mut self, _reason: &ExitReason) {
        self.begun.take().unwrap().send(()).unwrap();
        self.go.take().unwrap().await.unwrap();
    }
}

#[test]
fn an_exit_message_that_a_stopping_server_refuses_is_dropped_without_a_lock() {
    must_not_hang(|| async {
        let ((begun, has_begun), (go, goes)) = (oneshot::channel(), oneshot::channel());
        let last = Last::start(Some(begun), Some(goes)).await.unwrap();
        let mut stop = Box::pin(last.stop());
        assert!(poll_once(&mut stop).await.is_pending());
        has_begun.await.unwrap();
        let process: &Process = last.as_ref();
        ambit::exit(&last, Shows(process.clone()).into_reason());
        go.send(()).unwrap();
        assert_eq!(stop.await, Ok(()));
    });
}

/// A server that always waits for its idle timeout.
struct Napper;

#[gen_server]
impl Napper {
    #[init]
    fn init(ctx: &mut Context<Self>) -> Self {
        ctx.idle_timeout(Duration::from_secs(3600));
        Self
    }
    #[info]
    fn on_idle(&mut self, _: IdleTimeout) {}
    #[info]
    fn on_value(&mut self, _: Hostile) {}
}

/// Cancels a timer after its message was queued and before the process, which waits for messages, has taken it.
async fn cancel_queued(process: &Process, values: Recipient<Hostile>) {
    let back = Back::new();
    let pid = process.pid();
    back.arm(move || drop(process_info(pid)));
    loop {
        let timer = ambit::send_after(&values, Duration::from_millis(1), back.value(1));
        while timer.remaining().is_some() {
            tokio::task::yield_now().await;
        }
        if timer.cancel().is_some() {
            break;
        }
    }
    while back.count(Code::Drop) == 0 {
        tokio::task::yield_now().await;
    }
    back.disarm();
}

/// On one thread, so that the test is polled between the deadline and the process.
#[test]
fn the_message_of_a_cancelled_timer_is_dropped_without_a_lock_by_a_process_that_waits() {
    must_not_hang(|| async {
        let test = async {
            let napper = Napper::start().await.unwrap();
            cancel_queued(napper.as_ref(), napper.recipient()).await;
            let process =
                ambit::spawn(|mut inbox: Inbox<Hostile>| async move { drop(inbox.recv().await) });
            cancel_queued(&process, process.recipient()).await;
        };
        tokio::task::block_in_place(|| {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().unwrap();
            runtime.block_on(async { tokio::spawn(test).await.unwrap() });
        });
    });
}
