//! All measurements, by name. Each runs in a process of its own, so that none is affected by another.

use std::path::Path;
use std::process::Command;

use crate::bytes::{self, Idle};
use crate::callgrind;
use crate::work::{self, Threads, Work};

/// Enough operations to resolve a thousandth of an allocation.
const OPERATIONS: u64 = 64_000;

/// A name and a value: `instructions/call`, 3451.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) value: f64,
}

/// One measurement, which returns one figure or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    Allocations(Work, Threads),
    Bytes(Idle),
    Instructions(Work),
}

impl Probe {
    /// Returns all probes, in the order in which they are printed.
    pub(crate) fn all() -> Vec<Self> {
        let works = || Work::ALL.into_iter();
        let threads = Threads::ALL.into_iter();
        let allocations =
            threads.flat_map(|threads| works().map(move |work| Self::Allocations(work, threads)));
        let bytes = Idle::ALL.into_iter().map(Self::Bytes);
        let instructions = works().map(Self::Instructions);
        allocations.chain(bytes).chain(instructions).collect()
    }

    pub(crate) fn name(self) -> String {
        match self {
            Self::Allocations(work, threads) => {
                format!("allocations/{}/{}", work.name(), threads.name())
            }
            Self::Bytes(idle) => format!("bytes/{}", idle.name()),
            Self::Instructions(work) => format!("instructions/{}", work.name()),
        }
    }

    /// Returns the same probe for the hand-written actor.
    pub(crate) fn raw(self) -> Self {
        match self {
            Self::Allocations(work, threads) => Self::Allocations(work.raw(), threads),
            Self::Bytes(_) => Self::Bytes(Idle::Raw),
            Self::Instructions(work) => Self::Instructions(work.raw()),
        }
    }

    /// Measures in a child process of this program.
    ///
    /// # Errors
    /// The error of the child process.
    pub(crate) fn measure(self, program: &Path) -> Result<Vec<Figure>, String> {
        if let Self::Instructions(work) = self {
            let value = callgrind::per_operation(program, work)?;
            return Ok(vec![self.figure("", value)]);
        }
        let child = Command::new(program)
            .args(["--probe", &self.name()])
            .output();
        let child = child.map_err(|error| format!("{}: {error}", self.name()))?;
        let (said, complaint) = (
            String::from_utf8_lossy(&child.stdout),
            String::from_utf8_lossy(&child.stderr),
        );
        if !child.status.success() {
            return Err(format!("{} failed: {complaint}", self.name()));
        }
        said.lines().map(Figure::parse).collect()
    }

    /// Measures in this process.
    pub(crate) fn here(self) -> Vec<Figure> {
        match self {
            Self::Allocations(work, threads) => {
                let done = work::run(work, threads, OPERATIONS);
                vec![self.figure("", done.allocations)]
            }
            Self::Bytes(idle) => {
                let stages = bytes::measure(idle).into_iter();
                let figure = |(stage, value)| self.figure(&format!("/{stage}"), value);
                stages.map(figure).collect()
            }
            // Only callgrind counts instructions, and the parent runs it.
            Self::Instructions(_) => Vec::new(),
        }
    }

    fn figure(self, stage: &str, value: f64) -> Figure {
        let name = self.name() + stage;
        Figure { name, value }
    }
}

impl Figure {
    /// Parses `name value`; the rest of the line is for the reader.
    ///
    /// # Errors
    /// The invalid line.
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        let mut words = line.split_whitespace();
        let figure = match (words.next(), words.next().map(str::parse)) {
            (Some(name), Some(Ok(value))) => Some(Self {
                name: name.into(),
                value,
            }),
            _ => None,
        };
        figure.ok_or_else(|| format!("`{line}` is not a name and a figure"))
    }

    pub(crate) fn unit(&self) -> &str {
        self.name.split('/').next().unwrap_or(&self.name)
    }

    /// Returns the absolute difference that is ignored: a queue that grows during a run is not an allocation per
    /// operation.
    pub(crate) fn noise(&self) -> f64 {
        if self.unit() == "allocations" {
            0.002
        } else {
            0.0
        }
    }

    /// Returns the number of significant decimal places.
    pub(crate) fn digits(&self) -> usize {
        if self.unit() == "allocations" { 3 } else { 0 }
    }
}
