//! The arguments of a method: the context first, then those that are sent.

use proc_macro2::{Ident, Span};
use syn::{Attribute, FnArg, Pat, PatType, Path, ReturnType, Type};

use super::reader::Reader;
use crate::argument;
use crate::diag::text;
use crate::gen_server::context_path::{is_of_server, may_be_a_servers};
use crate::gen_server::model::{Arg, Role};
use crate::gen_server::parse::context_mark::ContextMark;
use crate::types;

/// Returns the arguments without the receiver and the context.
pub(super) struct Arguments<'a> {
    pub(super) takes_context: bool,
    pub(super) rest: Vec<&'a PatType>,
}

impl Reader<'_> {
    /// Finds the context among the arguments: the marked one, a reference to a `Context`, or the first one if it is a
    /// mutable reference to another type of this server.
    pub(super) fn context<'a>(
        &mut self,
        sig: &'a syn::Signature,
        marks: &[ContextMark],
    ) -> Arguments<'a> {
        let mut takes_context = false;
        let mut rest = Vec::new();
        let mut typed = 0;
        for (position, input) in sig.inputs.iter().enumerate() {
            let FnArg::Typed(argument) = input else {
                continue;
            };
            typed += 1;
            self.no_cfg(argument);
            let marked = marks.iter().any(|mark| mark.position == position)
                || (typed == 1 && self.is_renamed_context(&argument.ty));
            let is_context = marked || self.is_context(&argument.ty);
            self.check_wire_name(argument, is_context);
            if !is_context {
                rest.push(argument);
                continue;
            }
            if takes_context {
                let message = format!(
                    "a method takes at most one context; remove `{}`",
                    text(argument)
                );
                self.mistake(argument, message);
            } else if typed > 1 {
                let place = if self.role == Role::Init {
                    "first"
                } else {
                    "right after `self`"
                };
                let message = format!(
                    "the context must come {place}; move `{}` there",
                    text(argument)
                );
                self.mistake(argument, message);
            } else if !marked {
                self.own_context(&argument.ty);
            }
            takes_context = true;
        }
        Arguments {
            takes_context,
            rest,
        }
    }

    fn is_context(&self, ty: &Type) -> bool {
        match ty {
            Type::Reference(reference) => {
                context_path(&reference.elem).is_some_and(may_be_a_servers)
            }
            by_value => context_path(by_value).is_some_and(|path| self.is_of_this_server(path)),
        }
    }

    /// Returns true for `&mut Ctx<Self>` and the like, which can be nothing else: messages are owned.
    fn is_renamed_context(&self, ty: &Type) -> bool {
        let Type::Reference(reference) = ty else {
            return false;
        };
        let of_this_server = |path: &Path| self.is_of_this_server(path);
        reference.mutability.is_some()
            && matches!(&*reference.elem, Type::Path(path) if path.qself.is_none() && of_this_server(&path.path))
            && context_path(&reference.elem).is_none()
    }

    /// Checks that the context is this server's, and borrowed.
    fn own_context(&mut self, ty: &Type) {
        let Type::Reference(reference) = ty else {
            let message = "the context must be a mutable reference; take `&mut Context<Self>`";
            return self.mistake(ty, message);
        };
        let own = context_path(&reference.elem).is_some_and(|path| self.is_of_this_server(path));
        let named = reference.lifetime.as_ref();
        let named = named.filter(|lifetime| own && lifetime.ident != "_");
        if let Some(lifetime) = named {
            self.lifetimes.push(lifetime.ident.to_string());
            self.mistake(
                lifetime,
                "the context needs no explicit lifetime; write `&mut Context<Self>`",
            );
        }
        if !own {
            let message = format!(
                "expected the context of `{}`; write `&mut Context<Self>`",
                self.server.text()
            );
            self.mistake(&reference.elem, message);
        }
    }

    fn is_of_this_server(&self, path: &Path) -> bool {
        is_of_server(path, self.server.ty())
    }

    fn no_cfg(&mut self, argument: &PatType) {
        let is_cfg = |attribute: &&Attribute| attribute.path().is_ident("cfg");
        if let Some(cfg) = argument.attrs.iter().find(is_cfg) {
            self.mistake(
                cfg,
                "`#[cfg]` is not supported on arguments; put `#[cfg(..)]` on the method",
            );
        }
    }

    /// Only messages of callers and starts have names on the wire.
    fn check_wire_name(&mut self, argument: &PatType, is_context: bool) {
        let Some(marked) = argument::marked(argument) else {
            return;
        };
        if !matches!(self.role, Role::Init | Role::Call | Role::Cast) {
            let message = "only arguments of `#[init]`, `#[call]` and `#[cast]` methods have wire names; remove \
                           `#[message(..)]`";
            self.mistake(marked, message);
        } else if is_context {
            let message = "the context is not sent and has no wire name; remove `#[message(..)]`";
            self.mistake(marked, message);
        }
    }

    /// Reads the last argument of a deferred call.
    fn port(&mut self, argument: &PatType) -> Option<Type> {
        self.check_argument(&argument.ty, "reply ports");
        if let Some(marked) = argument::marked(argument) {
            let message =
                "the reply port is not sent and has no wire name; remove `#[message(..)]`";
            self.mistake(marked, message);
        }
        if is_of_the_language(&argument.ty) {
            let message = format!(
                "`{}` is not a reply port; take `reply: ReplyTo<T>` as the last argument",
                text(&argument.ty)
            );
            self.mistake(&argument.ty, message);
            return None;
        }
        Some((*argument.ty).clone())
    }

    /// Reports the name of the reply port; its type tells whether the port is meant.
    fn reserved_name(&mut self, name: &Ident, ty: &Type) {
        if self.unknown && is_port(ty) {
            self.bad = true;
            return;
        }
        let message = if is_port(ty) {
            "only a deferred call has a reply port; write `#[call(deferred)]`, with the port as its last argument"
        } else {
            "the argument name `reply` is reserved for the reply port; choose another name"
        };
        self.mistake(name, message);
    }

    /// Reads an argument that becomes a field; `replies` if only a port could reply to the call.
    fn field(&mut self, argument: &PatType, replies: bool) -> Arg {
        let (ident, ty) = match &*argument.pat {
            Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
                let what = format!("arguments of `{}` methods", self.role.marker());
                match alias_of_context(&name.ident, &argument.ty) {
                    Some(alias) => self.mistake(
                        &argument.ty,
                        format!(
                            "{what} must be owned; take `{alias}` instead of `&mut {alias}`, or mark the argument with \
                             `#[ctx]` if `{alias}` is an alias of `Context`"
                        ),
                    ),
                    None => self.check_argument(&argument.ty, &what),
                }
                let ty = self.sized(&argument.ty);
                let is_reserved = self.role == Role::Call && name.ident == "reply";
                if is_reserved || (replies && is_port(&ty)) {
                    self.reserved_name(&name.ident, &ty);
                }
                (name.ident.clone(), ty)
            }
            pattern => {
                let ty = self.sized(&argument.ty);
                self.pattern(pattern, &ty);
                (Ident::new("_", Span::call_site()), ty)
            }
        };
        Arg {
            ident,
            ty,
            renamed: argument::wire_name(argument, self.diag),
            lints: argument::lints(argument),
        }
    }

    /// Reports a pattern instead of a name. The remedy is owned: a borrowed type is not reported as well.
    fn pattern(&mut self, pattern: &Pat, ty: &Type) {
        let remedy = types::owned_type(ty).map_or_else(
            || "take `value: ..` with an owned type".to_owned(),
            |owned| format!("write `value: {}`", text(owned)),
        );
        let message =
            format!("expected an argument name, because the argument becomes a field; {remedy}");
        self.mistake(pattern, message);
        self.lifetime_in(ty);
    }
}

