//! A bar on the terminal while a long log is read.
//!
//! A separate module from the reading, which only reports its position. It writes nothing unless standard error is a
//! terminal and the run has already taken a while.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::report::grouped;

const BETWEEN_DRAWINGS: Duration = Duration::from_millis(200);
const WIDTH: usize = 30;

/// The bar of one run.
pub(crate) struct Progress {
    on_terminal: bool,
    drawn: bool,
    next_drawing: Instant,
}

impl Progress {
    /// Starts a run; the bar is drawn later, if at all.
    pub(crate) fn begin() -> Self {
        let on_terminal = io::stderr().is_terminal();
        Self {
            on_terminal,
            drawn: false,
            next_drawing: Instant::now() + BETWEEN_DRAWINGS,
        }
    }

    /// Updates the number of lines, and the read fraction of the stream, if known.
    pub(crate) fn at(&mut self, lines: u64, share: Option<f64>) {
        if !self.on_terminal || Instant::now() < self.next_drawing {
            return;
        }
        self.next_drawing = Instant::now() + BETWEEN_DRAWINGS;
        self.drawn = true;
        write(&format!("\r{}\x1b[K", bar(lines, share)));
    }
}

impl Drop for Progress {
    /// Erases the bar, so that the table or an error starts on a clean line.
    fn drop(&mut self) {
        if self.drawn {
            write("\r\x1b[K");
        }
    }
}

/// Writes to standard error; an error there does not stop the run.
pub(crate) fn write(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

fn bar(lines: u64, share: Option<f64>) -> String {
    let lines = grouped(lines);
    let Some(share) = share else {
        return format!("{lines} lines");
    };
    let full = (share * WIDTH as f64) as usize;
    format!(
        "[{:<WIDTH$}] {:3.0} %  {lines} lines",
        "#".repeat(full.min(WIDTH)),
        share * 100.0
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_length_gives_a_bar() {
        assert_eq!(
            bar(0, Some(0.0)),
            format!("[{}]   0 %  0 lines", " ".repeat(30))
        );
        assert_eq!(
            bar(5_000, Some(0.5)),
            format!("[{}{}]  50 %  5,000 lines", "#".repeat(15), " ".repeat(15))
        );
        assert_eq!(
            bar(9, Some(1.0)),
            format!("[{}] 100 %  9 lines", "#".repeat(30))
        );
    }

    #[test]
    fn an_unknown_length_gives_a_count() {
        assert_eq!(bar(12_288, None), "12,288 lines");
    }
}
