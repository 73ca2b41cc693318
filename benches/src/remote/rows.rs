//! The rows of the table.

use std::time::Duration;

use super::system::Id;

/// The work of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Calls one after another, with `size` bytes in both directions.
    Echo { size: usize },
    /// The same from `count` concurrent tasks, over one session.
    Callers { count: usize, size: usize },
    /// Casts from one sender; the time ends when the far side reports that it has handled all.
    Cast { size: usize },
    /// The same with the bytes in a `Vec<u8>` instead of a `Bytes`.
    CastVec { size: usize },
    /// Sessions one after another, each with its first call.
    Connect,
    /// Sessions that are open at the same time; the memory of the far process for each.
    Idle,
    /// Work of three nodes that are members of one cluster.
    Cluster(ClusterWork),
}

/// The work of a run with three nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClusterWork {
    /// Registrations of names, from `callers` concurrent processes.
    Register { callers: u64 },
    /// Lookups of the name of a process on another node.
    Lookup,
    /// Lookups of a local name.
    LocalLookup,
    /// A join and a leave of a group, each until the answer of another node has arrived.
    Join,
    /// Broadcasts one after another, each until all members have received it.
    Broadcast,
    /// Calls to one server on each node.
    MultiCall,
    /// The time until a node that joins has all entries of the other two.
    Sync,
    /// The memory of these entries on that node.
    SyncMemory,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Microseconds,
    Bytes,
    Kibibytes,
    /// Megabytes per second.
    Throughput,
}

impl Unit {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Microseconds => "µs",
            Self::Bytes => "B",
            Self::Kibibytes => "KiB",
            Self::Throughput => "MB/s",
        }
    }

    pub(crate) fn less_is_better(self) -> bool {
        self != Self::Throughput
    }
}

/// A limit for ambit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Limit {
    /// Relative to the base of the row.
    Ratio(f64),
    /// In the unit of the row.
    Value(f64),
}

/// The number of operations in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// The number that fills the time of a run, up to this maximum.
    UpTo(u64),
    /// A fixed number, and a smaller one for quick runs.
    Fixed { full: u64, quick: u64 },
}

pub(crate) struct Row {
    pub(crate) key: &'static str,
    pub(crate) title: &'static str,
    pub(crate) unit: Unit,
    pub(crate) work: Work,
    pub(crate) size: Size,
    pub(crate) must: Option<Limit>,
    pub(crate) aim: Option<Limit>,
}

impl Row {
    /// Returns the base of its ratios.
    pub(crate) fn base(&self) -> Id {
        match self.work {
            Work::Cluster(_) => Id::ErlangTls,
            _ => Id::Quinn,
        }
    }

    pub(crate) fn keyed(key: &str) -> Option<&'static Self> {
        ROWS.iter().find(|row| row.key == key)
    }

    /// Returns the value in the table for this number of operations in this time.
    pub(crate) fn value(&self, operations: u64, took: Duration) -> f64 {
        let each = took.as_secs_f64() * 1e6 / operations.max(1) as f64;
        match (self.unit, self.work) {
            // Bytes per microsecond are megabytes per second.
            (Unit::Throughput, Work::Cast { size }) => size as f64 / each,
            _ => each,
        }
    }
}

const MIB: usize = 1 << 20;

