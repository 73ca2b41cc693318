//! From the model to tokens.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;
use syn::Generics;

use super::model::Rpc;
use crate::argument::wire_names;
use crate::names;
use crate::quoting::{self, docs, for_nodes, lenient};
use crate::spans::{Predicates, spanned};
use crate::wire_name;

/// Generates the request, the function that creates one, and the code that runs it.
pub(super) fn rpc(rpc: &Rpc) -> TokenStream {
    let (ambit, ident) = (&rpc.ambit, &rpc.ident);
    let cx = Cx {
        private: quote!(#ambit::__private),
        core: quote!(#ambit::__private::core),
        message: quote!(#ambit::message),
        codec: names::fresh_param(&Generics::default()),
        clause: clause(rpc),
        rpc,
    };
    let (request, make) = (request(&cx), make(&cx));
    let (schema, wire, run) = (schema(&cx), wire(&cx), run(&cx));
    let remote = for_nodes(&cx.private, &ident, &quote!(#schema #wire #run));
    quote!(#request #make #remote)
}

/// The data that every part of the expansion needs.
struct Cx<'a> {
    rpc: &'a Rpc,
    /// `::ambit::__private`
    private: TokenStream,
    /// `::ambit::__private::core`
    core: TokenStream,
    /// `::ambit::message`
    message: TokenStream,
    /// A type parameter: the codec.
    codec: Ident,
    /// The bounds that arguments and return value implement `Wire`.
    clause: TokenStream,
}

impl Cx<'_> {
    fn implements(&self, of_trait: &TokenStream, body: &TokenStream) -> TokenStream {
        let (ident, cfgs) = (&self.rpc.ident, &self.rpc.forwarded.cfgs);
        let item = quoting::trait_impl(
            &Generics::default(),
            of_trait,
            &quote!(#ident),
            &self.clause,
            body,
        );
        quote!(#(#cfgs)* #item)
    }
}

fn clause(rpc: &Rpc) -> TokenStream {
    let ambit = &rpc.ambit;
    let wire = quote!(#ambit::message::Wire);
    let mut predicates = Predicates::default();
    for arg in &rpc.args {
        predicates.push(&arg.ty, &wire);
    }
    predicates.push(&rpc.output, &wire);
    quoting::where_clause(&Generics::default(), &predicates.into_vec())
}

/// Generates the request. It has braces even without arguments, since the name is already the function's in the
/// namespace of values.
fn request(cx: &Cx<'_>) -> TokenStream {
    let Rpc {
        ident,
        vis,
        forwarded,
        args,
        ..
    } = cx.rpc;
    let (cfgs, lenient) = (&forwarded.cfgs, lenient());
    let doc = docs(
        &[],
        &format!(" A request for `{ident}`, which another node can run."),
    );
    let (names, types) = (
        args.iter().map(|arg| &arg.ident),
        args.iter().map(|arg| &arg.ty),
    );
    quote! {
        #(#cfgs)*
        #doc
        #lenient
        #vis struct #ident { #(#names: #types),* }
    }
}

fn make(cx: &Cx<'_>) -> TokenStream {
    let Rpc {
        ident,
        vis,
        forwarded,
        args,
        ..
    } = cx.rpc;
    let (cfgs, lints, lenient) = (&forwarded.cfgs, &forwarded.lints, lenient());
    let docs = docs(&forwarded.docs, &format!(" Makes a request for `{ident}`."));
    let names: Vec<_> = args.iter().map(|arg| &arg.ident).collect();
    let types = args.iter().map(|arg| &arg.ty);
    let must_use = (!lints.iter().any(|lint| lint.path().is_ident("must_use")))
        .then(|| quote!(#[must_use = "a request does nothing unless it is sent or run"]));
    quote! {
        #(#cfgs)*
        #docs
        #(#lints)*
        #must_use
        #lenient
        #vis fn #ident(#(#names: #types),*) -> #ident {
            #ident { #(#names),* }
        }
    }
}

fn schema(cx: &Cx<'_>) -> TokenStream {
    let Cx { message, core, .. } = cx;
    let name = &cx.rpc.name.value;
    let fields = fields(cx);
    let body = quote! {
        fn shape(__types: &mut #message::Types) -> #message::Shape {
            let __name = #core::convert::From::from(#name);
            #message::Types::define::<Self>(__types, __name, 1, |__types| {
                #message::Body::Struct(#core::convert::From::from([#(#fields),*]))
            })
        }
    };
    cx.implements(&quote!(#message::Schema), &body)
}

/// Returns the descriptions of the arguments.
fn fields(cx: &Cx<'_>) -> Vec<TokenStream> {
    let private = &cx.private;
    let args = cx.rpc.args.iter().zip(wire_names(&cx.rpc.args));
    args.map(|(arg, name)| {
        let ty = &arg.ty;
        quote!(#private::wire::argument::<#ty>(__types, #name))
    })
    .collect()
}

/// Generates the encoding of a request as a value, a struct whose fields are identified by their names.
fn wire(cx: &Cx<'_>) -> TokenStream {
    let names = wire_names(&cx.rpc.args);
    let tags = names.iter().map(|name| wire_name::tag(name));
    let body = encoding(cx, ["put", "take"], tags);
    let message = &cx.message;
    cx.implements(&quote!(#message::Wire), &body)
}

/// Generates the functions that write and read the arguments, each under its tag.
fn encoding(cx: &Cx<'_>, functions: [&str; 2], tags: impl Iterator<Item = u32>) -> TokenStream {
    let Cx {
        message,
        core,
        codec,
        ..
    } = cx;
    let args = &cx.rpc.args;
    let count = Literal::usize_unsuffixed(args.len());
    let names: Vec<_> = args.iter().map(|arg| &arg.ident).collect();
    let texts = wire_names(args);
    let tags: Vec<_> = tags.map(Literal::u32_unsuffixed).collect();
    let [put, take] = functions.map(|name| Ident::new(name, Span::call_site()));
    let result = quote!(#core::result::Result);
    let [out, input, record, value] = ["__out", "__input", "__record", "__value"]
        .map(|name| Ident::new(name, Span::mixed_site()));
    quote! {
        fn #put<#codec: #message::Codec>(
            &self,
            #out: &mut #message::Out<'_, #codec>,
        ) -> #result<(), #message::EncodeError> {
            #message::Out::record(#out, #count)?;
            #(#message::Out::field(#out, #tags, &self.#names)?;)*
            #result::Ok(())
        }

        #[allow(unused_mut)]
        fn #take<#codec: #message::Codec>(
            #input: &mut #message::In<'_, #codec>,
        ) -> #result<Self, #message::DecodeError> {
            let mut #record = #message::In::record(#input)?;
            let #value = Self { #(#names: #message::Record::field(&mut #record, #texts, #tags)?),* };
            #message::Record::end(#record);
            #result::Ok(#value)
        }
    }
}

fn run(cx: &Cx<'_>) -> TokenStream {
    let Cx {
        message,
        private,
        core,
        ..
    } = cx;
    let Rpc {
        function,
        ident,
        args,
        output,
        is_async,
        name,
        timeout,
        ..
    } = cx.rpc;
    let name = &name.value;
    let duration = quote!(#private::Duration);
    let timeout = match timeout {
        Some(timeout) => quote!(#timeout),
        None => quote!(#duration::from_secs(5)),
    };
    let names = args.iter().map(|arg| &arg.ident);
    let asked = quote!(#ident(#(self.#names),*));
    let run = match is_async {
        true => asked,
        false => quote!(async move { #asked }),
    };
    let fields = fields(cx);
    // A call identifies arguments by their positions, as a method does.
    let positions = (0..cx.rpc.args.len()).map(wire_name::tag_at);
    let encoding = encoding(cx, ["put_arguments", "take_arguments"], positions);
    // The error that it is not `Send` points at its return type.
    let future = spanned(
        quote!(impl #private::Future<Output = Self::Output> + #private::Send),
        ident,
    );
    let body = quote! {
        const NAME: &'static #core::primitive::str = #name;
        const TIMEOUT: #duration = #timeout;
        type Output = #output;

        fn run(self) -> #future {
            #[allow(clippy::needless_pass_by_value, clippy::unused_async)]
            #function
            #run
        }

        fn method(__types: &mut #message::Types) -> #message::Method {
            let __args = [#(#fields),*];
            let __output = <#output as #message::Schema>::shape(__types);
            #private::wire::method(#name, __args, #core::option::Option::Some(__output))
        }

        #encoding
    };
    cx.implements(&quote!(#message::Rpc), &body)
}
