//! Faulty lines: counted, and the first few kept by number.
//!
//! A separate module, because it is filled while lines are read. It keeps a fixed number of examples, whatever the log
//! contains.

use std::fmt;

const EXAMPLES: usize = 5;

/// The faults in a stream of lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    pub(crate) truncated: u64,
    pub(crate) malformed: u64,
    pub(crate) unfinished: u64,
    pub(crate) examples: Vec<Example>,
}

/// An example line; lines are counted from 1 over the whole stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Example {
    pub(crate) line: u64,
    pub(crate) fault: Fault,
}

/// The fault of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The line was truncated, but counted as a request.
    Truncated,
    /// The line crashed its parser with this message, and was skipped.
    Malformed(Box<str>),
    /// The line has no end, because its producer disconnected, and was skipped: half a number is a number too.
    Unfinished,
}

impl Faults {
    /// Counts a fault of the line with this number.
    pub(crate) fn note(&mut self, line: u64, fault: Fault) {
        match fault {
            Fault::Truncated => self.truncated += 1,
            Fault::Malformed(_) => self.malformed += 1,
            Fault::Unfinished => self.unfinished += 1,
        }
        if self.examples.len() < EXAMPLES {
            self.examples.push(Example { line, fault });
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("truncated: the last quoted field is cut off; counted"),
            Self::Malformed(missing) => write!(f, "malformed: {missing}; left out"),
            Self::Unfinished => f.write_str("unfinished: its producer has gone; left out"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_counted_and_the_first_few_kept() {
        let mut faults = Faults::default();
        faults.note(3, Fault::Truncated);
        for line in 10..30 {
            faults.note(line, Fault::Malformed("no time".into()));
        }
        faults.note(31, Fault::Unfinished);
        let counts = (faults.truncated, faults.malformed, faults.unfinished);
        assert_eq!(counts, (1, 20, 1));
        let kept: Vec<_> = faults.examples.iter().map(|example| example.line).collect();
        assert_eq!(kept, [3, 10, 11, 12, 13]);
        assert_eq!(
            faults.examples[1].fault.to_string(),
            "malformed: no time; left out"
        );
    }
}
