//! The mock: a server of the protocol whose methods are set by a test, and which counts its messages.
//!
//! It is generated inside `mock!`, which the runtime crate defines: with feature `test` as its input, without it as
//! nothing. So the generated tokens do not depend on the features.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::supertraits::methods;
use crate::gen_server::expand::{Cx, bindings, locals};
use crate::gen_server::model::{Handler, Reply};
use crate::names::{plain_name, suffixed, uses_param, variant};
use crate::quoting::{docs, lenient, phantom};

/// Generates the mock and its counts.
pub(super) fn items(cx: &Cx<'_>) -> TokenStream {
    let mock = Mock::of(cx);
    let (definition, functions, traits, counts, server) = (
        mock.definition(),
        mock.functions(),
        mock.traits(),
        mock.counts(),
        mock.server(),
    );
    let private = &cx.private;
    quote! {
        #private::mock! { #definition #functions #traits #counts #server }
    }
}

struct Mock<'a> {
    cx: &'a Cx<'a>,
    /// `MockKv`
    name: Ident,
    /// `MockKvCounts`
    counts: Ident,
    methods: Vec<MockMethod<'a>>,
}

/// One method of a mock.
struct MockMethod<'a> {
    handler: &'a Handler,
    /// How it replies; `None` for a cast.
    reply: Option<&'a Reply>,
}

impl<'a> Mock<'a> {
    fn of(cx: &'a Cx<'a>) -> Self {
        let protocol = &cx.server.name;
        let name = format_ident!("Mock{}", protocol.unraw(), span = protocol.span());
        let of_call = |handler: &Handler| {
            let mut calls = cx.server.calls.iter();
            let call = calls.find(|call| std::ptr::eq(&raw const call.handler, handler));
            call.map(|call| &call.reply)
        };
        let methods = methods(cx).map(|handler| MockMethod {
            handler,
            reply: of_call(handler),
        });
        Self {
            cx,
            counts: suffixed(&name, "Counts"),
            name,
            methods: methods.collect(),
        }
    }

    /// The type that mentions the parameters no method is certain to mention.
    fn params(&self) -> Option<TokenStream> {
        let certain = self
            .methods
            .iter()
            .filter(|method| !method.handler.attrs.has_cfg());
        let closures: TokenStream = certain.map(|method| method.closure(self.cx)).collect();
        let params = self
            .cx
            .server
            .generics
            .type_params()
            .map(|param| &param.ident);
        phantom(
            &self.cx.core,
            params.filter(|&param| !uses_param(closures.clone(), param)),
        )
    }

