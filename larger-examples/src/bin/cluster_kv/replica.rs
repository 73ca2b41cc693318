//! The replica: one server on each storage node, with a copy of all values in memory.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::retry::Retry;
use ambit_dist::Names;
use tokio::time::sleep;

/// The storage nodes.
pub(crate) const NODES: [&str; 3] = ["n1", "n2", "n3"];

/// The number of replicas that must reply. Two majorities have a replica in common.
pub(crate) const MAJORITY: usize = 2;

/// The time limit for the replies of a majority.
pub(crate) const DEADLINE: Duration = Duration::from_millis(250);

/// The time limit for the other replicas to reply to one that recovers.
const RECOVERY: Duration = Duration::from_secs(30);

/// A value and its version, which the writer chooses. The higher version wins.
pub(crate) type Versioned = (u64, String);

/// Returns the name of the replica of a node.
pub(crate) fn name_of(node: &str) -> String {
    format!("replica/{node}")
}

/// A copy of all values.
#[derive(Default)]
pub(crate) struct Replica {
    values: BTreeMap<String, Versioned>,
}

#[gen_server(remote = "kv.replica")]
impl Replica {
    #[call]
    pub(crate) fn get(&self, key: String) -> Versioned {
        self.values.get(&key).cloned().unwrap_or_default()
    }

    /// Stores a value, unless a later version is stored already. So a late message does no harm.
    #[call]
    pub(crate) fn put(&mut self, key: String, new: Versioned) {
        self.merge(key, new);
    }

    /// Returns everything, for a replica that recovers.
    #[call]
    pub(crate) fn all(&self) -> BTreeMap<String, Versioned> {
        self.values.clone()
    }
}

impl Replica {
    fn merge(&mut self, key: String, new: Versioned) {
        let stored = self.values.entry(key).or_default();
        if new.0 > stored.0 {
            *stored = new;
        }
    }

    /// Copies the values of both other replicas. A killed node has lost its memory, but other replicas have counted on it:
    /// each write that it confirmed is now on one other replica, so both must reply.
    ///
    /// A write ends within [`DEADLINE`]. The copying starts later than that, so it does not miss a write that the former
    /// process of this node has confirmed and that is still on its way to another replica.
    pub(crate) async fn recover(names: &Names, own: &str) -> Result<Self, Box<dyn Error>> {
        sleep(2 * DEADLINE).await;
        let mut replica = Self::default();
        for node in NODES.into_iter().filter(|node| *node != own) {
            let other: ReplicaSubject = names.via::<Self>(name_of(node));
            let retry = Retry::unlimited().every(DEADLINE).within(RECOVERY);
            for (key, value) in retry.run(|| other.all()).await? {
                replica.merge(key, value);
            }
        }
        Ok(replica)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_version_wins_in_any_order() {
        let mut replica = Replica::default();
        for version in [2, 3, 1] {
            replica.put("tea".into(), (version, format!("v{version}")));
        }
        assert_eq!(replica.get("tea".into()), (3, "v3".to_owned()));
        assert_eq!(replica.get("milk".into()), (0, String::new()));
    }
}
