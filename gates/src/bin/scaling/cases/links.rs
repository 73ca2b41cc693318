//! Links and monitors between processes, and exits that reach many of them.

use std::future::pending;

use ambit::prelude::*;

use super::{Order, end, idle, script, turns, within};
use crate::case::{Case, case};
use crate::run::Run;

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("links/link to many", 1_000, ["Inbox::link", "link"], link),
        case!("links/unlink in order", 1_000, ["Inbox::unlink", "unlink"], |run, n| unlink(run, n, Order::Forward)),
        case!("links/unlink at random", 1_000, [], |run, n| unlink(run, n, Order::Random)),
        case!("links/unlink of the others, at random", 1_000, [], unlink_there),
        case!("links/linked processes end", 1_000, ["Inbox::trap_exits", "trap_exits", "exit"], linked_end),
        case!("links/end with links", 1_000, [], end_with_links),
        case!("links/end of a chain", 1_000, [], end_of_chain),
        case!("links/spawn linked", 1_000, ["Inbox::spawn_link", "spawn_link"], spawn_linked),
        case!("links/become the parent of many", 1_000, ["adopt"], adopt),
        case!("links/of a server", 1_000, ["Context::link", "Context::unlink", "Context::trap_exits", "Context::spawn_link"], of_server),
        case!("links/exit signals to one process", 1_000, [], signals),
    ]
}

async fn link(mut run: Run, n: usize) {
    let all = idle(n);
    turns(2).await;
    run.begin().await;
    for process in &all {
        run.inbox.link(process).expect("it lives");
    }
    run.end().await;
    run.inbox.trap_exits(true);
}

async fn unlink(mut run: Run, n: usize, order: Order) {
    let all = idle(n);
    for process in &all {
        run.inbox.link(process).expect("it lives");
    }
    run.begin().await;
    for index in order.of(n) {
        run.inbox.unlink(&all[index]);
    }
    run.end().await;
}

/// The other processes unlink: each has one link, this process has many.
async fn unlink_there(mut run: Run, n: usize) {
    let own = run.inbox.subject();
    let unlinks = |_| {
        let own = own.clone();
        ambit::spawn(move |mut inbox: Inbox<()>| async move {
            ambit::link(&own).expect("a process").expect("it lives");
            inbox.recv().await;
            ambit::unlink(&own).expect("a process");
            pending::<()>().await;
        })
    };
    let all: Vec<_> = (0..n).map(unlinks).collect();
    turns(4).await;
    run.begin().await;
    for index in Order::Random.of(n) {
        all[index].send(()).now().expect("it lives");
    }
    turns(4).await;
    run.end().await;
}

async fn adopt(mut run: Run, n: usize) {
    let all = idle(n);
    turns(2).await;
    run.begin().await;
    for process in &all {
        ambit::distribution::adopt(process).expect("it lives");
    }
    run.end().await;
    run.inbox.trap_exits(true);
}

async fn linked_end(mut run: Run, n: usize) {
    let all = idle(n);
    run.inbox.trap_exits(true);
    for process in &all {
        run.inbox.link(process).expect("it lives");
    }
    run.begin().await;
    for process in &all {
        ambit::exit(process, ExitReason::Kill);
    }
    for _ in 0..n {
        assert!(matches!(run.inbox.next().await, InboxEvent::Exit(_)));
    }
    run.end().await;
}

async fn end_with_links(mut run: Run, n: usize) {
    let all = idle(n);
    let linked = all.clone();
    let middle = ambit::spawn(move |mut inbox: Inbox<()>| async move {
        for process in &linked {
            inbox.link(process).expect("it lives");
        }
        pending::<()>().await;
    });
    turns(4).await;
    run.begin().await;
    end(&middle).await;
    for process in &all {
        process.closed().await;
    }
    run.end().await;
}

/// Each process is linked to the previous one.
async fn end_of_chain(mut run: Run, n: usize) {
    let first = idle(1).remove(0);
    let mut last = first.clone();
    for _ in 1..n {
        let before = last.clone();
        last = ambit::spawn(move |mut inbox: Inbox<()>| async move {
            inbox.link(&before).expect("it lives");
            pending::<()>().await;
        });
        turns(1).await;
    }
    turns(4).await;
    run.begin().await;
    ambit::exit(&first, ExitReason::Kill);
    last.closed().await;
    run.end().await;
}

async fn spawn_linked(mut run: Run, n: usize) {
    run.inbox.trap_exits(true);
    run.begin().await;
    for _ in 0..n {
        let spawned = run.inbox.spawn_link(|_: Inbox<()>| pending::<()>());
        spawned.expect("it is spawned");
    }
    run.end().await;
}

async fn of_server(mut run: Run, n: usize) {
    let script = script(2).await;
    let all = idle(n);
    turns(2).await;
    run.begin().await;
    let job = move |_: &mut super::Script, ctx: &mut Context<super::Script>| {
        ctx.trap_exits(true);
        for process in &all {
            ctx.link(process).expect("it lives");
        }
        for process in &all {
            ctx.unlink(process);
        }
        for _ in 0..all.len() {
            let spawned = ctx.spawn_link(|_: Inbox<()>| async {});
            spawned.expect("it is spawned");
        }
    };
    within(&script, job).await;
    while script.get().await.expect("it lives") < n as u64 {
        turns(1).await;
    }
    run.end().await;
}

async fn signals(mut run: Run, n: usize) {
    run.inbox.trap_exits(true);
    run.begin().await;
    for _ in 0..n {
        ambit::exit(run.inbox.pid(), ExitReason::Shutdown);
    }
    for _ in 0..n {
        assert!(matches!(run.inbox.next().await, InboxEvent::Exit(_)));
    }
    run.end().await;
}
