//! The parts that a method of a server may have and a method of a protocol may not: a body, a visibility, `async`, the
//! context, own parameters.
//!
//! The compiler never sees the method, so all of it is checked here, and removed.

use proc_macro2::{Ident, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{
    FnArg, GenericArgument, GenericParam, Generics, PathArguments, ReturnType, Signature, Type,
    Visibility,
};

use crate::block::Method;
use crate::diag::{Diag, text};
use crate::gen_server::model::Role;

/// The parts found beside the signature.
pub(super) struct Shape {
    /// True if the method has its own parameters, or `Self` as a value.
    pub(super) is_bad: bool,
}

impl Shape {
    /// Reports the parts that a method of the protocol `name` cannot have, and removes them.
    pub(super) fn check(name: &Ident, method: &mut Method, role: Role, diag: &Diag) -> Self {
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
        let has_self = values_of_self(name, sig, diag);
        Self {
            is_bad: is_generic || has_self,
        }
    }
}

/// Reports `Self` where a value of it is passed, and replaces it: it is the trait object of the protocol, without a
/// size.
fn values_of_self(name: &Ident, sig: &mut Signature, diag: &Diag) -> bool {
    let mut found = Vec::new();
    for input in &mut sig.inputs {
        if let FnArg::Typed(argument) = input {
            take_self(&mut argument.ty, &mut found);
        }
    }
    if let ReturnType::Type(_, ty) = &mut sig.output {
        take_self(ty, &mut found);
    }
    let message = format!(
        "a protocol does not know the types of its servers; write the handle `{}Subject` instead of `Self`",
        name.unraw()
    );
    for place in &found {
        diag.error(place, &message);
    }
    !found.is_empty()
}

/// The types of std and ambit that contain their parameters as values.
const CONTAINERS: [&str; 6] = ["Option", "Vec", "VecDeque", "Result", "Box", "ReplyTo"];

fn take_self(ty: &mut Type, found: &mut Vec<Type>) {
    match ty {
        Type::Path(path) if path.qself.is_none() && path.path.is_ident("Self") => {
            found.push(std::mem::replace(ty, syn::parse_quote!(())));
        }
        Type::Path(path) => {
            let word = path.path.segments.last_mut();
            let word = word.filter(|word| CONTAINERS.iter().any(|name| word.ident == name));
            if let Some(PathArguments::AngleBracketed(arguments)) =
                word.map(|word| &mut word.arguments)
            {
                for argument in &mut arguments.args {
                    if let GenericArgument::Type(ty) = argument {
                        take_self(ty, found);
                    }
                }
            }
        }
        Type::Tuple(tuple) => {
            for ty in &mut tuple.elems {
                take_self(ty, found);
            }
        }
        Type::Array(array) => take_self(&mut array.elem, found),
        Type::Group(group) => take_self(&mut group.elem, found),
        Type::Paren(paren) => take_self(&mut paren.elem, found),
        _ => {}
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
