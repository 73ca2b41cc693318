//! The context of the expansion.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{GenericParam, Path, PathArguments};

use super::bounds;
use super::checks::Checks;
use crate::gen_server::model::{Handler, Reply, Server};
use crate::names::{Names, mentions};
use crate::quoting::{self, no_params};
use crate::spans::deferred;

/// The data that every part of the expansion needs.
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
    /// The impls that those predicates require.
    pub(crate) checks: Checks,
    /// Set if it is a state machine.
    pub(crate) machine: Option<MachineParts>,
    /// True for a protocol alone, without a server.
    pub(crate) is_protocol: bool,
    /// Set if its protocol is external.
    pub(super) bound_protocol: Option<BoundProtocol>,
}

impl<'a> Cx<'a> {
    /// Creates the context of a plain server.
    pub(crate) fn new(server: &'a Server, ambit: TokenStream) -> Self {
        Self::named(server, ambit, "Continue")
    }

    /// The same for a server whose enum of internal messages has this suffix.
    pub(crate) fn named(server: &'a Server, ambit: TokenStream, next: &str) -> Self {
        let private = quote!(#ambit::__private);
        let (bounds, checks) = bounds::of(server, &ambit);
        Self {
            names: Names::of(&server.name, &server.generics, next),
            machine: None,
            is_protocol: false,
            bound_protocol: server.options.protocol.as_ref().map(BoundProtocol::of),
            bounds,
            checks,
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

    /// The same for a protocol, which is read as if it were a server.
    pub(crate) fn of_protocol(protocol: &'a Server, ambit: TokenStream) -> Self {
        let mut cx = Self::new(protocol, ambit);
        (cx.bounds, cx.checks) = bounds::of_messages(protocol, &cx.ambit);
        cx.is_protocol = true;
        cx
    }

    /// `GenServer::Protocol`
    pub(super) fn protocol(&self) -> TokenStream {
        match &self.bound_protocol {
            Some(bound_protocol) => bound_protocol.protocol(),
            None => quote!(Self),
        }
    }

    /// `<K: Hash, V = u64>`, on a definition; only a protocol can have defaults.
    pub(crate) fn definition_generics(&self) -> TokenStream {
        let generics = &self.server.generics;
        if !self.is_protocol || generics.params.is_empty() {
            return self.impl_generics();
        }
        quote!(#generics)
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
    pub(super) fn params(&self) -> TokenStream {
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

    /// The where-clause of the messages. A handle to the server itself in them requires that it is a `Protocol`, which
    /// a generic server is only for parameters that can be sent.
    pub(crate) fn definition_where(&self) -> TokenStream {
        match self.sends_own_handle() {
            true => self.protocol_where(),
            false => self.user_where(),
        }
    }

    /// Returns whether messages of a generic server contain its own handle.
    pub(crate) fn sends_own_handle(&self) -> bool {
        let is_generic = self.server.generics.type_params().next().is_some();
        let has_own = !self.is_protocol && self.bound_protocol.is_none();
        let mut types = self.server.sent_types();
        is_generic && has_own && types.any(|ty| self.is_own_handle(ty.to_token_stream()))
    }

    /// Returns whether a type contains `CacheSubject` or `Subject<Cache<..>>`.
    pub(crate) fn is_own_handle(&self, ty: TokenStream) -> bool {
        mentions(ty.clone(), &self.names.subject)
            || (mentions(ty.clone(), "Subject") && mentions(ty, &self.server.name))
    }

    /// The user's where-clause with further predicates.
    pub(crate) fn where_clause(&self, predicates: &[TokenStream]) -> TokenStream {
        quoting::where_clause(&self.server.generics, predicates)
    }

    /// The where-clause of `GenServer`: the bounds on everything that is sent.
    pub(crate) fn bounds_where(&self) -> TokenStream {
        self.where_clause(&self.bounds)
    }

    /// Returns true if the server implements `Protocol` and `GenServer` whatever its types are: its impls have no bounds that
    /// could fail, on parameters, ports or targets. Then the items that need the impls have no bounds for them, which users
    /// would read in their documentation.
    pub(super) fn has_all_impls(&self) -> bool {
        let mut calls = self.server.calls.iter();
        self.server.generics.params.is_empty()
            && self.bound_protocol.is_none()
            && self.machine.is_none()
            && !calls.any(|call| matches!(call.reply, Reply::Deferred(_)))
    }

    /// The where-clause of items that need the server to have a `Protocol`.
    ///
    /// `for<'__used>` defers the predicate to its uses. Without it, the compiler would report a failed bound at each
    /// generated item, and not only at the impls that have the bounds.
    pub(super) fn protocol_where(&self) -> TokenStream {
        if self.has_all_impls() {
            return self.where_clause(&[]);
        }
        let (ambit, server) = (&self.ambit, &self.server.self_ty);
        self.where_clause(&[deferred(server, &quote!(#ambit::Protocol))])
    }

    /// The where-clause of items that also need to know the types in the `Protocol` and the replies: a deferred
    /// predicate hides everything that it does not mention.
    pub(super) fn messages_where(&self) -> TokenStream {
        let (ambit, server, generics) = (&self.ambit, &self.server.self_ty, self.ty_generics());
        let Names {
            call,
            cast,
            subject,
            ..
        } = &self.names;
        let protocol = quote! {
            for<'__used> #server: #ambit::Protocol<
                Call = #call #generics,
                Cast = #cast #generics,
                Subject = #subject #generics,
            >
        };
        let replies = bounds::of_replies(self.server, &self.ambit);
        let predicates: Vec<_> = [protocol].into_iter().chain(replies).collect();
        self.where_clause(&predicates)
    }

    /// The where-clause of items that need the `GenServer` impl.
    pub(super) fn server_where(&self) -> TokenStream {
        if self.has_all_impls() {
            return self.where_clause(&[]);
        }
        let (ambit, server, info) = (&self.ambit, &self.server.self_ty, self.info());
        let mut clause = vec![deferred(server, &quote!(#ambit::GenServer<Info = #info>))];
        if self.sends_own_handle() {
            clause.push(deferred(server, &quote!(#ambit::Protocol)));
        }
        // The info type of a machine is generic over the machine, which has bounds if it is generic itself.
        if self.machine.is_some() && !self.server.generics.params.is_empty() {
            let (own, generics) = (&self.names.info, self.ty_generics());
            let machine = quote!(#ambit::StateMachine<Message = #own #generics>);
            clause.push(deferred(server, &machine));
        }
        self.where_clause(&clause)
    }

    /// `GenServer::Info`
    pub(super) fn info(&self) -> TokenStream {
        match &self.machine {
            Some(machine) => machine.info.clone(),
            None => self.messages_of(&self.names.info, self.server.infos.is_empty()),
        }
    }

    /// `GenServer::Continue`
    pub(super) fn next(&self) -> TokenStream {
        match &self.machine {
            Some(machine) => machine.next.clone(),
            None => self.messages_of(&self.names.next, self.server.continues.is_empty()),
        }
    }

    /// Returns the type of messages that only the server itself receives. Without any there is no enum: its name is free
    /// for the user.
    fn messages_of(&self, name: &Ident, is_empty: bool) -> TokenStream {
        let (core, generics) = (&self.core, self.ty_generics());
        match is_empty {
            true => quote!(#core::convert::Infallible),
            false => quote!(#name #generics),
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

/// The parts of a server that differ for a state machine.
pub(crate) struct MachineParts {
    /// `GenServer::Info`
    pub(crate) info: TokenStream,
    /// Converts a message into such an info.
    pub(crate) wrap: TokenStream,
    /// `GenServer::Continue`
    pub(crate) next: TokenStream,
    /// The code before the user's `#[init]`.
    pub(crate) begin: TokenStream,
}

/// An external protocol.
pub(crate) struct BoundProtocol {
    /// The path prefix of its items, as in `super::`.
    pub(super) module: TokenStream,
    pub(super) name: Ident,
    pub(super) arguments: PathArguments,
    /// The names of its items in the generated code.
    pub(super) alias: Ident,
    pub(super) calls: Ident,
    pub(super) casts: Ident,
}

impl BoundProtocol {
    pub(super) fn of(path: &Path) -> Self {
        let mut module = path.clone();
        let last = module.segments.pop();
        let (name, arguments) = last.map_or_else(
            || (format_ident!("Protocol"), PathArguments::None),
            |last| (last.ident, last.arguments),
        );
        let local = |kind: &str| format_ident!("__{kind}", span = name.span());
        Self {
            module: module.to_token_stream(),
            arguments,
            alias: local("Protocol"),
            calls: local("Call"),
            casts: local("Cast"),
            name,
        }
    }

    /// `dyn Kv<K, V>`
    pub(super) fn protocol(&self) -> TokenStream {
        let (alias, arguments) = (&self.alias, &self.arguments);
        quote!(dyn #alias #arguments)
    }
}

pub(super) fn stands_for(cx: &Cx<'_>, handler: &Handler) -> String {
    let does = if cx.is_protocol { "Stands for" } else { "Runs" };
    format!(" {does} `{}::{}`.", cx.server.name, handler.ident)
}
