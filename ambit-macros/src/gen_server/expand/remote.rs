//! The additional items of a server with a name on the wire: encoding and decoding of its messages.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, LitStr, Type};

use super::arguments::{bindings, fields, locals};
use super::cx::Cx;
use super::protocol;
use super::start_args::{self, message};
use crate::argument::wire_names;
use crate::gen_server::model::{Call, Handler, Reply};
use crate::names::{mentions, variant};
use crate::quoting::for_nodes;
use crate::spans::{Predicates, spanned};
use crate::wire_name;

/// Generates `Remote`, if the server has a name on the wire.
pub(super) fn items(cx: &Cx<'_>) -> Option<TokenStream> {
    let name = cx.server.options.remote.as_ref()?;
    Some(for_nodes(&cx.private, name, &remote(cx, name)))
}

fn remote(cx: &Cx<'_>, name: &LitStr) -> TokenStream {
    let message = message(cx);
    let methods = methods(cx);
    let interface = interface(cx, &methods);
    let tags = tags(cx, &methods);
    let written = written(cx, &methods);
    let waiting = waiting(cx, &methods);
    let read = read(cx, &methods);
    let private = &cx.private;
    let of = |of_trait: &TokenStream, body: &TokenStream| {
        let ty = cx.server.self_ty.to_token_stream();
        cx.trait_impl(of_trait, &ty, &cx.where_clause(&bounds(cx)), body)
    };
    let addressed = of(
        &quote!(#private::Addressed),
        &quote!(const ADDRESS: &'static #private::core::primitive::str = #name;),
    );
    let remote = of(
        &quote!(#message::Remote),
        &quote! {
            #interface
            #tags
            #written
            #waiting
            #read
        },
    );
    let started = (!cx.is_protocol).then(|| start_args::items(cx));
    let unique = unique_tags(&methods);
    quote!(#addressed #remote #started #unique)
}

/// Reports two methods with one tag that are both compiled. The check of the macro lets methods under `cfg` pass,
/// because it does not know which of them are.
fn unique_tags(methods: &[Method<'_>]) -> TokenStream {
    let pairs = methods.iter().enumerate().flat_map(|(at, last)| {
        let tag = |method: &Method<'_>| wire_name::tag(&method.handler.wire_name());
        let earlier = methods[..at].iter();
        let same = earlier.filter(move |earlier| tag(earlier) == tag(last));
        same.map(move |earlier| (earlier.handler, last.handler))
    });
    let different = pairs.filter(|(earlier, last)| {
        let have_cfg = earlier.attrs.has_cfg() && last.attrs.has_cfg();
        have_cfg && earlier.ident != last.ident
    });
    let errors = different.map(|(earlier, last)| {
        let message = format!(
            "`{}` and `{}` have the same wire tag; set another tag for one of them, `tag = \"..\"`",
            earlier.ident, last.ident
        );
        let cfgs = earlier.attrs.cfgs.iter().chain(&last.attrs.cfgs);
        let error = syn::Error::new_spanned(&last.ident, message).to_compile_error();
        quote!(#(#cfgs)* #error)
    });
    errors.collect()
}

/// One call or cast.
struct Method<'a> {
    handler: &'a Handler,
    /// The type of a call's reply.
    reply: Option<TokenStream>,
    /// `CounterCall::Add`
    path: TokenStream,
    tag: Literal,
}

fn methods<'a>(cx: &Cx<'a>) -> Vec<Method<'a>> {
    let calls = cx.server.calls.iter().map(|call| Method {
        reply: Some(answer(cx, call)),
        ..method(&call.handler, &cx.names.call)
    });
    let casts = cx.server.casts.iter();
    let casts = casts.map(|cast| method(cast, &cx.names.cast));
    let all = calls.chain(casts);
    all.filter(|method| method.handler.runs()).collect()
}

fn method<'a>(handler: &'a Handler, message: &Ident) -> Method<'a> {
    let variant = variant(&handler.ident);
    Method {
        handler,
        reply: None,
        path: quote!(#message::#variant),
        tag: number(wire_name::tag(&handler.wire_name())),
    }
}

fn number(tag: u32) -> Literal {
    Literal::u32_unsuffixed(tag)
}

/// Returns the type of a call's reply.
fn answer(cx: &Cx<'_>, call: &Call) -> TokenStream {
    let private = &cx.private;
    match &call.reply {
        Reply::Returned(ty) => ty.to_token_stream(),
        // An error in this type points at the reply port.
        Reply::Deferred(port) => spanned(quote!(<#port as #private::ReplyPort>::Value), port),
    }
}

/// The where-clause: the bounds of the `Protocol`, and for a generic server that its parameters implement `Wire`. All
/// other types are checked where they are encoded and decoded, since a server's own handle may be among them, and
/// implements `Wire` if the server itself can be sent.
fn bounds(cx: &Cx<'_>) -> Vec<TokenStream> {
    let wire = {
        let message = message(cx);
        quote!(#message::Wire)
    };
    let mut predicates = Predicates::default();
    // A predicate cannot have a `cfg`.
    let bounded = |handler: &&Handler| handler.runs() && !handler.attrs.has_cfg();
    let calls = cx.server.calls.iter();
    for call in calls.filter(|call| bounded(&&call.handler)) {
        for arg in &call.handler.args {
            bound(cx, &arg.ty, &arg.ty, &wire, &mut predicates);
        }
        match &call.reply {
            Reply::Returned(ty) => bound(cx, ty, ty, &wire, &mut predicates),
            Reply::Deferred(port) => bound(cx, &answer(cx, call), port, &wire, &mut predicates),
        }
    }
    for cast in cx.server.casts.iter().filter(bounded) {
        for arg in &cast.args {
            bound(cx, &arg.ty, &arg.ty, &wire, &mut predicates);
        }
    }
    let mut all = cx.bounds.clone();
    all.extend(predicates.into_vec());
    all
}

/// Requires that a type of a generic server implements `Wire`; for the server's own handle, that its parameters do.
fn bound(
    cx: &Cx<'_>,
    ty: &impl ToTokens,
    at: &Type,
    wire: &TokenStream,
    predicates: &mut Predicates,
) {
    let params = cx.server.generics.type_params();
    let params = params.filter(|param| mentions(ty.to_token_stream(), &param.ident.to_string()));
    let own = [&cx.names.subject, &cx.server.name];
    let is_own = |name: &Ident| mentions(ty.to_token_stream(), &name.to_string());
    if own.into_iter().any(is_own) {
        params.for_each(|param| predicates.push_at(&param.ident, wire, at));
    } else if params.count() > 0 {
        predicates.push_at(ty, wire, at);
    }
}

fn interface(cx: &Cx<'_>, methods: &[Method<'_>]) -> TokenStream {
    let (message, private) = (message(cx), &cx.private);
    let each = methods.iter().map(|method| {
        let (cfgs, name) = (&method.handler.attrs.cfgs, method.handler.wire_name());
        let names = wire_names(&method.handler.args);
        let args = method.handler.args.iter().zip(names).map(|(arg, name)| {
            let ty = &arg.ty;
            quote!(<#ty as #message::Wire>::field(__types, #name, false))
        });
        let reply = match &method.reply {
            Some(reply) => {
                quote!(#private::std::option::Option::Some(<#reply as #message::Wire>::answer(__types)))
            }
            None => quote!(#private::std::option::Option::None),
        };
        quote! {
            #(#cfgs)*
            #private::std::vec::Vec::push(&mut __methods, #private::wire::method(#name, [#(#args),*], #reply));
        }
    });
    quote! {
        fn interface(__types: &mut #message::Types) -> #message::Interface {
            let mut __methods = #private::std::vec::Vec::new();
            #(#each)*
            #private::wire::interface(__methods)
        }
    }
}

/// The match arms of each method of one kind.
fn arms(
    methods: &[Method<'_>],
    is_call: bool,
    arm: impl Fn(&Method<'_>) -> TokenStream,
) -> TokenStream {
    let of_kind = methods
        .iter()
        .filter(|method| method.reply.is_some() == is_call);
    of_kind
        .map(|method| {
            let (cfgs, arm): (&[Attribute], _) = (&method.handler.attrs.cfgs, arm(method));
            quote!(#(#cfgs)* #arm,)
        })
        .collect()
}

/// Returns the types of the calls and of the casts. `Self::Call` would be ambiguous in an enum with a variant `Call`.
fn messages(cx: &Cx<'_>) -> [TokenStream; 2] {
    let generics = cx.ty_generics();
    [&cx.names.call, &cx.names.cast].map(|name| quote!(#name #generics))
}

fn tags(cx: &Cx<'_>, methods: &[Method<'_>]) -> TokenStream {
    let (core, [call, cast]) = (&cx.core, messages(cx));
    let [no_call, no_cast] = protocol::never(cx);
    let arm = |Method { path, tag, .. }: &Method<'_>| quote!(#path { .. } => #tag);
    let (calls, casts) = (arms(methods, true, arm), arms(methods, false, arm));
    quote! {
        fn call_tag(__call: &#call) -> #core::primitive::u32 { match *__call { #calls #no_call } }
        fn cast_tag(__cast: &#cast) -> #core::primitive::u32 { match *__cast { #casts #no_cast } }
    }
}

fn written(cx: &Cx<'_>, methods: &[Method<'_>]) -> TokenStream {
    let (message, codec) = (message(cx), &cx.names.param);
    let result = {
        let core = &cx.core;
        quote!(#core::result::Result)
    };
    let arm = |Method { path, handler, .. }: &Method<'_>| {
        let (names, locals) = (fields(handler), locals(handler));
        let count = Literal::usize_unsuffixed(names.len());
        let tags = (0..names.len()).map(|at| number(wire_name::tag_at(at)));
        let types = handler.args.iter().map(|arg| &arg.ty);
        quote! {
            #path { #(#names: ref #locals,)* .. } => {
                #message::Out::record(__out, #count)?;
                #(<#types as #message::Wire>::put_field(#locals, #tags, __out)?;)*
                #result::Ok(())
            }
        }
    };
    let (calls, casts) = (arms(methods, true, arm), arms(methods, false, arm));
    let function = |name: TokenStream, ty: TokenStream, arms: TokenStream| {
        quote! {
            fn #name<#codec: #message::Codec>(
                __message: &#ty,
                __out: &mut #message::Out<'_, #codec>,
            ) -> #result<(), #message::EncodeError> {
                match *__message { #arms }
            }
        }
    };
    let ([no_call, no_cast], [call, cast]) = (protocol::never(cx), messages(cx));
    let calls = function(quote!(put_call), call, quote!(#calls #no_call));
    let casts = function(quote!(put_cast), cast, quote!(#casts #no_cast));
    quote!(#calls #casts)
}

/// Generates the function that keeps the reply port of a call.
fn waiting(cx: &Cx<'_>, methods: &[Method<'_>]) -> TokenStream {
    let (message, private, codec) = (message(cx), &cx.private, &cx.names.param);
    let arms = arms(
        methods,
        true,
        |Method { path, reply, .. }| quote!(#path { reply: __reply, .. } => <#reply as #message::Wire>::waiting(#private::ReplyPort::into_reply(__reply))),
    );
    let ([never, _], [call, _]) = (protocol::never(cx), messages(cx));
    quote! {
        fn waiting<#codec: #message::Codec>(__call: #call) -> #message::AnswerWaiter<#codec> {
            match __call { #arms #never }
        }
    }
}

fn read_arguments(cx: &Cx<'_>, handler: &Handler) -> TokenStream {
    let message = message(cx);
    let names = locals(handler);
    let texts = wire_names(&handler.args);
    let tags = (0..names.len()).map(|at| number(wire_name::tag_at(at)));
    let types = handler.args.iter().map(|arg| &arg.ty);
    quote! {
        let mut __args = #message::In::record(&mut __input)?;
        #(let #names = <#types as #message::Wire>::take_field(#texts, #tags, &mut __args)?;)*
        #message::Record::end(__args);
        #message::In::finish(__input)?;
    }
}

fn read(cx: &Cx<'_>, methods: &[Method<'_>]) -> TokenStream {
    let (message, private, codec, core) = (message(cx), &cx.private, &cx.names.param, &cx.core);
    let result = quote!(#core::result::Result);
    let calls = arms(methods, true, |method| {
        let Method {
            handler,
            reply,
            path,
            tag,
        } = method;
        let (read, bound) = (read_arguments(cx, handler), bindings(handler));
        quote! {
            #tag => {
                #read
                #result::Ok(<#reply as #message::Wire>::ask(__asking, |__reply| #path { #bound reply: #private::ReplyPort::from_reply(__reply) }))
            }
        }
    });
    let casts = arms(methods, false, |method| {
        let Method {
            handler, path, tag, ..
        } = method;
        let (read, bound) = (read_arguments(cx, handler), bindings(handler));
        quote!(#tag => { #read #result::Ok(#path { #bound }) })
    });
    let unknown = quote! {
        __method => #result::Err(#private::wire::unknown_method(
            <Self as #message::Remote>::REMOTE,
            __method,
        )),
    };
    let [_, cast] = messages(cx);
    let asking = quote!(__asking: #message::Asking<'_, Self, #codec>);
    let functions = [
        (
            quote!(take_call),
            quote!(, #asking),
            quote!(#message::Answering),
            calls,
        ),
        (quote!(take_cast), quote!(), cast, casts),
    ];
    let functions = functions.map(|(name, asking, output, arms)| {
        quote! {
            #[allow(unused_mut, unused_variables)]
            fn #name<#codec: #message::Codec>(
                __method: #core::primitive::u32,
                mut __input: #message::In<'_, #codec>
                #asking
            ) -> #result<#output, #message::DecodeError> {
                match __method { #arms #unknown }
            }
        }
    });
    quote!(#(#functions)*)
}
