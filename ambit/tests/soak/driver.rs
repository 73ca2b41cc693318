//! One of the tasks that start trees and break them.

use std::ops::AddAssign;
use std::time::{Duration, Instant};

use ambit::prelude::*;

use crate::trees::{Maker, Tree};
use crate::worker::{Random, Shared};

/// The maximum number of trees per driver.
const TREES: usize = 8;

/// A timeout longer than any operation here.
const PATIENCE: Duration = Duration::from_secs(60);

/// Counts the operations of a driver.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Done {
    trees: u64,
    asked: u64,
    killed: u64,
    changed: u64,
}

impl AddAssign for Done {
    fn add_assign(&mut self, other: Self) {
        self.trees += other.trees;
        self.asked += other.asked;
        self.killed += other.killed;
        self.changed += other.changed;
    }
}

pub(crate) struct Driver {
    number: u64,
    random: Random,
    shared: Shared,
    trees: Vec<Tree>,
    done: Done,
}

/// Awaits something that must complete.
async fn soon<F: IntoFuture>(what: &str, future: F) -> F::Output {
    match tokio::time::timeout(PATIENCE, future.into_future()).await {
        Ok(value) => value,
        Err(_) => panic!("{what} takes for ever\n{}", ambit::inspect::tree()),
    }
}

impl Driver {
    pub(crate) fn new(number: u64, seed: u64, shared: Shared) -> Self {
        Self {
            number,
            random: Random::new(seed),
            shared,
            trees: Vec::new(),
            done: Done::default(),
        }
    }

    pub(crate) async fn run(mut self, until: Instant) -> Done {
        while Instant::now() < until {
            self.step().await;
        }
        while !self.trees.is_empty() {
            self.end_one().await;
        }
        self.done
    }

    fn maker(&mut self) -> Maker<'_> {
        Maker {
            driver: self.number,
            random: &mut self.random,
            shared: &self.shared,
        }
    }

    async fn step(&mut self) {
        let what = self.random.below(100);
        match what {
            0..6 if self.trees.len() < TREES => {
                let tree = soon("a start", self.maker().tree()).await;
                self.done.trees += 1;
                self.trees.extend(tree.ok());
            }
            0..2 => self.end_one().await,
            6..60 => self.ask().await,
            60..70 => self.kill(),
            70..95 => self.change().await,
            _ => tokio::time::sleep(self.random.millis(3)).await,
        }
    }

    fn one(&mut self) -> Option<usize> {
        let count = self.trees.len();
        (count > 0).then(|| self.random.below(count))
    }

    /// Ends a tree in a random way; it has ended when this returns.
    async fn end_one(&mut self) {
        let Some(at) = self.one() else { return };
        let tree = self.trees.swap_remove(at);
        let process = tree.process();
        match self.random.below(4) {
            0 => ambit::exit(process, ExitReason::Kill),
            1 => drop(soon("a stop", process.stop_with(ExitReason::error("enough"))).await),
            _ => drop(soon("a stop", process.stop()).await),
        }
        soon("an end", process.closed()).await;
    }

    /// Sends a message to a random worker, with or without waiting for a reply.
    async fn ask(&mut self) {
        let Some(at) = self.one() else { return };
        let Some(worker) = self.trees[at].worker(&mut self.random) else {
            return;
        };
        self.done.asked += 1;
        let (what, time) = (self.random.next(), self.random.millis(5));
        match self.random.below(10) {
            0..5 => drop(soon("a cast", worker.act(what)).await),
            5 => drop(worker.act(what).now()),
            6 => drop(worker.answer(what).timeout(time).send()),
            7 => drop(worker.answer(what).timeout(time).await),
            8 => drop(worker.when_available().answer(what).timeout(time).await),
            _ => {
                let monitor = worker.monitor();
                let asked = worker.answer(what).timeout(Duration::from_secs(20)).send();
                if self.random.below(2) == 0 {
                    drop(soon("an answer", asked).await);
                }
                drop(monitor);
            }
        }
    }

    fn kill(&mut self) {
        let Some(at) = self.one() else { return };
        let reason = [
            ExitReason::Kill,
            ExitReason::Shutdown,
            ExitReason::error("die"),
            ExitReason::Normal,
        ];
        let reason = reason[self.random.below(4)].clone();
        if let Some(worker) = self.trees[at].worker(&mut self.random) {
            self.done.killed += 1;
            ambit::exit(&worker, reason);
        }
    }

    /// Changes the children of a random tree.
    async fn change(&mut self) {
        let Some(at) = self.one() else { return };
        let spec = self.maker().spec();
        let what = self.random.below(4);
        self.done.changed += 1;
        match &mut self.trees[at] {
            Tree::Static(supervisor, ids) => {
                let id = &ids[self.random.below(ids.len())];
                match what {
                    0 => drop(soon("a start", supervisor.start_child(spec)).await),
                    1 => drop(soon("a stop", supervisor.terminate_child(id)).await),
                    2 => drop(soon("a restart", supervisor.restart_child(id)).await),
                    _ => drop(soon("a look", supervisor.which_children()).await),
                }
            }
            Tree::Dynamic(crowd, children) => match what {
                0 | 1 => children.extend(soon("a start", crowd.start_child(spec)).await.ok()),
                2 if !children.is_empty() => {
                    let child = children.swap_remove(self.random.below(children.len()));
                    drop(soon("a stop", crowd.terminate_child(child.pid())).await);
                }
                _ => drop(soon("a count", crowd.count_children()).await),
            },
            Tree::Parts(parts) => drop(soon("a resize", parts.resize(self.random.below(8))).await),
        }
    }
}
