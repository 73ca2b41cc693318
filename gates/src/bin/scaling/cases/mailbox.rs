//! Mailboxes: waiting senders, queued messages, permits.

use std::future::Future;

use ambit::error::CastError;
use ambit::prelude::*;
use ambit::server::Permit;
use tokio::sync::oneshot::{self, Receiver, Sender};

use super::{Held, Order, SECOND, Script, ScriptSubject, poll_once, script, turns};
use crate::case::{Case, case};
use crate::run::Run;

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("mailbox/wait with a call", 1_000, ["Call::send", "Call::into_owned"], calls),
        case!("mailbox/wait with a cast", 1_000, ["Cast::into_owned", "Subject::send"], casts),
        case!("mailbox/wait with a permit", 1_000, ["Subject::reserve", "Reserve::into_owned"], permits),
        case!("mailbox/wait with a recipient", 1_000, ["Recipient::send"], recipients),
        case!("mailbox/withdraw a call, in order", 1_000, [], |run, n| withdraw(run, n, Order::Forward)),
        case!("mailbox/withdraw a call, in reverse", 1_000, [], |run, n| withdraw(run, n, Order::Backward)),
        case!("mailbox/withdraw a call, at random", 1_000, [], |run, n| withdraw(run, n, Order::Random)),
        case!("mailbox/withdraw a cast, at random", 1_000, [], |run, n| withdraw_casts(run, n, Order::Random)),
        case!("mailbox/withdraw a permit, at random", 1_000, [], |run, n| withdraw_permits(run, n, Order::Random)),
        case!("mailbox/withdraw behind a full mailbox", 1_000, [], withdraw_behind),
        case!("mailbox/time out while waiting", 1_000, ["Call::timeout"], time_out_waiting),
        case!("mailbox/time out in the queue", 1_000, [], time_out_queued),
        case!("mailbox/drop a queued call, at random", 1_000, [], drop_queued),
        case!("mailbox/queue a call", 1_000, ["Call::no_timeout", "Subject::call"], queue_calls),
        case!("mailbox/queue a cast", 1_000, ["Cast::now", "Cast::now_or_return"], queue_casts),
        case!("mailbox/reserve and send", 1_000, ["Permit::send"], reserve_and_send),
        case!("mailbox/reserve and call", 1_000, ["Permit::call"], reserve_and_call),
        case!("mailbox/drop a permit, at random", 1_000, [], drop_permits),
        case!("mailbox/end with waiting calls", 1_000, [], end_waiting),
        case!("mailbox/end with queued calls", 1_000, [], end_queued),
        case!("mailbox/end with queued casts", 1_000, ["System::dead_letters", "System::on_dead_letter"], end_casts),
        case!("mailbox/drop the oldest cast behind many events", 1_000, [], drop_oldest),
        case!("mailbox/refuse a cast", 1_000, ["Deliver::now", "Deliver::now_or_return"], refuse),
    ]
}

/// Starts a held script with a full mailbox.
async fn full() -> (ScriptSubject, Held) {
    let script = script(1).await;
    let held = Held::new(&script).await;
    script.note().now().expect("there is capacity for one");
    assert_eq!(script.note().now(), Err(CastError::Full));
    (script, held)
}

/// Polls each future once, so that it waits.
fn begin_all<F: Future + Unpin>(all: &mut [F]) {
    for one in all {
        assert!(poll_once(one).is_pending(), "it waits");
    }
}

async fn calls(mut run: Run, n: usize) {
    let (script, held) = full().await;
    run.begin().await;
    let mut calls: Vec<_> = (0..n)
        .map(|_| script.get().no_timeout().into_owned())
        .collect();
    begin_all(&mut calls);
    held.release().await;
    for call in calls {
        call.await.expect("it is answered");
    }
    run.end().await;
}

async fn casts(mut run: Run, n: usize) {
    let (script, held) = full().await;
    run.begin().await;
    let mut casts: Vec<_> = (0..n)
        .map(|_| script.note().no_timeout().into_owned())
        .collect();
    begin_all(&mut casts);
    held.release().await;
    for cast in casts {
        cast.await.expect("it is queued");
    }
    run.end().await;
}

