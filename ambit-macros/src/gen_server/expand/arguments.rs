//! The arguments of a method, as the expansion writes them.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use crate::gen_server::model::{Arg, Handler};

/// The names of what travels.
pub(crate) fn fields(handler: &Handler) -> Vec<&Ident> {
    handler.args.iter().map(|arg| &arg.ident).collect()
}

/// Returns the fields or arguments of a message, each followed by a comma: `value: u64,`.
pub(crate) fn declared(handler: &Handler) -> TokenStream {
    let each = handler.args.iter().map(
        |Arg {
             ident, ty, lints, ..
         }| { quote!(#(#lints)* #ident: #ty,) },
    );
    each.collect()
}

/// The variables that hold what travels in generated code. No variable of ours begins as they do, so the arguments may be called
/// anything.
pub(crate) fn locals(handler: &Handler) -> Vec<Ident> {
    let local =
        |Arg { ident, .. }: &Arg| format_ident!("arg_{}", ident.unraw(), span = ident.span());
    handler.args.iter().map(local).collect()
}

/// A pattern or a list of fields: what travels under the names of its variables, each before a comma.
pub(crate) fn bindings(handler: &Handler) -> TokenStream {
    let (names, locals) = (fields(handler), locals(handler));
    quote!(#(#names: #locals,)*)
}
