//! The parts around the arguments: qualifiers, receiver, parameters.

use quote::ToTokens;
use syn::{GenericParam, Generics, Lifetime, Receiver, ReceiverKind, Safety, Type};

use super::reader::Reader;
use crate::diag::text;
use crate::gen_server::model::Role;

/// The meaning of `&self`, `&mut self`, `self: &Self` and `self: &mut Self`: the lifetime, and whether it is mutable.
pub(crate) fn borrowed(receiver: &Receiver) -> Option<(Option<&Lifetime>, bool)> {
    match &receiver.kind {
        ReceiverKind::Reference(_, lifetime, mutability) => {
            Some((named(lifetime.as_ref()), mutability.is_some()))
        }
        ReceiverKind::Typed(_, ty) => match &**ty {
            Type::Reference(reference) => {
                let of_self =
                    matches!(&*reference.elem, Type::Path(path) if path.path.is_ident("Self"));
                let lifetime = named(reference.lifetime.as_ref());
                of_self.then(|| (lifetime, reference.mutability.is_some()))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Returns a lifetime that has a name: `'_` says no more than its absence.
fn named(lifetime: Option<&Lifetime>) -> Option<&Lifetime> {
    lifetime.filter(|lifetime| lifetime.ident != "_")
}

impl Reader<'_> {
    /// Reports `const`, `unsafe` and `extern` methods, which the server cannot run.
    pub(super) fn qualifiers(&mut self, sig: &syn::Signature) {
        let a_marker = self.role.a_marker();
        if let Some(token) = sig.constness {
            self.mistake(
                token,
                format!("{a_marker} method cannot be `const`; remove `const`"),
            );
        }
        if let Safety::Unsafe(token) = sig.safety {
            self.mistake(
                token,
                format!("{a_marker} method cannot be `unsafe`; remove `unsafe`"),
            );
        }
        if let Some(abi) = &sig.abi {
            self.mistake(
                abi,
                format!("{a_marker} method cannot be `extern`; remove `extern`"),
            );
        }
    }

    pub(super) fn receiver(&mut self, sig: &syn::Signature) {
        let receiver = sig.receiver();
        if self.role == Role::Init {
            if let Some(receiver) = receiver {
                self.mistake(
                    receiver,
                    "`#[init]` cannot take `self`, because it creates the server; remove `self` and return `Self`",
                );
            }
            return;
        }
        let a_marker = self.role.a_marker();
        let Some(receiver) = receiver else {
            let message =
                format!("{a_marker} method needs a receiver; take `&self` or `&mut self`");
            return self.mistake(&sig.ident, message);
        };
        self.receiver_kind(receiver);
    }

    fn receiver_kind(&mut self, receiver: &Receiver) {
        let a_marker = self.role.a_marker();
        if let Some((lifetime, is_mutable)) = borrowed(receiver) {
            if let Some(lifetime) = lifetime {
                self.lifetimes.push(lifetime.ident.to_string());
                let plain = if is_mutable { "&mut self" } else { "&self" };
                let message = format!(
                    "the receiver of {a_marker} method needs no explicit lifetime; write `{plain}`"
                );
                self.mistake(lifetime, message);
            }
            return;
        }
        let message = if let ReceiverKind::Value = &receiver.kind {
            format!(
                "{a_marker} method cannot take `self` by value; take `&mut self`, and stop the server with \
                 `ctx.stop(..)`"
            )
        } else {
            format!("invalid receiver of {a_marker} method; take `&self` or `&mut self`")
        };
        self.mistake(receiver, message);
    }

    /// Reports the method's own parameters.
    pub(super) fn generics(&mut self, generics: &Generics) {
        let a_marker = self.role.a_marker();
        for param in &generics.params {
            match param {
                GenericParam::Lifetime(param) => {
                    let name = param.lifetime.ident.to_string();
                    if !self.lifetimes.contains(&name) {
                        let message = format!(
                            "{a_marker} method cannot have a lifetime parameter, because its arguments move to \
                             the server; take owned data"
                        );
                        self.mistake(param, message);
                    }
                }
                GenericParam::Type(param) => self.generic(&param.ident, &param.ident),
                GenericParam::Const(param) => self.generic(param, &param.ident),
            }
        }
        if let (true, Some(clause)) = (generics.params.is_empty(), &generics.where_clause)
            && !clause.predicates.is_empty()
        {
            let message = format!(
                "{a_marker} method cannot have a `where` clause; move it to the impl block"
            );
            self.mistake(clause, message);
        }
    }

    fn generic(&mut self, at: impl ToTokens, name: impl ToTokens) {
        let a_marker = self.role.a_marker();
        let message = format!(
            "{a_marker} method cannot be generic; declare `{}` on the impl block, or take a concrete type",
            text(name)
        );
        self.mistake(at, message);
    }
}
