//! Parses the signature of a method with a role.
//!
//! The arguments become fields of an enum variant that outlives the caller's stack, hence the rules: owned, named,
//! concrete. The only reference is the context, which the server lends.

mod arguments;
mod reader;
mod shape;

use syn::{ReturnType, Type};

use self::arguments::{Arguments, message, ports_and_fields};
use self::reader::Reader;
pub(crate) use self::shape::borrowed;
use super::context_mark::ContextMark;
use crate::block::Method;
use crate::diag::Diag;
use crate::gen_server::model::{Arg, Role};
use crate::markers::Marker;
use crate::self_type::SelfType;
use crate::types::{Obstacle, obstacle};

/// The parts of a signature.
pub(crate) struct Signature {
    pub(crate) takes_context: bool,
    /// The arguments that are sent, without the port.
    pub(crate) args: Vec<Arg>,
    /// The type of the last argument of a deferred call.
    pub(crate) port: Option<Type>,
    /// The one argument of an info.
    pub(crate) message: Option<Type>,
    pub(crate) output: Option<Type>,
    /// The positions of arguments with the name of an earlier one, which the compiler would report again.
    pub(crate) doubled: Vec<usize>,
    /// True after an error.
    pub(crate) bad: bool,
}

/// How a method replies.
#[derive(Clone, Copy)]
pub(crate) struct ReplyKind {
    /// Through a port.
    pub(crate) deferred: bool,
    /// The marker was reported, so whether the method has a port is unknown.
    pub(crate) unknown: bool,
    /// The method returns the next state of a state machine.
    pub(crate) chooses: bool,
}

impl Signature {
    /// Splits the signature of `method` into its parts.
    pub(crate) fn read(
        method: &Method,
        marker: &Marker<Role>,
        context_marks: &[ContextMark],
        answers: ReplyKind,
        self_ty: &SelfType,
        diag: &Diag,
    ) -> Self {
        let sig = &method.sig;
        let mut reader = Reader {
            role: marker.mark,
            deferred: answers.deferred,
            unknown: answers.unknown || marker.hidden,
            is_async: sig.asyncness.is_some(),
            chooses: answers.chooses,
            server: self_ty,
            diag,
            bad: false,
            lifetimes: Vec::new(),
            doubled: Vec::new(),
        };
        reader.qualifiers(sig);
        reader.receiver(sig);
        let Arguments {
            takes_context,
            rest,
        } = reader.context(sig, context_marks);
        let mut signature = Self {
            takes_context,
            args: Vec::new(),
            port: None,
            message: None,
            output: None,
            doubled: Vec::new(),
            bad: false,
        };
        match marker.mark {
            Role::Info => signature.message = message(&mut reader, sig, &rest),
            Role::Terminate => reader.reason(sig, &rest),
            _ => (signature.args, signature.port) = ports_and_fields(&mut reader, sig, &rest),
        }
        signature.output = reader.output(sig);
        reader.generics(&sig.generics);
        (signature.doubled, signature.bad) = (reader.doubled, reader.bad);
        signature.resolved(self_ty)
    }

    /// Returns the types that may be used outside the impl block.
    fn resolved(mut self, self_ty: &SelfType) -> Self {
        for arg in &mut self.args {
            arg.ty = self_ty.resolve(&arg.ty);
        }
        for ty in [&mut self.port, &mut self.message, &mut self.output]
            .into_iter()
            .flatten()
        {
            *ty = self_ty.resolve(ty);
        }
        self
    }
}

impl Reader<'_> {
    /// Parses the return type.
    fn output(&mut self, sig: &syn::Signature) -> Option<Type> {
        let ty = match &sig.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(&**ty),
        };
        let ty = ty.filter(|ty| !matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty()));
        // `!` is not allowed where generated code would name it.
        if let Some(Type::Never(never)) = ty
            && self.role != Role::Init
        {
            if self.role == Role::Call {
                let message = "a `#[call]` that never returns cannot reply; make it a `#[cast]`";
                self.mistake(never, message);
            }
            return None;
        }
        if self.role == Role::Init && ty.is_none() {
            let message = "`#[init]` must return `Self` or `Result<Self, E>`";
            self.mistake(&sig.ident, message);
        }
        let ty = ty?;
        match self.role {
            Role::Call if self.deferred && !self.chooses => {
                let message =
                    "a deferred `#[call]` replies through its reply port; remove the return type";
                self.mistake(ty, message);
            }
            Role::Call => {
                self.check_sendable(ty, "replies", "return");
                if let Some(Obstacle::ImplTrait(_)) = obstacle(ty) {
                    return None;
                }
            }
            Role::Terminate => {
                self.mistake(
                    ty,
                    "`#[terminate]` cannot return a value; remove the return type",
                );
            }
            Role::Init if obstacle(ty).is_some() || matches!(ty, Type::Never(_)) => {
                self.mistake(ty, "`#[init]` must return `Self` or `Result<Self, E>`");
            }
            Role::Init => {}
            _ if obstacle(ty).is_some() => {
                let a_marker = self.role.a_marker();
                let message =
                    format!("{a_marker} has no reply; return nothing, `Flow` or `Result<(), E>`");
                self.mistake(ty, message);
            }
            _ => {}
        }
        Some(self.sized(ty))
    }

    /// Checks the arguments of `#[terminate]` other than the context.
    fn reason(&mut self, sig: &syn::Signature, rest: &[&syn::PatType]) {
        let by_reference = |argument: &&syn::PatType| match &*argument.ty {
            Type::Reference(reference) => {
                reference.mutability.is_none() && !arguments::is_of_the_language(&reference.elem)
            }
            _ => false,
        };
        if rest.len() != 1 || !rest.iter().all(by_reference) {
            let message = "`#[terminate]` must take `(&mut self, reason: &ExitReason)`; to use the context, add \
                           `ctx: &mut Context<Self>` after `self`";
            return self.mistake_in_arguments(sig, rest, message);
        }
        if let Some(Type::Reference(reference)) = rest.first().map(|argument| &*argument.ty)
            && let Some(lifetime) = &reference.lifetime
            && lifetime.ident != "_"
        {
            self.lifetimes.push(lifetime.ident.to_string());
            let message = "the reason needs no explicit lifetime; write `&ExitReason`";
            self.mistake(lifetime, message);
        }
    }
}
