//! The clients: each writes its own keys, reads those of both, and checks every answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::Names;
use tokio::time::{Instant, sleep};

use crate::checker::Checker;
use crate::placement::{SHARDS, shard_of};
use crate::shard::{self, Shard, ShardSubject, Unavailable};

/// The names of the clients.
pub(crate) const CLIENTS: [&str; 2] = ["ann", "bob"];

/// The number of keys of each client.
const KEYS: u64 = 40;

/// The time limit of a call. A read may take two rounds of the replicas.
const TIMEOUT: Duration = Duration::from_millis(600);

/// The pause after a failed call.
const PAUSE: Duration = Duration::from_millis(20);

/// The results of one or more clients.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) writes: u64,
    pub(crate) reads: u64,
    pub(crate) failed: u64,
    pub(crate) wrong: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        self.writes += other.writes;
        self.reads += other.reads;
        self.failed += other.failed;
        self.wrong += other.wrong;
    }
}

/// A client of the store.
#[derive(Clone)]
pub(crate) struct Client {
    shards: Vec<ShardSubject>,
    checker: Arc<Mutex<Checker>>,
    counts: Counts,
}

impl Client {
    /// Creates a client. Its clones share the checker. The handles follow the shards to other nodes.
    pub(crate) fn new(names: &Names) -> Self {
        let shard = |shard| names.via::<Shard>(shard::name(shard));
        Self {
            shards: (0..SHARDS).map(shard).collect(),
            checker: Arc::default(),
            counts: Counts::default(),
        }
    }

    /// Writes a key and reads one, until the time is over.
    pub(crate) async fn run(mut self, own: &str, until: Instant) -> Counts {
        let mut step = 0;
        while Instant::now() < until {
            self.write(&format!("{own}-{}", step % KEYS)).await;
            // Another key than the written one, of each client in turn.
            let writer = CLIENTS[(step % 2) as usize];
            self.read(&format!("{writer}-{}", (step * 7 + 3) % KEYS))
                .await;
            step += 1;
        }
        self.counts
    }

    /// Reads all keys at the end. A failed read is repeated. Returns `None` if a key cannot be read in time.
    pub(crate) async fn read_all(mut self, until: Instant) -> Option<Counts> {
        let keys = self.check(|checker| checker.keys());
        for key in keys {
            while !self.read(&key).await {
                if Instant::now() > until {
                    return None;
                }
            }
        }
        Some(self.counts)
    }

    async fn write(&mut self, key: &str) {
        let new = self.check(|checker| checker.begin_write(key));
        let version = new.0;
        let call = self.shards[shard_of(key)].put(key.to_owned(), new);
        if self.done(call.timeout(TIMEOUT).await).await.is_some() {
            self.check(|checker| checker.written(key, version));
            self.counts.writes += 1;
        }
    }

    /// Returns true if the read was answered.
    async fn read(&mut self, key: &str) -> bool {
        let lowest = self.check(|checker| checker.begin_read(key));
        let call = self.shards[shard_of(key)].get(key.to_owned());
        let Some(answer) = self.done(call.timeout(TIMEOUT).await).await else {
            return false;
        };
        self.counts.reads += 1;
        if !self.check(|checker| checker.is_right(key, lowest, &answer)) {
            println!("wrong answer: {key} is {answer:?}, not version {lowest} or later");
            self.counts.wrong += 1;
        }
        true
    }

    /// Counts a failed call, and pauses after it.
    async fn done<T>(&mut self, reply: Result<Result<T, Unavailable>, CallError>) -> Option<T> {
        if let Ok(Ok(reply)) = reply {
            return Some(reply);
        }
        self.counts.failed += 1;
        sleep(PAUSE).await;
        None
    }

    fn check<T>(&self, check: impl FnOnce(&mut Checker) -> T) -> T {
        let mut checker = self.checker.lock().unwrap_or_else(PoisonError::into_inner);
        check(&mut checker)
    }
}