pub(crate) const ROWS: &[Row] = &[
    Row {
        key: "echo",
        title: "echo 16 B, one after another",
        unit: Unit::Microseconds,
        work: Work::Echo { size: 16 },
        size: Size::UpTo(200_000),
        must: Some(Limit::Ratio(1.15)),
        aim: Some(Limit::Ratio(1.0)),
    },
    Row {
        key: "callers",
        title: "echo 16 B, 64 callers on one connection, per call",
        unit: Unit::Microseconds,
        work: Work::Callers {
            count: 64,
            size: 16,
        },
        size: Size::UpTo(1_000_000),
        must: Some(Limit::Value(4.0)),
        aim: Some(Limit::Value(2.0)),
    },
    Row {
        key: "echo-64k",
        title: "echo 64 KiB, one after another",
        unit: Unit::Microseconds,
        work: Work::Echo { size: 64 << 10 },
        size: Size::UpTo(4_000),
        must: None,
        aim: None,
    },
    Row {
        key: "cast-16",
        title: "cast 16 B, one sender",
        unit: Unit::Microseconds,
        work: Work::Cast { size: 16 },
        size: Size::UpTo(4_000_000),
        must: Some(Limit::Value(0.5)),
        aim: Some(Limit::Value(0.15)),
    },
    Row {
        key: "cast-1k",
        title: "cast 1 KiB, one sender",
        unit: Unit::Microseconds,
        work: Work::Cast { size: 1024 },
        size: Size::UpTo(200_000),
        must: Some(Limit::Value(2.0)),
        aim: Some(Limit::Value(1.2)),
    },
    Row {
        key: "cast-64k",
        title: "cast 64 KiB, one sender",
        unit: Unit::Microseconds,
        work: Work::Cast { size: 64 << 10 },
        size: Size::UpTo(4_000),
        must: Some(Limit::Ratio(1.2)),
        aim: Some(Limit::Ratio(1.0)),
    },
    Row {
        key: "cast-vec-64k",
        title: "cast 64 KiB in a `Vec<u8>`, one sender",
        unit: Unit::Microseconds,
        work: Work::CastVec { size: 64 << 10 },
        size: Size::UpTo(4_000),
        must: None,
        aim: None,
    },
    Row {
        key: "connect",
        title: "connect, until a first call is answered",
        unit: Unit::Microseconds,
        work: Work::Connect,
        size: Size::UpTo(500),
        must: Some(Limit::Value(5_000.0)),
        aim: Some(Limit::Value(2_000.0)),
    },
    Row {
        key: "idle",
        title: "memory of an idle session's far end",
        unit: Unit::Kibibytes,
        work: Work::Idle,
        size: Size::Fixed {
            full: 256,
            quick: 64,
        },
        must: Some(Limit::Value(64.0)),
        aim: Some(Limit::Value(40.0)),
    },
    Row {
        key: "transfer",
        title: "100 MiB in casts of 1 MiB",
        unit: Unit::Throughput,
        work: Work::Cast { size: MIB },
        size: Size::Fixed {
            full: 100,
            quick: 10,
        },
        must: None,
        aim: None,
    },
    Row {
        key: "register",
        title: "three nodes: register a name of the cluster, one after another",
        unit: Unit::Microseconds,
        work: Work::Cluster(ClusterWork::Register { callers: 1 }),
        size: Size::UpTo(20_000),
        must: Some(Limit::Ratio(1.0)),
        aim: None,
    },
    Row {
        key: "registers",
        title: "three nodes: register names from 16 processes, per name",
        unit: Unit::Microseconds,
        work: Work::Cluster(ClusterWork::Register { callers: 16 }),
        size: Size::UpTo(100_000),
        must: Some(Limit::Ratio(1.0)),
        aim: None,
    },
    Row {
        key: "lookup",
        title: "three nodes: look up a name of the cluster",
        unit: Unit::Microseconds,
        work: Work::Cluster(ClusterWork::Lookup),
        size: Size::UpTo(20_000_000),
        must: Some(Limit::Ratio(1.0)),
        aim: None,
    },
    Row {
        key: "local-lookup",
        title: "look up a local name",
        unit: Unit::Microseconds,
        work: Work::Cluster(ClusterWork::LocalLookup),
        size: Size::UpTo(20_000_000),
        must: None,
        aim: None,
    },
    Row {
        key: "join",
        title: "three nodes: join and leave a group, each until the answer of another node",
        unit: Unit::Microseconds,
        work: Work::Cluster(ClusterWork::Join),
        size: Size::UpTo(20_000),
        must: Some(Limit::Ratio(1.0)),
        aim: None,
    },
    Row {
        key: "broadcast",
        title: "three nodes: broadcast to 1,000 members, until all have it",
        unit: Unit::Microseconds,
        work: Work::Cluster(ClusterWork::Broadcast),
        size: Size::UpTo(20_000),
        must: Some(Limit::Ratio(1.0)),
        aim: None,
    },
    Row {
        key: "multi-call",
        title: "three nodes: call one server on each",
        unit: Unit::Microseconds,
        work: Work::Cluster(ClusterWork::MultiCall),
        size: Size::UpTo(50_000),
        must: Some(Limit::Ratio(1.0)),
        aim: None,
    },
    Row {
        key: "sync",
        title: "three nodes: 100,000 entries until a joining node has them, per entry",
        unit: Unit::Microseconds,
        work: Work::Cluster(ClusterWork::Sync),
        size: Size::Fixed {
            full: 100_000,
            quick: 4_000,
        },
        must: Some(Limit::Ratio(1.0)),
        aim: None,
    },
    Row {
        key: "sync-memory",
        title: "three nodes: memory of these entries on that node, per entry",
        unit: Unit::Bytes,
        work: Work::Cluster(ClusterWork::SyncMemory),
        size: Size::Fixed {
            full: 100_000,
            quick: 4_000,
        },
        must: Some(Limit::Ratio(1.0)),
        aim: None,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_finds_its_row() {
        for row in ROWS {
            let found = Row::keyed(row.key).unwrap();
            assert_eq!(found.title, row.title);
        }
        assert!(Row::keyed("nonsense").is_none());
    }

    #[test]
    fn values_are_in_the_unit_of_the_row() {
        let value = |key| {
            Row::keyed(key)
                .unwrap()
                .value(10, Duration::from_millis(20))
        };
        assert_eq!(value("echo"), 2_000.0);
        // 10 MiB in 20 ms.
        assert!((value("transfer") - 524.288).abs() < 1e-6);
    }
}
