//! Timers: delayed messages and exits, and deadlines.

use std::time::Duration;

use ambit::prelude::*;

use super::{Held, Order, SECOND, Script, Tick, end, idle, poll_once, script, turns, within};
use crate::case::{Case, case};
use crate::run::Run;

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("timers/send later, at one time", 1_000, ["send_after"], |run, n| fire(run, n, 0)),
        case!("timers/send later, each at its time", 1_000, [], |run, n| fire(run, n, 1)),
        case!("timers/cancel in order", 1_000, ["Timer::cancel", "Timer::remaining"], |run, n| cancel(run, n, Order::Forward)),
        case!("timers/cancel in reverse", 1_000, [], |run, n| cancel(run, n, Order::Backward)),
        case!("timers/cancel at random", 1_000, [], |run, n| cancel(run, n, Order::Random)),
        case!("timers/cancel one of many, again and again", 1_000, [], cancel_among),
        case!("timers/cancel many before a slow one", 1_000, [], cancel_before),
        case!("timers/cancel what is queued", 1_000, [], cancel_queued),
        case!("timers/send every second", 1_000, ["send_every", "Timer::skipped"], every),
        case!("timers/of a server", 1_000, ["Context::send_after", "Context::send_every", "Context::cancel"], of_server),
        case!("timers/end with timers", 1_000, [], end_with_timers),
        case!("timers/end of the recipient", 1_000, [], end_of_recipient),
        case!("timers/exit later", 1_000, ["exit_after", "kill_after"], exit_later),
        case!("timers/cancel an exit", 1_000, [], cancel_exit),
        case!("timers/wait within a time", 1_000, ["Inbox::next_within", "Context::remaining"], within_time),
        case!("timers/arm and answer a deadline", 1_000, [], deadlines),
        case!("timers/idle timeout of many", 500, ["Context::idle_timeout"], idle_timeouts),
    ]
}

fn millis(n: usize) -> Duration {
    Duration::from_millis(n as u64)
}

/// Waits until the script has seen `n` messages.
async fn seen(script: &super::ScriptSubject, n: usize) {
    while script.get().await.expect("it lives") < n as u64 {
        tokio::time::sleep(SECOND).await;
    }
}

fn arm(script: &super::ScriptSubject, n: usize, apart: usize) -> Vec<Timer> {
    let recipient = script.recipient::<Tick>();
    let timer = |index| ambit::send_after(&recipient, SECOND + millis(index * apart), Tick);
    (0..n).map(timer).collect()
}

async fn fire(mut run: Run, n: usize, apart: usize) {
    let script = script(n + 1).await;
    run.begin().await;
    let timers = arm(&script, n, apart);
    seen(&script, n).await;
    run.end().await;
    drop(timers);
}

async fn cancel(mut run: Run, n: usize, order: Order) {
    let script = script(n + 1).await;
    let timers = arm(&script, n, 7);
    turns(2).await;
    run.begin().await;
    for index in order.of(n) {
        assert!(timers[index].remaining().is_some());
        assert!(timers[index].cancel().is_some());
    }
    run.end().await;
}

/// Sets and cancels timers among many that stay.
async fn cancel_among(mut run: Run, n: usize) {
    let script = script(n + 1).await;
    let _timers = arm(&script, n, 7);
    let recipient = script.recipient::<Tick>();
    turns(2).await;
    run.begin().await;
    for index in 0..n {
        let timer = ambit::send_after(&recipient, SECOND + millis(index), Tick);
        assert!(timer.cancel().is_some());
    }
    run.end().await;
}

/// Cancels many timers that are due before one that stays; that one fires.
async fn cancel_before(mut run: Run, n: usize) {
    let script = script(2).await;
    let recipient = script.recipient::<Tick>();
    run.begin().await;
    let _last = ambit::send_after(&recipient, SECOND + millis(n), Tick);
    for index in 0..n {
        let timer = ambit::send_after(&recipient, SECOND + millis(index), Tick);
        turns(1).await;
        assert!(timer.cancel().is_some());
    }
    seen(&script, 1).await;
    run.end().await;
}

/// The timers have fired into the mailbox of a busy server.
async fn cancel_queued(mut run: Run, n: usize) {
    let script = script(n + 1).await;
    let held = Held::new(&script).await;
    let timers = arm(&script, n, 0);
    tokio::time::sleep(2 * SECOND).await;
    run.begin().await;
    for index in Order::Random.of(n) {
        timers[index].cancel();
    }
    held.release().await;
    script.get().await.expect("it lives");
    run.end().await;
}

