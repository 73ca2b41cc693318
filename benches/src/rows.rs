//! The rows of the table: the workload, its peers, the unit, and the target of ambit.

mod catalog;
mod counted;
mod lives;
mod messages;
mod names;
mod parallel;
mod price;
mod prices;
mod waiting;

use std::time::{Duration, Instant};

pub(crate) use self::catalog::{COUNTED, ROWS};
pub(crate) use self::prices::PRICE;

/// The identifier of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Id {
    Raw,
    Ambit,
    AmbitQueued,
    Kameo,
    Ractor,
    Actix,
    Xtra,
    Spawned,
    Erlang,
    RawCt,
    AmbitCt,
    /// In the section on prices: without the optional part.
    Off,
    /// With the optional part of the row.
    On,
}

impl Id {
    pub(crate) const ALL: [Self; 11] = [
        Self::Raw,
        Self::Ambit,
        Self::AmbitQueued,
        Self::Kameo,
        Self::Ractor,
        Self::Actix,
        Self::Xtra,
        Self::Spawned,
        Self::Erlang,
        Self::RawCt,
        Self::AmbitCt,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Ambit => "ambit",
            Self::AmbitQueued => "ambit queued",
            Self::Kameo => "kameo",
            Self::Ractor => "ractor",
            Self::Actix => "actix",
            Self::Xtra => "xtra",
            Self::Spawned => "spawned",
            Self::Erlang => "erlang",
            Self::RawCt => "raw @ct",
            Self::AmbitCt => "ambit @ct",
            Self::Off => "off",
            Self::On => "on",
        }
    }

    /// Returns its spelling in options.
    pub(crate) fn key(self) -> String {
        self.name().replace(' ', "-").replace('@', "")
    }

    /// Returns the base of its ratios.
    pub(crate) fn base(self) -> Self {
        match self {
            Self::RawCt | Self::AmbitCt => Self::RawCt,
            Self::Off | Self::On => Self::Off,
            _ => Self::Raw,
        }
    }

    /// Returns the peer whose workload it runs, and true if that runs on one thread.
    pub(crate) fn workload(self) -> (Self, bool) {
        match self {
            Self::RawCt => (Self::Raw, true),
            Self::AmbitCt => (Self::Ambit, true),
            other => (other, false),
        }
    }

    pub(crate) fn is_rival(self) -> bool {
        use Id::{Actix, Erlang, Kameo, Ractor, Spawned, Xtra};
        matches!(self, Kameo | Ractor | Actix | Xtra | Spawned | Erlang)
    }
}

/// One run of a workload.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    /// The time of the measured part.
    pub(crate) took: Duration,
    /// The reported values, one for each figure of the row.
    pub(crate) figures: Vec<f64>,
}

impl Sample {
    /// Returns the nanoseconds for each of `operations`.
    fn per_operation(took: Duration, operations: u64) -> Self {
        Self {
            took,
            figures: vec![took.as_nanos() as f64 / operations as f64],
        }
    }
}

/// Runs a workload with this number of operations in this process, on a fresh runtime.
pub(crate) type Cell = fn(u64) -> Sample;

/// A column of a row.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    Rust(Cell),
    /// A function of `erlang/bench.erl`.
    Erlang(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Nanoseconds,
    Microseconds,
    Milliseconds,
    Bytes,
    Count,
    /// The speedup over sequential execution: more is better.
    Times,
}

impl Unit {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nanoseconds => "ns",
            Self::Microseconds => "µs",
            Self::Milliseconds => "ms",
            Self::Bytes => "bytes",
            Self::Count => "",
            Self::Times => "×",
        }
    }

    pub(crate) fn less_is_better(self) -> bool {
        self != Self::Times
    }
}

/// A target of the design.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Must {
    /// Relative to raw.
    Ratio(f64),
    /// In the unit of the figure.
    Value(f64),
}

pub(crate) struct Figure {
    pub(crate) title: &'static str,
    pub(crate) unit: Unit,
    pub(crate) must: Option<Must>,
}

/// The number of operations in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// The number that fills the time of a cell.
    Adapted,
    Fixed {
        full: u64,
        quick: u64,
    },
}

pub(crate) struct Row {
    pub(crate) key: &'static str,
    pub(crate) figures: &'static [Figure],
    pub(crate) size: Size,
    /// True if its ratio may jump between two values: it gets more rounds, and the better of medians and minima.
    pub(crate) bimodal: bool,
    /// True if a run is repeated in its process, and the second one counts.
    pub(crate) warm: bool,
    /// True if the counting program runs it.
    pub(crate) counted: bool,
    /// The minimum time of a run, regardless of the options.
    pub(crate) at_least: Duration,
    /// The columns; without work where this was built without the rivals.
    pub(crate) cells: &'static [(Id, Option<Work>)],
}

impl Row {
    pub(crate) fn work(&self, id: Id) -> Option<Work> {
        let (id, _) = id.workload();
        let found = self.cells.iter().find(|(peer, _)| *peer == id);
        found.and_then(|(_, work)| *work)
    }
}

/// Returns all rows in the order of the report.
pub(crate) fn all() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().chain(COUNTED).chain(PRICE)
}

/// Returns the time for which a future is awaited.
async fn timed(work: impl Future<Output = ()>) -> Duration {
    let began = Instant::now();
    work.await;
    began.elapsed()
}
