//! `#[rpc]`: a function that other nodes can call.
//!
//! The user's function stays whole, inside the code that runs it; beside it, the macro generates a request type for it,
//! and a function of the same name that creates a request.

mod expand;
mod model;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;

use crate::diag::Diag;
use crate::entry::Function;
use crate::fallback;
use crate::options::{CRATE, OptionRule, OptionTable, Options, Shape};

const RPC: OptionTable = OptionTable {
    attribute: "#[rpc]",
    rules: &[
        OptionRule {
            name: "name",
            shape: Shape::WireTag("geo.area"),
        },
        OptionRule {
            name: "timeout",
            shape: Shape::Expr("Duration::from_secs(5)"),
        },
        CRATE,
    ],
};

/// Expands `#[rpc(options)]` on `item`.
pub(crate) fn expand(options: TokenStream, item: &TokenStream) -> TokenStream {
    let diag = Diag::default();
    let options = Options::read(options, &RPC, &diag);
    let rpc = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => parse::rpc(function, &options, &diag),
        Err(error) => {
            let message = "`#[rpc]` can only be applied to a function; write `#[rpc] async fn area(w: f64, h: f64) -> \
                           f64 { .. }`";
            fallback::not_a_function(item, error, message, &diag);
            None
        }
    };
    let errors = diag.into_tokens();
    match rpc {
        Some(rpc) => {
            let items = expand::rpc(&rpc);
            quote!(#items #errors)
        }
        None => quote!(#item #errors),
    }
}
