//! Children of supervisors: starts, ends, restarts, and queries.

use ambit::supervisor::Backoff;
use std::future::pending;
use std::time::Duration;

use ambit::prelude::*;
use ambit::supervisor::{AutoShutdown, ChildState, Restart};

use super::{Order, SECOND, poll_once, turns};
use crate::case::{Case, case};
use crate::run::Run;

/// A restart limit that no case reaches.
pub(super) const ANY: u32 = u32::MAX;

const WHOLE: &str = "the answer is the whole set";

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    let mut cases = vec![
        case!("children/start as specified", 1_000, ["Supervisor::builder", "SupervisorBuilder::child", "SupervisorBuilder::start"], start_specified),
        case!("children/start one by one", 1_000, ["Supervisor::start_child"], start_child),
        case!("children/terminate in order", 1_000, ["Supervisor::terminate_child"], |run, n| terminate(run, n, Order::Forward)),
        case!("children/terminate at random", 1_000, [], |run, n| terminate(run, n, Order::Random)),
        case!("children/terminate and restart", 1_000, ["Supervisor::restart_child"], restart_child),
        case!("children/terminate and delete", 1_000, ["Supervisor::delete_child"], delete),
        case!("children/count", 1_000, ["Supervisor::count_children", "DynamicSupervisor::count_children"], count).linear("each child is looked at, as in OTP"),
        case!("children/restart each", 1_000, ["SupervisorBuilder::restarts"], |run, n| restart_each(run, n, Strategy::OneForOne)),
        case!("children/restart one, again and again", 1_000, [], restart_one),
        case!("children/restart in a large window", 1_000, [], restart_in_window),
        case!("children/restart with a backoff", 1_000, ["ChildSpec::backoff"], restart_with_backoff),
        case!("children/stop the supervisor", 1_000, [], stop_supervisor),
        case!("children/temporary ones end", 1_000, [], temporary_end),
        case!("children/significant ones end", 1_000, ["SupervisorBuilder::auto_shutdown", "ChildSpec::significant"], significant_end),
        case!("children/wait for each", 1_000, [], wait_for_each),
        case!("children/ask while many ask", 1_000, ["AdminRequest::timeout"], ask_many),
        case!("children/keep the mailbox of one that ends", 1_000, ["ChildSpec::keep_mailbox"], keep_mailbox),
    ];
    cases.extend([
        case!("children/which", 1_000, ["Supervisor::which_children", "DynamicSupervisor::which_children"], which).linear(WHOLE),
        case!("children/restart all for one", 1_000, ["SupervisorBuilder::strategy"], |run, n| restart_group(run, n, Strategy::OneForAll)).linear("one end restarts all"),
        case!("children/restart the rest for one", 1_000, [], |run, n| restart_group(run, n, Strategy::RestForOne)).linear("one end restarts all after it"),
    ]);
    cases
}

fn idle_child(index: usize) -> ChildSpec<Task<()>> {
    ChildSpec::task(index.to_string(), pending::<()>)
}

async fn supervisor(n: usize, strategy: Strategy) -> Supervisor {
    let builder = Supervisor::builder()
        .strategy(strategy)
        .restarts(ANY, SECOND);
    let builder = (0..n).fold(builder, |builder, index| builder.child(idle_child(index)));
    builder.start().await.expect("it starts")
}

/// Returns the pids of the children, in their order.
async fn pids(supervisor: &Supervisor) -> Vec<Pid> {
    let all = supervisor.which_children().await.expect("it lives");
    let pid = |state| match state {
        ChildState::Running(pid) => Some(pid),
        _ => None,
    };
    all.into_iter()
        .filter_map(|child| pid(child.state))
        .collect()
}

async fn start_specified(mut run: Run, n: usize) {
    run.begin().await;
    let supervisor = supervisor(n, Strategy::OneForOne).await;
    run.end().await;
    drop(supervisor);
}

async fn start_child(mut run: Run, n: usize) {
    let supervisor = supervisor(0, Strategy::OneForOne).await;
    run.begin().await;
    for index in 0..n {
        supervisor
            .start_child(idle_child(index))
            .await
            .expect("it starts");
    }
    run.end().await;
}

async fn terminate(mut run: Run, n: usize, order: Order) {
    let supervisor = supervisor(n, Strategy::OneForOne).await;
    run.begin().await;
    for index in order.of(n) {
        let terminated = supervisor.terminate_child(&index.to_string());
        terminated.await.expect("it is a child");
    }
    run.end().await;
}

