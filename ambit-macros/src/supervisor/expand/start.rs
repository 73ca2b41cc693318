//! `App::start` and `App::child_spec`.

use proc_macro2::TokenStream;
use quote::quote;

use super::cx::Cx;
use crate::forwarded_attributes::ForwardedAttributes;
use crate::quoting::{lenient, made_child_spec, where_none_is};

/// Generates the functions that the user's block does not define.
pub(super) fn items(cx: &Cx<'_>) -> TokenStream {
    let (ambit, private, vis) = (&cx.ambit, &cx.private, &cx.vis);
    // Deferred, because otherwise each function would repeat the errors of the impls.
    let startable = quote!(for<'__used> Self: #ambit::Startable<Args = Self>,);
    let start = quote! {
        /// Starts a supervisor with this value, and its children in the order of their methods.
        #vis fn start(self) -> #ambit::Start<Self> where #startable { #private::start(self) }
    };
    let start = unless_defined(cx, "start", &start);
    let child_spec = made_child_spec(ambit, private, vis, &startable);
    let child_spec = unless_defined(cx, "child_spec", &child_spec);
    let (generics, ty) = (cx.impl_generics(), &cx.supervisor.self_ty);
    let (clause, lenient) = (cx.user_where(), lenient());
    quote!(#lenient impl #generics #ty #clause { #start #child_spec })
}

/// Generates a function, unless the user's block has one of this name.
fn unless_defined(cx: &Cx<'_>, name: &str, function: &TokenStream) -> Option<TokenStream> {
    let plain = cx.supervisor.plain.iter();
    let own: Vec<&ForwardedAttributes> = plain
        .filter(|plain| plain.ident == name)
        .map(|plain| &plain.attrs)
        .collect();
    let cfg = where_none_is(&own)?;
    Some(quote!(#cfg #function))
}
