//! Parses the signature of a `#[child]` method: `fn(&self) -> ChildSpec<..>`.
//!
//! The supervisor calls the method for each start of its child, with only the user's value and the supervisor's own
//! handle.

use quote::ToTokens;
use syn::{Attribute, FnArg, GenericParam, Generics, PatType, Receiver, ReturnType, Safety, Type};

use crate::diag::{Diag, text};
use crate::gen_server::parse::signature::borrowed;
use crate::types::{Obstacle, obstacle};

const RETURNS: &str = "a `#[child]` method must return a `ChildSpec<..>`";

/// The parts of a signature.
pub(super) struct Signature {
    /// Its arguments beside `self`.
    pub(super) arguments: Vec<PatType>,
    pub(super) output: Option<Type>,
    /// True after an error.
    pub(super) bad: bool,
}

/// Parses one signature and remembers whether it reported an error.
struct Reader<'a> {
    diag: &'a Diag,
    bad: bool,
    /// True if a lifetime was reported where it is used.
    lifetime: bool,
}

impl Signature {
    /// Splits a signature into its parts.
    pub(super) fn read(sig: &syn::Signature, diag: &Diag) -> Self {
        let mut reader = Reader {
            diag,
            bad: false,
            lifetime: false,
        };
        reader.qualifiers(sig);
        match sig.receiver() {
            Some(receiver) => reader.receiver(receiver),
            None => reader.mistake(
                &sig.ident,
                "a `#[child]` method needs a receiver; take `&self`",
            ),
        }
        let arguments = reader.arguments(sig);
        let output = reader.output(sig);
        reader.generics(&sig.generics);
        Self {
            arguments,
            output,
            bad: reader.bad,
        }
    }
}

impl Reader<'_> {
    fn mistake(&mut self, at: impl ToTokens, message: impl std::fmt::Display) {
        self.bad = true;
        self.diag.error(at, message);
    }

    fn qualifiers(&mut self, sig: &syn::Signature) {
        if let Some(token) = sig.asyncness {
            let message = "a `#[child]` method cannot be `async`; move asynchronous work to the `#[init]` of \
                           the child";
            self.mistake(token, message);
        }
        if let Some(token) = sig.constness {
            self.mistake(
                token,
                "a `#[child]` method cannot be `const`; remove `const`",
            );
        }
        if let Safety::Unsafe(token) = sig.safety {
            self.mistake(
                token,
                "a `#[child]` method cannot be `unsafe`; remove `unsafe`",
            );
        }
        if let Some(abi) = &sig.abi {
            self.mistake(
                abi,
                "a `#[child]` method cannot be `extern`; remove `extern`",
            );
        }
    }

    fn receiver(&mut self, receiver: &Receiver) {
        match borrowed(receiver) {
            Some((None, false)) => {}
            Some((Some(lifetime), false)) => {
                self.lifetime = true;
                let message =
                    "the receiver of a `#[child]` method needs no explicit lifetime; write `&self`";
                self.mistake(lifetime, message);
            }
            _ => self.mistake(
                receiver,
                "a `#[child]` method runs for each start of its child; take `&self`",
            ),
        }
    }

    fn arguments(&mut self, sig: &syn::Signature) -> Vec<PatType> {
        let typed = sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(argument) => Some(argument),
            FnArg::Receiver(_) => None,
        });
        let arguments: Vec<PatType> = typed.cloned().collect();
        let is_cfg = |attribute: &&Attribute| attribute.path().is_ident("cfg");
        for argument in &arguments {
            if let Some(cfg) = argument.attrs.iter().find(is_cfg) {
                let message =
                    "`#[cfg]` is not supported on arguments; put `#[cfg(..)]` on the method";
                self.mistake(cfg, message);
            }
        }
        arguments
    }

    /// Parses the return type, if handles of that type can be given to callers.
    fn output(&mut self, sig: &syn::Signature) -> Option<Type> {
        let ReturnType::Type(_, ty) = &sig.output else {
            self.mistake(&sig.ident, RETURNS);
            return None;
        };
        match obstacle(ty) {
            None => return Some((**ty).clone()),
            Some(Obstacle::ImplTrait(_)) => self.mistake(ty, RETURNS),
            // The compiler reports it itself.
            Some(Obstacle::Infer) => self.bad = true,
            Some(borrowed) => self.borrowed(borrowed),
        }
        None
    }

    fn borrowed(&mut self, at: impl ToTokens) {
        self.lifetime = true;
        let message = "a child cannot borrow data, because it outlives this method; return a `ChildSpec<..>` of \
                       owned data";
        self.mistake(at, message);
    }

    /// Reports the method's own parameters.
    fn generics(&mut self, generics: &Generics) {
        for param in &generics.params {
            match param {
                GenericParam::Lifetime(_) if self.lifetime => {}
                GenericParam::Lifetime(param) => {
                    self.mistake(
                        param,
                        "a `#[child]` method cannot have a lifetime parameter; remove it",
                    );
                }
                GenericParam::Type(param) => self.generic(&param.ident, &param.ident),
                GenericParam::Const(param) => self.generic(param, &param.ident),
            }
        }
        if let (true, Some(clause)) = (generics.params.is_empty(), &generics.where_clause)
            && !clause.predicates.is_empty()
        {
            let message =
                "a `#[child]` method cannot have a `where` clause; move it to the impl block";
            self.mistake(clause, message);
        }
    }

    fn generic(&mut self, at: impl ToTokens, name: impl ToTokens) {
        let message = format!(
            "a `#[child]` method cannot be generic; declare `{}` on the impl block",
            text(name)
        );
        self.mistake(at, message);
    }
}
