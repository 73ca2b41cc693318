//! Inline handlers do not nest: the stack of a caller holds one handler, however long the chain of calls is.

use std::future::Future;
use std::pin::pin;
use std::task::{Context as TaskContext, Poll, Waker};

use ambit::prelude::*;

use crate::engine::script::{Log, Script, add, ask, both_ways, is_polled_here, start};
use crate::support::process::soon;

both_ways! {
    async fn a_handler_that_polls_a_call_by_hand_runs_no_second_handler<W>() {
        let first = start::<W>(&Log::new()).await;
        let second = start::<W>(&Log::new()).await;
        let target = second.clone();
        let nested = ask(&first, move |_, _| {
            let mut call = pin!(ask(&target, |_, ctx| ctx.pid()));
            let at_once = call.as_mut().poll(&mut TaskContext::from_waker(Waker::noop()));
            at_once.is_ready() && crate::engine::script::runs_in_place(W) && is_polled_here()
        });
        assert_eq!(soon(nested).await, Ok(false));
        assert_eq!(soon(add(&second, 1)).await, Ok(1), "the second server is not harmed");
    }
}

/// Returns the address of a local variable, as a measure of stack depth.
#[inline(never)]
fn depth() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&here)).addr()
}

struct Chain;

#[gen_server(in_place = always)]
impl Chain {
    #[init]
    async fn init(left: u32, deepest: std::sync::Arc<std::sync::atomic::AtomicUsize>) -> Self {
        deepest.fetch_min(depth(), std::sync::atomic::Ordering::SeqCst);
        if left > 0 {
            Box::pin(Self::start(left - 1, deepest)).await.unwrap();
        }
        Self
    }
}

#[tokio::test]
async fn a_long_chain_of_starts_in_inits_needs_no_deep_stack() {
    let used = |links| async move {
        let deepest = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(usize::MAX));
        let from = depth();
        let known = deepest.clone();
        tokio::spawn(async move { Chain::start(links, known).await.unwrap() })
            .await
            .unwrap();
        from.abs_diff(deepest.load(std::sync::atomic::Ordering::SeqCst))
    };
    let (short, long) = (used(3).await, used(500).await);
    assert!(
        long < short + 64 * 1024,
        "{short} bytes for 3 links, {long} for 500"
    );
}

#[tokio::test]
async fn a_long_chain_of_calls_needs_no_deep_stack() {
    let mut next: Option<Subject<Script<true>>> = None;
    for _ in 0..500 {
        let one = start::<true>(&Log::new()).await;
        if let Some(next) = next.replace(one.clone()) {
            // Each server asks the next one, and answers when it has the answer.
            let asked = one.call(move |reply| {
                crate::engine::script::Job::Later(Box::new(move |state, ctx| {
                    Box::pin(async move {
                        state.value = ask(&next, |state, _| state.value).await.unwrap() + 1;
                        ctx.answer(reply, state.value);
                        Flow::Continue
                    })
                }))
            });
            soon(asked).await.unwrap();
        }
    }
    let last = next.unwrap();
    assert_eq!(ask(&last, |state, _| state.value).await, Ok(499));
}

#[tokio::test]
async fn a_future_that_is_ready_is_polled_once() {
    let script = start::<true>(&Log::new()).await;
    let mut call = pin!(add(&script, 1));
    let first = std::future::poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx))).await;
    if let Poll::Ready(answer) = first {
        assert_eq!(answer, Ok(1));
        let again = std::future::poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx))).await;
        assert_eq!(
            again,
            Poll::Ready(Err(CallError::NoReply)),
            "and it is not executed twice"
        );
    } else {
        assert_eq!(soon(call).await, Ok(1));
    }
    assert_eq!(add(&script, 0).await, Ok(1));
}