/// Returns the type of an argument that is named like a context: `ctx: &mut Ctx`.
fn alias_of_context(name: &Ident, ty: &Type) -> Option<Ident> {
    let Type::Reference(reference) = ty else {
        return None;
    };
    let Type::Path(path) = &*reference.elem else {
        return None;
    };
    let alias = path.path.get_ident()?;
    let is_context = ["ctx", "_ctx", "context", "_context"];
    let is_meant = reference.mutability.is_some() && is_context.iter().any(|ctx| name == ctx);
    is_meant.then(|| alias.clone())
}

/// Reads the arguments of a call, a cast, a continuation or `#[init]`.
pub(super) fn ports_and_fields(
    reader: &mut Reader<'_>,
    sig: &syn::Signature,
    rest: &[&PatType],
) -> (Vec<Arg>, Option<Type>) {
    let (mut fields, mut port) = (rest.to_vec(), None);
    if reader.deferred {
        match take_port(reader, &mut fields) {
            Some(argument) => port = reader.port(argument),
            None => reader.mistake(
                &sig.ident,
                "a deferred `#[call]` needs a reply port; take `reply: ReplyTo<T>` as its last argument",
            ),
        }
    }
    let replies_by_port = reader.role == Role::Call && !reader.deferred && returns_nothing(sig);
    let mut args: Vec<Arg> = Vec::new();
    for (position, argument) in fields.iter().enumerate() {
        let is_last = position + 1 == fields.len();
        let mut arg = reader.field(argument, replies_by_port && is_last);
        if arg.ident != "_" && args.iter().any(|earlier| earlier.ident == arg.ident) {
            let message = format!(
                "`{}` is already the name of another argument; choose another name",
                arg.ident
            );
            reader.mistake(&arg.ident, message);
            arg.ident = Ident::new("_", Span::call_site());
            let is_it =
                |input: &FnArg| matches!(input, FnArg::Typed(it) if std::ptr::eq(it, *argument));
            reader.doubled.extend(sig.inputs.iter().position(is_it));
        }
        args.push(arg);
    }
    (args, port)
}

