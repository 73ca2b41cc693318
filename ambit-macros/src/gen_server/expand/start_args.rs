//! The start arguments that another node sends.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;

use super::arguments::{bindings, fields, locals};
use super::cx::Cx;
use super::start::{made_args, params_field};
use crate::argument::wire_names;
use crate::gen_server::model::{Handler, Init};
use crate::quoting::for_nodes;
use crate::spans::{Predicates, deferred};
use crate::wire_name;

/// Generates the impls for the arguments of `#[init]`.
pub(super) fn items(cx: &Cx<'_>) -> TokenStream {
    let inits = cx.server.inits.iter().map(|init| start_args(cx, init));
    quote!(#(#inits)*)
}

/// The same for a server of an external protocol, if other nodes can start it. Its name is not that of the protocol,
/// which several servers may have.
pub(super) fn of_bound_server(cx: &Cx<'_>) -> Option<TokenStream> {
    let name = cx.server.options.remote.as_ref()?;
    Some(for_nodes(&cx.private, name, &items(cx)))
}

/// The name and the bounds of a server of an external protocol, which must have a name on the wire too.
fn of_protocol(cx: &Cx<'_>) -> (Option<TokenStream>, Vec<TokenStream>) {
    let (Some(protocol), Some(name)) = (&cx.bound_protocol, &cx.server.options.remote) else {
        return (None, Vec::new());
    };
    let (message, core) = (message(cx), &cx.core);
    let named = quote! {
        const START_NAME: #core::option::Option<&'static #core::primitive::str> =
            #core::option::Option::Some(#name);
    };
    let (alias, arguments) = (&protocol.alias, &protocol.arguments);
    let protocol = quote_spanned!(protocol.name.span()=> dyn #alias #arguments);
    let mut predicates = Predicates::default();
    predicates.push_at(&protocol, &quote!(#message::Remote), name);
    (Some(named), predicates.into_vec())
}

/// The same for one `#[init]`. Its arguments are encoded as those of a method.
fn start_args(cx: &Cx<'_>, Init { handler }: &Init) -> Option<TokenStream> {
    if !handler.runs() {
        return None;
    }
    let (message, private, core) = (message(cx), &cx.private, &cx.core);
    let (args, ty_generics, cfgs) = (&cx.names.args, cx.ty_generics(), &handler.attrs.cfgs);
    let (bound, locals) = (bindings(handler), locals(handler));
    let types: Vec<&Type> = handler.args.iter().map(|arg| &arg.ty).collect();
    let (names, count) = (
        wire_names(&handler.args),
        Literal::usize_unsuffixed(types.len()),
    );
    let tags: Vec<_> = (0..types.len())
        .map(|at| Literal::u32_unsuffixed(wire_name::tag_at(at)))
        .collect();
    let params = params_field(cx, handler).map(|_| quote!(__params: #core::marker::PhantomData));
    let (start_name, mut bounds) = of_protocol(cx);
    let wire = types.iter().map(|ty| deferred(ty, &quote!(#message::Wire)));
    bounds.extend(wire);
    if cx.sends_own_handle() {
        let ambit = &cx.ambit;
        bounds.push(deferred(&cx.server.self_ty, &quote!(#ambit::Protocol)));
    }
    let encoded = cx.trait_impl(
        &quote!(#message::StartArgs),
        &quote!(#args #ty_generics),
        &cx.where_clause(&bounds),
        &quote! {
            #start_name
            fn fields(__types: &mut #message::Types) -> #private::std::vec::Vec<#message::Field> {
                #core::convert::From::<[#message::Field; #count]>::from(
                    [#(#private::wire::argument::<#types>(__types, #names)),*],
                )
            }
            fn put<__C: #message::Codec>(
                self,
                __out: &mut #message::Out<'_, __C>,
            ) -> #core::result::Result<(), #message::EncodeError> {
                let Self { #bound .. } = self;
                #message::Out::record(__out, #count)?;
                #(<#types as #message::Wire>::put_field(&#locals, #tags, __out)?;)*
                #core::result::Result::Ok(())
            }
            #[allow(unused_mut)]
            fn take<__C: #message::Codec>(
                __input: &mut #message::In<'_, __C>,
            ) -> #core::result::Result<Self, #message::DecodeError> {
                let mut __record = #message::In::record(__input)?;
                #(let #locals = <#types as #message::Wire>::take_field(#names, #tags, &mut __record)?;)*
                #message::Record::end(__record);
                #core::result::Result::Ok(Self { #bound #params })
            }
        },
    );
    let called = args_of(cx, handler, &types);
    Some(quote!(#(#cfgs)* #encoded #(#cfgs)* #called))
}

/// The conversion from the tuple that callers pass.
fn args_of(cx: &Cx<'_>, handler: &Handler, types: &[&Type]) -> TokenStream {
    let (message, server) = (message(cx), cx.server.self_ty.to_token_stream());
    let (args, ty_generics) = (&cx.names.args, cx.ty_generics());
    let (names, made) = (fields(handler), made_args(cx, handler));
    cx.trait_impl(
        &quote!(#message::ArgsOf<#server, #args #ty_generics>),
        &quote!((#(#types,)*)),
        &cx.definition_where(),
        &quote!(fn into_args(self) -> #args #ty_generics { let (#(#names,)*) = self; #made }),
    )
}

/// `::ambit::message`
pub(super) fn message(cx: &Cx<'_>) -> TokenStream {
    let ambit = &cx.ambit;
    quote!(#ambit::message)
}
