//! Tasks: many of them, their owners, streams.

use std::future::pending;

use ambit::prelude::*;
use ambit::supervisor::Shutdown;
use ambit::task::{self, OnTimeout};
use ambit::task::{TaskError, TaskSupervisor};

use super::{Order, SECOND, turns};
use crate::case::{Case, case};
use crate::run::Run;

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("tasks/spawn and await", 1_000, ["Task::spawn"], spawn),
        case!("tasks/spawn without a link", 1_000, ["Task::spawn_unlinked"], spawn_unlinked),
        case!("tasks/await in reverse", 1_000, [], await_in_reverse),
        case!("tasks/drop at random", 1_000, ["Task::pid"], drop_all),
        case!("tasks/shut down at random", 1_000, ["Task::shutdown"], shut_down),
        case!("tasks/look at those that run", 1_000, ["Task::yield_for", "Task::ignore"], yield_for),
        case!("tasks/end of the owner", 1_000, [], end_of_owner),
        case!("tasks/await many", 1_000, ["await_many", "AwaitMany::timeout"], await_many),
        case!("tasks/await many, one by one", 1_000, [], await_many_apart),
        case!("tasks/yield many", 1_000, ["yield_many", "YieldMany::on_timeout"], yield_many),
        case!("tasks/stream", 1_000, ["stream", "TaskStream::concurrency", "TaskStream::next"], |run, n| stream(run, n, 8, false)),
        case!("tasks/stream, all at once", 1_000, ["TaskStream::collect"], |run, n| stream(run, n, n, false)),
        case!("tasks/stream in order, all at once", 1_000, ["TaskStream::ordered"], |run, n| stream(run, n, n, true)),
        case!("tasks/stream in order, the first is last", 1_000, [], stream_held),
        case!("tasks/stream with timeouts", 1_000, ["TaskStream::timeout", "TaskStream::kill_on_timeout"], stream_timeouts),
        case!("tasks/stream with its input", 1_000, ["TaskStream::keep_input", "InputStream::next", "InputStream::collect", "TaskStream::unlinked"], stream_input),
        case!("tasks/drop a stream", 1_000, [], drop_stream),
        case!("tasks/supervised, spawn and await", 1_000, ["TaskSupervisor::spawn", "TaskSupervisor::builder", "TaskSupervisorBuilder::start"], supervised),
        case!("tasks/supervised, terminate at random", 1_000, ["TaskSupervisor::spawn_unlinked", "TaskSupervisor::terminate_child", "TaskSupervisor::count_children", "TaskSupervisor::start_child", "TaskSupervisor::start_task"], terminate),
        case!("tasks/supervised, stream", 1_000, ["TaskSupervisor::stream"], supervised_stream),
        case!("tasks/of a server", 1_000, ["Context::spawn_task"], of_server),
        case!("tasks/of a server that ends", 1_000, [], server_ends),
        case!("tasks/supervised, children", 1_000, ["TaskSupervisor::children"], children).linear("the answer is the whole set"),
    ]
}

async fn spawn(mut run: Run, n: usize) {
    run.begin().await;
    let all: Vec<_> = (0..n)
        .map(|index| Task::spawn(async move { index }))
        .collect();
    for (index, task) in all.into_iter().enumerate() {
        assert_eq!(task.await, Ok(index));
    }
    run.end().await;
}

async fn spawn_unlinked(mut run: Run, n: usize) {
    run.begin().await;
    let all: Vec<_> = (0..n)
        .map(|index| Task::spawn_unlinked(async move { index }))
        .collect();
    for (index, task) in all.into_iter().enumerate() {
        assert_eq!(task.await, Ok(index));
    }
    run.end().await;
}

async fn await_in_reverse(mut run: Run, n: usize) {
    run.begin().await;
    let all: Vec<_> = (0..n)
        .map(|index| Task::spawn(async move { index }))
        .collect();
    for (index, task) in all.into_iter().enumerate().rev() {
        assert_eq!(task.await, Ok(index));
    }
    run.end().await;
}

