//! Old handles compared with fresh ones: whatever happens to children and supervisors, a waiting call ends as a new one
//! would, and as soon.
//!
//! `SCRIPTS=100000` runs that many random scripts, `SEED=7` sets the first seed.

use ambit::supervisor::{Backoff, PartitionSupervisor};
use std::time::Duration;

use ambit::prelude::*;
use ambit::test::{expect_crash, settle};
use tokio::task::JoinHandle;

use crate::supervision::support::{SECOND, kill};
use crate::support::random::next_random;

mod pools;

/// The number of steps of a script.
const STEPS: usize = 6;
/// The timeout of a patient call.
const PATIENCE: Duration = Duration::from_secs(100);
const IDS: [&str; 2] = ["a", "b"];
const PARTITIONS: usize = 3;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(next_random(&mut self.0) % end as u64).unwrap()
    }
}

#[derive(Default)]
struct Worker {
    held: Vec<ReplyTo<()>>,
}

#[gen_server]
impl Worker {
    #[call]
    fn here(&self) {}

    /// Never answers.
    #[call(deferred)]
    fn hold(&mut self, reply: ReplyTo<()>) {
        self.held.push(reply);
    }
}

/// Returns the spec of a worker that is restarted after a second, so that calls can wait for it.
fn worker() -> ChildSpec<Worker> {
    ChildSpec::from_fn(|| Worker::default().start()).backoff(Backoff::constant(SECOND))
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
    fn parts(&self) -> ChildSpec<PartitionSupervisor<Worker>> {
        PartitionSupervisor::builder(|_| worker())
            .partitions(PARTITIONS)
            .restarts(1000, SECOND)
            .child_spec()
    }
}

type Answer = Result<(), CallError>;

/// The calls in flight.
#[derive(Default)]
struct Calls {
    patient: Vec<Patient>,
    plain: Vec<Plain>,
}

struct Patient {
    name: String,
    /// Returns the handle that the same client would get now.
    again: Box<dyn Fn() -> WorkerSubject>,
    call: JoinHandle<Answer>,
}

/// A call that is never answered, and the process that it was sent to.
struct Plain {
    name: String,
    to: Pid,
    call: JoinHandle<Answer>,
}

impl Calls {
    fn wait(&mut self, name: &str, handle: &WorkerSubject) -> String {
        let same = handle.clone();
        self.wait_with(name, handle, move || same.clone())
    }

    fn wait_with(
        &mut self,
        name: &str,
        handle: &WorkerSubject,
        again: impl Fn() -> WorkerSubject + 'static,
    ) -> String {
        self.patient.push(Patient {
            name: name.into(),
            again: Box::new(again),
            call: patient(handle),
        });
        format!("wait for {name}")
    }

    fn hold(&mut self, name: &str, handle: &WorkerSubject) -> String {
        let (to, held) = (handle.pid(), handle.clone());
        self.plain.push(Plain {
            name: name.into(),
            to,
            call: tokio::spawn(async move { held.hold().timeout(PATIENCE).await }),
        });
        format!("be held by {name}")
    }

    /// Returns the outcomes of fresh patient calls; `None` for a call that would wait.
    async fn fresh(&self) -> Vec<Option<Answer>> {
        let handles = self.patient.iter().map(|waiting| (waiting.again)());
        let calls: Vec<_> = handles.map(|handle| patient(&handle)).collect();
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

    async fn check(&mut self, seed: u64, log: &[String]) {
        // Taken before the fresh calls, which may wake the others.
        let done = |waiting: &Patient| waiting.call.is_finished();
        let done: Vec<_> = self.patient.iter().map(done).collect();
        let fresh = self.fresh().await;
        let waiting = std::mem::take(&mut self.patient);
        for ((waiting, done), fresh) in waiting.into_iter().zip(done).zip(fresh) {
            let name = &waiting.name;
            match fresh {
                None if done => {
                    let answer = waiting.call.await;
                    panic!("SEED={seed}: {name} ended early: {answer:?}, {log:#?}")
                }
                None => self.patient.push(waiting),
                Some(_) if !done => {
                    panic!("SEED={seed}: {name} still waits: {fresh:?}, {log:#?}")
                }
                Some(fresh) => {
                    let answer = waiting.call.await.unwrap();
                    assert_eq!(answer, fresh, "SEED={seed}: {name}, {log:#?}");
                }
            }
        }
        for held in std::mem::take(&mut self.plain) {
            let (name, lives) = (&held.name, ambit::is_alive(held.to));
            assert_eq!(
                held.call.is_finished(),
                !lives,
                "SEED={seed}: held by {name}, {log:#?}"
            );
            if lives {
                self.plain.push(held);
            } else {
                assert!(held.call.await.unwrap().is_err(), "nobody answers");
            }
        }
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        let patient = self.patient.iter().map(|waiting| &waiting.call);
        let plain = self.plain.iter().map(|held| &held.call);
        patient.chain(plain).for_each(JoinHandle::abort);
    }
}

struct Script {
    random: Random,
    top: TopSubject,
    /// The handles of the two children, then of the partitions.
    handles: Vec<WorkerSubject>,
    calls: Calls,
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
            calls: Calls::default(),
            log: Vec::new(),
        }
    }

    async fn step(&mut self) {
        let (inner, id) = (self.top.inner(), IDS[self.random.below(IDS.len())]);
        let handle = self.random.below(self.handles.len());
        let what = self.random.below(12);
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
            9 => (self.calls).hold(&handle.to_string(), &self.handles[handle]),
            _ => (self.calls).wait(&handle.to_string(), &self.handles[handle]),
        };
        self.log.push(done);
        settle().await;
    }
}

/// Makes a patient call in a separate task.
fn patient(handle: &WorkerSubject) -> JoinHandle<Answer> {
    let patient = handle.when_available();
    tokio::spawn(async move { patient.here().timeout(PATIENCE).await })
}

/// Returns the seeds of the scripts to run.
fn seeds() -> std::ops::Range<u64> {
    let first = variable("SEED").unwrap_or(0);
    first..first + variable("SCRIPTS").unwrap_or(200)
}

#[ambit::test]
async fn a_call_that_waits_ends_as_a_fresh_one_would() {
    for seed in seeds() {
        let mut script = Script::new(seed).await;
        for _ in 0..STEPS {
            script.step().await;
            script.calls.check(seed, &script.log).await;
        }
        script.top.stop().await.unwrap();
    }
}
