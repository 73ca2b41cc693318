//! The start arguments that another node sends.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Type;

use super::arguments::{bindings, fields, locals};
use super::cx::Cx;
use super::start::{made_args, params_field};
use crate::gen_server::model::{Handler, Init};
use crate::spans::deferred;

/// Generates the impls for the arguments of `#[init]`.
pub(super) fn items(cx: &Cx<'_>) -> TokenStream {
    let inits = cx.server.inits.iter().map(|init| start_args(cx, init));
    quote!(#(#inits)*)
}

/// The same for one `#[init]`. Its arguments are encoded one by one, since a tuple is `Wire` only up to eight values.
fn start_args(cx: &Cx<'_>, Init { handler }: &Init) -> Option<TokenStream> {
    if !handler.runs() {
        return None;
    }
    let (message, private, core) = (message(cx), &cx.private, &cx.core);
    let (args, ty_generics, cfgs) = (&cx.names.args, cx.ty_generics(), &handler.attrs.cfgs);
    let (bound, locals) = (bindings(handler), locals(handler));
    let types: Vec<&Type> = handler.args.iter().map(|arg| &arg.ty).collect();
    let params = params_field(cx, handler).map(|_| quote!(__params: #core::marker::PhantomData));
    let bounds = types.iter().map(|ty| deferred(ty, &quote!(#message::Wire)));
    let bounds: Vec<_> = bounds.collect();
    let encoded = cx.trait_impl(
        &quote!(#message::StartArgs),
        &quote!(#args #ty_generics),
        &cx.where_clause(&bounds),
        &quote! {
            fn shape(__types: &mut #message::Types) -> #message::Shape {
                #private::wire::arguments([#(<#types as #message::Schema>::shape(__types)),*])
            }
            fn put<__C: #message::Codec>(
                self,
                __out: &mut #message::Out<'_, __C>,
            ) -> #core::result::Result<(), #message::EncodeError> {
                let Self { #bound .. } = self;
                #(<#types as #message::Wire>::put(&#locals, __out)?;)*
                #core::result::Result::Ok(())
            }
            fn take<__C: #message::Codec>(
                __input: &mut #message::In<'_, __C>,
            ) -> #core::result::Result<Self, #message::DecodeError> {
                #(let #locals = <#types as #message::Wire>::take(__input)?;)*
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
        &cx.user_where(),
        &quote!(fn into_args(self) -> #args #ty_generics { let (#(#names,)*) = self; #made }),
    )
}

/// `::ambit::message`
pub(super) fn message(cx: &Cx<'_>) -> TokenStream {
    let ambit = &cx.ambit;
    quote!(#ambit::message)
}
