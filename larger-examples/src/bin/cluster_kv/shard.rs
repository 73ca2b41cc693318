//! The shard: one server for a part of the keys, on one node of the cluster. It reads and writes the three replicas.
//!
//! It has no state, so it starts on another node at once. It is safe even if a partition makes two of it: both need a
//! majority of the replicas, and the higher version wins.

use std::time::Instant;

use ambit::prelude::*;
use ambit_dist::Names;
use tokio::task::JoinSet;

use crate::replica::{DEADLINE, MAJORITY, NODES, Replica, ReplicaSubject, Versioned, name_of};

/// Returns the name of a shard.
pub(crate) fn name(shard: usize) -> String {
    format!("shard/{shard}")
}

/// The reason why a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Message)]
#[message(name = "kv.unavailable")]
pub(crate) enum Unavailable {
    /// No majority of the replicas has replied in time. A write may have been executed.
    NoMajority,
}

/// A part of the keys.
pub(crate) struct Shard {
    replicas: Vec<ReplicaSubject>,
}

#[gen_server(remote = "kv.shard")]
impl Shard {
    /// The handles follow the names, so the shard keeps working after a replica is restarted.
    #[init]
    pub(crate) fn new(names: Names) -> Self {
        let replicas = NODES.map(|node| names.via::<Replica>(name_of(node)));
        Self {
            replicas: replicas.into(),
        }
    }

    /// Writes a value. `Ok` means that a majority has it.
    #[call]
    pub(crate) async fn put(&self, key: String, new: Versioned) -> Result<(), Unavailable> {
        let put = |replica: ReplicaSubject| {
            let call = replica.put(key.clone(), new.clone());
            call.timeout(DEADLINE).send()
        };
        self.majority(put).await?;
        Ok(())
    }

    /// Reads the value with the highest version in a majority. If not all of them have it, its write has not ended, or
    /// has failed: it is written to a majority first, so that no later read returns an older value.
    #[call]
    pub(crate) async fn get(&self, key: String) -> Result<Versioned, Unavailable> {
        let get = |replica: ReplicaSubject| replica.get(key.clone()).timeout(DEADLINE).send();
        let mut found = self.majority(get).await?;
        found.sort();
        let newest = found.pop().unwrap_or_default();
        if found.iter().any(|older| *older != newest) {
            self.put(key, newest.clone()).await?;
        }
        Ok(newest)
    }
}

impl Shard {
    /// Calls all replicas, and returns the replies of the first majority.
    async fn majority<T: Send + 'static, C>(
        &self,
        call: impl Fn(ReplicaSubject) -> C,
    ) -> Result<Vec<T>, Unavailable>
    where
        C: Future<Output = Result<T, CallError>> + Send + 'static,
    {
        let started = Instant::now();
        let mut calls: JoinSet<_> = self.replicas.iter().cloned().map(call).collect();
        let mut replies = Vec::new();
        while replies.len() < MAJORITY
            && let Some(reply) = calls.join_next().await
        {
            replies.extend(reply.ok().and_then(Result::ok));
        }
        // The slowest replica gets its message too.
        calls.detach_all();
        // A replica that recovers relies on this limit. Replies that a busy machine delivers late do not count.
        match replies.len() >= MAJORITY && started.elapsed() <= DEADLINE {
            true => Ok(replies),
            false => Err(Unavailable::NoMajority),
        }
    }
}
