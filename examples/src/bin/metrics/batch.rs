//! Some hundred lines that travel together from the reader to the feeder.
//!
//! Apart from the source because it is what crosses the border between two threads: one message per line there would cost more
//! than the line. The lines stand in one buffer, so a batch is two allocations, whatever it holds.

use crate::source::{Lines, SourceError};

/// A batch is handed over when it holds this many bytes.
const ENOUGH: usize = 64 * 1024;

/// Whole lines, without their line breaks.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    /// Where each line ends in the buffer.
    ends: Vec<usize>,
}

impl Batch {
    /// Reads the next lines; `None` at the end of the stream.
    pub(crate) fn read(lines: &mut Lines) -> Result<Option<Self>, SourceError> {
        let mut batch = Self::default();
        while batch.bytes.len() < ENOUGH {
            let Some(line) = lines.next()? else { break };
            batch.bytes.extend_from_slice(line);
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