fn endless(n: usize) -> Vec<Task<()>> {
    (0..n).map(|_| Task::spawn(pending::<()>())).collect()
}

async fn drop_all(mut run: Run, n: usize) {
    let all = endless(n);
    turns(2).await;
    run.begin().await;
    assert!(all.iter().all(|task| ambit::is_alive(task.pid())));
    Order::Random.drop(all);
    turns(4).await;
    run.end().await;
}

async fn shut_down(mut run: Run, n: usize) {
    let mut all: Vec<_> = endless(n).into_iter().map(Some).collect();
    turns(2).await;
    run.begin().await;
    for index in Order::Random.of(n) {
        let task = all[index].take().expect("each is shut down once");
        assert_eq!(task.shutdown(Shutdown::Brutal).await, Ok(None));
    }
    run.end().await;
}

async fn yield_for(mut run: Run, n: usize) {
    let mut all = endless(n);
    turns(2).await;
    run.begin().await;
    for task in &mut all {
        assert_eq!(task.yield_for(SECOND).await, Ok(None));
    }
    for task in all {
        assert_eq!(task.ignore(), Ok(None));
    }
    run.end().await;
}

async fn end_of_owner(mut run: Run, n: usize) {
    let owner = ambit::spawn(move |_: Inbox<()>| async move {
        let _all = endless(n);
        pending::<()>().await;
    });
    turns(4).await;
    run.begin().await;
    super::end(&owner).await;
    turns(4).await;
    run.end().await;
}

async fn await_many(mut run: Run, n: usize) {
    run.begin().await;
    let all = (0..n).map(|index| Task::spawn(async move { index }));
    let all = task::await_many(all.collect::<Vec<_>>());
    let values = all.timeout(SECOND).await.expect("they end");
    run.end().await;
    assert_eq!(values.len(), n);
}

/// Starts `n` tasks that end at different times.
fn apart(n: usize) -> Vec<Task<usize>> {
    let one = |index: usize| {
        Task::spawn(async move {
            let time = std::time::Duration::from_millis(index as u64 + 1);
            tokio::time::sleep(time).await;
            index
        })
    };
    (0..n).map(one).collect()
}

async fn await_many_apart(mut run: Run, n: usize) {
    run.begin().await;
    let values = task::await_many(apart(n)).timeout(3600 * SECOND).await;
    run.end().await;
    assert_eq!(values.expect("they end").len(), n);
}

async fn yield_many(mut run: Run, n: usize) {
    let mut all = apart(n);
    run.begin().await;
    let values = task::yield_many(&mut all, 3600 * SECOND);
    let values = values.on_timeout(OnTimeout::Ignore).await;
    run.end().await;
    assert_eq!(values.len(), n);
}

async fn stream(mut run: Run, n: usize, concurrency: usize, ordered: bool) {
    run.begin().await;
    let stream = task::stream(0..n, |index| async move {
        turns(1).await;
        index
    });
    let stream = stream.concurrency(concurrency);
    let mut stream = if ordered { stream.ordered() } else { stream };
    assert!(stream.next().await.is_some());
    let rest = stream.collect().await;
    run.end().await;
    assert_eq!(rest.len(), n - 1);
}

/// The first task ends after all others, whose outcomes are buffered until then.
async fn stream_held(mut run: Run, n: usize) {
    run.begin().await;
    let stream = task::stream(0..n, |index| async move {
        if index == 0 {
            tokio::time::sleep(SECOND).await;
        }
    });
    let all = stream.concurrency(n).ordered().collect().await;
    run.end().await;
    assert_eq!(all.len(), n);
}

