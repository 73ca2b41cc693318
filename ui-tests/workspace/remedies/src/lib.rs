//! The remedies of the error index: `tests/fixes.rs` writes them into the copy of this file.
