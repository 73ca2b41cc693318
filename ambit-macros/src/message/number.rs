//! Numeric values of options.

use quote::ToTokens;
use syn::Lit;

use super::model::Number;
use crate::diag::Diag;
use crate::options::{Options, literal};

/// Reads a number that starts at 1.
pub(crate) fn number(options: &Options, name: &str, diag: &Diag) -> Option<Number> {
    let value = options.expr(name)?;
    let number = match literal(value) {
        Some(Lit::Int(literal)) => literal.base10_parse().ok().filter(|number| *number > 0),
        _ => None,
    };
    if number.is_none() {
        let message =
            format!("option `{name}` requires an integer greater than 0; write `{name} = 2`");
        diag.error(value, message);
    }
    Some(Number {
        value: number?,
        at: value.to_token_stream(),
    })
}
