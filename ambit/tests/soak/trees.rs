//! Supervisors of every kind.

use ambit::supervisor::PartitionSupervisor;
use std::time::Duration;

use ambit::error::StartError;
use ambit::prelude::*;
use ambit::supervisor::Backoff;

use crate::worker::{Random, Shared, Worker, WorkerSubject};

/// A running tree: its supervisor, and the source of its worker handles.
pub(crate) enum Tree {
    Static(Supervisor, Vec<String>),
    Dynamic(DynamicSupervisor, Vec<WorkerSubject>),
    Parts(PartitionSupervisor<Worker>),
}

/// Starts random trees.
pub(crate) struct Maker<'a> {
    pub(crate) driver: u64,
    pub(crate) random: &'a mut Random,
    pub(crate) shared: &'a Shared,
}

impl Tree {
    pub(crate) fn process(&self) -> &Process {
        match self {
            Self::Static(supervisor, _) => supervisor,
            Self::Dynamic(supervisor, _) => supervisor,
            Self::Parts(parts) => parts,
        }
    }

    /// Returns a handle to a random worker, which follows its restarts.
    pub(crate) fn worker(&self, random: &mut Random) -> Option<WorkerSubject> {
        match self {
            Self::Static(_, ids) => Some(WorkerSubject::named(&ids[random.below(ids.len())])),
            Self::Dynamic(_, children) if children.is_empty() => None,
            Self::Dynamic(_, children) => Some(children[random.below(children.len())].clone()),
            Self::Parts(parts) => Some(parts.route(&random.next())),
        }
    }
}

impl Maker<'_> {
    /// Returns the spec of a worker with a name, a key, or a retained mailbox.
    pub(crate) fn spec(&mut self) -> ChildSpec<Worker> {
        let number = 1 + self.random.next() % (1 << 40);
        let (seed, shared) = (self.random.next(), self.shared.clone());
        let spec =
            Worker::child_spec(number, seed, shared).id(format!("w{}-{number}", self.driver));
        let restart = [
            Restart::Permanent,
            Restart::Permanent,
            Restart::Transient,
            Restart::Temporary,
        ];
        let shutdown = [
            Shutdown::Brutal,
            Shutdown::After(Duration::from_millis(20)),
            Shutdown::After(Duration::from_secs(5)),
            Shutdown::Infinity,
        ];
        let spec = spec
            .restart(restart[self.random.below(4)])
            .shutdown(shutdown[self.random.below(4)]);
        match self.random.below(8) {
            0 | 1 => spec.via(&self.shared.unique, number),
            2 => spec.keep_mailbox(),
            3 => spec.backoff(Backoff::exponential(
                Duration::from_millis(1),
                Duration::from_millis(20),
            )),
            4 => spec.mailbox(2),
            _ => spec,
        }
    }

    fn named(&mut self, ids: &mut Vec<String>) -> ChildSpec<Worker> {
        let number = self.random.next() % (1 << 40);
        let name = format!("n{}-{number}", self.driver);
        ids.push(name.clone());
        self.spec().name(name.clone()).id(name)
    }

    fn budget(&mut self) -> (u32, Duration) {
        let restarts = [0, 3, 50, 10_000][self.random.below(4)];
        (restarts, Duration::from_millis(200))
    }

    pub(crate) async fn tree(&mut self) -> Result<Tree, StartError> {
        match self.random.below(4) {
            0 | 1 => self.ordered().await,
            2 => self.dynamic().await,
            _ => self.partitioned().await,
        }
    }

    /// Starts workers, with supervisors of both other kinds between them.
    async fn ordered(&mut self) -> Result<Tree, StartError> {
        let strategy = [
            Strategy::OneForOne,
            Strategy::OneForAll,
            Strategy::RestForOne,
        ];
        let (restarts, within) = self.budget();
        let mut builder = Supervisor::builder()
            .strategy(strategy[self.random.below(3)])
            .restarts(restarts, within);
        let mut ids = Vec::new();
        for _ in 0..1 + self.random.below(30) {
            builder = builder.child(self.named(&mut ids));
        }
        if self.random.below(2) == 0 {
            builder = builder.child(DynamicSupervisor::child_spec());
        }
        if self.random.below(2) == 0 {
            let (seed, shared) = (self.random.next() >> 20, self.shared.clone());
            let parts = PartitionSupervisor::<Worker>::builder(move |n| {
                Worker::child_spec(1 + n as u64, seed + n as u64, shared.clone())
            });
            builder = builder.child(parts.partitions(4).child_spec());
        }
        builder = builder.child(ChildSpec::task("task", || async {
            tokio::time::sleep(Duration::from_millis(30)).await;
        }));
        Ok(Tree::Static(builder.start().await?, ids))
    }

    async fn dynamic(&mut self) -> Result<Tree, StartError> {
        let (restarts, within) = self.budget();
        let crowd = DynamicSupervisor::builder()
            .restarts(restarts, within)
            .start()
            .await?;
        let mut children = Vec::new();
        for _ in 0..self.random.below(300) {
            children.extend(crowd.start_child(self.spec()).await.ok());
        }
        Ok(Tree::Dynamic(crowd, children))
    }

    async fn partitioned(&mut self) -> Result<Tree, StartError> {
        let (seed, shared) = (self.random.next() >> 20, self.shared.clone());
        let (restarts, within) = self.budget();
        let parts = PartitionSupervisor::builder(move |n| {
            Worker::child_spec(1 + n as u64, seed + n as u64, shared.clone())
        });
        let parts = parts
            .partitions(1 + self.random.below(16))
            .restarts(restarts, within);
        Ok(Tree::Parts(parts.start().await?))
    }
}
