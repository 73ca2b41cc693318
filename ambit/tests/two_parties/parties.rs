//! The parties: plain processes, local and remote, and helpers that wait for them.

use ambit::process::Target;
use std::future::Future;
use std::time::Duration;

use ambit::prelude::*;
use tokio::sync::{mpsc, oneshot};

pub(crate) use super::process_support::{in_process, poll_once, soon};

use super::stage::{Stage, pause};

/// A remote process.
#[derive(Clone)]
pub(crate) struct Far {
    /// Its handle on the local side.
    pub(crate) near: Subject<u8>,
    /// Its handle on its own side.
    pub(crate) own: Subject<u8>,
}

/// Runs `body` as a remote process, and returns both handles.
pub(crate) async fn spawn_there<F, Fut>(stage: &Stage, body: F) -> Far
where
    F: FnOnce(Inbox<u8>) -> Fut + Send + 'static,
    Fut: Future<Output: Into<ExitReason>> + Send + 'static,
{
    let own = stage.there(|| ambit::spawn(|inbox| async move { body(inbox).await.into() }));
    let near = stage.bring(own.clone()).await;
    Far { near, own }
}

/// Returns the output of `work`, executed in a remote process.
pub(crate) async fn there<T: Send + 'static>(
    stage: &Stage,
    work: impl Future<Output = T> + Send + 'static,
) -> T {
    let (sender, receiver) = oneshot::channel();
    let worker = stage.there(|| {
        ambit::spawn(|_: Inbox<u8>| async move {
            sender.send(work.await).ok();
        })
    });
    match soon(receiver).await {
        Ok(value) => value,
        Err(_) => panic!("the work there ended: {}", worker.closed().await),
    }
}

async fn forever(mut inbox: Inbox<u8>) -> ExitReason {
    while inbox.recv().await.is_some_and(|message| message != END) {}
    ExitReason::Normal
}

/// The message that ends an idle process.
const END: u8 = u8::MAX;

/// Lets an idle process end `Normal`, after everything this process has sent it, including links and monitors.
pub(crate) async fn finish(process: &Subject<u8>) {
    soon(process.send(END).into_owned()).await.unwrap();
}

/// Starts a local process that discards messages until it is stopped or [`finish`]ed.
pub(crate) fn idle_here() -> Subject<u8> {
    ambit::spawn(forever)
}

/// Starts a remote one.
pub(crate) async fn idle_there(stage: &Stage) -> Far {
    spawn_there(stage, forever).await
}

/// Returns the handle to a remote process that has ended since the handle was made.
pub(crate) async fn ended_there(stage: &Stage) -> Subject<u8> {
    let process = idle_there(stage).await;
    process.own.stop().await.unwrap();
    process.near
}

/// The events that a remote process received.
pub(crate) type Heard = mpsc::UnboundedReceiver<InboxEvent<u8>>;

/// Starts a remote process that traps exits and forwards every event to the test.
pub(crate) async fn listener_there(stage: &Stage) -> (Far, Heard) {
    let (sender, heard) = mpsc::unbounded_channel();
    let (ready, is_ready) = oneshot::channel();
    let listener = spawn_there(stage, |mut inbox| async move {
        inbox.trap_exits(true);
        ready.send(()).ok();
        while sender.send(inbox.next().await).is_ok() {}
        ExitReason::Normal
    })
    .await;
    is_ready.await.unwrap();
    (listener, heard)
}

/// Starts a local process that links itself to `other`, then idles.
pub(crate) async fn linked_here(other: &Subject<u8>) -> Subject<u8> {
    let (other, (sender, receiver)) = (other.clone(), oneshot::channel());
    let process = ambit::spawn(|mut inbox: Inbox<u8>| async move {
        sender.send(inbox.link(&other)).ok();
        forever(inbox).await
    });
    assert_eq!(receiver.await, Ok(Ok(())));
    process
}

/// Starts a remote process that links itself to the local `other`.
pub(crate) async fn linked_there(stage: &Stage, other: &Subject<u8>) -> Far {
    let other = stage.take(other.clone()).await;
    let (sender, receiver) = oneshot::channel();
    let process = spawn_there(stage, |mut inbox| async move {
        sender.send(inbox.link(&other)).ok();
        forever(inbox).await
    })
    .await;
    assert_eq!(receiver.await, Ok(Ok(())));
    process
}

/// Polls until `is_so` returns true.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            pause().await;
        }
    };
    let patience = Duration::from_secs(30);
    let in_time = tokio::time::timeout(patience, waiting).await;
    assert!(in_time.is_ok(), "{what}");
}

/// Returns the links of a process, queried on its own side.
pub(crate) fn links(target: impl Target) -> Vec<Pid> {
    ambit::process_info(target).map_or(Vec::new(), |info| info.links)
}

/// Returns the monitoring processes of a process, queried on its own side.
pub(crate) fn monitored_by(target: impl Target) -> Vec<Pid> {
    ambit::process_info(target).map_or(Vec::new(), |info| info.monitored_by)
}

/// Returns the next event.
pub(crate) async fn next(inbox: &mut Inbox<u8>) -> InboxEvent<u8> {
    soon(inbox.next()).await
}

/// Takes all events that are queued once everything in transit has arrived.
pub(crate) async fn queued(stage: &Stage, inbox: &mut Inbox<u8>) -> Vec<InboxEvent<u8>> {
    stage.settle().await;
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

/// Returns the text of a panic reason.
#[track_caller]
pub(crate) fn panic_text(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Panic(report) => report.message().to_owned(),
        other => panic!("not a panic: {other}"),
    }
}
