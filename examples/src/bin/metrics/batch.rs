//! Some hundred lines that travel together from the reader to the feeder.
//!
//! Apart from the source because it is what crosses the border between two threads: one message per line there would cost more
//! than the line. The lines stand in one buffer, so a batch is two allocations, whatever it holds; only a last line that is very
//! long makes it grow.

use crate::source::{Lines, SourceError};

/// A batch is handed over when it holds this many bytes, one more for each line.
const ENOUGH: usize = 64 * 1024;
/// How many lines a batch usually holds.
const USUAL: usize = 512;

/// Whole lines, without their line breaks.
#[derive(Debug)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    /// Where each line ends in the buffer.
    ends: Vec<usize>,
}

impl Batch {
    /// Reads the next lines; `None` at the end of the stream.
    pub(crate) fn read(lines: &mut Lines) -> Result<Option<Self>, SourceError> {
        let mut batch = Self {
            bytes: Vec::with_capacity(ENOUGH + USUAL),
            ends: Vec::with_capacity(USUAL),
        };
        while batch.bytes.len() + batch.ends.len() < ENOUGH && lines.next(&mut batch.bytes)? {
            batch.ends.push(batch.bytes.len());
        }
        Ok((batch.len() > 0).then_some(batch))
    }

    /// Returns how many lines there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns the lines in their order.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins
            .zip(&self.ends)
            .map(|(begin, &end)| &self.bytes[begin..end])
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use super::*;
    use crate::source::{Source, lines_of};

    #[test]
    fn the_batches_hold_every_line_once_and_in_order() {
        let open = || {
            let some_passes = NonZeroU64::MIN.saturating_add(4);
            Lines::open(&Source::Sample, some_passes).unwrap()
        };
        let (mut one_by_one, mut in_batches, mut batches) = (open(), open(), 0);
        while let Some(batch) = Batch::read(&mut in_batches).unwrap() {
            batches += 1;
            for line in batch.lines() {
                let mut same = Vec::new();
                assert!(one_by_one.next(&mut same).unwrap());
                assert_eq!(same, line);
            }
        }
        assert!(!one_by_one.next(&mut Vec::new()).unwrap());
        assert!(batches > 1, "the sample is longer than one batch");
    }

    #[test]
    fn a_log_of_empty_lines_comes_in_batches_too() {
        let mut lines = lines_of(vec![b'\n'; 3 * ENOUGH].into(), 1);
        let mut sizes = Vec::new();
        while let Some(batch) = Batch::read(&mut lines).unwrap() {
            sizes.push(batch.len());
        }
        assert_eq!(sizes, [ENOUGH; 3]);
    }

    #[test]
    fn empty_lines_are_lines() {
        let batch = Batch {
            bytes: b"ab".to_vec(),
            ends: vec![0, 1, 1, 2],
        };
        let lines: Vec<_> = batch.lines().collect();
        assert_eq!(lines, [&b""[..], b"a", b"", b"b"]);
        assert_eq!(batch.len(), 4);
    }
}
