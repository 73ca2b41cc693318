//! Counts a whole stream of lines, one after the other.

use std::collections::HashMap;
use std::time::Instant;

use crate::args::Args;
use crate::faults::{Fault, Faults};
use crate::figures::{Figures, Hit};
use crate::line::Line;
use crate::progress::Progress;
use crate::report::{Counted, Report, Run};
use crate::source::{Lines, SourceError};

/// Reads the log that the user named and reports on it.
pub(crate) fn run(args: &Args) -> Result<Report, SourceError> {
    let began = Instant::now();
    let mut lines = Lines::open(&args.source, args.repeat)?;
    let mut progress = Progress::begin();
    let mut clients: HashMap<Vec<u8>, Figures> = HashMap::new();
    let mut routes: HashMap<Vec<u8>, u64> = HashMap::new();
    let mut statuses: HashMap<u16, u64> = HashMap::new();
    let mut faults = Faults::default();
    let mut number = 0;
    while let Some(text) = lines.next()? {
        number += 1;
        match Line::parse(text) {
            Ok(line) => {
                if line.truncated {
                    faults.note(number, Fault::Truncated);
                }
                entry(&mut clients, line.client).note(Hit {
                    time: line.time,
                    bytes: line.bytes,
                });
                *entry(&mut routes, line.route) += 1;
                *statuses.entry(line.status).or_default() += 1;
            }
            Err(missing) => faults.note(number, Fault::Malformed(missing)),
        }
        progress.at(number, lines.share_read());
    }
    let counted = Counted {
        clients: clients
            .into_iter()
            .map(|(name, figures)| (name, figures.totals()))
            .collect(),
        routes: routes.into_iter().collect(),
        statuses: statuses.into_iter().collect(),
        faults,
    };
    Ok(Report::new(
        counted,
        Run {
            processes: 0,
            lines: number,
            took: began.elapsed(),
        },
    ))
}

fn entry<'a, V: Default>(map: &'a mut HashMap<Vec<u8>, V>, name: &[u8]) -> &'a mut V {
    if !map.contains_key(name) {
        map.insert(name.to_vec(), V::default());
    }
    map.get_mut(name).expect("was inserted above")
}
