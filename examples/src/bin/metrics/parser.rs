//! The server that parses lines, and crashes at each line that it cannot parse.

use std::collections::BTreeMap;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ambit::prelude::*;

use crate::PARSERS;
use crate::framer::Batch;
use crate::ledger::Hit;
use crate::line::Line;
use crate::report::Fault;

/// The name of a client, a route or a status, as it is in the log.
pub(crate) type Name = Arc<[u8]>;

/// Parses lines.
pub(crate) struct Parser;

/// Counts the starts of parsers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Starts(Arc<AtomicU64>);

/// The findings in some lines, which are numbered from 1.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) lines: u64,
    pub(crate) clients: BTreeMap<Name, Vec<Hit>>,
    pub(crate) routes: BTreeMap<Name, u64>,
    pub(crate) statuses: BTreeMap<Name, u64>,
    pub(crate) faults: Vec<(u64, Fault)>,
}

#[gen_server]
impl Parser {
    #[init]
    pub(crate) fn init(starts: Starts) -> Self {
        starts.0.fetch_add(1, Ordering::Relaxed);
        Self
    }

    /// Parses lines from this index on, up to one that cannot be parsed. If that is the first one, the parser crashes,
    /// so a crash affects no other line.
    #[call]
    pub(crate) fn read(&mut self, batch: Arc<Batch>, from: usize) -> Findings {
        let mut found = Findings::default();
        for text in &batch[from..] {
            match Line::parse(text) {
                Ok(line) => found.note(&line),
                Err(_) if found.lines > 0 => break,
                // An ordinary panic, except that it skips the panic hook: malformed lines belong in the table.
                Err(missing) => panic::resume_unwind(Box::new(missing.to_string())),
            }
        }
        found
    }
}

impl Starts {
    /// Returns the number of starts after the first one of each parser.
    pub(crate) fn restarts(&self) -> u64 {
        let starts = self.0.load(Ordering::Relaxed);
        starts.saturating_sub(PARSERS as u64)
    }
}

impl Findings {
    /// Returns the findings of one line that is not counted.
    pub(crate) fn of_fault(fault: Fault) -> Self {
        Self {
            lines: 1,
            faults: vec![(1, fault)],
            ..Self::default()
        }
    }

    fn note(&mut self, line: &Line<'_>) {
        self.lines += 1;
        if line.truncated {
            self.faults.push((self.lines, Fault::Truncated));
        }
        self.clients
            .entry(line.client.into())
            .or_default()
            .push(Hit {
                line: self.lines,
                time: line.time,
                bytes: line.bytes,
            });
        *self.routes.entry(line.route.into()).or_default() += 1;
        *self.statuses.entry(line.status.into()).or_default() += 1;
    }
}
