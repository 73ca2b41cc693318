//! Splits a stream of bytes into lines, for files and connections alike.

use std::mem;

/// The number of bytes after which a line is truncated, which the parser detects.
const LONGEST: usize = 64 * 1024;
/// The size at which a batch is handed over: its bytes, plus one for each line.
const ENOUGH: usize = 64 * 1024;

/// Whole lines, without their line breaks: a message per line would cost more than the line.
pub(crate) type Batch = Vec<Vec<u8>>;

/// Splits a stream of bytes into lines.
#[derive(Debug, Default)]
pub(crate) struct Framer {
    lines: Batch,
    /// The size of the complete lines.
    size: usize,
    /// The incomplete last line.
    partial: Vec<u8>,
    inside_line: bool,
}

impl Framer {
    /// Takes a part of the stream with any number of lines.
    pub(crate) fn push(&mut self, chunk: &[u8]) {
        for part in chunk.split_inclusive(|&byte| byte == b'\n') {
            let text = part.strip_suffix(b"\n").unwrap_or(part);
            let capacity = LONGEST - self.partial.len();
            self.partial.extend(&text[..text.len().min(capacity)]);
            self.inside_line = true;
            if text.len() < part.len() {
                self.end_line();
            }
        }
    }

    /// Completes the current line without a line break, if there is one: for the end of a file.
    pub(crate) fn end_line(&mut self) {
        if mem::take(&mut self.inside_line) {
            let mut line = mem::take(&mut self.partial);
            line.pop_if(|byte| *byte == b'\r');
            self.size += line.len() + 1;
            self.lines.push(line);
        }
    }

    /// Returns true if the stream is in the middle of a line.
    pub(crate) fn is_inside_line(&self) -> bool {
        self.inside_line
    }

    /// Returns true if there is enough for a batch.
    pub(crate) fn is_full(&self) -> bool {
        self.size >= ENOUGH
    }

    /// Takes the complete lines, if there are any; the incomplete one stays.
    pub(crate) fn take(&mut self) -> Option<Batch> {
        self.size = 0;
        Some(mem::take(&mut self.lines)).filter(|lines| !lines.is_empty())
    }
}
