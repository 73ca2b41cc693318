//! The start handshake, stop, and reply ports: the process cases that need a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ambit::error::{LookupError, StopError};
use ambit::prelude::*;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::conformance::common::{Hands, dawdle, ended, idle, in_process, quiet};

/// Counts its drops.
pub(crate) struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// The behaviour of a [`Starter`] in its init.
pub(crate) enum Plan {
    Fail,
    Panic,
    Exit,
    /// Sends its pid, and never finishes.
    Hang(oneshot::Sender<Pid>, Counted),
    /// Finishes when it receives a signal.
    Wait(oneshot::Receiver<()>),
}

struct Starter;

#[gen_server]
impl Starter {
    #[init]
    async fn init(ctx: &mut Context<Self>, plan: Plan) -> Result<Self, ExitReason> {
        match plan {
            Plan::Fail => return Err(ExitReason::error("no luck")),
            Plan::Panic => panic!("no luck"),
            Plan::Exit => ambit::exit(ctx.pid(), ExitReason::error("no luck")),
            Plan::Hang(sender, _counted) => {
                sender.send(ctx.pid()).ok();
                std::future::pending::<()>().await;
            }
            Plan::Wait(go) => {
                go.await.ok();
                return Ok(Self);
            }
        }
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn proc_16_a_failed_start_is_reported_immediately_linked_or_not() {
    let _quiet = quiet();
    let began = Instant::now();
    for plan in [|| Plan::Fail, || Plan::Panic, || Plan::Exit] {
        let alone = Starter::start(plan()).await.unwrap_err();
        let linked = in_process(move |mut inbox: Inbox<u8>| async move {
            inbox.trap_exits(true);
            let error = Starter::start(plan()).link().await.unwrap_err();
            assert_eq!(inbox.next_within(Duration::ZERO).await, None);
            assert!(ambit::process_info(inbox.pid()).unwrap().links.is_empty());
            error
        })
        .await;
        assert_eq!(alone, linked);
        let StartError::Init(reason) = alone else {
            panic!("{alone}")
        };
        assert!(
            !reason.is_clean() && reason.to_string().ends_with("no luck"),
            "{reason}"
        );
    }
    assert_eq!(began.elapsed(), Duration::ZERO, "no timeout was waited for");
}

#[tokio::test(start_paused = true)]
async fn proc_17_a_start_that_takes_too_long_leaves_nothing_behind() {
    let _quiet = quiet();
    let patience = Duration::from_millis(100);
    for link in [false, true] {
        let drops = Arc::new(AtomicUsize::new(0));
        let (sender, receiver) = oneshot::channel();
        let plan = Plan::Hang(sender, Counted(drops.clone()));
        in_process(move |mut inbox: Inbox<u8>| async move {
            inbox.trap_exits(true);
            let began = Instant::now();
            let start = Starter::start(plan).name("slow").timeout(patience);
            let start = if link { start.link() } else { start };
            assert_eq!(start.await.unwrap_err(), StartError::Timeout);
            assert_eq!(began.elapsed(), patience);
            assert!(!ambit::is_alive(receiver.await.unwrap()));
            assert_eq!(
                ambit::whereis::<Starter>("slow"),
                Err(LookupError::NotFound)
            );
            assert_eq!(inbox.next_within(Duration::from_secs(10)).await, None);
            assert!(ambit::process_info(inbox.pid()).unwrap().links.is_empty());
        })
        .await;
        assert_eq!(drops.load(Ordering::SeqCst), 1, "link: {link}");
    }
}

#[tokio::test]
async fn x7_a_start_returns_when_the_init_is_done_and_not_before() {
    let (go, wait) = oneshot::channel();
    let mut start = std::pin::pin!(Starter::start(Plan::Wait(wait)));
    for n in 0..100 {
        tokio::select! {
            biased;
            _ = &mut start => panic!("the init is not done"),
            () = dawdle(n) => {}
        }
    }
    go.send(()).unwrap();
    assert!(start.await.unwrap().is_alive());
}

struct Stoppable;

#[gen_server]
impl Stoppable {
    #[cast]
    async fn hang(&mut self) {
        std::future::pending().await
    }
    #[cast]
    fn fail(&mut self) {
        panic!("not now")
    }
}

#[tokio::test(start_paused = true)]
async fn proc_18_stop_returns_after_the_process_has_exited() {
    let _quiet = quiet();
    let plain = idle();
    plain.stop().await.unwrap();
    assert!(!plain.is_alive() && plain.closed().await == ExitReason::Normal);
    let server = Stoppable.start().await.unwrap();
    server.stop_with(ExitReason::Shutdown).await.unwrap();
    assert_eq!(server.closed().await, ExitReason::Shutdown);
    assert_eq!(server.stop().await, Err(StopError::NoProcess));
    assert_eq!(ended().await.stop().await, Err(StopError::NoProcess));
    assert_eq!(
        Subject::<u8>::named("nobody").stop().await,
        Err(StopError::NoProcess)
    );
    // The server panics before it handles the stop.
    let server = Stoppable.start().await.unwrap();
    server.fail().now().unwrap();
    let stopped = server.stop().await;
    let reason = server.closed().await;
    assert!(matches!(reason, ExitReason::Panic(_)));
    assert_eq!(stopped, Err(StopError::Exited(reason)));
    // The server hangs.
    let server = Stoppable.start().await.unwrap();
    server.hang().await.unwrap();
    let began = Instant::now();
    let patience = Duration::from_millis(30);
    assert_eq!(
        server.stop().timeout(patience).await,
        Err(StopError::Timeout)
    );
    assert_eq!(began.elapsed(), patience);
    assert!(server.is_alive());
    assert_eq!(
        server.stop().await,
        Err(StopError::Timeout),
        "the default is 5 s"
    );
    assert_eq!(began.elapsed(), patience + Duration::from_secs(5));
    // A process cannot stop itself.
    let own = in_process(|inbox: Inbox<u8>| async move { inbox.subject().stop().await }).await;
    assert_eq!(own, Err(StopError::CallsItself));
}

#[tokio::test(start_paused = true)]
async fn proc_19_a_reply_port_of_a_cancelled_call_discards_the_answer() {
    let (sender, mut ports) = tokio::sync::mpsc::unbounded_channel();
    let server = Hands(sender).start().await.unwrap();
    // The caller drops its call.
    let pending = server.ask().send();
    let port = ports.recv().await.unwrap();
    assert!(!port.is_closed());
    drop(pending);
    assert!(port.is_closed());
    assert!(!port.send(1), "nobody saw it");
    // The call times out; the port is one-shot by its type.
    let timeout = server.ask().timeout(Duration::from_millis(5)).await;
    assert_eq!(timeout, Err(CallError::Timeout));
    assert!(!ports.recv().await.unwrap().send(2));
    // Inside a process, no late reply arrives as a message.
    in_process(move |mut inbox: Inbox<u8>| async move {
        let timeout = server.ask().timeout(Duration::from_millis(5)).await;
        assert_eq!(timeout, Err(CallError::Timeout));
        assert!(!ports.recv().await.unwrap().send(3));
        assert_eq!(inbox.next_within(Duration::from_secs(1)).await, None);
        let pending = server.ask().send();
        assert!(ports.recv().await.unwrap().send(4));
        assert_eq!(pending.await, Ok(4));
    })
    .await;
}
