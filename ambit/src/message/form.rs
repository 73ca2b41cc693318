//! The two layouts of values.

/// The layout of composite values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Field after field, by position: for peers whose types have equal fingerprints.
    Compact,
    /// Each field with its tag and its length, so that an unknown field is skipped and a missing one detected: for
    /// peers whose types differ and are compatible.
    Framed,
}
