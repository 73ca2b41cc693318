//! The message enums of a server, and their traits.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Attribute;
use syn::ext::IdentExt;

use super::arguments::{documented, fields};
use super::cx::{Cx, MachineParts, stands_for};
use super::{bounds, clone};
use crate::gen_server::model::{Handler, Info, Reply};
use crate::names::{uses_param, variant};
use crate::quoting::{docs, lenient_type, phantom};
use crate::spans::spanned;

/// Generates the enums of calls and casts, and `Protocol`.
pub(super) fn of_others(cx: &Cx<'_>) -> TokenStream {
    let server = &cx.server;
    let name = &server.name;
    let (calls, casts) = (calls(cx), casts(cx));
    let enums = [
        message_enum(
            cx,
            &cx.names.call,
            &format!(" The calls `{name}` answers."),
            &calls,
        ),
        message_enum(
            cx,
            &cx.names.cast,
            &format!(" The casts `{name}` handles."),
            &casts,
        ),
        clone::of_casts(cx, &unused_arm(cx, &quote!(Self), &casts)),
    ];
    let protocol = protocol(cx);
    quote!(#(#enums)* #protocol)
}

/// Generates the enums of the server's other messages, and one `Handles` per info.
pub(super) fn of_the_server_itself(cx: &Cx<'_>) -> TokenStream {
    let server = &cx.server;
    let (infos, continues) = (infos(cx), continues(cx));
    let handles = server.infos.iter().map(|info| handles(cx, info));
    quote!(#infos #continues #(#handles)*)
}

/// Generates the enum of the infos: a machine always has one, a server only if it handles any.
fn infos(cx: &Cx<'_>) -> Option<TokenStream> {
    let server = &cx.server;
    if cx.machine.is_none() && server.infos.is_empty() {
        return None;
    }
    let variants = server.infos.iter().map(|info| Variant::of_info(cx, info));
    Some(message_enum(
        cx,
        &cx.names.info,
        &format!(" The infos `{}` handles.", server.name),
        &variants.collect::<Vec<_>>(),
    ))
}

/// Generates the enum of the messages that the server sends to itself, as `infos` does.
fn continues(cx: &Cx<'_>) -> Option<TokenStream> {
    let server = &cx.server;
    let name = &server.name;
    let doc = match cx.machine {
        Some(_) => format!(" The events that `{name}` sends to itself."),
        None if server.continues.is_empty() => return None,
        None => format!(" What `{name}` can continue with."),
    };
    let run = server.continues.iter().filter(|next| next.runs());
    let variants = run.map(|next| Variant::named(cx, next, None, false));
    Some(message_enum(
        cx,
        &cx.names.next,
        &doc,
        &variants.collect::<Vec<_>>(),
    ))
}

fn calls<'a>(cx: &Cx<'a>) -> Vec<Variant<'a>> {
    let calls = cx.server.calls.iter().filter(|call| call.handler.runs());
    let variants = calls.map(|call| {
        let port = port(cx, &call.reply);
        Variant::named(cx, &call.handler, Some(port), true)
    });
    variants.collect()
}

fn casts<'a>(cx: &Cx<'a>) -> Vec<Variant<'a>> {
    let casts = cx.server.casts.iter().filter(|cast| cast.runs());
    casts
        .map(|cast| Variant::named(cx, cast, None, true))
        .collect()
}

