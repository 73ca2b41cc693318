//! Collects all errors of one expansion.
//!
//! A macro that stops at its first error makes the user compile once per error. So nothing here returns early: errors
//! are collected, and emitted after everything that could still be generated.

use std::cell::RefCell;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The errors found so far, in this order.
#[derive(Default)]
pub(crate) struct Diag {
    errors: RefCell<Option<syn::Error>>,
}

impl Diag {
    /// Adds an error that covers all of `tokens`.
    pub(crate) fn error(&self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Adds the error of a parser.
    pub(crate) fn push(&self, error: syn::Error) {
        match &mut *self.errors.borrow_mut() {
            Some(errors) => errors.combine(error),
            none => *none = Some(error),
        }
    }

    /// Returns the value, or adds the error.
    pub(crate) fn ok<T>(&self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Returns whether no error was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.errors.borrow().is_none()
    }

    /// Returns the number of errors.
    pub(crate) fn count(&self) -> usize {
        let errors = self.errors.borrow();
        errors
            .clone()
            .map_or(0, |errors| errors.into_iter().count())
    }

    /// Returns one `compile_error!` per error.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.errors
            .into_inner()
            .map_or_else(TokenStream::new, |errors| errors.to_compile_error())
    }
}

/// Formats tokens as a person would write them, for use in an error message.
pub(crate) fn text(tokens: impl ToTokens) -> String {
    let spaced = tokens.to_token_stream().to_string();
    let mut out = String::with_capacity(spaced.len());
    let mut chars = spaced.chars().peekable();
    while let Some(next) = chars.next() {
        if next == ' ' {
            let glued_left = out.ends_with(['<', '&', '(', '[', '#', '\'']) || out.ends_with("::");
            let glued_right = match chars.peek() {
                Some(':') => !out.ends_with([':', ',']),
                Some(next) => "<>,)];(".contains(*next),
                None => false,
            };
            if glued_left || glued_right {
                continue;
            }
        }
        out.push(next);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_printed_as_they_are_written() {
        for written in [
            "Option<std::io::Error>",
            "&'static [u8; 4]",
            "Box<dyn Iterator<Item: Send> + Send>",
            "impl Fn(u64, ::std::time::Duration) -> Option<&str>",
        ] {
            let tokens: TokenStream = written.parse().unwrap();
            assert_eq!(text(tokens), written);
        }
    }
}
