//! The two layouts of values.

/// The layout of composite values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Fields follow each other in wire order, without tags. Used between peers whose types have equal fingerprints.
    Compact,
    /// Each field is preceded by its tag and its length, so that a reader skips unknown fields and detects missing
    /// ones. Used between peers whose types differ but are compatible.
    Framed,
}
