//! The remedies of the error index: `tests/fixes.rs` writes them here, in the copy.
