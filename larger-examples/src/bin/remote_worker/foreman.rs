//! The foreman: has one worker at a time, on any available node, and gives it one job after the other.

use std::collections::VecDeque;
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{Node, NodeEvent, StartOnError};

use crate::worker::{Worker, WorkerSubject};

pub(crate) struct Foreman {
    node: Node,
    jobs: VecDeque<Job>,
    found: u64,
    is_hiring: bool,
    is_busy: bool,
    worker: Option<(String, WorkerSubject)>,
    waiting: Vec<ReplyTo<u64>>,
    alone: Vec<ReplyTo<()>>,
}

struct Job {
    number: u64,
    attempt: u32,
}

/// The result of a start.
#[derive(Message)]
pub(crate) struct Hired {
    at: String,
    worker: Result<WorkerSubject, StartOnError>,
}

/// The time has come to repeat a failed start.
#[derive(Message)]
pub(crate) struct Retry;

/// How long after a failed start the next one follows.
const RETRY: Duration = Duration::from_secs(1);

/// The result of a job.
#[derive(Message)]
pub(crate) struct Done {
    job: Job,
    by: String,
    found: Result<u64, CallError>,
}

#[gen_server]
impl Foreman {
    #[init]
    pub(crate) fn new(ctx: &mut Context<Self>, node: Node, jobs: u64) -> Self {
        // The link notifies the foreman of the worker's end, and ends the worker with the foreman.
        ctx.trap_exits(true);
        let jobs = (1..=jobs).map(|number| Job { number, attempt: 1 });
        node.subscribe(&ctx.recipient::<NodeEvent>());
        Self {
            node,
            jobs: jobs.collect(),
            found: 0,
            is_hiring: false,
            is_busy: false,
            worker: None,
            waiting: Vec::new(),
            alone: Vec::new(),
        }
    }

    /// Replies when all jobs are done.
    #[call(deferred)]
    pub(crate) fn total(&mut self, ctx: &mut Context<Self>, reply: ReplyTo<u64>) {
        self.waiting.push(reply);
        self.go_on(ctx);
    }

    /// Replies when a worker is needed, and no node is available.
    #[call(deferred)]
    pub(crate) fn alone(&mut self, ctx: &mut Context<Self>, reply: ReplyTo<()>) {
        self.alone.push(reply);
        self.go_on(ctx);
    }

    /// Handles a node that has joined or left.
    #[info]
    fn news(&mut self, ctx: &mut Context<Self>, _event: NodeEvent) {
        self.go_on(ctx);
    }

    #[info]
    fn hired(&mut self, ctx: &mut Context<Self>, hired: Hired) {
        self.is_hiring = false;
        let Ok(worker) = hired.worker else {
            ctx.send_after(RETRY, Retry);
            return;
        };
        if ctx.link(&worker).is_ok() {
            println!("a worker on {}", hired.at);
            self.worker = Some((hired.at, worker));
        }
        self.go_on(ctx);
    }

    #[info]
    fn retry(&mut self, ctx: &mut Context<Self>, _: Retry) {
        self.go_on(ctx);
    }

    #[info]
    fn done(&mut self, ctx: &mut Context<Self>, done: Done) {
        self.is_busy = false;
        let Done { mut job, by, found } = done;
        match found {
            Ok(found) => {
                println!("job {}: {found} primes, by {by}", job.number);
                self.found += found;
            }
            // The job may have been executed. Repeating a count is safe; repeating an order, for example, would not be.
            Err(error) => {
                println!("job {} on {by} is lost: {}", job.number, short(&error));
                job.attempt += 1;
                self.jobs.push_front(job);
            }
        }
        self.go_on(ctx);
    }

    /// Handles the end of the worker, or of its node.
    #[info]
    fn exited(&mut self, ctx: &mut Context<Self>, _exit: Exit) {
        self.worker = None;
        self.go_on(ctx);
    }
}

impl Foreman {
    /// Takes the next step, unless a start or a job is in progress.
    fn go_on(&mut self, ctx: &mut Context<Self>) {
        if self.is_hiring || self.is_busy {
            return;
        }
        match (&self.worker, self.jobs.pop_front()) {
            (_, None) => {
                for reply in self.waiting.drain(..) {
                    reply.send(self.found);
                }
            }
            (Some((by, worker)), Some(job)) => {
                self.is_busy = true;
                let (by, pending) = (
                    by.clone(),
                    worker.primes(job.number, job.attempt).no_timeout().send(),
                );
                ctx.spawn_task(async move {
                    let found = pending.await;
                    Done { job, by, found }
                });
            }
            (None, Some(job)) => {
                self.jobs.push_front(job);
                self.hire(ctx);
            }
        }
    }

    /// Starts a worker on the first available node. Without one it waits for a node event.
    fn hire(&mut self, ctx: &mut Context<Self>) {
        let Some(peer) = self.node.peers().into_iter().next() else {
            for reply in self.alone.drain(..) {
                reply.send(());
            }
            return;
        };
        self.is_hiring = true;
        let at = peer.id.name.to_string();
        let start = self.node.on(&at).start::<Worker>(());
        ctx.spawn_task(async move {
            let worker = start.await;
            Hired { at, worker }
        });
    }
}

fn short(error: &CallError) -> String {
    match error {
        CallError::Exited { reason, .. } => larger_examples::why(reason),
        other => other.to_string(),
    }
}
