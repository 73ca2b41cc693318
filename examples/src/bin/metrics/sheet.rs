//! The findings of a parser in a batch, grouped by recipient.
//!
//! A separate module from the parser, because it must survive it: a line that crashes the parser does not affect the
//! lines before it. The sheet stores the next line, so its owner knows which line caused a crash, and the next parser
//! continues after it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::batch::Batch;
use crate::faults::Fault;
use crate::figures::Hit;
use crate::line::{Line, Malformed};

/// A batch, and its findings so far.
#[derive(Debug)]
pub(crate) struct Sheet {
    batch: Batch,
    found: Mutex<Findings>,
}

/// The findings in some lines, which are numbered from 1.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// The number of lines that were parsed or skipped.
    pub(crate) lines: usize,
    pub(crate) clients: Groups<Vec<Hit>>,
    pub(crate) routes: Groups<u64>,
    pub(crate) statuses: BTreeMap<u16, u64>,
    pub(crate) faults: Vec<(u64, Fault)>,
}

impl Sheet {
    /// Creates a sheet without findings.
    pub(crate) fn new(batch: Batch) -> Self {
        Self {
            batch,
            found: Mutex::default(),
        }
    }

    /// Continues with the first line that has not been parsed.
    ///
    /// # Errors
    /// The missing field of that line, which stays the next one.
    pub(crate) fn read_on(&self) -> Result<(), Malformed> {
        let mut found = self.found();
        for text in self.batch.lines_from(found.lines) {
            let line = Line::parse(text)?;
            found.note(&line);
        }
        Ok(())
    }

    /// Skips the line that cannot be parsed; returns false if none is left.
    pub(crate) fn give_up_line(&self, why: &str) -> bool {
        let mut found = self.found();
        if found.lines == self.batch.len() {
            return false;
        }
        found.lines += 1;
        let line = found.lines as u64;
        found.faults.push((line, Fault::Malformed(why.into())));
        true
    }

    /// Takes all findings.
    pub(crate) fn take(&self) -> Findings {
        std::mem::take(&mut self.found())
    }

    /// Ignores poisoning: a finding is recorded after its line has been parsed, so a crash leaves the previous ones
    /// intact.
    fn found(&self) -> MutexGuard<'_, Findings> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Findings {
    /// Returns the findings of a stream that ended inside a line.
    pub(crate) fn unfinished() -> Self {
        Self {
            lines: 1,
            faults: vec![(1, Fault::Unfinished)],
            ..Self::default()
        }
    }

    fn note(&mut self, line: &Line<'_>) {
        self.lines += 1;
        let number = self.lines as u64;
        if line.truncated {
            self.faults.push((number, Fault::Truncated));
        }
        self.clients.of(line.client).push(Hit {
            line: number,
            time: line.time,
            bytes: line.bytes,
        });
        *self.routes.of(line.route) += 1;
        *self.statuses.entry(line.status).or_default() += 1;
    }
}

/// One value for each name, in the order in which the names first occurred.
#[derive(Debug)]
pub(crate) struct Groups<V> {
    all: Vec<(Arc<[u8]>, V)>,
    index: HashMap<Arc<[u8]>, usize>,
}

impl<V: Default> Groups<V> {
    /// Returns the names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Arc<[u8]>> + Clone {
        self.all.iter().map(|(name, _)| name)
    }

    /// Returns the values, in the order of the names.
    pub(crate) fn into_values(self) -> impl Iterator<Item = V> {
        self.all.into_iter().map(|(_, value)| value)
    }

    fn of(&mut self, name: &[u8]) -> &mut V {
        let place = match self.index.get(name) {
            Some(&place) => place,
            None => {
                let name: Arc<[u8]> = name.into();
                self.index.insert(name.clone(), self.all.len());
                self.all.push((name, V::default()));
                self.all.len() - 1
            }
        };
        &mut self.all[place].1
    }
}

impl<V> Default for Groups<V> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            index: HashMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Framer;

    fn sheet(lines: &[&str]) -> Sheet {
        let mut framer = Framer::for_bulk();
        for line in lines {
            framer.push(line.as_bytes());
            framer.push(b"\n");
        }
        Sheet::new(framer.take().unwrap())
    }

    fn line(client: &str) -> String {
        format!("{client} - - [14/Mar/2026:09:30:00 +0000] \"GET /a HTTP/1.1\" 200 10 \"-\" \"-\"")
    }

    #[test]
    fn reading_stops_at_each_malformed_line_and_goes_on_behind_it() {
        let (a, b) = (line("a"), line("b"));
        let sheet = sheet(&["", &a, "x", "x", &b, &a, "x"]);
        for number in [1, 3, 4, 7] {
            let why = sheet.read_on().unwrap_err().to_string();
            assert!(sheet.give_up_line(&why), "line {number}");
        }
        assert_eq!(sheet.read_on(), Ok(()));
        assert!(!sheet.give_up_line("nothing is left"));
        let found = sheet.take();
        let numbers: Vec<_> = found.faults.iter().map(|(line, _)| *line).collect();
        assert_eq!((found.lines, numbers), (7, vec![1, 3, 4, 7]));
        let names: Vec<_> = found.clients.names().map(|name| &name[..]).collect();
        assert_eq!(names, [b"a", b"b"]);
        let lines = |hits: Vec<Hit>| hits.iter().map(|hit| hit.line).collect();
        let lines: Vec<Vec<_>> = found.clients.into_values().map(lines).collect();
        assert_eq!(lines, [vec![2, 6], vec![5]]);
        assert_eq!(found.statuses, BTreeMap::from([(200, 3)]));
        assert_eq!(found.routes.into_values().collect::<Vec<_>>(), [3]);
    }
}