/// Returns the `match` arms of the uninhabited variants: of the calls, and of the casts.
pub(super) fn never(cx: &Cx<'_>) -> [TokenStream; 2] {
    let arm = |name: &Ident, variants: &[Variant<'_>]| unused_arm(cx, &quote!(#name), variants);
    [
        arm(&cx.names.call, &calls(cx)),
        arm(&cx.names.cast, &casts(cx)),
    ]
}

/// Returns the type of the field `reply`.
fn port(cx: &Cx<'_>, reply: &Reply) -> TokenStream {
    let ambit = &cx.ambit;
    match reply {
        Reply::Returned(ty) => quote!(#ambit::ReplyTo<#ty>),
        Reply::Deferred(port) => quote!(#port),
    }
}

/// A variant of a message enum.
struct Variant<'a> {
    ident: Ident,
    cfgs: &'a [Attribute],
    docs: TokenStream,
    /// The fields after the name.
    fields: TokenStream,
    /// The fields that `Debug` binds.
    bound: TokenStream,
    /// The variant of `Shape`.
    shape: &'static str,
    /// Its name, and each argument with its name.
    shown: TokenStream,
}

impl<'a> Variant<'a> {
    fn named(cx: &Cx<'_>, handler: &'a Handler, port: Option<TokenStream>, is_sent: bool) -> Self {
        let documented = documented(handler);
        let (names, ident) = (fields(handler), variant(&handler.ident));
        let reply = port.map(|port| quote!(#[doc = " Receives the reply."] reply: #port));
        let text = ident.to_string();
        let shape = if reply.is_some() { "Call" } else { "Cast" };
        let texts = names.iter().map(|name| name.unraw().to_string());
        let shown = quote!(#text [#(#texts #names)*]);
        let (fields, bound) = if names.is_empty() && reply.is_none() {
            (TokenStream::new(), TokenStream::new())
        } else {
            let rest = reply.is_some().then(|| quote!(..));
            (
                quote!({ #documented #reply }),
                quote!({ #(ref #names,)* #rest }),
            )
        };
        Self {
            ident,
            cfgs: &handler.attrs.cfgs,
            docs: variant_docs(cx, handler, is_sent),
            fields,
            bound,
            shape,
            shown,
        }
    }

    fn of_info(cx: &Cx<'_>, info: &'a Info) -> Self {
        let (message, ident) = (&info.message, variant(&info.handler.ident));
        let text = ident.to_string();
        Self {
            ident,
            cfgs: &info.handler.attrs.cfgs,
            docs: variant_docs(cx, &info.handler, false),
            fields: quote!((#message)),
            bound: quote!((ref __info)),
            shape: "Info",
            shown: quote!(#text ["" __info]),
        }
    }
}

/// Generates one enum and its `Debug`, which has no bounds on the arguments.
fn message_enum(cx: &Cx<'_>, name: &Ident, doc: &str, variants: &[Variant<'_>]) -> TokenStream {
    let (vis, core) = (&cx.vis, &cx.core);
    let (generics, ty_generics) = (cx.impl_generics(), cx.ty_generics());
    let (defined, clause) = (cx.definition_generics(), cx.definition_where());
    let lenient = lenient_type();
    let doc = docs(&[], doc);
    let unused = unused_params(cx, variants)
        .map(|phantom| quote!(#[doc(hidden)] __Unused(#core::convert::Infallible, #phantom),));
    let unused_arm = unused_arm(cx, &quote!(Self), variants);
    let definitions = variants.iter().map(
        |Variant {
             ident,
             cfgs,
             docs,
             fields,
             ..
         }| { quote!(#(#cfgs)* #docs #ident #fields,) },
    );
    let ambit = &cx.ambit;
    let shown = variants.iter().map(
        |Variant {
             ident,
             cfgs,
             bound,
             shape,
             shown,
             ..
         }| {
            let shape = Ident::new(shape, Span::call_site());
            quote!([#(#cfgs)*] Self::#ident #bound => #shape #shown)
        },
    );
    quote! {
        #doc
        #lenient
        #[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
        #vis enum #name #defined #clause { #(#definitions)* #unused }

        #ambit::written::show_messages! {
            [#generics] #name #ty_generics, [#clause] { #(#shown)* } [#unused_arm]
        }
    }
}

/// Returns the `match` arm of the uninhabited variant of an enum.
fn unused_arm(cx: &Cx<'_>, name: &TokenStream, variants: &[Variant<'_>]) -> TokenStream {
    let unused = unused_params(cx, variants);
    let arm = unused.map(|_| quote!(#name::__Unused(ref __never, _) => match *__never {},));
    arm.unwrap_or_default()
}

/// Returns a type that mentions the parameters which no variant is certain to mention.
fn unused_params(cx: &Cx<'_>, variants: &[Variant<'_>]) -> Option<TokenStream> {
    let certain = variants.iter().filter(|variant| variant.cfgs.is_empty());
    let fields: TokenStream = certain.map(|variant| variant.fields.clone()).collect();
    let unused = cx.server.generics.type_params().map(|param| &param.ident);
    phantom(
        &cx.core,
        unused.filter(|&param| !uses_param(fields.clone(), param)),
    )
}

fn protocol(cx: &Cx<'_>) -> TokenStream {
    let (ambit, core) = (&cx.ambit, &cx.core);
    let (call, cast, subject) = (&cx.names.call, &cx.names.cast, &cx.names.subject);
    let generics = cx.ty_generics();
    let name = cx.server.name.to_string();
    cx.trait_impl(
        &quote!(#ambit::Protocol),
        &cx.server.self_ty.to_token_stream(),
        &cx.where_clause(&bounds::of_messages(cx.server, &cx.ambit).0),
        &quote! {
            type Call = #call #generics;
            type Cast = #cast #generics;
            type Subject = #subject #generics;
            const NAME: &'static #core::primitive::str = #name;
        },
    )
}

/// Generates the impl that makes the server handle an info of this type.
fn handles(cx: &Cx<'_>, info: &Info) -> TokenStream {
    let Info { handler, message } = info;
    let (ambit, generics, clause) = (&cx.ambit, cx.impl_generics(), cx.server_where());
    let (ty, cfgs, variant) = (
        &cx.server.self_ty,
        &handler.attrs.cfgs,
        variant(&handler.ident),
    );
    let name = &cx.names.info;
    let made = quote!(#name::#variant(__message));
    let made = match &cx.machine {
        Some(MachineParts { wrap, .. }) => quote!(#wrap(#made)),
        None => made,
    };
    // The compiler reports a conflict at the impl, so the impl points at the user's type.
    let before = spanned(quote!(impl #generics #ambit::Handles<), message);
    let after = spanned(quote!(> for #ty), message);
    let head = quote!(#before #message #after);
    let body = quote!({
        fn into_info(__message: #message) -> <Self as #ambit::GenServer>::Info { #made }
    });
    let body = spanned(body, message);
    quote!(#(#cfgs)* #[automatically_derived] #[allow(deprecated)] #head #clause #body)
}

/// Returns the docs of a variant: a link to the handle's method, which has the text.
fn variant_docs(cx: &Cx<'_>, handler: &Handler, is_sent: bool) -> TokenStream {
    let is_as_visible = {
        let vis = &handler.vis;
        quote!(#vis).to_string() == cx.vis.to_string()
    };
    if !is_sent || !is_as_visible {
        return docs(&[], &stands_for(cx, handler));
    }
    let (subject, method) = (&cx.names.subject, &handler.ident);
    docs(&[], &format!(" Sent by [`{subject}::{method}`]."))
}
