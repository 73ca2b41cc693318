//! The bounds on the types in a protocol, as predicates that point at those types.
//!
//! A type without a parameter of the block has a bound that one impl satisfies: see `checks`. The predicates on the
//! others make `Send + 'static` on the user's own type parameters unnecessary.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::Type;

use super::checks::{self, Checks};
use crate::gen_server::model::{Call, Handler, Reply, Server};
use crate::names::mentions_param;
use crate::spans::{Predicates, deferred, spanned};
use crate::types;

/// Collects the predicates of a server, each once, for the impls that contain its handlers.
///
/// Methods under `cfg` are left out, since a predicate cannot have a `cfg`; the compiler then checks their types with
/// less clear errors.
pub(super) fn of(server: &Server, ambit: &TokenStream) -> (Vec<TokenStream>, Checks) {
    let mut bounds = Bounds::new(server, ambit);
    bounds.has_futures = has_futures(server);
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
    (bounds.predicates.into_vec(), bounds.checks)
}

/// Collects the predicates on messages and replies.
pub(super) fn of_messages(server: &Server, ambit: &TokenStream) -> (Vec<TokenStream>, Checks) {
    let mut bounds = Bounds::new(server, ambit);
    bounds.interface();
    (bounds.predicates.into_vec(), bounds.checks)
}

/// Returns whether a method of the user is a future.
fn has_futures(server: &Server) -> bool {
    let mut terminates = server.terminates.iter();
    server.has_async_reactions
        || terminates.any(|last| last.handler.is_async)
        || server.handlers().any(|handler| handler.is_async)
}

/// Returns whether a type is written as a name without arguments: it contains no lifetime, unless it is an alias.
fn is_without_arguments(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.iter().all(|segment| segment.arguments.is_none()))
}

/// Returns whether a state may have a bound beside futures.
fn may_have_bound(state: &Type) -> bool {
    is_without_arguments(state) || types::is_surely_not_sent(state)
}

/// Returns whether a method certainly exists, and the server runs it.
fn is_certain(handler: &Handler) -> bool {
    handler.runs() && !handler.attrs.has_cfg()
}

/// Collects the predicates on the arguments of one method, deferred.
pub(super) fn of_args(server: &Server, ambit: &TokenStream, handler: &Handler) -> Vec<TokenStream> {
    let types = handler.args.iter().map(|arg| &arg.ty);
    let predicates = types.filter_map(|ty| payload(server, ambit, ty, is_certain(handler)));
    predicates.collect()
}