    fn definition(&self) -> TokenStream {
        let cx = self.cx;
        let (vis, name, private) = (&cx.vis, &self.name, &cx.private);
        let (generics, clause, lenient) = (cx.definition_generics(), cx.user_where(), lenient());
        let protocol = &cx.server.name;
        let doc = docs(
            &[],
            &format!(
                " A mock server of `{protocol}` for tests: `{name}::new().on_..(..).start()`.\n\n Clones share one mock."
            ),
        );
        let methods = self.methods.iter().map(|method| {
            let Handler { ident, attrs, .. } = method.handler;
            let (cfgs, closure) = (&attrs.cfgs, method.closure(cx));
            quote!(#(#cfgs)* #ident: #private::Programmed<#closure>,)
        });
        let params = self.params().map(|params| quote!(__params: #params,));
        quote! {
            #doc
            #lenient
            #[allow(clippy::type_complexity)]
            #vis struct #name #generics #clause { #(#methods)* #params }
        }
    }

    fn functions(&self) -> TokenStream {
        let cx = self.cx;
        let (ambit, private, core, vis, name) =
            (&cx.ambit, &cx.private, &cx.core, &cx.vis, &self.name);
        let (generics, ty_generics, clause, lenient) = (
            cx.impl_generics(),
            cx.ty_generics(),
            cx.user_where(),
            lenient(),
        );
        let (text, counts) = (name.to_string(), &self.counts);
        let programs = self.methods.iter().map(|method| method.program(cx));
        let new = self.methods.iter().map(|MockMethod { handler, .. }| {
            let (cfgs, ident, method) = (
                &handler.attrs.cfgs,
                &handler.ident,
                plain_name(&handler.ident),
            );
            quote!(#(#cfgs)* #ident: #private::Programmed::new(#text, #method),)
        });
        let params = self
            .params()
            .map(|_| quote!(__params: #core::marker::PhantomData,));
        let counted = self.methods.iter().map(|MockMethod { handler, .. }| {
            let (cfgs, ident) = (&handler.attrs.cfgs, &handler.ident);
            quote!(#(#cfgs)* #ident: #private::Programmed::asked(&self.#ident),)
        });
        let startable = quote!(for<'__used> Self: #ambit::GenServer<Args = Self>,);
        let copy = quote!(#core::clone::Clone::clone(self));
        quote! {
            #lenient
            impl #generics #name #ty_generics #clause {
                /// A mock that answers nothing yet: a call ends it with a panic, a cast is counted.
                #[must_use]
                #vis fn new() -> Self { Self { #(#new)* #params } }

                #(#programs)*

                /// How often each method was asked so far.
                #[must_use]
                #vis fn counts(&self) -> #counts { #counts { #(#counted)* } }

                /// Starts a server that runs the functions of this mock, including those set later.
                #vis fn start(&self) -> #ambit::Start<Self> where #startable {
                    #private::start(#copy)
                }

                /// The same under a supervisor.
                                #vis fn child_spec(&self) -> #ambit::ChildSpec<Self> where #startable {
                    let __mock = #copy;
                    #ambit::ChildSpec::from_fn(move || Self::start(&__mock))
                }
            }
        }
    }

    fn traits(&self) -> TokenStream {
        let cx = self.cx;
        let (core, name, clause, generics) =
            (&cx.core, &self.name, cx.user_where(), cx.ty_generics());
        let ty = quote!(#name #generics);
        let implement = |of_trait: TokenStream, body: TokenStream| {
            cx.trait_impl(&of_trait, &ty, &clause, &body)
        };
        let copies = self.methods.iter().map(|MockMethod { handler, .. }| {
            let (cfgs, ident) = (&handler.attrs.cfgs, &handler.ident);
            quote!(#(#cfgs)* #ident: #core::clone::Clone::clone(&self.#ident),)
        });
        let params = self
            .params()
            .map(|_| quote!(__params: #core::marker::PhantomData,));
        let shown = name.to_string();
        let clone = implement(
            quote!(#core::clone::Clone),
            quote!(fn clone(&self) -> Self { Self { #(#copies)* #params } }),
        );
        let debug = implement(
            quote!(#core::fmt::Debug),
            quote! {
                fn fmt(&self, __formatter: &mut #core::fmt::Formatter<'_>) -> #core::fmt::Result {
                    #core::fmt::DebugStruct::finish(#core::fmt::DebugStruct::field(
                        &mut #core::fmt::Formatter::debug_struct(__formatter, #shown),
                        "counts",
                        &Self::counts(self),
                    ))
                }
            },
        );
        let default = implement(
            quote!(#core::default::Default),
            quote!(
                fn default() -> Self {
                    Self::new()
                }
            ),
        );
        quote!(#clone #debug #default)
    }

    /// The struct of counts, one field per method.
    fn counts(&self) -> TokenStream {
        let cx = self.cx;
        let (vis, core, counts, lenient) = (&cx.vis, &cx.core, &self.counts, lenient());
        let doc = docs(
            &[],
            &format!(" How often each method of a `{}` was called.", self.name),
        );
        let fields = self.methods.iter().map(|MockMethod { handler, .. }| {
            let (cfgs, ident) = (&handler.attrs.cfgs, &handler.ident);
            let doc = docs(&[], &format!(" How often `{ident}` was called."));
            quote!(#(#cfgs)* #doc #vis #ident: #core::primitive::u64,)
        });
        quote! {
            #doc
            #lenient
            #[allow(clippy::exhaustive_structs)]
            #[derive(
                #core::clone::Clone, #core::marker::Copy, #core::fmt::Debug, #core::default::Default,
                #core::cmp::PartialEq, #core::cmp::Eq,
            )]
            #vis struct #counts { #(#fields)* }
        }
    }

    /// The `GenServer` impl.
    fn server(&self) -> TokenStream {
        let cx = self.cx;
        let (ambit, private, core, name) = (&cx.ambit, &cx.private, &cx.core, &self.name);
        let (protocol, generics) = (&cx.server.self_ty, cx.ty_generics());
        let never = quote!(#core::convert::Infallible);
        let result = quote!(#core::result::Result);
        let arms = self.methods.iter().map(|method| method.arm(cx));
        let server = cx.trait_impl(
            &quote!(#ambit::GenServer),
            &quote!(#name #generics),
            &cx.bounds_where(),
            &quote! {
                type Protocol = #protocol;
                type Args = Self;
                type Info = #never;
                type Continue = #never;
                const TERMINATES: #core::primitive::bool = false;

                async fn init(__args: Self, _: &mut #ambit::Context<Self>) -> #result<Self, #ambit::ExitReason> {
                    #result::Ok(__args)
                }

                fn handle_now(
                    &mut self,
                    __message: #ambit::Incoming<Self>,
                    __ctx: &mut #ambit::Context<Self>,
                ) -> #result<#ambit::Flow, #ambit::Incoming<Self>> {
                    match __message {
                        #(#arms)*
                        __message => return #result::Err(__message),
                    }
                    #result::Ok(#ambit::Flow::Continue)
                }

                fn method_of(__message: &#ambit::Incoming<Self>) -> &'static #core::primitive::str {
                    match __message {
                        #ambit::Incoming::Call(__message) => #private::MethodName::method_name(__message),
                        #ambit::Incoming::Cast(__message) => #private::MethodName::method_name(__message),
                        _ => "",
                    }
                }
            },
        );
        quote!(#[allow(deprecated, unreachable_code, unreachable_patterns)] #server)
    }
}

impl MockMethod<'_> {
    /// Returns the arguments of the closure: those of the method, and the port of a deferred call.
    fn takes(&self) -> TokenStream {
        let types = self.handler.args.iter().map(|arg| &arg.ty);
        let port = match self.reply {
            Some(Reply::Deferred(port)) => Some(port),
            _ => None,
        };
        let types = types.chain(port);
        quote!(#(#types),*)
    }

    /// Returns the signature of the closure.
    fn function(&self, cx: &Cx<'_>) -> TokenStream {
        let (core, takes) = (&cx.core, self.takes());
        let output = match self.reply {
            Some(Reply::Returned(ty)) => Some(quote!(-> #ty)),
            _ => None,
        };
        quote!(#core::ops::FnMut(#takes) #output)
    }

    /// Returns the closure as a type.
    fn closure(&self, cx: &Cx<'_>) -> TokenStream {
        let (core, function) = (&cx.core, self.function(cx));
        quote!(dyn #core::marker::Send + #function)
    }

    /// `MockKv::on_get`
    fn program(&self, cx: &Cx<'_>) -> TokenStream {
        let (vis, core, private, function) = (&cx.vis, &cx.core, &cx.private, self.function(cx));
        let Handler { ident, attrs, .. } = self.handler;
        let (cfgs, name) = (
            &attrs.cfgs,
            format_ident!("on_{}", ident.unraw(), span = ident.span()),
        );
        let does = match self.reply {
            Some(Reply::Returned(_)) => "returns",
            _ => "does",
        };
        let doc = docs(
            &[],
            &format!(" Sets what `{ident}` {does} from now on, and replaces the previous closure."),
        );
        quote! {
            #(#cfgs)*
            #doc
            #[allow(clippy::impl_trait_in_params)]
            #vis fn #name(self, __closure: impl #core::marker::Send + 'static + #function) -> Self {
                #private::Programmed::program(&self.#ident, #private::std::boxed::Box::new(__closure));
                self
            }
        }
    }

    /// Returns the arm of the match over a message.
    fn arm(&self, cx: &Cx<'_>) -> TokenStream {
        let (ambit, private) = (&cx.ambit, &cx.private);
        let Handler { ident, attrs, .. } = self.handler;
        let (cfgs, names, variant) = (&attrs.cfgs, locals(self.handler), variant(ident));
        let bound = bindings(self.handler);
        let (call, cast) = (&cx.names.call, &cx.names.cast);
        match self.reply {
            None => quote! {
                #(#cfgs)*
                #ambit::Incoming::Cast(#cast::#variant { #bound }) => #private::Programmed::cast(&self.#ident, |__run| __run(#(#names),*)),
            },
            Some(Reply::Deferred(_)) => quote! {
                #(#cfgs)*
                #ambit::Incoming::Call(#call::#variant { #bound reply: __reply }) => {
                    #private::Programmed::call(&self.#ident, |__run| __run(#(#names,)* __reply));
                }
            },
            Some(Reply::Returned(_)) => quote! {
                #(#cfgs)*
                #ambit::Incoming::Call(#call::#variant { #bound reply: __reply }) => {
                    let __value = #private::Programmed::call(&self.#ident, |__run| __run(#(#names),*));
                    #private::answer(__value, __reply, __ctx);
                }
            },
        }
    }
}
