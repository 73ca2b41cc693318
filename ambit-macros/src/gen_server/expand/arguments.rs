//! The arguments of a method, in generated code.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use crate::gen_server::model::{Arg, Handler};

/// Returns the names of the arguments that are sent.
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

/// Returns the fields of an enum, with documentation: a crate may forbid the lint that asks for it.
pub(super) fn documented(handler: &Handler) -> TokenStream {
    let each = handler.args.iter().map(|arg| {
        let Arg {
            ident, ty, lints, ..
        } = arg;
        let doc = format!(" The argument `{}`.", ident.unraw());
        quote!(#[doc = #doc] #(#lints)* #ident: #ty,)
    });
    each.collect()
}

/// Returns the variables that hold the arguments in generated code. No other generated variable has their prefix, so
/// the arguments may have any name.
pub(crate) fn locals(handler: &Handler) -> Vec<Ident> {
    let local =
        |Arg { ident, .. }: &Arg| format_ident!("arg_{}", ident.unraw(), span = ident.span());
    handler.args.iter().map(local).collect()
}

/// Returns a pattern or a list of fields: the arguments under the names of their variables, each before a comma.
pub(crate) fn bindings(handler: &Handler) -> TokenStream {
    let (names, locals) = (fields(handler), locals(handler));
    quote!(#(#names: #locals,)*)
}