/// Returns the predicate that a type can be sent, deferred; it has a check if its method certainly exists. A parameter
/// may have the name of a type that can be sent.
fn payload(
    server: &Server,
    ambit: &TokenStream,
    ty: &Type,
    is_certain: bool,
) -> Option<TokenStream> {
    let has_param = mentions_param(&server.generics, ty);
    if types::is_surely_sent(ty) && !has_param {
        return None;
    }
    let bound = match is_certain && !has_param {
        true => checks::payload(server, ambit, ty),
        false => quote!(#ambit::__private::Payload),
    };
    Some(deferred(ty, &bound))
}

/// Returns the type of the reply through a port. It need not be the argument of a port that is written as `ReplyTo<T>`,
/// which may be an alias.
fn value_of_port(ambit: &TokenStream, port: &Type) -> TokenStream {
    quote!(<#port as #ambit::__private::ReplyPort>::Value)
}

/// Collects the predicates of the handle's methods on the replies, deferred like all predicates outside the impls that
/// have the bounds themselves.
pub(super) fn of_replies(server: &Server, ambit: &TokenStream) -> Vec<TokenStream> {
    let mut seen: Vec<String> = Vec::new();
    let mut predicates = Vec::new();
    let calls = server.calls.iter().filter(|call| is_certain(&call.handler));
    for call in calls {
        for predicate in of_reply(server, ambit, call) {
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
pub(super) fn of_reply(server: &Server, ambit: &TokenStream, call: &Call) -> Vec<TokenStream> {
    let is_certain = is_certain(&call.handler);
    match &call.reply {
        Reply::Returned(ty) => payload(server, ambit, ty, is_certain).into_iter().collect(),
        Reply::Deferred(port) => {
            let value = value_of_port(ambit, port);
            let bound = match is_certain && is_checked_port(server, port) {
                true => checks::payload(server, ambit, &value),
                false => quote!(#ambit::__private::Payload),
            };
            let port_bound = port_bound(server, port, quote!(#ambit::__private::ReplyPort));
            vec![deferred(port, &port_bound), deferred(&value, &bound)]
        }
    }
}

/// Returns whether there is a check of the reply through a port. A type with another name may not be a port, which is an
/// error of its own.
fn is_checked_port(server: &Server, port: &Type) -> bool {
    types::value_of_port(port).is_some() && !mentions_param(&server.generics, port)
}

/// Adds the type of the reply to the bound on a port. If it contains a parameter, a bound without it hides that the port
/// is a `ReplyTo` of that type.
fn port_bound(server: &Server, port: &Type, bound: TokenStream) -> TokenStream {
    match types::value_of_port(port) {
        Some(value) if mentions_param(&server.generics, value) => quote!(#bound<Value = #value>),
        _ => bound,
    }
}

/// Adds the bound on a state that a future of this receiver shares.
pub(crate) fn add_shared_state(
    server: &Server,
    ambit: &TokenStream,
    receiver: &impl ToTokens,
    predicates: &mut Predicates,
    checks: &mut Checks,
) {
    let state = &server.self_ty;
    if server.generics.params.is_empty() {
        checks.shared_state(server, ambit, receiver);
        if may_have_bound(state) {
            predicates.push_deferred(state, &checks::shared_state(server, ambit));
        }
    } else {
        predicates.push_at(state, &quote!(#ambit::__private::SharedState), receiver);
    }
}

struct Bounds<'a> {
    server: &'a Server,
    ambit: &'a TokenStream,
    predicates: Predicates,
    checks: Checks,
    /// True if the impls with these predicates contain futures. The compiler erases the lifetimes in a future, so a bound
    /// on a type with one, such as an alias of `Arc<dyn Fn(&str) + Send + Sync>`, would not prove that it is `Send`, and
    /// would hide that it is.
    has_futures: bool,
}

impl<'a> Bounds<'a> {
    fn new(server: &'a Server, ambit: &'a TokenStream) -> Self {
        Self {
            server,
            ambit,
            predicates: Predicates::default(),
            checks: Checks::default(),
            has_futures: false,
        }
    }

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
    /// the argument of a start, or a parameter. `GenServer` requires it too, and reports it once.
    fn state(&mut self) {
        let (server, ambit) = (self.server, self.ambit);
        let mut inits = server.inits.iter().map(|init| &init.handler).peekable();
        let is_argument = inits.peek().is_none() || !inits.all(is_certain);
        let is_held = self.has_futures
            || !server.terminates.is_empty()
            || server.attribute == "state_machine";
        if !server.generics.params.is_empty() {
            self.push(&server.self_ty, &quote!(#ambit::__private::State));
        } else if is_argument || is_held {
            self.checks.state(server, ambit);
            if !self.has_futures || may_have_bound(&server.self_ty) {
                let bound = checks::state(server, ambit);
                self.predicates.push_deferred(&server.self_ty, &bound);
            }
        }
    }

    /// Adds the bound on a state that a future of this receiver shares.
    fn shared_state(&mut self, receiver: &impl ToTokens) {
        let (server, ambit) = (self.server, self.ambit);
        add_shared_state(
            server,
            ambit,
            receiver,
            &mut self.predicates,
            &mut self.checks,
        );
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
            self.shared_state(receiver);
        }
        true
    }

    fn param(&mut self, param: &Ident) {
        let ambit = self.ambit;
        self.push(param, &quote!(#ambit::__private::Payload));
    }

    fn payload(&mut self, ty: &Type) {
        let (server, ambit) = (self.server, self.ambit);
        if types::is_surely_sent(ty) {
            return;
        }
        if mentions_param(&server.generics, ty) {
            self.push(ty, &quote!(#ambit::__private::Payload));
        } else {
            self.checks.payload(server, ambit, ty);
            if !self.has_futures || types::is_surely_not_sent(ty) {
                let bound = checks::payload(server, ambit, ty);
                self.predicates.push_deferred(ty, &bound);
            }
        }
    }

    fn reply(&mut self, reply: &Reply) {
        let ambit = self.ambit;
        match reply {
            Reply::Returned(ty) => self.payload(ty),
            Reply::Deferred(port) => {
                self.port(port);
                let key = quote!(#ambit::__private::ReplyPort);
                self.predicates
                    .push_with(port, &key, |bound| port_bound(self.server, port, bound));
            }
        }
    }

    /// Adds the bounds on the reply through a port.
    fn port(&mut self, port: &Type) {
        let (server, ambit) = (self.server, self.ambit);
        if !is_checked_port(server, port) {
            self.push(port, &quote!(#ambit::__private::Payload));
            return;
        }
        let value = value_of_port(ambit, port);
        let checked = spanned(value.clone(), port);
        self.checks.payload(server, ambit, &checked);
        if !self.has_futures || types::is_surely_not_sent(port) {
            let bound = checks::payload(server, ambit, &value);
            self.predicates.push_deferred(&value, &bound);
        }
    }

    /// Adds the bound on a return value, which the dispatch checks if it mentions no parameter.
    fn flow(&mut self, handler: &Handler) {
        let ambit = self.ambit;
        if let Some(output) = &handler.output
            && mentions_param(&self.server.generics, output)
        {
            self.push(output, &quote!(#ambit::__private::IntoFlow));
        }
    }

    fn init(&mut self, handler: &Handler) {
        let (ambit, server) = (self.ambit, &self.server.self_ty);
        if let Some(output) = &handler.output
            && mentions_param(&self.server.generics, output)
            && output.to_token_stream().to_string() != server.to_token_stream().to_string()
        {
            self.push(output, &quote!(#ambit::__private::IntoInit<#server>));
        }
    }

    fn push(&mut self, ty: &impl ToTokens, bound: &TokenStream) {
        self.predicates.push(ty, bound);
    }
}