async fn every(mut run: Run, n: usize) {
    let script = script(n + 1).await;
    let recipient = script.recipient::<Tick>();
    run.begin().await;
    let timers: Vec<_> = (0..n)
        .map(|_| ambit::send_every(&recipient, SECOND, Tick))
        .collect();
    seen(&script, 3 * n).await;
    for timer in &timers {
        assert_eq!(timer.skipped(), 0);
        timer.cancel();
    }
    run.end().await;
}

async fn of_server(mut run: Run, n: usize) {
    let script = script(n + 1).await;
    run.begin().await;
    let job = move |_: &mut Script, ctx: &mut Context<Script>| {
        let timers: Vec<_> = (0..n).map(|_| ctx.send_every(2 * SECOND, Tick)).collect();
        for timer in &timers {
            assert!(ctx.cancel(timer).is_some());
        }
        for _ in 0..n {
            ctx.send_after(SECOND, Tick);
        }
    };
    within(&script, job).await;
    seen(&script, n).await;
    run.end().await;
}

async fn end_with_timers(mut run: Run, n: usize) {
    let script = script(2).await;
    let job = move |_: &mut Script, ctx: &mut Context<Script>| {
        for index in 0..n {
            ctx.send_after(SECOND + millis(index), Tick);
        }
    };
    within(&script, job).await;
    run.begin().await;
    end(&script).await;
    tokio::time::sleep(SECOND + millis(n)).await;
    run.end().await;
}

async fn end_of_recipient(mut run: Run, n: usize) {
    let script = script(2).await;
    let _timers = arm(&script, n, 1);
    run.begin().await;
    end(&script).await;
    tokio::time::sleep(2 * SECOND + millis(n)).await;
    run.end().await;
}

async fn exit_later(mut run: Run, n: usize) {
    let all = idle(n);
    turns(2).await;
    run.begin().await;
    for (index, process) in all.iter().enumerate() {
        if index % 2 == 0 {
            ambit::exit_after(SECOND + millis(index), process, ExitReason::Shutdown);
        } else {
            ambit::kill_after(SECOND + millis(index), process);
        }
    }
    for process in &all {
        process.closed().await;
    }
    run.end().await;
}

async fn cancel_exit(mut run: Run, n: usize) {
    let process = idle(1).remove(0);
    turns(2).await;
    run.begin().await;
    let exit = |index| ambit::exit_after(SECOND + millis(index), &process, ExitReason::Shutdown);
    let timers: Vec<_> = (0..n).map(exit).collect();
    for index in Order::Random.of(n) {
        assert!(timers[index].cancel().is_some());
    }
    run.end().await;
}

async fn within_time(mut run: Run, n: usize) {
    let waiter = |index| {
        ambit::spawn(move |mut inbox: Inbox<()>| async move {
            assert!(inbox.next_within(millis(index + 1)).await.is_none());
        })
    };
    run.begin().await;
    let all: Vec<_> = (0..n).map(waiter).collect();
    for process in &all {
        process.closed().await;
    }
    run.end().await;
}

/// Many calls with deadlines wait at once; all get a reply.
async fn deadlines(mut run: Run, n: usize) {
    let script = script(n + 1).await;
    let held = Held::new(&script).await;
    run.begin().await;
    let call = |index| script.get().timeout(SECOND + millis(index)).send();
    let mut calls: Vec<_> = (0..n).map(call).collect();
    for call in &mut calls {
        assert!(poll_once(call).is_pending());
    }
    held.release().await;
    for call in calls {
        call.await.expect("it is answered");
    }
    run.end().await;
}

/// A server that ends after a second without messages.
struct Sleepy;

#[gen_server]
impl Sleepy {
    #[init]
    fn init(ctx: &mut Context<Self>) -> Self {
        ctx.idle_timeout(SECOND);
        Self
    }

    #[info]
    fn on_idle(&mut self, _: IdleTimeout) -> Flow {
        Flow::Stop(ExitReason::Shutdown)
    }
}

async fn idle_timeouts(mut run: Run, n: usize) {
    run.begin().await;
    let mut all = Vec::new();
    for _ in 0..n {
        all.push(Sleepy::start().await.expect("it starts"));
    }
    for server in all {
        server.closed().await;
    }
    run.end().await;
}
