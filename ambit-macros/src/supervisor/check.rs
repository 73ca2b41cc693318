//! Rules that concern more than one method of a block, or a derived name.
//!
//! A child that breaks a rule is never started; callers keep its handle where possible, because the compiler would
//! otherwise repeat the error at each use.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{PatType, ReturnType, Signature, Type};

use super::model::{Child, Shutdown, Supervisor, UnmarkedMethod};
use crate::block::{Block, BlockItem};
use crate::diag::Diag;
use crate::names;
use crate::plain_attributes;
use crate::self_type::reads_self;

/// Checks a block as a whole.
pub(super) fn supervisor(supervisor: &mut Supervisor, diag: &Diag) {
    let subject = names::subject(&supervisor.name);
    for child in &mut supervisor.children {
        arguments(child, &subject, diag);
    }
    significant(supervisor, diag);
    without_self(supervisor, diag);
    reserved_names(supervisor, &subject, diag);
    same_names(supervisor);
}

/// Reports a block without children that has methods which return a `ChildSpec`: their markers were forgotten. With a
/// child in the block, such a method may be a helper; so may one with arguments, for children that are started later.
pub(super) fn missing_children(block: &Block, supervisor: &Supervisor, diag: &Diag) {
    let unmarked = block.items.iter().filter_map(|item| match item {
        BlockItem::Method(method)
            if returns_child_spec(&method.sig) && plain_attributes::are_plain(&method.attrs) =>
        {
            Some(&method.sig.ident)
        }
        BlockItem::Method(_) | BlockItem::Other(_) => None,
    });
    for method in unmarked.filter(|_| supervisor.children.is_empty()) {
        let message = format!(
            "`{method}` returns a `ChildSpec`, but is not a child, so `{}` starts no process; mark it with `#[child]`",
            supervisor.name
        );
        diag.error(method, message);
    }
}

fn returns_child_spec(sig: &Signature) -> bool {
    let ReturnType::Type(_, ty) = &sig.output else {
        return false;
    };
    let Type::Path(path) = &**ty else {
        return false;
    };
    let last = path.path.segments.last();
    let takes_only_self = sig.receiver().is_some() && sig.inputs.len() == 1;
    takes_only_self && last.is_some_and(|last| last.ident == "ChildSpec")
}

/// Checks that a child's method takes only the supervisor's own handle, or nothing.
fn arguments(child: &mut Child, subject: &Ident, diag: &Diag) {
    let mut wrong = Vec::new();
    for (position, argument) in child.arguments.iter().enumerate() {
        if !is_borrowed(argument, subject) {
            let message = format!(
                "a `#[child]` method takes no argument other than `&self` and `app: &{subject}`; read the \
                 child's configuration from `self`, and its siblings from `app`"
            );
            wrong.push((argument, message));
        } else if position > 0 {
            let message =
                format!("a `#[child]` method takes at most one `&{subject}`; remove this argument");
            wrong.push((argument, message));
        }
    }
    for (argument, message) in &wrong {
        diag.error(argument, message);
    }
    child.broken |= !wrong.is_empty();
}

/// Returns whether an argument is `&AppSubject`, by any path.
fn is_borrowed(argument: &PatType, subject: &Ident) -> bool {
    let Type::Reference(reference) = &*argument.ty else {
        return false;
    };
    let Type::Path(path) = &*reference.elem else {
        return false;
    };
    let last = path.path.segments.last();
    reference.mutability.is_none() && last.is_some_and(|last| last.ident == *subject)
}

/// Checks significant children, whose end can stop the supervisor.
fn significant(supervisor: &mut Supervisor, diag: &Diag) {
    let auto_shutdown = supervisor.options.auto_shutdown.as_ref();
    let never = auto_shutdown.is_none_or(|word| word == "Never");
    for child in &mut supervisor.children {
        let options = &child.options;
        let Some(flag) = options.significant.as_ref().filter(|flag| *flag == "true") else {
            continue;
        };
        if let Some(restart) = options.restart.as_ref().filter(|word| *word == "Permanent") {
            let message = "a `Permanent` child cannot be significant, because it is always restarted; write \
                           `restart = Transient | Temporary`";
            diag.error(restart, message);
            child.broken = true;
        } else if never {
            let message = "a child cannot be significant with `auto_shutdown = Never`, the default; write \
                           `#[supervisor(auto_shutdown = Any | All)]`";
            diag.error(flag, message);
            child.broken = true;
        }
    }
}

/// Options are evaluated before there is a `self`.
fn without_self(supervisor: &mut Supervisor, diag: &Diag) {
    let options = &mut supervisor.options;
    for value in [&mut options.restarts, &mut options.within] {
        if let Some(value) = value.take_if(|value| reads_self(value.to_token_stream())) {
            let message = "the options of a supervisor cannot use `self`; use a constant, or `Supervisor::builder()`";
            diag.error(value, message);
        }
    }
    for child in &mut supervisor.children {
        let is_refused = |shutdown: &mut Shutdown| match shutdown {
            Shutdown::Word(_) => false,
            Shutdown::Expr(value) => reads_self(value.to_token_stream()),
        };
        if let Some(Shutdown::Expr(value)) = child.options.shutdown.take_if(is_refused) {
            let message = "the options of a child cannot use `self`; call `.shutdown(..)` on the `ChildSpec` in the method";
            diag.error(value, message);
        }
    }
}

/// The names of generated functions that a child cannot replace.
fn reserved_names(supervisor: &mut Supervisor, subject: &Ident, diag: &Diag) {
    let children = std::mem::take(&mut supervisor.children);
    for child in children {
        let name = child.ident.to_string();
        let reason = match name.as_str() {
            "start" => "`#[supervisor]` generates `start`, which starts the supervisor".to_owned(),
            "child_spec" => {
                "`#[supervisor]` generates `child_spec`, which makes the supervisor itself a child"
                    .to_owned()
            }
            "clone" => format!("`clone` would shadow `Clone::clone` of `{subject}`"),
            _ => {
                supervisor.children.push(child);
                continue;
            }
        };
        diag.error(&child.ident, format!("{reason}; choose another name"));
        supervisor.plain.push(UnmarkedMethod {
            ident: child.ident,
            attrs: child.attrs,
        });
    }
}

/// The compiler reports two methods with the same name; each use of the name would be another error. If one of them is
/// under a `cfg`, there may be no error.
fn same_names(supervisor: &mut Supervisor) {
    let plain = supervisor.plain.iter();
    let plain = plain.filter(|plain| !plain.attrs.has_cfg());
    let mut seen: Vec<Ident> = plain.map(|plain| plain.ident.clone()).collect();
    let mut doubled: Vec<Ident> = Vec::new();
    supervisor.children.retain(|child| {
        let is_second = !child.attrs.has_cfg() && seen.contains(&child.ident);
        let names = if is_second { &mut doubled } else { &mut seen };
        if !child.attrs.has_cfg() {
            names.push(child.ident.clone());
        }
        !is_second
    });
    for child in &mut supervisor.children {
        child.broken |= doubled.contains(&child.ident);
    }
}
