//! When a process counts as waiting for another: only such a wait may make a call fail as part of a cycle.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, mpsc};
use std::task::{Context as Cx, Poll, Wake, Waker};
use std::time::Duration;

use ambit::prelude::*;
use ambit::server::Pending;
use ambit::test::settle;
use tokio::time::{Instant, timeout};

mod checks;
mod others;
mod peer;
mod repeats;
mod sets;

use peer::{Answer, Blocker, Peer, PeerSubject};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    poll_fn(|cx| {
        Poll::Ready(match Pin::new(&mut *future).poll(cx) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        })
    })
    .await
}

/// Passes a waker of its own, a new one in each poll.
async fn with_fresh_wakers<F: Future + Unpin>(mut future: F) -> F::Output {
    struct Fresh(Waker);

    impl Wake for Fresh {
        fn wake(self: Arc<Self>) {
            self.0.wake_by_ref();
        }
    }

    poll_fn(|cx| {
        let fresh = Waker::from(Arc::new(Fresh(cx.waker().clone())));
        Pin::new(&mut future).poll(&mut Cx::from_waker(&fresh))
    })
    .await
}

async fn peers() -> (PeerSubject, PeerSubject) {
    let (one, two) = (Peer::default(), Peer::default());
    let (one, two) = (one.start().await.unwrap(), two.start().await.unwrap());
    one.meet(two.clone()).await.unwrap();
    two.meet(one.clone()).await.unwrap();
    (one, two)
}

fn cycle(pids: &[Pid]) -> Result<Answer, CallError> {
    let pids = pids.to_vec();
    Ok(Err(CallError::Cycle { pids }))
}

#[ambit::test]
async fn a_pending_call_polled_once_and_stored_blocks_no_other_call() {
    let (one, two) = peers().await;
    one.poll_once_and_store().await.unwrap();
    assert_eq!(two.ask_back().await, Ok(Ok(7)));
    assert_eq!(ambit::process_info(&one).unwrap().waits_for, []);
}

#[ambit::test]
async fn a_pending_call_no_longer_polled_by_the_handler_blocks_no_other_call() {
    for way in 0..4 {
        let (one, two) = peers().await;
        let sleeps = match way {
            0 => one.give_up_for_now_and_sleep().into_owned().send(),
            1 => one.give_up_at_once_and_sleep().into_owned().send(),
            2 => one.give_up_a_set_and_sleep().into_owned().send(),
            _ => one.leave_it_to_a_task_and_sleep().into_owned().send(),
        };
        tokio::time::sleep(ms(50)).await;
        assert_eq!(two.ask_back().await, Ok(Ok(7)));
        assert_eq!(sleeps.await, Ok(()));
        two.answer().await.unwrap();
    }
}

#[ambit::test]
async fn a_look_at_a_pending_call_is_no_wait() {
    let (one, two) = peers().await;
    let sleeps = one.look_and_sleep().into_owned().send();
    settle().await;
    assert_eq!(ambit::process_info(&one).unwrap().waits_for, []);
    assert_eq!(two.ask_back().await, Ok(Ok(7)));
    assert_eq!(sleeps.await, Ok(()));
    // The same call may be awaited later.
    let waits = one.await_stored().send();
    two.answer().await.unwrap();
    assert_eq!(waits.await, Ok(Ok(1)));
}

#[ambit::test]
async fn a_caller_that_has_its_answer_no_longer_waits() {
    let (one, two) = peers().await;
    assert_eq!(one.ask_for_answer().await, Ok(Ok(1)));
    settle().await;
    assert_eq!(two.heard().await, Ok(Some(Ok(7))));
}

#[ambit::test]
async fn a_stored_pending_that_is_awaited_later_is_a_wait() {
    let (one, two) = peers().await;
    ambit::register("peer", &one).unwrap();
    one.poll_once_and_store().await.unwrap();
    let waits = one.await_stored().send();
    settle().await;
    assert_eq!(ambit::process_info(&one).unwrap().waits_for, [two.pid()]);
    let began = Instant::now();
    let pids = [two.pid(), one.pid(), two.pid()];
    assert_eq!(two.ask_back().await, cycle(&pids));
    assert_eq!(two.ask_by_name().await, cycle(&pids), "through a name");
    assert_eq!(began.elapsed(), Duration::ZERO);
    two.answer().await.unwrap();
    assert_eq!(waits.await, Ok(Ok(1)));
}

#[ambit::test]
async fn a_wait_in_a_set_that_polls_only_what_was_woken_is_a_wait() {
    let (one, two) = peers().await;
    let waits = one.await_lazily().send();
    settle().await;
    let pids = [two.pid(), one.pid(), two.pid()];
    assert_eq!(two.ask_back().await, cycle(&pids));
    two.answer().await.unwrap();
    assert_eq!(waits.await, Ok(Ok(1)));
    assert_eq!(two.ask_back().await, Ok(Ok(7)), "its handler is over");
}

#[ambit::test]
async fn several_waits_that_all_lead_back_are_a_cycle() {
    let (one, two) = peers().await;
    let three = Peer::default().start().await.unwrap();
    three.meet(one.clone()).await.unwrap();
    let waits = one.await_both(three.clone()).send();
    settle().await;
    let open = two.ask_back().send();
    settle().await;
    let began = Instant::now();
    let pids = [three.pid(), one.pid(), three.pid()];
    assert_eq!(three.ask_back().await, cycle(&pids));
    assert_eq!(began.elapsed(), Duration::ZERO);
    three.answer().await.unwrap();
    // Now only the other call is pending, and its target waits too.
    let pids = vec![one.pid(), two.pid(), one.pid()];
    assert_eq!(waits.await, Ok((Err(CallError::Cycle { pids }), Ok(1))));
    assert_eq!(open.await, Ok(Ok(7)));
    assert_eq!(began.elapsed(), Duration::ZERO);
    two.answer().await.unwrap();
}

/// Its init calls the process that waits for its start.
struct Child;

#[gen_server]
impl Child {
    #[init]
    async fn init(parent: ParentSubject, delay: Duration) -> Result<Self, CallError> {
        tokio::time::sleep(delay).await;
        parent.value().await?;
        Ok(Self)
    }
}

struct Parent;

#[gen_server]
impl Parent {
    #[call]
    async fn value(&mut self) -> u64 {
        7
    }

    #[call]
    async fn start_child(
        &mut self,
        ctx: &mut Context<Self>,
        delay: Duration,
    ) -> Result<(), StartError> {
        Child::start(ctx.subject(), delay).await.map(drop)
    }

    #[call]
    async fn start_child_elsewhere(&mut self, ctx: &mut Context<Self>) -> Result<(), StartError> {
        let child = Child::start(ctx.subject(), Duration::ZERO);
        tokio::spawn(async move { child.await.map(drop) });
        Ok(())
    }
}

#[ambit::test]
async fn an_init_that_calls_the_process_that_waits_for_it_is_refused_at_once() {
    let parent = Parent.start().await.unwrap();
    for delay in [Duration::ZERO, ms(5)] {
        let began = Instant::now();
        let outcome = parent.start_child(delay).await.unwrap();
        assert!(
            matches!(&outcome, Err(StartError::Init(reason)) if reason.to_string().contains("wait for itself")),
            "{outcome:?}"
        );
        assert_eq!(began.elapsed(), delay);
    }
    assert_eq!(parent.start_child_elsewhere().await, Ok(Ok(())));
}
