//! Executes the steps of a script.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ambit::prelude::*;
use ambit::supervisor::{ChildCounts, ChildInfo, ChildKind, ChildState};
use tokio::time::{Instant, sleep, sleep_until};

use crate::ambit_side::above::{Above, admin, listed};
use crate::ambit_side::run::{Next, Run};
use crate::ambit_side::tree::supervisor;
use crate::ambit_side::worker::{SLOW, reason};
use crate::script::{Action, Admin, How, Id, Outcome};

/// The time from a crash to the request that arrives during its slow restart.
const MEANWHILE: Duration = Duration::from_millis(100);

/// The time between two snapshots of the tree.
const LOOK: Duration = Duration::from_millis(25);

/// The maximum number of snapshots.
const LOOKS: usize = 20;

/// The time after the stop in which orphans end.
const REST: Duration = Duration::from_millis(250);

/// The result of a step whose target could not be found.
const SKIP: Option<&str> = Some("skip");

/// Executes all steps, then stops the tree.
pub(super) async fn play(run: &Arc<Run>) {
    let (began, settles) = (
        Instant::now(),
        Duration::from_millis(run.script.settles.into()),
    );
    for (index, step) in run.script.steps.iter().enumerate() {
        sleep_until(began + Duration::from_millis(step.at.into())).await;
        run.block(index);
        if let Some(result) = act(run, &step.action).await {
            run.result(result);
        }
        if !matches!(step.action, Action::Arm(..)) {
            sleep(settles.saturating_sub(LOOK)).await;
            let snapshot = settled(run).await;
            run.snapshot(snapshot);
        }
    }
    run.block(run.script.steps.len());
    if let Some(root) = run.live_root() {
        ambit::exit(&root, ExitReason::Shutdown);
        root.closed().await;
    }
    sleep(REST).await;
    run.over();
}

/// Returns the tree once no events are recorded before or during a snapshot.
async fn settled(run: &Arc<Run>) -> String {
    for _ in 0..LOOKS {
        let noted = run.noted();
        sleep(LOOK).await;
        if run.noted() == noted {
            let snapshot = snapshot(run).await;
            if run.noted() == noted && !snapshot.contains("gone") {
                return snapshot;
            }
        }
    }
    snapshot(run).await
}

async fn act(run: &Arc<Run>, action: &Action) -> Option<&'static str> {
    match action {
        Action::Arm(id, outcomes) => {
            run.arm(*id, outcomes.iter().map(Next::from));
            None
        }
        Action::Boot => match ensure_root(run).await {
            Some(_) => None,
            None => SKIP,
        },
        Action::Exit(id, how) => match ensure(run, *id).await {
            Some(_) => end(run, *id, *how),
            None => SKIP,
        },
        Action::Kill(id) => match ensure(run, *id).await {
            Some(pid) => stranger(pid, ExitReason::Kill).await,
            None => SKIP,
        },
        Action::Signal(id, how) => match ensure(run, *id).await {
            Some(pid) => stranger(pid, reason(*how)).await,
            None => SKIP,
        },
        Action::During(id, asked) => during(run, *id, *asked).await,
        Action::Admin(asked, id) => {
            let parent = run.script.node(*id).parent?;
            match ensure(run, parent).await {
                Some(_) => Some(admin(run, &Above::last(run, parent), *asked, *id).await),
                None => SKIP,
            }
        }
    }
}

async fn during(run: &Arc<Run>, id: Id, asked: Admin) -> Option<&'static str> {
    let parent = run.script.node(id).parent?;
    if ensure(run, id).await.is_none() {
        return SKIP;
    }
    let above = Above::last(run, parent);
    run.arm(id, [Next::Slow]);
    end(run, id, How::Error);
    sleep(MEANWHILE).await;
    let result = admin(run, &above, asked, id).await;
    sleep(SLOW).await;
    run.arm(id, []);
    Some(result)
}

fn end(run: &Run, id: Id, how: How) -> Option<&'static str> {
    if let Some(worker) = run.worker(id) {
        worker.end(how);
    }
    None
}

/// Sends a signal from a process that is neither the parent nor a child.
async fn stranger(pid: Pid, reason: ExitReason) -> Option<&'static str> {
    let stranger = ambit::spawn(move |_: Inbox<()>| async move { ambit::exit(pid, reason) });
    stranger.closed().await;
    None
}

/// Brings back the target of a fault: restarts every process on the path to the child that is not running.
fn ensure(run: &Arc<Run>, id: Id) -> Pin<Box<dyn Future<Output = Option<Pid>> + Send + '_>> {
    Box::pin(async move {
        let Some(parent) = run.script.node(id).parent else {
            return ensure_root(run).await;
        };
        ensure(run, parent).await?;
        let above = Above::last(run, parent);
        let brings_back = match listed(run, &above, id).await {
            Some(ChildState::Running(pid)) => return Some(pid),
            Some(ChildState::Stopped) => Admin::Restart,
            None => Admin::Start,
            Some(_) => return None,
        };
        admin(run, &above, brings_back, id).await;
        match listed(run, &above, id).await {
            Some(ChildState::Running(pid)) => Some(pid),
            _ => None,
        }
    })
}

async fn ensure_root(run: &Arc<Run>) -> Option<Pid> {
    if let Some(root) = run.live_root() {
        return Some(root.pid());
    }
    let root = supervisor(run, run.script.root()).link().await.ok()?;
    let pid = root.pid();
    run.set_root(root);
    Some(pid)
}

/// Lists the tree, and the state of each child.
async fn snapshot(run: &Arc<Run>) -> String {
    match run.live_root() {
        Some(_) => listing(run, run.script.root()).await,
        None => "none".into(),
    }
}

fn listing(run: &Arc<Run>, id: Id) -> Pin<Box<dyn Future<Output = String> + Send + '_>> {
    Box::pin(async move {
        let above = Above::last(run, id);
        let children = above.which_children().await;
        let mut texts = Vec::new();
        for child in &children {
            let name = run.listed_as(&above, child);
            let node = run
                .script
                .nodes
                .iter()
                .find(|node| node.id.to_string() == name);
            texts.push(match (child.state, child.kind, node) {
                (ChildState::Running(_), ChildKind::Supervisor, Some(node)) => {
                    listing(run, node.id).await
                }
                (ChildState::Running(_), ..) => name,
                (ChildState::Restarting, ..) => format!("{name}?"),
                _ => format!("{name}-"),
            });
        }
        if let Above::Dynamic(_) = above {
            texts.sort();
        }
        let counted = match above.count_children().await {
            None => "gone",
            Some(counts) if counts == expected(&children) => "",
            Some(_) => "!",
        };
        format!("{id}[{}]{counted}", texts.join(" "))
    })
}

/// Returns the counts that match a supervisor's list of children.
fn expected(children: &[ChildInfo]) -> ChildCounts {
    let mut counts = ChildCounts::default();
    for child in children {
        counts.specs += 1;
        counts.active += usize::from(matches!(child.state, ChildState::Running(_)));
        match child.kind {
            ChildKind::Worker => counts.workers += 1,
            ChildKind::Supervisor => counts.supervisors += 1,
        }
    }
    counts
}

impl From<&Outcome> for Next {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Works => Self::Works,
            Outcome::Ignores => Self::Ignores,
            Outcome::Fails => Self::Fails,
            Outcome::Panics => Self::Panics,
        }
    }
}
