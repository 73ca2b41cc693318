//! Calls with a late reply, and many calls at once.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use ambit::error::CallError;
use ambit::prelude::*;
use ambit::server::Pending;

use super::{Order, Script, ScriptSubject, end, poll_once, script, within};
use crate::case::{Case, case};
use crate::run::Run;

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("replies/answer in order", 1_000, ["ReplyTo::send"], |run, n| answer(run, n, Order::Forward)),
        case!("replies/answer in reverse", 1_000, [], |run, n| answer(run, n, Order::Backward)),
        case!("replies/answer at random", 1_000, [], |run, n| answer(run, n, Order::Random)),
        case!("replies/answer while others stay", 1_000, [], answer_newest),
        case!("replies/answer from elsewhere, in order", 1_000, [], |run, n| elsewhere(run, n, Order::Forward)),
        case!("replies/answer from elsewhere, at random", 1_000, [], |run, n| elsewhere(run, n, Order::Random)),
        case!("replies/answer through the context", 1_000, ["Context::answer"], through_context),
        case!("replies/drop the port, in order", 1_000, [], |run, n| drop_ports(run, n, Order::Forward)),
        case!("replies/drop the port, at random", 1_000, [], |run, n| drop_ports(run, n, Order::Random)),
        case!("replies/give up, in order", 1_000, ["ReplyTo::is_closed"], |run, n| give_up(run, n, Order::Forward)),
        case!("replies/give up, at random", 1_000, [], |run, n| give_up(run, n, Order::Random)),
        case!("replies/end of the server", 1_000, [], end_of_server),
        case!("replies/wait for many servers", 1_000, ["Call::now"], many_servers),
        case!("replies/many wait for one server", 1_000, [], many_callers),
    ]
}

/// Returns `n` calls that the script keeps.
async fn kept(script: &ScriptSubject, n: usize) -> Vec<Pending<u64>> {
    let calls = (0..n).map(|_| script.ask().no_timeout().send()).collect();
    script.get().await.expect("it has come to the last");
    calls
}

fn answer_all(script: &mut Script, order: Order) {
    for index in order.of(script.kept.0.len()) {
        let reply = script.kept.0[index].take().expect("each is answered once");
        reply.send(1);
    }
}

async fn answered(calls: Vec<Pending<u64>>) {
    for call in calls {
        call.await.expect("it is answered");
    }
}

async fn answer(mut run: Run, n: usize, order: Order) {
    let script = script(n + 1).await;
    let calls = kept(&script, n).await;
    run.begin().await;
    within(&script, move |script, _| answer_all(script, order)).await;
    answered(calls).await;
    run.end().await;
}

/// One call after the other gets its reply, while many wait.
async fn answer_newest(mut run: Run, n: usize) {
    let script = script(n + 1).await;
    let calls = kept(&script, n).await;
    run.begin().await;
    for _ in 0..n {
        let call = script.ask().no_timeout().send();
        let newest = |script: &mut Script, _: &mut Context<Script>| {
            let reply = script.kept.0.pop().flatten();
            reply.expect("it was asked").send(1);
        };
        within(&script, newest).await;
        call.await.expect("it is answered");
    }
    run.end().await;
    drop(calls);
}

async fn taken(script: &ScriptSubject) -> Vec<Option<ReplyTo<u64>>> {
    let (give, given) = tokio::sync::oneshot::channel();
    let take = |script: &mut Script, _: &mut Context<Script>| {
        give.send(std::mem::take(&mut script.kept.0)).ok();
    };
    within(script, take).await;
    given.await.expect("they are given")
}

async fn elsewhere(mut run: Run, n: usize, order: Order) {
    let script = script(n + 1).await;
    let calls = kept(&script, n).await;
    let mut kept = taken(&script).await;
    run.begin().await;
    for index in order.of(n) {
        kept[index].take().expect("each is answered once").send(1);
    }
    answered(calls).await;
    run.end().await;
}

async fn through_context(mut run: Run, n: usize) {
    let script = script(n + 1).await;
    let calls = kept(&script, n).await;
    run.begin().await;
    let job = |script: &mut Script, ctx: &mut Context<Script>| {
        for reply in script.kept.0.drain(..).flatten() {
            ctx.answer(reply, 1);
        }
    };
    within(&script, job).await;
    answered(calls).await;
    run.end().await;
}

async fn drop_ports(mut run: Run, n: usize, order: Order) {
    let script = script(n + 1).await;
    let calls = kept(&script, n).await;
    run.begin().await;
    within(&script, move |script, _| {
        order.drop(std::mem::take(&mut script.kept.0))
    })
    .await;
    for call in calls {
        assert_eq!(call.await, Err(CallError::NoReply));
    }
    run.end().await;
}

async fn give_up(mut run: Run, n: usize, order: Order) {
    let script = script(n + 1).await;
    let mut calls = kept(&script, n).await;
    for call in &mut calls {
        assert!(poll_once(call).is_pending());
    }
    run.begin().await;
    order.drop(calls);
    let all_closed = |script: &mut Script, _: &mut Context<Script>| {
        assert!(
            script
                .kept
                .0
                .drain(..)
                .flatten()
                .all(|reply| reply.is_closed())
        );
    };
    within(&script, all_closed).await;
    run.end().await;
}

async fn end_of_server(mut run: Run, n: usize) {
    let script = script(n + 1).await;
    let calls = kept(&script, n).await;
    run.begin().await;
    end(&script).await;
    for call in calls {
        call.await.expect_err("the script has ended");
    }
    run.end().await;
}

async fn many_servers(mut run: Run, n: usize) {
    let mut scripts = Vec::new();
    for _ in 0..n {
        scripts.push(script(2).await);
    }
    let mut calls: Vec<Pending<u64>> = Vec::new();
    run.begin().await;
    for script in &scripts {
        calls.push(script.ask().no_timeout().now().expect("there is capacity"));
    }
    for call in &mut calls {
        // With the waker of the process: it waits.
        let polled = poll_fn(|cx| Poll::Ready(Pin::new(&mut *call).poll(cx))).await;
        assert!(polled.is_pending());
    }
    for script in &scripts {
        within(script, |script, _| answer_all(script, Order::Forward)).await;
    }
    answered(calls).await;
    run.end().await;
}

/// Each caller is a process of its own.
async fn many_callers(mut run: Run, n: usize) {
    let script = script(n + 1).await;
    run.begin().await;
    let caller = |_| {
        let script = script.clone();
        ambit::spawn(move |_: Inbox<()>| async move {
            script.ask().no_timeout().await.expect("it is answered");
        })
    };
    let callers: Vec<_> = (0..n).map(caller).collect();
    super::turns(4).await;
    within(&script, |script, _| answer_all(script, Order::Forward)).await;
    for caller in callers {
        caller.closed().await;
    }
    run.end().await;
}
