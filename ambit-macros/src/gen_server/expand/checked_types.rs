//! The types of a server with async methods, which the dispatch checks, and not a bound.
//!
//! The compiler proves that the future of an async method is `Send` for types whose lifetimes it has erased. A bound that
//! implies `Job: Send`, for `type Job = Box<dyn FnOnce(&mut Worker) + Send>`, is true of `'static` only, and the compiler
//! uses it nevertheless: "implementation of `Send` is not general enough". Therefore no bound of such a server implies
//! `Send` for a type without parameters. Instead the functions that run its methods check the types: of arguments at
//! their beginning, and of a reply where it is sent. After that error the compiler reports no future of the function,
//! and a deferred bound on each enum of messages prevents an error about the enum.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use crate::diag::text;
use crate::gen_server::model::{Handler, Server};
use crate::names::mentions_param;
use crate::types::is_surely_sent;

/// The types of all messages, each once, if the server has async methods.
#[derive(Default)]
pub(crate) struct CheckedTypes {
    is_any_async: bool,
    types: Vec<(String, Type)>,
}

impl CheckedTypes {
    /// Collects them from the methods of a server.
    pub(super) fn of(server: &Server) -> Self {
        let mut all = Self::default();
        all.add_lifecycle(server);
        // The types of an external protocol have been checked at its definition.
        let is_own = server.options.protocol.is_none();
        for call in &server.calls {
            all.add_if(is_own, server, &call.handler, call.reply.port());
        }
        for cast in &server.casts {
            all.add_if(is_own, server, cast, None);
        }
        for info in &server.infos {
            all.add(server, &info.handler, Some(&info.message));
        }
        for next in &server.continues {
            all.add(server, next, None);
        }
        all
    }

    /// Adds the types of the methods that a state machine has as well.
    pub(crate) fn add_lifecycle(&mut self, server: &Server) {
        let inits = server.inits.iter().map(|init| &init.handler);
        let terminates = server.terminates.iter().map(|last| &last.handler);
        for handler in inits.chain(terminates) {
            self.add(server, handler, None);
        }
    }

    /// Adds the types of one method: its arguments, and an info or a reply port.
    pub(crate) fn add(&mut self, server: &Server, handler: &Handler, other: Option<&Type>) {
        self.add_if(true, server, handler, other);
    }

    fn add_if(&mut self, is_own: bool, server: &Server, handler: &Handler, other: Option<&Type>) {
        self.is_any_async |= handler.runs() && handler.is_async;
        if !is_own || !handler.is_certain() {
            return;
        }
        let args = handler.args.iter().map(|arg| &arg.ty);
        for ty in args.chain(other) {
            let written = text(ty);
            let is_new = self.types.iter().all(|(known, _)| *known != written);
            if is_new && needs_check(server, ty) {
                self.types.push((written, ty.clone()));
            }
        }
    }

    /// Returns whether the server has an async method.
    pub(super) fn is_any_async(&self) -> bool {
        self.is_any_async
    }

    /// Returns whether the dispatch checks a type.
    pub(super) fn are_for(&self, server: &Server, ty: &Type) -> bool {
        self.is_any_async && needs_check(server, ty)
    }

    /// Returns the checks of the types that one function receives; they point at the first use of the type.
    pub(crate) fn checks<'t>(
        &self,
        private: &TokenStream,
        received: impl Iterator<Item = &'t Type>,
    ) -> TokenStream {
        if !self.is_any_async {
            return TokenStream::new();
        }
        let received: Vec<String> = received.map(text).collect();
        let types = self.types.iter();
        let checked = types.filter(|(written, _)| received.contains(written));
        checked
            .map(|(_, ty)| quote!(let () = <#ty as #private::Sendable>::CHECK;))
            .collect()
    }
}

fn needs_check(server: &Server, ty: &Type) -> bool {
    !is_surely_sent(ty) && !mentions_param(&server.generics, ty)
}
