//! The bounds on the types in a protocol, as predicates that point at those types.
//!
//! With assertions in function bodies one argument that is not `Send` gave seven errors; with
//! where-clauses on every generated item it gives one. They also make `Send + 'static` on the
//! user's own type parameters unnecessary.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::Type;

use crate::gen_server::model::{Handler, Reply, Server};
use crate::names::mentions_param;
use crate::spans::{Predicates, deferred};
use crate::types;

/// Collects the predicates of a server, each once.
///
/// Methods under `cfg` are left out, since a predicate cannot have a `cfg`; the compiler then checks their types with
/// less clear errors.
pub(super) fn of(server: &Server, private: &TokenStream) -> Vec<TokenStream> {
    let mut bounds = Bounds {
        server,
        private,
        predicates: Predicates::default(),
    };
    bounds.interface();
    bounds.state();
    for handler in &server.casts {
        if is_certain(handler) {
            bounds.flow(handler);
        }
    }
    for handler in &server.continues {
        if bounds.args(handler) {
            bounds.flow(handler);
        }
    }
    for info in &server.infos {
        if bounds.args(&info.handler) {
            bounds.payload(&info.message);
            bounds.flow(&info.handler);
        }
    }
    for init in &server.inits {
        if bounds.args(&init.handler) {
            bounds.init(&init.handler);
        }
    }
    for last in &server.terminates {
        bounds.args(&last.handler);
    }
    bounds.predicates.into_vec()
}

/// Collects the predicates on messages and replies.
pub(super) fn of_messages(server: &Server, private: &TokenStream) -> Vec<TokenStream> {
    let mut bounds = Bounds {
        server,
        private,
        predicates: Predicates::default(),
    };
    bounds.interface();
    bounds.predicates.into_vec()
}

/// Returns whether a method certainly exists, and the server runs it.
fn is_certain(handler: &Handler) -> bool {
    handler.runs() && !handler.attrs.has_cfg()
}

/// Collects the predicates of the handle's methods on the replies, deferred like all predicates outside the impls that
/// have the bounds themselves.
pub(super) fn of_replies(server: &Server, private: &TokenStream) -> Vec<TokenStream> {
    let mut seen: Vec<String> = Vec::new();
    let mut predicates = Vec::new();
    let calls = server.calls.iter().filter(|call| is_certain(&call.handler));
    for call in calls {
        for predicate in of_reply(server, &call.reply, private) {
            let key = predicate.to_string();
            if !seen.contains(&key) {
                seen.push(key);
                predicates.push(predicate);
            }
        }
    }
    predicates
}

/// The same for one call.
pub(super) fn of_reply(server: &Server, reply: &Reply, private: &TokenStream) -> Vec<TokenStream> {
    match reply {
        // A parameter may have the name of a type that is.
        Reply::Returned(ty)
            if types::is_surely_sent(ty) && !mentions_param(&server.generics, ty) =>
        {
            Vec::new()
        }
        Reply::Returned(ty) => vec![deferred(ty, &quote!(#private::Payload))],
        Reply::Deferred(port) => vec![
            deferred(port, &port_bound(server, port, quote!(#private::ReplyPort))),
            deferred(
                &quote!(<#port as #private::ReplyPort>::Value),
                &quote!(#private::Payload),
            ),
        ],
    }
}

/// Adds the type of the reply to the bound on a port. If it contains a parameter, a bound without it hides that the port
/// is a `ReplyTo` of that type.
fn port_bound(server: &Server, port: &Type, bound: TokenStream) -> TokenStream {
    match types::value_of_port(port) {
        Some(value) if mentions_param(&server.generics, value) => quote!(#bound<Value = #value>),
        _ => bound,
    }
}

struct Bounds<'a> {
    server: &'a Server,
    private: &'a TokenStream,
    predicates: Predicates,
}

impl Bounds<'_> {
    /// Adds bounds on the messages between callers and the server.
    fn interface(&mut self) {
        let server = self.server;
        for param in server.generics.type_params() {
            self.param(&param.ident);
        }
        // The types of an external protocol have been checked at its definition.
        if server.options.protocol.is_some() {
            return;
        }
        for call in &server.calls {
            if self.args(&call.handler) {
                self.reply(&call.reply);
            }
        }
        for cast in &server.casts {
            self.args(cast);
        }
    }

    /// Adds the bound on the state, if anything but `GenServer` requires it: a future that holds the state, the state as
    /// the argument of a start, or a parameter. `GenServer` requires it too, and reports it once, while each use of the
    /// server would report a bound that is not met. The futures of a state machine hold the state always.
    fn state(&mut self) {
        let (server, private) = (self.server, self.private);
        let (calls, infos) = (server.calls.iter(), server.infos.iter());
        let handlers = calls.map(|call| &call.handler);
        let handlers = handlers
            .chain(infos.map(|info| &info.handler))
            .chain(&server.casts)
            .chain(&server.continues);
        let is_machine = server.attribute == "state_machine";
        let mut inits = server.inits.iter().map(|init| &init.handler).peekable();
        let is_argument = inits.peek().is_none() || !inits.clone().all(is_certain);
        let is_held =
            !server.terminates.is_empty() || handlers.chain(inits).any(|one| one.is_async);
        if is_machine || is_argument || is_held || !server.generics.params.is_empty() {
            self.push(&server.self_ty, &quote!(#private::State));
        }
    }

    /// Adds bounds on the arguments; returns whether the method's other types may have bounds as well.
    fn args(&mut self, handler: &Handler) -> bool {
        if !is_certain(handler) {
            return false;
        }
        for arg in &handler.args {
            self.payload(&arg.ty);
        }
        if let Some(receiver) = &handler.borrows {
            let (private, state) = (self.private, &self.server.self_ty);
            self.predicates
                .push_at(state, &quote!(#private::SharedState), receiver);
        }
        true
    }

    fn param(&mut self, param: &Ident) {
        let private = self.private;
        self.push(param, &quote!(#private::Payload));
    }

    fn payload(&mut self, ty: &Type) {
        let private = self.private;
        if !types::is_surely_sent(ty) {
            self.push(ty, &quote!(#private::Payload));
        }
    }

    fn reply(&mut self, reply: &Reply) {
        let private = self.private;
        match reply {
            Reply::Returned(ty) => self.payload(ty),
            Reply::Deferred(port) => {
                self.payload(port);
                let key = quote!(#private::ReplyPort);
                self.predicates
                    .push_with(port, &key, |bound| port_bound(self.server, port, bound));
            }
        }
    }

    /// Adds the bound on a return value, which the dispatch checks if it mentions no parameter.
    fn flow(&mut self, handler: &Handler) {
        let private = self.private;
        if let Some(output) = &handler.output
            && mentions_param(&self.server.generics, output)
        {
            self.push(output, &quote!(#private::IntoFlow));
        }
    }

    fn init(&mut self, handler: &Handler) {
        let (private, server) = (self.private, &self.server.self_ty);
        if let Some(output) = &handler.output
            && mentions_param(&self.server.generics, output)
            && output.to_token_stream().to_string() != server.to_token_stream().to_string()
        {
            self.push(output, &quote!(#private::IntoInit<#server>));
        }
    }

    fn push(&mut self, ty: &impl ToTokens, bound: &TokenStream) {
        self.predicates.push(ty, bound);
    }
}