async fn restart_child(mut run: Run, n: usize) {
    let supervisor = supervisor(n, Strategy::OneForOne).await;
    run.begin().await;
    for index in Order::Random.of(n) {
        let id = index.to_string();
        supervisor
            .terminate_child(&id)
            .await
            .expect("it is a child");
        supervisor.restart_child(&id).await.expect("it starts");
    }
    run.end().await;
}

async fn delete(mut run: Run, n: usize) {
    let supervisor = supervisor(n, Strategy::OneForOne).await;
    run.begin().await;
    for index in Order::Random.of(n) {
        let id = index.to_string();
        supervisor
            .terminate_child(&id)
            .await
            .expect("it is a child");
        supervisor.delete_child(&id).await.expect("it is a child");
    }
    run.end().await;
}

async fn count(mut run: Run, n: usize) {
    let supervisor = supervisor(n, Strategy::OneForOne).await;
    let dynamic = dynamic().await;
    dynamic_children(&dynamic, n, Restart::Temporary).await;
    run.begin().await;
    for _ in 0..8 {
        supervisor.count_children().await.expect("it lives");
        dynamic.count_children().await.expect("it lives");
    }
    run.end().await;
}

async fn restart_each(mut run: Run, n: usize, strategy: Strategy) {
    let supervisor = supervisor(n, strategy).await;
    let pids = pids(&supervisor).await;
    run.begin().await;
    for pid in pids {
        ambit::exit(pid, ExitReason::Kill);
        turns(4).await;
    }
    let counts = supervisor.count_children().await.expect("it lives");
    run.end().await;
    assert_eq!(counts.active, n);
}

/// A child with a handle that follows it.
pub(super) struct Worker;

#[gen_server]
impl Worker {
    #[init]
    pub(super) fn init() -> Self {
        Self
    }

    #[call]
    pub(super) fn ping(&self) {}

    #[cast]
    pub(super) fn leave(&mut self) -> Flow {
        Flow::Stop(ExitReason::error("told to"))
    }
}

/// Restarts one child `n` times, with a pause in between.
async fn restarts(worker: &WorkerSubject, n: usize, apart: Duration) {
    for _ in 0..n {
        worker.leave().await.expect("it lives");
        tokio::time::sleep(apart).await;
        turns(8).await;
        worker.ping().await.expect("it is restarted");
    }
}

/// Starts a supervisor with one child; returns it and a handle that follows the child's name.
async fn one_worker(within: Duration) -> (Supervisor, WorkerSubject) {
    let supervisor = Supervisor::builder().restarts(ANY, within).start();
    let supervisor = supervisor.await.expect("it starts");
    let spec = Worker::child_spec().name("worker");
    supervisor.start_child(spec).await.expect("it starts");
    (supervisor, WorkerSubject::named("worker"))
}

async fn restart_one(mut run: Run, n: usize) {
    let (_supervisor, worker) = one_worker(SECOND).await;
    run.begin().await;
    restarts(&worker, n, 2 * SECOND).await;
    run.end().await;
}

/// All restarts stay within the window.
async fn restart_in_window(mut run: Run, n: usize) {
    let window = Duration::from_secs(86_400);
    let (_supervisor, worker) = one_worker(window).await;
    run.begin().await;
    restarts(&worker, n, Duration::ZERO).await;
    run.end().await;
}

async fn restart_with_backoff(mut run: Run, n: usize) {
    let backoff = Backoff::constant(SECOND);
    let mut builder = Supervisor::builder().restarts(ANY, SECOND);
    for index in 0..n {
        builder = builder.child(idle_child(index).backoff(backoff));
    }
    let supervisor = builder.start().await.expect("it starts");
    let pids = pids(&supervisor).await;
    run.begin().await;
    for pid in pids {
        ambit::exit(pid, ExitReason::Kill);
    }
    tokio::time::sleep(5 * SECOND).await;
    let counts = supervisor.count_children().await.expect("it lives");
    run.end().await;
    assert_eq!(counts.active, n);
}

/// Every child is significant, and the supervisor stops with the last one.
async fn significant_end(mut run: Run, n: usize) {
    let mut builder = Supervisor::builder().auto_shutdown(AutoShutdown::All);
    for index in 0..n {
        let child = idle_child(index).restart(Restart::Transient);
        builder = builder.child(child.significant(true));
    }
    let supervisor = builder.start().await.expect("it starts");
    let pids = pids(&supervisor).await;
    run.begin().await;
    for pid in pids {
        ambit::exit(pid, ExitReason::Shutdown);
        turns(1).await;
    }
    let reason = supervisor.closed().await;
    run.end().await;
    assert_eq!(reason, ExitReason::Shutdown);
}

