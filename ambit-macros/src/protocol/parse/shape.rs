//! The parts that a method of a server may have and a method of a protocol may not: a body, a visibility, `async`, the
//! context, own parameters.
//!
//! The compiler never sees the method, so all of it is checked here, and removed.

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::{FnArg, GenericParam, Generics, ReturnType, Type, Visibility};

use crate::block::Method;
use crate::diag::{Diag, text};
use crate::gen_server::model::Role;

/// The parts found beside the signature.
pub(super) struct Shape {
    /// True if the method has its own parameters.
    pub(super) is_generic: bool,
}

impl Shape {
    /// Reports the parts that a method of a protocol cannot have, and removes them.
    pub(super) fn check(method: &mut Method, role: Role, diag: &Diag) -> Self {
        visibility(&method.vis, diag);
        body(method, diag);
        let sig = &mut method.sig;
        if let Some(token) = sig.asyncness.take() {
            let message = "a method of a protocol cannot be `async`; remove it here, and write it in the \
                           `#[gen_server]` block of each server";
            diag.error(token, message);
        }
        let is_generic = generics(&sig.generics, role, diag);
        if is_generic {
            sig.generics = Generics::default();
        }
        let inputs = std::mem::take(&mut sig.inputs);
        sig.inputs = inputs
            .into_iter()
            .filter(|input| !is_context(input, diag))
            .collect();
        if role == Role::Cast {
            output(&mut sig.output, diag);
        }
        Self { is_generic }
    }
}

fn visibility(vis: &Visibility, diag: &Diag) {
    if !matches!(vis, Visibility::Inherited) {
        let message = format!(
            "a method of a protocol has the visibility of the trait; remove `{}`",
            text(vis)
        );
        diag.error(vis, message);
    }
}

fn body(method: &Method, diag: &Diag) {
    // The compiler reports a missing semicolon itself.
    if let Some(body @ TokenTree::Group(_)) = method.body() {
        let message = "a method of a protocol cannot have a body; write `;` instead";
        diag.error(body, message);
    }
}

/// Reports each parameter; the rest of the method is read as if there were none.
fn generics(generics: &Generics, role: Role, diag: &Diag) -> bool {
    let a_marker = role.a_marker();
    let instead = |name: &dyn ToTokens| {
        format!(
            "{a_marker} method cannot be generic; declare `{}` on the trait, or take a concrete type",
            text(name)
        )
    };
    let mut found = false;
    for param in &generics.params {
        match param {
            // Reported where it is used.
            GenericParam::Lifetime(_) => continue,
            GenericParam::Type(param) => diag.error(&param.ident, instead(&param.ident)),
            GenericParam::Const(param) => diag.error(param, instead(&param.ident)),
        }
        found = true;
    }
    if let (true, Some(clause)) = (generics.params.is_empty(), &generics.where_clause)
        && !clause.predicates.is_empty()
    {
        let message =
            format!("{a_marker} method cannot have a `where` clause; move it to the trait");
        diag.error(clause, message);
        found = true;
    }
    found
}

/// Recognises the context, which a server's method can take, and reports it.
fn is_context(input: &FnArg, diag: &Diag) -> bool {
    let FnArg::Typed(argument) = input else {
        return false;
    };
    let Type::Reference(reference) = &*argument.ty else {
        return false;
    };
    let Type::Path(path) = &*reference.elem else {
        return false;
    };
    let found = path
        .path
        .segments
        .last()
        .is_some_and(|last| last.ident == "Context");
    if found {
        let message = format!(
            "a method of a protocol cannot take a context; remove `{}`, and take it in the `#[gen_server]` \
             block of each server",
            text(&argument.pat)
        );
        diag.error(argument, message);
    }
    found
}

fn output(output: &mut ReturnType, diag: &Diag) {
    let ReturnType::Type(_, ty) = &*output else {
        return;
    };
    if !matches!(&**ty, Type::Tuple(tuple) if tuple.elems.is_empty()) {
        let message = "a `#[cast]` has no reply; remove the return type, or write `#[call]`";
        diag.error(ty, message);
    }
    *output = ReturnType::Default;
}
