//! One operation, and its repetition.

use std::pin::Pin;

use crate::run::Run;

/// The body of a case: sets up, [begins](Run::begin), performs its operations, [ends](Run::end).
pub(crate) type Body = fn(Run, usize) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// One operation that maintains a set.
pub(crate) struct Case {
    /// `area/operation`.
    pub(crate) name: &'static str,
    /// The smaller of the two sizes.
    pub(crate) n: usize,
    /// The reason why one operation is linear in the size of the set, if it is. Such a case performs a fixed number of
    /// operations, on a set of `n`.
    pub(crate) by_nature: Option<&'static str>,
    pub(crate) body: Body,
}

impl Case {
    /// Marks an operation that is inherently linear in the set.
    pub(crate) fn linear(mut self, reason: &'static str) -> Self {
        self.by_nature = Some(reason);
        self
    }
}

/// `case!("area/operation", n, ["Type::method", ..], body)`. The list names the public methods that the case covers;
/// `coverage.rs` reads it.
macro_rules! case {
    ($name:literal, $n:expr, [$($covers:literal),* $(,)?], $body:expr) => {
        $crate::case::Case {
            name: $name,
            n: $n,
            by_nature: None,
            body: |run, n| Box::pin($body(run, n)),
        }
    };
}

pub(crate) use case;