/// `n` calls wait for `n` children that were removed, and are then added again.
async fn wait_for_each(mut run: Run, n: usize) {
    let supervisor = supervisor(0, Strategy::OneForOne).await;
    let ids: Vec<String> = (0..n).map(|index| index.to_string()).collect();
    let worker = |id: &String| supervisor.start_child(Worker::child_spec().id(id.as_str()));
    let mut calls = Vec::new();
    for id in &ids {
        let worker = worker(id).await.expect("it starts");
        supervisor.terminate_child(id).await.expect("it is a child");
        supervisor.delete_child(id).await.expect("it is a child");
        let mut call = worker.when_available().ping().into_owned();
        assert!(poll_once(&mut call).is_pending(), "it waits");
        calls.push(call);
    }
    run.begin().await;
    for id in &ids {
        worker(id).await.expect("it starts");
    }
    for call in calls {
        call.await.expect("it is a child");
    }
    run.end().await;
}

async fn stop_supervisor(mut run: Run, n: usize) {
    let supervisor = supervisor(n, Strategy::OneForOne).await;
    run.begin().await;
    supervisor.stop().no_timeout().await.expect("it stops");
    run.end().await;
}

async fn temporary_end(mut run: Run, n: usize) {
    let supervisor = supervisor(0, Strategy::OneForOne).await;
    for index in 0..n {
        let child = idle_child(index).restart(Restart::Temporary);
        supervisor.start_child(child).await.expect("it starts");
    }
    let pids = pids(&supervisor).await;
    run.begin().await;
    for index in Order::Random.of(n) {
        ambit::exit(pids[index], ExitReason::Kill);
        turns(1).await;
    }
    let counts = supervisor.count_children().await.expect("it lives");
    run.end().await;
    assert_eq!(counts.specs, 0);
}

async fn ask_many(mut run: Run, n: usize) {
    let supervisor = supervisor(1, Strategy::OneForOne).await;
    run.begin().await;
    let ask = |_| tokio::spawn(supervisor.count_children().timeout(60 * SECOND));
    let asked: Vec<_> = (0..n).map(ask).collect();
    for ask in asked {
        ask.await.expect("it is no panic").expect("it lives");
    }
    run.end().await;
}

pub(super) async fn dynamic() -> DynamicSupervisor {
    let supervisor = DynamicSupervisor::builder().restarts(ANY, SECOND);
    supervisor.start().await.expect("it starts")
}

pub(super) async fn dynamic_children(
    supervisor: &DynamicSupervisor,
    n: usize,
    restart: Restart,
) -> Vec<Process> {
    let mut all = Vec::new();
    for index in 0..n {
        let child = supervisor.start_child(idle_child(index).restart(restart));
        all.push(child.await.expect("it starts"));
    }
    all
}

async fn keep_mailbox(mut run: Run, n: usize) {
    let spec = super::Script::child_spec()
        .mailbox(n + 2)
        .keep_mailbox()
        .name("script");
    let supervisor = Supervisor::builder().restarts(ANY, SECOND).start();
    let supervisor = supervisor.await.expect("it starts");
    supervisor.start_child(spec).await.expect("it starts");
    let script = super::ScriptSubject::named("script");
    let _held = super::Held::new(&script).await;
    for _ in 0..n {
        script.note().now().expect("there is capacity");
    }
    run.begin().await;
    ambit::exit(&script, ExitReason::Kill);
    turns(8).await;
    assert_eq!(script.get().await, Ok(n as u64));
    run.end().await;
}

async fn which(mut run: Run, n: usize) {
    let supervisor = supervisor(n, Strategy::OneForOne).await;
    let dynamic = dynamic().await;
    dynamic_children(&dynamic, n, Restart::Temporary).await;
    run.begin().await;
    assert_eq!(
        supervisor.which_children().await.expect("it lives").len(),
        n
    );
    assert_eq!(dynamic.which_children().await.expect("it lives").len(), n);
    run.end().await;
}

async fn restart_group(mut run: Run, n: usize, strategy: Strategy) {
    let supervisor = supervisor(n, strategy).await;
    let pids = pids(&supervisor).await;
    run.begin().await;
    ambit::exit(pids[0], ExitReason::Kill);
    tokio::time::sleep(SECOND).await;
    let counts = supervisor.count_children().await.expect("it lives");
    run.end().await;
    assert_eq!(counts.active, n);
}
