//! One operation, and how to do it many times.

use std::pin::Pin;

use crate::run::Run;

/// What a case runs: sets up, [begins](Run::begin), does its operations, [ends](Run::end).
pub(crate) type Body = fn(Run, usize) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// One operation that keeps a set.
pub(crate) struct Case {
    /// `area/operation`.
    pub(crate) name: &'static str,
    /// The smaller of the two sizes.
    pub(crate) n: usize,
    /// The public methods that it shows, as `Type::method`, or `method` for functions.
    pub(crate) covers: &'static [&'static str],
    /// Why one operation costs as much as the set is large, if it does. Such a case does the operation a fixed number of
    /// times, on a set of `n`.
    pub(crate) by_nature: Option<&'static str>,
    pub(crate) body: Body,
}

impl Case {
    /// Marks an operation that is linear in the set by its nature.
    pub(crate) fn linear(mut self, reason: &'static str) -> Self {
        self.by_nature = Some(reason);
        self
    }
}

/// `case!("area/operation", n, ["Type::method", ..], body)`.
macro_rules! case {
    ($name:literal, $n:expr, [$($covers:literal),* $(,)?], $body:expr) => {
        $crate::case::Case {
            name: $name,
            n: $n,
            covers: &[$($covers),*],
            by_nature: None,
            body: |run, n| Box::pin($body(run, n)),
        }
    };
}

pub(crate) use case;
