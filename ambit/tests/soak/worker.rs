//! The processes of the soak test: each can use every feature that might leave something behind.

use std::sync::Arc;
use std::time::Duration;

use ambit::prelude::*;
use ambit::process::{Down, Exit};
use ambit::registry::Registry;
use ambit::server::Ignore;
use fastrand::Rng;

pub(crate) type Names = Registry<u64, Worker>;

/// Random choices, which their seed determines.
#[derive(Clone, Debug)]
pub(crate) struct Random(Rng);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0.u64(..)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0.usize(..limit)
    }

    pub(crate) fn millis(&mut self, limit: usize) -> Duration {
        Duration::from_millis(self.below(limit) as u64)
    }
}

/// State shared by all workers.
#[derive(Clone)]
pub(crate) struct Shared {
    /// Each process holds a clone.
    pub(crate) token: Arc<()>,
    pub(crate) unique: Names,
    pub(crate) duplicate: Names,
    bystander: Option<WorkerSubject>,
}

impl Shared {
    pub(crate) fn new() -> Self {
        Self {
            token: Arc::default(),
            unique: Registry::unique(),
            duplicate: Registry::duplicate(),
            bystander: None,
        }
    }

    /// Starts a worker that runs for the whole test; others link to it and monitor it.
    pub(crate) async fn bystander(&mut self) -> Process {
        let worker = Worker::start(0, 1, self.clone()).await.unwrap();
        // Makes it trap exits.
        worker.act(4).await.unwrap();
        self.bystander = Some(worker.clone());
        Process::clone(&worker)
    }
}

pub(crate) struct Worker {
    number: u64,
    random: Random,
    shared: Shared,
}

#[derive(Clone)]
pub(crate) struct Tick(#[allow(dead_code, reason = "memory")] Arc<()>);

#[gen_server]
impl Worker {
    /// Occasionally fails, panics, returns `Ignore` or takes some time.
    #[init]
    pub(crate) async fn init(number: u64, seed: u64, shared: Shared) -> Result<Self, ExitReason> {
        let mut random = Random::new(seed);
        match random.below(60) {
            _ if number == 0 => {}
            0 => return Err(ExitReason::error("no")),
            1 => return Err(Ignore.into()),
            2 => panic!("not today"),
            3..6 => tokio::time::sleep(random.millis(4)).await,
            _ => {}
        }
        Ok(Self {
            number,
            random,
            shared,
        })
    }

    #[cast]
    pub(crate) fn act(&mut self, ctx: &mut Context<Self>, what: u64) {
        let peer = self.shared.bystander.clone();
        let time = self.random.millis(40);
        let message = Tick(self.shared.token.clone());
        match (what % 16, peer) {
            (0, _) => panic!("as it was told"),
            (1, _) => ctx.stop(ExitReason::Normal),
            (2, _) => drop(ctx.send_after(time, message)),
            (3, _) => drop(ctx.send_every(time + Duration::from_millis(1), message)),
            (4, _) => ctx.trap_exits(true),
            (5, _) => drop(ctx.send_after(Duration::from_secs(3600), message)),
            (6, Some(peer)) => drop(ctx.monitor(&peer)),
            (7, Some(peer)) => drop(ctx.link(&peer)),
            (8, Some(peer)) => ctx.unlink(&peer),
            (9, Some(peer)) => {
                let pause = time / 8;
                ctx.spawn_task(async move {
                    tokio::time::sleep(pause).await;
                    drop(peer.answer(1).timeout(pause).await);
                    message
                });
            }
            (10, _) => {
                self.shared
                    .duplicate
                    .register(self.number, &ctx.subject())
                    .ok();
            }
            (11, _) => {
                // The normal exit of its parent does not end it.
                drop(ctx.spawn_link(move |mut inbox: Inbox<()>| async move {
                    let _held = message;
                    drop(tokio::time::timeout(time, inbox.recv()).await);
                }));
            }
            (12, _) => {
                drop(ambit::exit_after(
                    time,
                    ctx.pid(),
                    ExitReason::error("late"),
                ));
            }
            (13, _) => self.random = Random::new(self.random.next()),
            (14, _) => ctx.spawn_task(async move {
                assert!(Arc::strong_count(&message.0) == 0, "in a task");
                message
            }),
            _ => {}
        }
    }

    #[call]
    pub(crate) async fn answer(&mut self, what: u64) -> u64 {
        match what % 8 {
            0 => tokio::time::sleep(self.random.millis(6)).await,
            1 if self.number > 0 => panic!("while it was asked"),
            _ => {}
        }
        what
    }

    #[info]
    fn tick(&mut self, _tick: Tick) {}

    #[info]
    fn down(&mut self, _down: Down) {}

    #[info]
    fn exit(&mut self, _exit: Exit) {}

    #[terminate]
    async fn terminate(&mut self, _reason: &ExitReason) {
        match self.random.below(20) {
            0 => panic!("in its last words"),
            1..4 => tokio::time::sleep(self.random.millis(4)).await,
            _ => {}
        }
    }
}
