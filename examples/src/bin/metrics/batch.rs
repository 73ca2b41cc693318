//! Splits bytes into lines, and batches some hundred lines in one message.
//!
//! A separate module, because a file and a connection are split in the same way: chunks go in, whole lines come out.
//! The lines of a batch share one buffer, because a message per line would cost more than the line. No line lets a
//! batch grow beyond the usual buffer of a reader: a longer line is truncated, which the parser detects.

use std::io::BufRead;

/// The number of bytes after which a line is truncated.
pub(crate) const LONGEST: usize = 64 * 1024;
/// The size at which a batch is handed over: its bytes, plus one for each line.
const ENOUGH: usize = 64 * 1024;
/// The usual number of lines in a batch.
const USUAL: usize = 512;

/// Whole lines, without their line breaks.
#[derive(Debug)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    /// The end of each line in the buffer.
    ends: Vec<usize>,
}

impl Batch {
    fn with_room(room: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(room),
            ends: Vec::with_capacity(room.min(USUAL)),
        }
    }

    /// Returns the number of lines.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns the lines from this index on.
    pub(crate) fn lines_from(&self, index: usize) -> impl Iterator<Item = &[u8]> {
        let before = index.checked_sub(1).map_or(0, |last| self.ends[last]);
        let begins = std::iter::once(before).chain(self.ends[index..].iter().copied());
        begins
            .zip(&self.ends[index..])
            .map(|(begin, &end)| &self.bytes[begin..end])
    }
}

/// Splits a stream of bytes into lines.
#[derive(Debug)]
pub(crate) struct Framer {
    batch: Batch,
    /// The start of the incomplete line in the buffer.
    begin: usize,
    /// True if a part of that line has been read.
    begun: bool,
    room: usize,
}

impl Framer {
    /// Creates a framer whose batches usually hold this many bytes.
    pub(crate) fn new(room: usize) -> Self {
        Self {
            batch: Batch::with_room(room),
            begin: 0,
            begun: false,
            room,
        }
    }

    /// Creates a framer for full batches.
    pub(crate) fn for_bulk() -> Self {
        Self::new(ENOUGH + USUAL)
    }

    /// Consumes up to one line of the chunk and returns the number of consumed bytes.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> usize {
        let length = self.batch.bytes.len() - self.begin;
        let (taken, ended) = if length < LONGEST {
            let mut rest = &chunk[..chunk.len().min(LONGEST - length)];
            // Reading from a slice cannot fail.
            let taken = rest.read_until(b'\n', &mut self.batch.bytes).unwrap_or(0);
            (taken, chunk[..taken].ends_with(b"\n"))
        } else {
            let mut rest = chunk;
            let skipped = rest.skip_until(b'\n').unwrap_or(chunk.len());
            (skipped, chunk[..skipped].ends_with(b"\n"))
        };
        self.begun |= taken > 0;
        if ended {
            self.end_line();
        }
        taken
    }

    /// Consumes a whole chunk with any number of lines.
    pub(crate) fn push_all(&mut self, mut chunk: &[u8]) {
        while !chunk.is_empty() {
            chunk = &chunk[self.push(chunk)..];
        }
    }

    /// Completes the current line without a line break, if there is one: for the end of a file.
    pub(crate) fn end_line(&mut self) {
        if !std::mem::take(&mut self.begun) {
            return;
        }
        for line_break in [b'\n', b'\r'] {
            if self.batch.bytes[self.begin..].last() == Some(&line_break) {
                self.batch.bytes.pop();
            }
        }
        self.begin = self.batch.bytes.len();
        self.batch.ends.push(self.begin);
    }

    /// Returns true if the stream is in the middle of a line.
    pub(crate) fn is_inside_line(&self) -> bool {
        self.begun
    }

    /// Returns true if there is enough for a batch.
    pub(crate) fn is_full(&self) -> bool {
        self.begin + self.batch.len() >= ENOUGH
    }

    /// Returns true if there is a complete line.
    pub(crate) fn has_lines(&self) -> bool {
        self.batch.len() > 0
    }

    /// Takes the complete lines, if there are any; the incomplete one stays.
    pub(crate) fn take(&mut self) -> Option<Batch> {
        if !self.has_lines() {
            return None;
        }
        let mut next = Batch::with_room(self.room);
        next.bytes.extend(self.batch.bytes.drain(self.begin..));
        self.begin = 0;
        Some(std::mem::replace(&mut self.batch, next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pushes chunks of this size, and takes a batch after each.
    fn framed(bytes: &[u8], chunk: usize) -> (Vec<String>, Framer) {
        let (mut framer, mut lines) = (Framer::new(16), Vec::new());
        for chunk in bytes.chunks(chunk) {
            framer.push_all(chunk);
            let batch = framer.take();
            let found = batch.iter().flat_map(|batch| batch.lines_from(0));
            lines.extend(found.map(|line| String::from_utf8_lossy(line).into_owned()));
        }
        (lines, framer)
    }

    #[test]
    fn lines_do_not_depend_on_where_the_chunks_end() {
        for chunk in 1..20 {
            let (lines, framer) = framed(b"one\r\ntwo\n\n\r\nfive\nsi", chunk);
            assert_eq!(lines, ["one", "two", "", "", "five"], "{chunk}");
            assert!(framer.is_inside_line());
        }
    }

    #[test]
    fn a_last_line_without_its_break_is_taken_only_when_told() {
        let (lines, mut framer) = framed(b"one\ntwo", 3);
        assert_eq!(lines, ["one"]);
        framer.end_line();
        framer.end_line();
        assert!(!framer.is_inside_line());
        let batch = framer.take().unwrap();
        assert_eq!(batch.lines_from(0).collect::<Vec<_>>(), [b"two"]);
        assert!(framer.take().is_none());
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_and_the_next_one_is_whole() {
        for extra in [0, 1, 5 * LONGEST] {
            let log = format!("{}\nnext\n", "x".repeat(LONGEST + extra));
            let (lines, framer) = framed(log.as_bytes(), 1_000);
            assert_eq!(lines.len(), 2, "{extra}");
            assert_eq!((lines[0].len(), &*lines[1]), (LONGEST, "next"));
            assert!(framer.batch.bytes.capacity() <= 2 * LONGEST);
        }
    }

    #[test]
    fn a_batch_of_empty_lines_is_full_too() {
        let mut framer = Framer::for_bulk();
        let mut lines = 0;
        while !framer.is_full() {
            assert_eq!(framer.push(b"\n\n"), 1);
            lines += 1;
        }
        assert_eq!(lines, ENOUGH);
        assert_eq!(framer.take().map(|batch| batch.len()), Some(ENOUGH));
    }

    #[test]
    fn lines_can_be_read_from_any_of_them_on() {
        let batch = Batch {
            bytes: b"ab".to_vec(),
            ends: vec![0, 1, 1, 2],
        };
        let whole = [&b""[..], b"a", b"", b"b"];
        for index in 0..=4 {
            let lines: Vec<_> = batch.lines_from(index).collect();
            assert_eq!(lines, whole[index..]);
        }
    }
}
