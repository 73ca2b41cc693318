//! The parties: plain processes here and there, and how a test waits for what they do.

use std::future::Future;
use std::time::Duration;

use ambit::prelude::*;
use tokio::sync::{mpsc, oneshot};

pub(crate) use super::process_support::{in_process, poll_once, soon};

use super::stage::{Stage, pause};

/// A process there.
#[derive(Clone)]
pub(crate) struct Far {
    /// As it is known here.
    pub(crate) near: Subject<u8>,
    /// As it is known there.
    pub(crate) own: Subject<u8>,
}

/// Runs this as a process there, and knows it here.
pub(crate) async fn spawn_there<F, Fut>(stage: &Stage, body: F) -> Far
where
    F: FnOnce(Inbox<u8>) -> Fut + Send + 'static,
    Fut: Future<Output: Into<ExitReason>> + Send + 'static,
{
    let own = stage.there(|| ambit::spawn(|inbox| async move { body(inbox).await.into() }));
    let near = stage.bring(own.clone()).await;
    Far { near, own }
}

/// What comes of `work`, done in a process there.
pub(crate) async fn there<T: Send + 'static>(
    stage: &Stage,
    work: impl Future<Output = T> + Send + 'static,
) -> T {
    let (tell, told) = oneshot::channel();
    let worker = stage.there(|| {
        ambit::spawn(|_: Inbox<u8>| async move {
            tell.send(work.await).ok();
        })
    });
    match soon(told).await {
        Ok(value) => value,
        Err(_) => panic!("the work there ended: {}", worker.closed().await),
    }
}

async fn forever(mut inbox: Inbox<u8>) -> ExitReason {
    while inbox.recv().await.is_some_and(|message| message != END) {}
    ExitReason::Normal
}

/// What an idle process ends on.
const END: u8 = u8::MAX;

/// Lets an idle process end `Normal`, after all that this process has sent it: links and monitors, too.
pub(crate) async fn finish(process: &Subject<u8>) {
    soon(process.send(END).into_owned()).await.unwrap();
}

/// A process here that takes messages and does nothing with them, until it is stopped or told to [`finish`].
pub(crate) fn idle_here() -> Subject<u8> {
    ambit::spawn(forever)
}

/// One there.
pub(crate) async fn idle_there(stage: &Stage) -> Far {
    spawn_there(stage, forever).await
}

/// One there that has ended since it became known here.
pub(crate) async fn ended_there(stage: &Stage) -> Subject<u8> {
    let process = idle_there(stage).await;
    process.own.stop().await.unwrap();
    process.near
}

/// What a process there heard.
pub(crate) type Heard = mpsc::UnboundedReceiver<Event<u8>>;

/// A process there that traps exits and hands every event to the test.
pub(crate) async fn listener_there(stage: &Stage) -> (Far, Heard) {
    let (tell, heard) = mpsc::unbounded_channel();
    let (ready, is_ready) = oneshot::channel();
    let listener = spawn_there(stage, |mut inbox| async move {
        inbox.trap_exits(true);
        ready.send(()).ok();
        while tell.send(inbox.next().await).is_ok() {}
        ExitReason::Normal
    })
    .await;
    is_ready.await.unwrap();
    (listener, heard)
}

/// A process here that links itself to this one, then idles.
pub(crate) async fn linked_here(other: &Subject<u8>) -> Subject<u8> {
    let (other, (tell, told)) = (other.clone(), oneshot::channel());
    let process = ambit::spawn(|mut inbox: Inbox<u8>| async move {
        tell.send(inbox.link(&other)).ok();
        forever(inbox).await
    });
    assert_eq!(told.await, Ok(Ok(())));
    process
}

/// One there that links itself to this one here.
pub(crate) async fn linked_there(stage: &Stage, other: &Subject<u8>) -> Far {
    let other = stage.take(other.clone()).await;
    let (tell, told) = oneshot::channel();
    let process = spawn_there(stage, |mut inbox| async move {
        tell.send(inbox.link(&other)).ok();
        forever(inbox).await
    })
    .await;
    assert_eq!(told.await, Ok(Ok(())));
    process
}

/// Waits until it is so.
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

/// Whom a process is linked to, asked where it lives.
pub(crate) fn links(target: impl Target) -> Vec<Pid> {
    ambit::process_info(target).map_or(Vec::new(), |info| info.links)
}

/// Who monitors a process, asked where it lives.
pub(crate) fn monitored_by(target: impl Target) -> Vec<Pid> {
    ambit::process_info(target).map_or(Vec::new(), |info| info.monitored_by)
}

/// What comes next.
pub(crate) async fn next(inbox: &mut Inbox<u8>) -> Event<u8> {
    soon(inbox.next()).await
}

/// What is queued once everything that was on its way has arrived.
pub(crate) async fn queued(stage: &Stage, inbox: &mut Inbox<u8>) -> Vec<Event<u8>> {
    stage.settle().await;
    let mut events = Vec::new();
    while let Some(event) = inbox.next_within(Duration::ZERO).await {
        events.push(event);
    }
    events
}

/// Lets other tasks run a few times, differently for each `n`: varies who is first in a race.
pub(crate) async fn dawdle(n: usize) {
    for _ in 0..n % 7 {
        tokio::task::yield_now().await;
    }
}

/// Reasons of every kind but `Normal` and `Kill`.
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

/// The text of a panic.
#[track_caller]
pub(crate) fn panic_text(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Panic(report) => report.message().to_owned(),
        other => panic!("not a panic: {other}"),
    }
}
