//! Helpers for the supervision tests: children that log their lifecycle, and queries of a supervisor.

use ambit::process::Target;
use std::collections::VecDeque;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::prelude::*;
use ambit::server::Ignore;
use ambit::supervisor::{ChildCounts, ChildState};
use ambit::test::{expect_crash, settle};
use tokio::time::{Instant, sleep};

pub(crate) use crate::support::log::Log;
pub(crate) use crate::support::process::poll_once;
pub(crate) use crate::support::times::{about, ms};

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// The outcome of one start of a part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum How {
    Well,
    /// Succeeds after this time.
    After(Duration),
    Fails,
    /// Fails after this time.
    FailsAfter(Duration),
    Panics,
    Ignores,
    Hangs,
}

/// The behaviour of a test child: its name, its log, its starts, and the duration of its terminate.
#[derive(Clone)]
pub(crate) struct Role {
    pub(crate) id: &'static str,
    log: Log,
    hows: Arc<Mutex<VecDeque<How>>>,
    tries: Arc<AtomicUsize>,
    last_words: Duration,
}

impl Role {
    pub(crate) fn new(id: &'static str, log: &Log) -> Self {
        Self {
            id,
            log: log.clone(),
            hows: Arc::default(),
            tries: Arc::default(),
            last_words: Duration::ZERO,
        }
    }

    /// Sets the outcomes of the next starts; later ones succeed.
    pub(crate) fn next(&self, hows: &[How]) {
        self.hows.lock().unwrap().extend(hows);
    }

    pub(crate) fn starting(self, hows: &[How]) -> Self {
        self.next(hows);
        self
    }

    /// Returns the number of `#[init]` calls since the last query.
    pub(crate) fn tries(&self) -> usize {
        self.tries.swap(0, Ordering::SeqCst)
    }

    /// Sets the duration of its `#[terminate]`.
    pub(crate) fn ending_after(mut self, last_words: Duration) -> Self {
        self.last_words = last_words;
        self
    }

    pub(crate) fn start(&self) -> ambit::server::Start<Part> {
        Part::start(self.clone())
    }

    /// Returns the spec of a child with this id, which is its local name too.
    pub(crate) fn spec(&self) -> ChildSpec<Part> {
        let role = self.clone();
        ChildSpec::from_fn(move || role.start())
            .id(self.id)
            .name(self.id)
    }
}

/// A child that logs `+id` when it starts and `-id: reason` when it terminates.
pub(crate) struct Part {
    role: Role,
    sum: u64,
}

#[gen_server]
impl Part {
    #[init]
    async fn init(role: Role) -> Result<Self, ExitReason> {
        role.tries.fetch_add(1, Ordering::SeqCst);
        let how = role.hows.lock().unwrap().pop_front().unwrap_or(How::Well);
        match how {
            How::Well => {}
            How::After(time) => sleep(time).await,
            How::Fails => return Err(ExitReason::error("no")),
            How::FailsAfter(time) => {
                sleep(time).await;
                return Err(ExitReason::error("no"));
            }
            How::Panics => panic!("at the start"),
            How::Ignores => return Err(Ignore.into()),
            How::Hangs => pending().await,
        }
        role.log.add(format_args!("+{}", role.id));
        Ok(Self { role, sum: 0 })
    }

    #[call]
    pub(crate) fn add(&mut self, by: u64) -> u64 {
        self.sum += by;
        self.sum
    }

    #[cast]
    pub(crate) fn end(&mut self, reason: ExitReason) -> Flow {
        if !reason.is_clean() {
            expect_crash(ambit::self_pid().unwrap());
        }
        Flow::Stop(reason)
    }

    #[cast]
    pub(crate) fn crash(&mut self) {
        expect_crash(ambit::self_pid().unwrap());
        panic!("ouch");
    }

    #[cast]
    pub(crate) fn unlink_from(&mut self, ctx: &mut Context<Self>, pid: Pid) {
        ctx.unlink(pid);
    }