fn reserve_all(script: &ScriptSubject, n: usize) -> Vec<ambit::server::Reserve<'static, Script>> {
    let subject: &Subject<Script> = script.as_ref();
    (0..n)
        .map(|_| subject.reserve().no_timeout().into_owned())
        .collect()
}

async fn permits(mut run: Run, n: usize) {
    let (script, held) = full().await;
    run.begin().await;
    let mut permits = reserve_all(&script, n);
    begin_all(&mut permits);
    held.release().await;
    for permit in permits {
        drop(permit.await.expect("there is capacity"));
    }
    run.end().await;
}

async fn recipients(mut run: Run, n: usize) {
    let (script, held) = full().await;
    let recipient = script.recipient::<super::Tick>();
    run.begin().await;
    let mut sends: Vec<_> = (0..n)
        .map(|_| recipient.send(super::Tick).no_timeout())
        .collect();
    begin_all(&mut sends);
    held.release().await;
    for send in sends {
        send.await.expect("it is queued");
    }
    run.end().await;
}

async fn withdraw(mut run: Run, n: usize, order: Order) {
    let (script, held) = full().await;
    let mut calls: Vec<_> = (0..n)
        .map(|_| script.get().no_timeout().into_owned())
        .collect();
    begin_all(&mut calls);
    run.begin().await;
    order.drop(calls);
    run.end().await;
    held.release().await;
}

async fn withdraw_casts(mut run: Run, n: usize, order: Order) {
    let (script, held) = full().await;
    let mut casts: Vec<_> = (0..n)
        .map(|_| script.note().no_timeout().into_owned())
        .collect();
    begin_all(&mut casts);
    run.begin().await;
    order.drop(casts);
    run.end().await;
    held.release().await;
}

async fn withdraw_permits(mut run: Run, n: usize, order: Order) {
    let (script, held) = full().await;
    let mut permits = reserve_all(&script, n);
    begin_all(&mut permits);
    run.begin().await;
    order.drop(permits);
    run.end().await;
    held.release().await;
}

/// One sender after the other waits and gives up, behind many that keep waiting.
async fn withdraw_behind(mut run: Run, n: usize) {
    let (script, held) = full().await;
    let mut calls: Vec<_> = (0..n)
        .map(|_| script.get().no_timeout().into_owned())
        .collect();
    begin_all(&mut calls);
    run.begin().await;
    for _ in 0..n {
        let mut call = script.get().no_timeout();
        assert!(poll_once(&mut call).is_pending());
    }
    run.end().await;
    held.release().await;
}

async fn time_out_waiting(mut run: Run, n: usize) {
    let (script, held) = full().await;
    run.begin().await;
    let mut calls: Vec<_> = (0..n)
        .map(|_| script.get().timeout(SECOND).into_owned())
        .collect();
    begin_all(&mut calls);
    for call in calls {
        assert_eq!(call.await, Err(CallError::Timeout));
    }
    run.end().await;
    held.release().await;
}

async fn time_out_queued(mut run: Run, n: usize) {
    let script = script(n + 1).await;
    let held = Held::new(&script).await;
    run.begin().await;
    let calls: Vec<_> = (0..n)
        .map(|_| script.get().timeout(SECOND).send())
        .collect();
    for call in calls {
        assert_eq!(call.await, Err(CallError::Timeout));
    }
    run.end().await;
    held.release().await;
}

async fn drop_queued(mut run: Run, n: usize) {
    let script = script(n + 1).await;
    let held = Held::new(&script).await;
    let mut calls: Vec<_> = (0..n).map(|_| script.get().no_timeout().send()).collect();
    begin_all(&mut calls);
    run.begin().await;
    Order::Random.drop(calls);
    held.release().await;
    run.end().await;
}

async fn queue_calls(mut run: Run, n: usize) {
    let script = script(n + 1).await;
    let held = Held::new(&script).await;
    run.begin().await;
    let calls: Vec<_> = (0..n).map(|_| script.get().no_timeout().send()).collect();
    held.release().await;
    for call in calls {
        call.await.expect("it is answered");
    }
    run.end().await;
}

async fn queue_casts(mut run: Run, n: usize) {
    let script = script(n + 1).await;
    let held = Held::new(&script).await;
    run.begin().await;
    for _ in 0..n {
        script.note().now().expect("there is capacity");
    }
    held.release().await;
    script.get().await.expect("it is answered");
    run.end().await;
}

