//! Code generation that all expansions share.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, Generics};

use crate::forwarded_attributes::ForwardedAttributes;

/// Returns the user's documentation, or the given one if there is none.
pub(crate) fn docs(written: &[Attribute], ours: &str) -> TokenStream {
    if written.is_empty() {
        quote!(#[doc = #ours])
    } else {
        quote!(#(#written)*)
    }
}

/// Returns lints that check user tokens in generated types and methods. (Code with only generated tokens is exempt as
/// the expansion of a foreign macro.)
pub(crate) fn lenient() -> TokenStream {
    let on_types = lenient_type();
    quote!(#on_types #[allow(clippy::used_underscore_binding)])
}

/// The same for a type.
pub(crate) fn lenient_type() -> TokenStream {
    quote! {
        #[allow(dead_code, deprecated, private_bounds, private_interfaces)]
        #[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
    }
}

/// Returns `<>`, which marks the list of parameters as generated: the compiler then does not suggest to add one, once
/// for each item, if a type that the user names does not exist.
pub(crate) fn no_params() -> TokenStream {
    quote!(<>)
}

/// Returns the `cfg` under which none of these methods is compiled: everywhere, nowhere (`None`), or a condition.
pub(crate) fn where_none_is(methods: &[&ForwardedAttributes]) -> Option<TokenStream> {
    if methods.is_empty() {
        return Some(TokenStream::new());
    }
    let each = methods.iter().map(|method| {
        let conditions = &method.conditions;
        quote!(all(#(#conditions),*))
    });
    let chosen_by_cfg = methods.iter().all(|method| method.has_cfg());
    chosen_by_cfg.then(|| quote!(#[cfg(not(any(#(#each),*)))]))
}

/// Returns the `PhantomData` of some parameters, sized or not, that is `Send` and `Sync` for all of them.
pub(crate) fn phantom<'p>(
    core: &TokenStream,
    params: impl Iterator<Item = &'p Ident>,
) -> Option<TokenStream> {
    let params: Vec<_> = params.collect();
    (!params.is_empty()).then(
        || quote!(#core::marker::PhantomData<fn() -> (#(#core::marker::PhantomData<#params>,)*)>),
    )
}

/// `impl<K, V> Trait for Type<K, V> where ..`
pub(crate) fn trait_impl(
    generics: &Generics,
    of_trait: &TokenStream,
    ty: &TokenStream,
    clause: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let (generics, ..) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        #[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
        impl #generics #of_trait for #ty #clause { #body }
    }
}

/// Wraps items that need the feature `remote`; without it there is one error, at these tokens.
pub(crate) fn for_nodes(
    private: &TokenStream,
    at: &impl ToTokens,
    items: &TokenStream,
) -> TokenStream {
    // Tokens that only point there would be reported at the attribute that generates them.
    let place = at
        .to_token_stream()
        .into_iter()
        .next()
        .map(|tree| tree.span());
    // Names in them are resolved as at the attribute: these tokens may come from another macro's caller.
    let here = Span::call_site();
    let place = place.map_or(here, |place| place.resolved_at(here));
    let asks = quote!(#private::remote! { #items });
    let asks = asks.into_iter().map(|mut tree| {
        tree.set_span(place);
        tree
    });
    asks.collect()
}

/// The user's where-clause with further predicates.
pub(crate) fn where_clause(generics: &Generics, predicates: &[TokenStream]) -> TokenStream {
    let user = generics.where_clause.iter();
    let user = user.flat_map(|clause| &clause.predicates);
    quote!(where #(#user,)* #(#predicates,)*)
}

/// `child_spec` of a type whose value itself is the argument, and is created for each start.
pub(crate) fn made_child_spec(
    ambit: &TokenStream,
    private: &TokenStream,
    vis: &TokenStream,
    startable: &TokenStream,
) -> TokenStream {
    let core = quote!(#private::core);
    quote! {
        /// Returns a child specification for a supervisor; the closure is called for each start.
        #[allow(clippy::impl_trait_in_params)]
        #vis fn child_spec(
            __make: impl #core::ops::Fn() -> Self + #core::marker::Send + #core::marker::Sync + 'static,
        ) -> #ambit::ChildSpec<Self>
        where
            #startable
        {
            #ambit::ChildSpec::from_fn(move || #private::start(__make()))
        }
    }
}