    #[terminate]
    async fn terminate(&mut self, reason: &ExitReason) {
        if !self.role.last_words.is_zero() {
            sleep(self.role.last_words).await;
        }
        let Role { id, log, .. } = &self.role;
        match reason {
            ExitReason::Panic(_) => log.add(format_args!("-{id}: panic")),
            reason => log.add(format_args!("-{id}: {reason}")),
        }
    }
}

/// The ways a child can end by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    Normal,
    Shutdown,
    ShutdownWith,
    Crash,
    Killed,
}

impl End {
    pub(crate) const ALL: [Self; 5] = [
        Self::Normal,
        Self::Shutdown,
        Self::ShutdownWith,
        Self::Crash,
        Self::Killed,
    ];

    pub(crate) fn is_clean(self) -> bool {
        !matches!(self, Self::Crash | Self::Killed)
    }
}

/// Returns a handle that follows this name.
pub(crate) fn part(name: &str) -> PartSubject {
    PartSubject::named(name)
}

/// Ends a child, and waits until all consequences have been handled.
pub(crate) async fn end(part: &PartSubject, how: End) {
    match how {
        End::Normal => part.end(ExitReason::Normal).await.unwrap(),
        End::Shutdown => part.end(ExitReason::Shutdown).await.unwrap(),
        End::ShutdownWith => {
            let reason = ExitReason::shutdown_with("enough");
            part.end(reason).await.unwrap();
        }
        End::Crash => part.crash().await.unwrap(),
        End::Killed => kill(part),
    }
    settle().await;
}

pub(crate) async fn crash(name: &str) {
    end(&part(name), End::Crash).await;
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "targets are handles and references"
)]
pub(crate) fn kill(target: impl Target) {
    expect_crash(&target);
    ambit::exit(target, ExitReason::Kill);
}

/// Returns the id and state of each child.
pub(crate) async fn states(supervisor: &Supervisor) -> Vec<(String, ChildState)> {
    let children = supervisor.which_children().await.unwrap();
    let pair = |child: ambit::supervisor::ChildInfo| (child.id, child.state);
    children.into_iter().map(pair).collect()
}

/// Returns the state of one child; `None` if there is no such child.
pub(crate) async fn state(supervisor: &Supervisor, id: &str) -> Option<ChildState> {
    let mut states = states(supervisor).await.into_iter();
    states.find(|child| child.0 == id).map(|child| child.1)
}

/// Returns the pid of a child, which must be running.
#[track_caller]
pub(crate) fn running(state: Option<ChildState>) -> Pid {
    match state {
        Some(ChildState::Running(pid)) => pid,
        other => panic!("not running: {other:?}"),
    }
}

pub(crate) async fn pid(supervisor: &Supervisor, id: &str) -> Pid {
    running(state(supervisor, id).await)
}

/// Converts the result of `count_children`: specs, active, workers, supervisors.
pub(crate) fn counts(counts: ChildCounts) -> [usize; 4] {
    [
        counts.specs,
        counts.active,
        counts.workers,
        counts.supervisors,
    ]
}

/// Returns true if a supervisor ended for this reason because its restarts were used up.
pub(crate) fn gave_up(reason: &ExitReason) -> bool {
    let said = |detail: &ambit::error::Detail| detail.to_string().contains(" ended again after ");
    matches!(reason, ExitReason::ShutdownWith(detail) if said(detail))
}

/// Returns the text of a start that failed because of a child.
#[track_caller]
pub(crate) fn failed_child(error: &StartError) -> String {
    match error {
        StartError::Init(ExitReason::ShutdownWith(detail)) => detail.to_string(),
        other => panic!("no child failed: {other:?}"),
    }
}

/// Returns the output of a future and the time it took on the paused clock.
pub(crate) async fn timed<T>(what: impl Future<Output = T>) -> (T, Duration) {
    let began = Instant::now();
    (what.await, began.elapsed())
}