/// Removes the reply port: the last argument, or an earlier `ReplyTo` if the last one cannot be a port.
fn take_port<'a>(reader: &mut Reader<'_>, arguments: &mut Vec<&'a PatType>) -> Option<&'a PatType> {
    let last = arguments.last()?;
    let early = arguments.iter().rposition(|argument| is_port(&argument.ty));
    let Some(early) = early.filter(|_| is_of_the_language(&last.ty)) else {
        return arguments.pop();
    };
    let port = arguments.remove(early);
    let message = format!("the reply port must come last; move `{}` there", text(port));
    reader.mistake(port, message);
    Some(port)
}

/// Returns whether a type is a `ReplyTo`, by the last word of its path.
fn is_port(ty: &Type) -> bool {
    let is_it = |path: &Path| {
        let last = path.segments.last();
        last.is_some_and(|last| last.ident == "ReplyTo")
    };
    matches!(ty, Type::Path(path) if is_it(&path.path))
}

fn returns_nothing(sig: &syn::Signature) -> bool {
    match &sig.output {
        ReturnType::Default => true,
        ReturnType::Type(_, ty) => matches!(&**ty, Type::Tuple(tuple) if tuple.elems.is_empty()),
    }
}

/// Returns whether a type is one of the language or of the prelude, and so neither a port nor a reason. For other names
/// the compiler decides.
pub(super) fn is_of_the_language(ty: &Type) -> bool {
    const NAMES: [&str; 20] = [
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
        "f32", "f64", "bool", "char", "String", "Vec", "Option", "Result",
    ];
    match ty {
        Type::Path(path) => {
            let single = path.path.segments.len() == 1;
            single
                && path
                    .path
                    .segments
                    .iter()
                    .all(|word| NAMES.iter().any(|name| word.ident == name))
        }
        Type::Tuple(_) | Type::Array(_) => true,
        _ => false,
    }
}

/// Reads the message of an info.
pub(super) fn message(
    reader: &mut Reader<'_>,
    sig: &syn::Signature,
    rest: &[&PatType],
) -> Option<Type> {
    let [message] = rest else {
        let message = "an `#[info]` method takes exactly one message; write `message: T` after `self` and the context";
        reader.mistake_in_arguments(sig, rest, message);
        return None;
    };
    reader.check_argument(&message.ty, "messages of `#[info]` methods");
    // Generated items do not have the method's own parameters, which are reported separately.
    let concrete =
        sig.generics.type_params().next().is_none() && sig.generics.const_params().next().is_none();
    // Senders of a borrowed info use its owned type instead, which is correct.
    let message = reader.sized(&message.ty);
    concrete.then(|| types::owned_type(&message)).flatten()
}

/// Returns the path of a type whose last word is `Context`.
fn context_path(ty: &Type) -> Option<&Path> {
    match ty {
        Type::Path(path) if path.qself.is_none() => {
            let last = path.path.segments.last()?;
            (last.ident == "Context").then_some(&path.path)
        }
        Type::Group(group) => context_path(&group.elem),
        Type::Paren(paren) => context_path(&paren.elem),
        _ => None,
    }
}
