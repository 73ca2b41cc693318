//! `#[derive(Message)]`: a type that can be sent between processes, and with a name also between nodes.
//!
//! `parse` reads the type into the `model`, `check` validates the model as a whole, `expand` generates the impls. The
//! code for other nodes is in one call of `remote!`, which reports an error if ambit was built without that feature.

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
