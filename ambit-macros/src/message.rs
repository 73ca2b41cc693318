//! `#[derive(Message)]`: a type that processes send each other, and with a name also nodes.
//!
//! `parse` reads the type into the `model`, `check` looks at the model as a whole, `expand` writes the impls. What is
//! for other nodes stands in one call of `remote!`, which says if ambit was built without that.

mod check;
mod expand;
mod model;
mod number;
mod parse;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use self::model::Text;
pub(crate) use self::number::number;
pub(crate) use self::parse::type_name;

use proc_macro2::TokenStream;
use quote::quote;

use crate::diag::Diag;

/// Expands the derive on `item`.
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let diag = Diag::default();
    let message = match syn::parse2(item) {
        Ok(item) => parse::message(item, &diag),
        Err(error) => return error.to_compile_error(),
    };
    if let Some(message) = &message {
        check::message(message, &diag);
    }
    let impls = message.as_ref().map(expand::message);
    let errors = diag.into_tokens();
    quote!(#impls #errors)
}
