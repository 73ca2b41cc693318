//! The state that every part of parsing a signature needs.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Type;

use crate::diag::Diag;
use crate::gen_server::model::Role;
use crate::self_type::SelfType;
use crate::types::{Obstacle, obstacle, sized_instead};

/// Parses one signature and remembers whether it reported an error.
pub(super) struct Reader<'a> {
    pub(super) role: Role,
    pub(super) deferred: bool,
    /// True if the marker was reported.
    pub(super) unknown: bool,
    pub(super) is_async: bool,
    pub(super) chooses: bool,
    /// The server's type, to recognise `Context<Counter>`.
    pub(super) server: &'a SelfType,
    pub(super) diag: &'a Diag,
    pub(super) bad: bool,
    /// Lifetimes that are reported where they are used.
    pub(super) lifetimes: Vec<String>,
    /// The positions of arguments with the name of an earlier one.
    pub(super) doubled: Vec<usize>,
}

impl Reader<'_> {
    pub(super) fn mistake(&mut self, at: impl ToTokens, message: impl std::fmt::Display) {
        self.bad = true;
        self.diag.error(at, message);
    }

    /// Reports an argument that cannot be sent. A hidden lifetime of an async method is reported by the compiler.
    pub(super) fn check_argument(&mut self, ty: &Type, what: &str) {
        match obstacle(ty) {
            Some(Obstacle::Cow(_)) if self.is_async => self.bad = true,
            _ => self.check_sendable(ty, what, "take"),
        }
    }

    /// Reports a type that cannot be sent; `what` describes it, `do` is the remedy.
    pub(super) fn check_sendable(&mut self, ty: &Type, what: &str, verb: &str) {
        let Some(obstacle) = obstacle(ty) else {
            return;
        };
        match &obstacle {
            Obstacle::Infer => {
                self.bad = true;
                return;
            }
            Obstacle::Reference(reference) => {
                let lifetime = reference.lifetime.as_ref();
                self.lifetimes
                    .extend(lifetime.map(|lifetime| lifetime.ident.to_string()));
            }
            Obstacle::Lifetime(lifetime) => {
                let name = lifetime.ident.to_string();
                if self.lifetimes.contains(&name) {
                    self.bad = true;
                    return;
                }
                self.lifetimes.push(name);
            }
            Obstacle::Cow(_) | Obstacle::ImplTrait(_) => {}
        }
        self.mistake(&obstacle, obstacle.message(what, verb));
    }

    /// Remembers the lifetime of a type that is reported for another reason.
    pub(super) fn lifetime_in(&mut self, ty: &Type) {
        let lifetime = match obstacle(ty) {
            Some(Obstacle::Reference(reference)) => reference.lifetime.as_ref(),
            Some(Obstacle::Lifetime(lifetime)) => Some(lifetime),
            _ => None,
        };
        let name = lifetime.map(|lifetime| lifetime.ident.to_string());
        self.lifetimes.extend(name);
    }

    /// Returns the type as callers pass it. The compiler reports a type without a size at the method itself.
    pub(super) fn sized(&mut self, ty: &Type) -> Type {
        match sized_instead(ty) {
            None => ty.clone(),
            Some(sized) => {
                self.bad = true;
                sized
            }
        }
    }

    /// Returns the arguments, or the empty parentheses, as the span of an error.
    pub(super) fn mistake_in_arguments(
        &mut self,
        sig: &syn::Signature,
        rest: &[&syn::PatType],
        message: impl std::fmt::Display,
    ) {
        let tokens: TokenStream = rest
            .iter()
            .flat_map(|argument| argument.to_token_stream())
            .collect();
        if tokens.is_empty() {
            self.bad = true;
            match sig.receiver() {
                Some(receiver) => self.diag.error(receiver, message),
                None => self.diag.error(&sig.ident, message),
            }
        } else {
            self.mistake(tokens, message);
        }
    }
}
