//! The reported status of a server while it waits for a message, and after that.

use std::sync::mpsc;
use std::time::Duration;

use ambit::inspect::Status;
use ambit::prelude::*;
use ambit::process::Selector;
use ambit::process_info;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::support::process::soon;

/// Requests an idle timeout again and again, and blocks in its handlers until it receives a signal.
struct Napper {
    begun: mpsc::Sender<()>,
    go: mpsc::Receiver<()>,
}

#[gen_server(in_place = never)]
impl Napper {
    #[init]
    fn init(ctx: &mut Context<Self>, begun: mpsc::Sender<()>, go: mpsc::Receiver<()>) -> Self {
        ctx.idle_timeout(Duration::from_millis(1));
        Self { begun, go }
    }

    #[info]
    fn on_idle(&mut self, ctx: &mut Context<Self>, _: IdleTimeout) {
        ctx.idle_timeout(Duration::from_millis(1));
        self.begun.send(()).ok();
        self.go.recv().ok();
    }

    #[call]
    fn work(&mut self) {
        self.begun.send(()).ok();
        self.go.recv().ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_busy_while_its_idle_timeout_handler_runs() {
    let (begun, began) = mpsc::channel();
    let (go, wait) = mpsc::channel();
    let napper = Napper::start(begun, wait).await.unwrap();
    let status = || process_info(&napper).unwrap().status;
    for _ in 0..20 {
        tokio::task::block_in_place(|| began.recv()).unwrap();
        assert_eq!(status(), Status::Busy, "in the handler of the idle time");
        go.send(()).unwrap();
    }
    tokio::task::block_in_place(|| began.recv()).unwrap();
    let work = napper.work().no_timeout().send();
    go.send(()).unwrap();
    tokio::task::block_in_place(|| began.recv()).unwrap();
    assert_eq!(status(), Status::Busy, "in the handler after it");
    drop(go);
    soon(work).await.unwrap();
}

#[tokio::test]
async fn a_process_is_busy_after_a_selective_receive() {
    let (received, is_received) = oneshot::channel();
    let process = ambit::spawn(|mut inbox: Inbox<u8>| async move {
        inbox.recv_match(|_| true).await;
        received.send(()).ok();
        std::future::pending::<()>().await
    });
    process.send(1).await.unwrap();
    soon(is_received).await.unwrap();
    assert_eq!(process_info(&process).unwrap().status, Status::Busy);
}

const SHORT: Duration = Duration::from_millis(5);

/// Asserts that a process is busy after it has given up a receive.
async fn assert_busy_after<F>(receive: fn(Inbox<u8>) -> F)
where
    F: Future<Output = Inbox<u8>> + Send + 'static,
{
    let (given_up, is_given_up) = oneshot::channel();
    let process = ambit::spawn(move |inbox: Inbox<u8>| async move {
        let inbox = receive(inbox).await;
        given_up.send(()).ok();
        std::future::pending::<()>().await;
        drop(inbox);
    });
    soon(is_given_up).await.unwrap();
    assert_eq!(process_info(&process).unwrap().status, Status::Busy);
}

#[tokio::test]
async fn a_process_is_busy_after_it_has_given_up_a_receive() {
    assert_busy_after(|mut inbox| async {
        assert_eq!(inbox.next_within(SHORT).await, None);
        inbox
    })
    .await;
    assert_busy_after(|mut inbox| async {
        timeout(SHORT, inbox.recv()).await.unwrap_err();
        inbox
    })
    .await;
    assert_busy_after(|mut inbox| async {
        timeout(SHORT, inbox.next()).await.unwrap_err();
        inbox
    })
    .await;
    assert_busy_after(|mut inbox| async {
        let receive = inbox.recv_match(|_| false);
        timeout(SHORT, receive).await.unwrap_err();
        inbox
    })
    .await;
    assert_busy_after(|mut inbox| async {
        let mut selector = Selector::new().message(&mut inbox, |_| ());
        assert_eq!(selector.select_within(SHORT).await, None);
        drop(selector);
        inbox
    })
    .await;
}
