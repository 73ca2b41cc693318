//! Where a block stands in the sources.

use proc_macro2::{Ident, Span};
use quote::format_ident;

use crate::names;

/// The position of a block in the sources.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) file: String,
    pub(super) line: usize,
    column: usize,
}

impl Position {
    /// Returns the same position for all spans outside the compiler.
    pub(super) fn of(span: Span) -> Self {
        if !proc_macro::is_available() {
            return Self {
                file: String::new(),
                line: 0,
                column: 0,
            };
        }
        let span = span.unwrap();
        Self {
            file: span.file(),
            line: span.line(),
            column: span.column(),
        }
    }

    /// Returns a short number that blocks in one module share.
    pub(super) fn module(&self) -> u64 {
        let file = in_its_directory(&self.file);
        let number = names::hash(format!("{file}:{}", self.column).bytes());
        (number ^ (number >> 32)) & 0xffff
    }

    /// Returns a number that no two blocks of a crate share, except by accident.
    pub(super) fn number(&self) -> u64 {
        let file = in_its_directory(&self.file);
        names::hash(format!("{file}:{}:{}", self.line, self.column).bytes())
    }

    /// Returns a name that no two blocks of a file share.
    pub(super) fn block(&self) -> Ident {
        format_ident!("at_{}_{}", self.line, self.column)
    }
}

/// Returns the name of a file with that of its directory, which names the module of a `mod.rs`. Further directories may
/// be outside the crate, and differ between machines.
fn in_its_directory(file: &str) -> String {
    let words: Vec<&str> = file.split(['/', '\\']).collect();
    let first = words.len().saturating_sub(2);
    words.get(first..).unwrap_or_default().join("/")
}

#[cfg(test)]
mod tests {
    use super::in_its_directory;

    #[test]
    fn files_of_one_name_differ_by_their_directory() {
        assert_eq!(in_its_directory("shop/src/till/mod.rs"), "till/mod.rs");
        assert_eq!(
            in_its_directory("shop/src/till/drawer/mod.rs"),
            "drawer/mod.rs"
        );
        assert_eq!(
            in_its_directory("C:\\shop\\src\\till\\mod.rs"),
            "till/mod.rs"
        );
        assert_eq!(in_its_directory("main.rs"), "main.rs");
        assert_eq!(in_its_directory(""), "");
    }
}