async fn stream_timeouts(mut run: Run, n: usize) {
    run.begin().await;
    let stream = task::stream(0..n, |_| pending::<()>()).concurrency(n);
    let all = stream.timeout(SECOND).kill_on_timeout().collect().await;
    run.end().await;
    assert!(all.iter().all(|one| *one == Err(TaskError::Timeout)) && all.len() == n);
}

async fn stream_input(mut run: Run, n: usize) {
    run.begin().await;
    let stream = task::stream(0..n, |index| async move { index }).concurrency(n);
    let mut stream = stream.unlinked().keep_input();
    assert!(stream.next().await.is_some());
    let rest = stream.collect().await;
    run.end().await;
    assert_eq!(rest.len(), n - 1);
}

async fn drop_stream(mut run: Run, n: usize) {
    let mut stream = task::stream(0..n, |index| async move {
        if index > 0 {
            pending::<()>().await;
        }
    })
    .concurrency(n);
    assert!(stream.next().await.is_some());
    run.begin().await;
    drop(stream);
    turns(4).await;
    run.end().await;
}

async fn supervisor() -> TaskSupervisor {
    TaskSupervisor::builder().start().await.expect("it starts")
}

async fn supervised(mut run: Run, n: usize) {
    let supervisor = supervisor().await;
    run.begin().await;
    let mut all = Vec::new();
    for index in 0..n {
        let task = supervisor.spawn(async move { index });
        all.push(task.await.expect("it is started"));
    }
    for task in all {
        task.await.expect("it ends");
    }
    run.end().await;
}

async fn terminate(mut run: Run, n: usize) {
    let supervisor = supervisor().await;
    let mut all = Vec::new();
    for index in 0..n {
        if index % 3 == 0 {
            let task = supervisor.start_task(pending::<()>()).await;
            all.push(task.expect("it is started").pid());
        } else if index % 3 == 1 {
            let task = supervisor.spawn_unlinked(pending::<()>()).await;
            let task = task.expect("it is started");
            all.push(task.pid());
        } else {
            let spec = ChildSpec::task(index.to_string(), pending::<()>);
            let task = supervisor.start_child(spec).await;
            all.push(task.expect("it is started").pid());
        }
    }
    run.begin().await;
    for index in Order::Random.of(n) {
        supervisor
            .terminate_child(all[index])
            .await
            .expect("it runs");
    }
    let counts = supervisor.count_children().await.expect("it lives");
    run.end().await;
    assert_eq!(counts.specs, 0);
}

async fn supervised_stream(mut run: Run, n: usize) {
    let supervisor = supervisor().await;
    run.begin().await;
    let stream = supervisor.stream(0..n, |index| async move { index });
    let all = stream.concurrency(n).collect().await;
    run.end().await;
    assert_eq!(all.len(), n);
}

async fn of_server(mut run: Run, n: usize) {
    let script = super::script(n + 1).await;
    run.begin().await;
    let job = move |_: &mut super::Script, ctx: &mut Context<super::Script>| {
        for _ in 0..n {
            ctx.spawn_task(async {
                turns(1).await;
                super::Tick
            });
        }
    };
    super::within(&script, job).await;
    while script.get().await.expect("it lives") < n as u64 {
        turns(1).await;
    }
    run.end().await;
}

async fn server_ends(mut run: Run, n: usize) {
    let script = super::script(2).await;
    let job = move |_: &mut super::Script, ctx: &mut Context<super::Script>| {
        for _ in 0..n {
            ctx.spawn_task(pending::<super::Tick>());
        }
    };
    super::within(&script, job).await;
    turns(2).await;
    run.begin().await;
    super::end(&script).await;
    turns(2).await;
    run.end().await;
}

async fn children(mut run: Run, n: usize) {
    let supervisor = supervisor().await;
    let mut all = Vec::new();
    for _ in 0..n {
        let task = supervisor.spawn(pending::<()>()).await;
        all.push(task.expect("it is started"));
    }
    run.begin().await;
    assert_eq!(supervisor.children().await.expect("it lives").len(), n);
    run.end().await;
}