async fn reserved(script: &ScriptSubject, n: usize) -> Vec<Permit<Script>> {
    let mut permits = Vec::new();
    for permit in reserve_all(script, n) {
        permits.push(permit.await.expect("there is capacity"));
    }
    permits
}

async fn reserve_and_send(mut run: Run, n: usize) {
    let script = script(n + 1).await;
    let held = Held::new(&script).await;
    run.begin().await;
    for permit in reserved(&script, n).await {
        permit.send(super::ScriptCast::Note);
    }
    held.release().await;
    script.get().await.expect("it is answered");
    run.end().await;
}

async fn reserve_and_call(mut run: Run, n: usize) {
    let script = script(n + 1).await;
    let held = Held::new(&script).await;
    run.begin().await;
    let permits = reserved(&script, n).await.into_iter();
    let calls: Vec<_> = permits
        .map(|permit| permit.call(|reply| super::ScriptCall::Get { reply }))
        .collect();
    held.release().await;
    for call in calls {
        call.await.expect("it is answered");
    }
    run.end().await;
}

async fn drop_permits(mut run: Run, n: usize) {
    let script = script(n).await;
    let permits = reserved(&script, n).await;
    run.begin().await;
    Order::Random.drop(permits);
    run.end().await;
}

async fn end_waiting(mut run: Run, n: usize) {
    let (script, _held) = full().await;
    let mut calls: Vec<_> = (0..n)
        .map(|_| script.get().no_timeout().into_owned())
        .collect();
    begin_all(&mut calls);
    run.begin().await;
    super::end(&script).await;
    for call in calls {
        call.await.expect_err("the script has ended");
    }
    run.end().await;
}

async fn end_queued(mut run: Run, n: usize) {
    let script = script(n + 1).await;
    let _held = Held::new(&script).await;
    let calls: Vec<_> = (0..n).map(|_| script.get().no_timeout().send()).collect();
    run.begin().await;
    super::end(&script).await;
    for call in calls {
        call.await.expect_err("the script has ended");
    }
    run.end().await;
}

async fn end_casts(mut run: Run, n: usize) {
    let script = script(n + 1).await;
    let _held = Held::new(&script).await;
    for _ in 0..n {
        script.note().now().expect("there is capacity");
    }
    let system = ambit::system::System::current().expect("there is a runtime");
    let _listening = system.on_dead_letter(|letter| assert_ne!(letter.to(), Pid::NOBODY));
    run.begin().await;
    super::end(&script).await;
    turns(2).await;
    run.end().await;
    assert!(system.dead_letters() >= n as u64);
}

async fn refuse(mut run: Run, n: usize) {
    let (script, held) = full().await;
    let recipient = script.recipient::<super::Tick>();
    run.begin().await;
    for _ in 0..n {
        assert_eq!(recipient.send(super::Tick).now(), Err(CastError::Full));
    }
    run.end().await;
    held.release().await;
}

/// A server that drops its oldest message.
struct Latest;

#[gen_server(mailbox = 1, overflow = drop_oldest, in_place = never)]
impl Latest {
    #[init]
    fn init(ctx: &mut Context<Self>) -> Self {
        ctx.trap_exits(true);
        Self
    }

    #[call]
    async fn hold(&mut self, holds: Sender<()>, until: Receiver<()>) {
        holds.send(()).ok();
        until.await.ok();
    }

    #[cast]
    fn note(&mut self) {}

    #[info]
    fn on_exit(&mut self, _: Exit) {}
}

/// Each cast drops the one before it, behind the events of a held server.
async fn drop_oldest(mut run: Run, n: usize) {
    let latest = Latest::start().await.expect("it starts");
    let (holds, held) = oneshot::channel();
    let (release, until) = oneshot::channel();
    let holding = latest.hold(holds, until).no_timeout().send();
    held.await.expect("it is held");
    let target = latest.clone();
    let exits = tokio::spawn(async move {
        (0..n).for_each(|_| ambit::exit(&target, ExitReason::Shutdown));
    });
    exits.await.expect("they are sent");
    run.begin().await;
    for _ in 0..n {
        latest.note().now().expect("the oldest is dropped");
    }
    run.end().await;
    drop(release);
    holding.await.expect("it goes on");
}
