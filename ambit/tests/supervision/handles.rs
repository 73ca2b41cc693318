//! Handles compared with fresh ones: whatever happens to children and supervisors, a call that waits ends as one that is
//! asked now would, and as soon.
//!
//! `SCRIPTS=100000` makes so many random scripts, `SEED=7` begins with another one.

use std::time::Duration;

use ambit::prelude::*;
use ambit::test::{expect_crash, settle};
use tokio::task::JoinHandle;

use crate::supervision::support::{SECOND, kill};
use crate::support::random::roll;

/// So many steps has a script.
const STEPS: usize = 6;
/// So long a patient call waits.
const PATIENCE: Duration = Duration::from_secs(100);
const IDS: [&str; 2] = ["a", "b"];
const PARTITIONS: usize = 3;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(roll(&mut self.0) % end as u64).unwrap()
    }
}

struct Worker;

#[gen_server]
impl Worker {
    #[call]
    fn here(&self) {}
}

/// It comes back a second after it has ended: meanwhile one can wait for it.
fn worker() -> ChildSpec<Worker> {
    ChildSpec::from_fn(|| Worker.start()).backoff(Backoff::constant(SECOND))
}

struct Top;

#[supervisor(restarts = 1000)]
impl Top {
    #[child]
    fn inner(&self) -> ChildSpec<Supervisor> {
        ChildSpec::from_fn(|| Supervisor::builder().restarts(1000, SECOND).start())
            .backoff(Backoff::constant(SECOND))
    }

    #[child]
    fn parts(&self) -> ChildSpec<Partitioned<Worker>> {
        Partitioned::builder(|_| worker())
            .partitions(PARTITIONS)
            .restarts(1000, SECOND)
            .child_spec()
    }
}

/// A patient call that is under way.
struct Waiting {
    handle: usize,
    call: JoinHandle<Result<(), CallError>>,
}

struct Script {
    random: Random,
    top: TopSubject,
    /// Of the two children, then of the partitions.
    handles: Vec<WorkerSubject>,
    waiting: Vec<Waiting>,
    log: Vec<String>,
}

impl Script {
    async fn new(seed: u64) -> Self {
        let top = Top.start().await.unwrap();
        let (inner, parts) = (top.inner(), top.parts());
        let mut handles = Vec::new();
        for id in IDS {
            handles.push(inner.start_child(worker().id(id)).await.unwrap());
        }
        handles.extend((0..PARTITIONS).map(|part| parts.route(&part)));
        Self {
            random: Random(seed),
            top,
            handles,
            waiting: Vec::new(),
            log: Vec::new(),
        }
    }

    async fn step(&mut self) {
        let (inner, id) = (self.top.inner(), IDS[self.random.below(IDS.len())]);
        let handle = self.random.below(self.handles.len());
        let what = self.random.below(11);
        let done = match what {
            0 => format!(
                "start {id}: {:?}",
                inner.start_child(worker().id(id)).await.is_ok()
            ),
            1 => format!("terminate {id}: {:?}", inner.terminate_child(id).await),
            2 => format!("delete {id}: {:?}", inner.delete_child(id).await),
            3 => format!("restart {id}: {:?}", inner.restart_child(id).await.is_ok()),
            4 | 5 => {
                let killed = self.handles[handle].pid();
                if killed != Pid::NOBODY {
                    kill(killed);
                }
                format!("kill {handle}")
            }
            6 => {
                for child in &self.handles[..IDS.len()] {
                    expect_crash(child);
                }
                if inner.pid() != Pid::NOBODY {
                    kill(&inner);
                }
                "kill the supervisor".into()
            }
            7 => {
                let size = 1 + self.random.below(PARTITIONS);
                format!(
                    "resize to {size}: {:?}",
                    self.top.parts().resize(size).await
                )
            }
            8 => {
                tokio::time::sleep(SECOND).await;
                "a second".into()
            }
            _ => {
                let call = patient(&self.handles[handle]);
                self.waiting.push(Waiting { handle, call });
                format!("wait for {handle}")
            }
        };
        self.log.push(done);
        settle().await;
    }

    /// What fresh patient calls would answer now, one per handle; none where it would wait.
    async fn fresh(&self) -> Vec<Option<Result<(), CallError>>> {
        let calls: Vec<_> = self.handles.iter().map(patient).collect();
        settle().await;
        let mut answers = Vec::new();
        for call in calls {
            if call.is_finished() {
                answers.push(Some(call.await.unwrap()));
            } else {
                call.abort();
                answers.push(None);
            }
        }
        answers
    }

    async fn check(&mut self, seed: u64) {
        let fresh = self.fresh().await;
        for Waiting { handle, mut call } in std::mem::take(&mut self.waiting) {
            let (fresh, log) = (&fresh[handle], &self.log);
            match fresh {
                None if call.is_finished() => {
                    panic!(
                        "SEED={seed}: {handle} ended early: {:?}, {log:#?}",
                        call.await
                    )
                }
                None => self.waiting.push(Waiting { handle, call }),
                Some(_) if !call.is_finished() => {
                    panic!("SEED={seed}: {handle} still waits: {fresh:?}, {log:#?}")
                }
                Some(fresh) => {
                    let answer = (&mut call).await.unwrap();
                    assert_eq!(&answer, fresh, "SEED={seed}: {handle}, {log:#?}");
                }
            }
        }
    }
}

/// Asks patiently, in a task of its own.
fn patient(handle: &WorkerSubject) -> JoinHandle<Result<(), CallError>> {
    let patient = handle.patiently();
    tokio::spawn(async move { patient.here().timeout(PATIENCE).await })
}

#[ambit::test]
async fn a_call_that_waits_ends_as_a_fresh_one_would() {
    let (first, scripts) = (
        variable("SEED").unwrap_or(0),
        variable("SCRIPTS").unwrap_or(200),
    );
    for seed in first..first + scripts {
        let mut script = Script::new(seed).await;
        for _ in 0..STEPS {
            script.step().await;
            script.check(seed).await;
        }
        for waiting in &script.waiting {
            waiting.call.abort();
        }
        script.top.stop().await.unwrap();
    }
}
