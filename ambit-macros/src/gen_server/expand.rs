//! From the model to tokens.
//!
//! Everything is written beside the user's block, in the user's module, and names the runtime by
//! its absolute path. Bounds that the arguments must fulfil stand in the where-clause of each item
//! and point at the user's types: so each violation is one error, at the type that causes it.

mod bounds;
mod clone;
pub(crate) mod dispatch;
mod lifecycle;
mod protocol;
mod remote;
mod spoken;
mod start;
mod subject;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::GenericParam;
use syn::ext::IdentExt;

use self::spoken::Spoken;
use super::model::{Arg, Handler, Server};
use crate::names::Names;
use crate::quoting::{self, docs, no_params};
use crate::spans::deferred;

/// Writes everything that stands beside the block.
pub(crate) fn server(cx: &Cx<'_>) -> TokenStream {
    items(cx, &dispatch::methods(cx))
}

/// The same with these functions of `GenServer`, which say what it does with its messages.
pub(crate) fn items(cx: &Cx<'_>, dispatch: &TokenStream) -> TokenStream {
    let messages = protocol::of_the_server_itself(cx);
    let start = start::items(cx);
    let lifecycle = lifecycle::items(cx, dispatch);
    if let Some(spoken) = &cx.spoken {
        let lifecycle = spoken::around(cx, spoken, &lifecycle);
        return quote!(#messages #start #lifecycle);
    }
    let interface = interface(cx);
    quote!(#interface #messages #start #lifecycle)
}

/// Writes what others see of it: the messages they send, and the handle they send them by.
pub(crate) fn interface(cx: &Cx<'_>) -> TokenStream {
    let protocol = protocol::of_others(cx);
    let subject = subject::items(cx);
    let remote = remote::items(cx);
    quote!(#protocol #subject #remote)
}

/// What every part of the expansion needs.
pub(crate) struct Cx<'a> {
    pub(crate) server: &'a Server,
    pub(crate) names: Names,
    /// `::ambit`
    pub(crate) ambit: TokenStream,
    /// `::ambit::__private`
    pub(crate) private: TokenStream,
    /// `::ambit::__private::core`
    pub(crate) core: TokenStream,
    /// The visibility of generated types.
    pub(crate) vis: TokenStream,
    /// Predicates beyond the user's own.
    pub(crate) bounds: Vec<TokenStream>,
    /// Set if it is a state machine.
    pub(crate) machine: Option<AsMachine>,
    /// Whether it is a protocol alone, and no server.
    pub(crate) is_protocol: bool,
    /// Set if its protocol is from elsewhere.
    spoken: Option<Spoken>,
}

/// What differs in the server that a state machine is.
pub(crate) struct AsMachine {
    /// `GenServer::Info`
    pub(crate) info: TokenStream,
    /// What makes one of a message.
    pub(crate) wrap: TokenStream,
    /// `GenServer::Continue`
    pub(crate) next: TokenStream,
    /// What comes before the user's `#[init]`.
    pub(crate) begin: TokenStream,
}

impl<'a> Cx<'a> {
    /// Takes a server that is nothing else.
    pub(crate) fn new(server: &'a Server, ambit: TokenStream) -> Self {
        Self::named(server, ambit, "Continue")
    }

    /// What it gives itself is an enum whose name ends so.
    pub(crate) fn named(server: &'a Server, ambit: TokenStream, next: &str) -> Self {
        let private = quote!(#ambit::__private);
        Self {
            names: Names::of(&server.name, &server.generics, next),
            machine: None,
            is_protocol: false,
            spoken: server.options.protocol.as_ref().map(Spoken::of),
            bounds: bounds::of(server, &private),
            vis: server
                .options
                .vis
                .as_ref()
                .map_or_else(|| quote!(pub), |vis| quote!(#vis)),
            server,
            ambit,
            core: quote!(#private::core),
            private,
        }
    }

    /// The same for a protocol, which is read as if it was a server.
    pub(crate) fn of_protocol(protocol: &'a Server, ambit: TokenStream) -> Self {
        let mut cx = Self::new(protocol, ambit);
        cx.bounds = bounds::of_messages(protocol, &cx.private);
        cx.is_protocol = true;
        cx
    }

    /// `GenServer::Protocol`
    fn protocol(&self) -> TokenStream {
        match &self.spoken {
            Some(spoken) => spoken.protocol(),
            None => quote!(Self),
        }
    }

    /// `<K: Hash, V>`, on an impl or a definition.
    pub(crate) fn impl_generics(&self) -> TokenStream {
        let (generics, ..) = self.server.generics.split_for_impl();
        if self.server.generics.params.is_empty() {
            return no_params();
        }
        quote!(#generics)
    }

    /// `<K, V>`
    pub(crate) fn ty_generics(&self) -> TokenStream {
        let (_, generics, _) = self.server.generics.split_for_impl();
        quote!(#generics)
    }

    /// `K, V`
    fn params(&self) -> TokenStream {
        let params = self
            .server
            .generics
            .params
            .iter()
            .filter_map(|param| match param {
                GenericParam::Type(param) => Some(&param.ident),
                GenericParam::Const(param) => Some(&param.ident),
                GenericParam::Lifetime(_) => None,
            });
        quote!(#(#params),*)
    }

    /// The user's where-clause.
    pub(crate) fn user_where(&self) -> TokenStream {
        let (_, _, clause) = self.server.generics.split_for_impl();
        quote!(#clause)
    }

    /// The user's where-clause with further predicates.
    pub(crate) fn where_clause(&self, predicates: &[TokenStream]) -> TokenStream {
        quoting::where_clause(&self.server.generics, predicates)
    }

    /// The where-clause of `GenServer`: the bounds on everything that travels.
    pub(crate) fn bounds_where(&self) -> TokenStream {
        self.where_clause(&self.bounds)
    }

    /// The where-clause of what needs a server to have a `Protocol`.
    ///
    /// `for<'__used>` defers the predicate to where it is used. Without it each generated item would
    /// complain of a bound that fails, and not only the impls that have the bounds.
    fn protocol_where(&self) -> TokenStream {
        let (ambit, server) = (&self.ambit, &self.server.self_ty);
        self.where_clause(&[deferred(server, &quote!(#ambit::Protocol))])
    }

    /// The where-clause of what needs to know the types in the `Protocol` and the replies as well: a
    /// deferred predicate hides what it does not say.
    fn messages_where(&self) -> TokenStream {
        let (ambit, server, generics) = (&self.ambit, &self.server.self_ty, self.ty_generics());
        let Names {
            call,
            cast,
            subject,
            ..
        } = &self.names;
        let mut predicates = vec![quote! {
            for<'__used> #server: #ambit::Protocol<
                Call = #call #generics,
                Cast = #cast #generics,
                Subject = #subject #generics,
            >
        }];
        predicates.extend(bounds::of_replies(self.server, &self.private));
        self.where_clause(&predicates)
    }

    /// The where-clause of what needs the `GenServer` impl.
    fn server_where(&self) -> TokenStream {
        let (ambit, server, info) = (&self.ambit, &self.server.self_ty, self.info());
        self.where_clause(&[deferred(server, &quote!(#ambit::GenServer<Info = #info>))])
    }

    /// `GenServer::Info`
    fn info(&self) -> TokenStream {
        let (info, generics) = (&self.names.info, self.ty_generics());
        match &self.machine {
            Some(machine) => machine.info.clone(),
            None => quote!(#info #generics),
        }
    }

    /// `GenServer::Continue`
    fn next(&self) -> TokenStream {
        let (next, generics) = (&self.names.next, self.ty_generics());
        match &self.machine {
            Some(machine) => machine.next.clone(),
            None => quote!(#next #generics),
        }
    }

    /// `impl<K, V> Trait for Type<K, V> where ..`
    pub(crate) fn trait_impl(
        &self,
        of_trait: &TokenStream,
        ty: &TokenStream,
        clause: &TokenStream,
        body: &TokenStream,
    ) -> TokenStream {
        quoting::trait_impl(&self.server.generics, of_trait, ty, clause, body)
    }
}

/// Returns the docs of a handle's method: the user's, or the name of the method that it calls.
fn method_docs(cx: &Cx<'_>, handler: &Handler) -> TokenStream {
    if handler.attrs.docs.is_empty() {
        return docs(&[], &stands_for(cx, handler));
    }
    if cx.is_protocol {
        return crate::docs::moved(&handler.attrs.docs);
    }
    let calls = cx.server.calls.iter().map(|call| &call.handler);
    let messages: Vec<_> = calls.chain(&cx.server.casts).collect();
    let handle_has = |name: &str| {
        let is_message = messages.iter().any(|message| message.ident == name);
        is_message || subject::has(name)
    };
    let owner = cx.server.name.to_string();
    crate::docs::on_handle(&handler.attrs.docs, &owner, &handle_has)
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

fn stands_for(cx: &Cx<'_>, handler: &Handler) -> String {
    let does = if cx.is_protocol { "Stands for" } else { "Runs" };
    format!(" {does} `{}::{}`.", cx.server.name, handler.ident)
}

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
