//! Parses the user's block into the model.
//!
//! Reads options, markers and signatures, removes the markers from the block, and reports every error within one
//! method; `check` reports errors that concern several methods, or a name.

mod attributes;
mod signature;

use proc_macro2::Ident;
use syn::{Attribute, FnArg};

use self::attributes::child_options;
pub(super) use self::attributes::supervisor_options;
use self::signature::Signature;
use super::model::{Child, Supervisor, SupervisorOptions, UnmarkedMethod};
use crate::block::{Block, BlockItem, Method, OtherItem, OtherKind};
use crate::diag::Diag;
use crate::forwarded_attributes::ForwardedAttributes;
use crate::markers::{self, Marker, Markers};
use crate::self_type::SelfType;

/// Reads the block, and leaves the user's own impl block in it.
pub(super) fn supervisor(
    options: SupervisorOptions,
    block: &mut Block,
    name: Ident,
    markers: &Markers,
    diag: &Diag,
) -> (Supervisor, Vec<Ident>) {
    let self_ty = SelfType::new(&block.self_ty);
    let mut supervisor = Supervisor {
        name,
        self_ty: block.self_ty.clone(),
        generics: self_ty.resolve_generics(&block.generics),
        options,
        children: Vec::new(),
        plain: Vec::new(),
    };
    let mut hover = Vec::new();
    for item in &mut block.items {
        match item {
            BlockItem::Method(method) => match take_marker(&mut method.attrs, markers, diag) {
                Some(marker) => {
                    hover.extend(marker.name().cloned());
                    let child = child(method, &marker, &self_ty, markers, diag);
                    supervisor.children.push(child);
                }
                None => supervisor.plain.push(UnmarkedMethod {
                    ident: method.sig.ident.clone(),
                    attrs: ForwardedAttributes::of(&method.attrs),
                }),
            },
            BlockItem::Other(other) => read_other(other, markers, diag),
        }
    }
    (supervisor, hover)
}

/// Removes `#[child]` from an item; a second one is reported and dropped, and so are a server's roles.
fn take_marker(
    attrs: &mut Vec<Attribute>,
    markers: &Markers,
    diag: &Diag,
) -> Option<Marker<markers::Child>> {
    for foreign in markers.take(attrs, Markers::role) {
        let role = foreign.mark.marker();
        let message = format!(
            "`{role}` can only be used in a `#[gen_server]` block; move this method to a server, and start that \
             server as a `#[child]`"
        );
        diag.error(foreign.attribute, message);
    }
    let mut found = markers.take(attrs, Markers::child).into_iter();
    let marker = found.next()?;
    for second in found {
        let message = "this method is already a `#[child]`; remove one of the two markers";
        diag.error(second.attribute, message);
    }
    if marker.hidden {
        let message = "`#[child]` cannot be in a `cfg_attr`; write `#[cfg(..)]` and `#[child]` as two attributes";
        diag.error(&marker.attribute, message);
    }
    Some(marker)
}

fn read_other(other: &mut OtherItem, markers: &Markers, diag: &Diag) {
    let marker = take_marker(&mut other.attrs, markers, diag);
    match (&other.kind, marker) {
        (OtherKind::Assoc, Some(_)) => {
            diag.error(&*other, "`#[child]` can only be applied to a method, `fn`; remove it");
        }
        (OtherKind::Macro(path), _) => diag.error(
            path,
            "`#[supervisor]` cannot see the methods that a macro call generates; write them out, or move the \
             call to another impl block",
        ),
        (OtherKind::Unfinished(error), Some(_)) => diag.push(error.clone()),
        (OtherKind::Assoc | OtherKind::Unfinished(_), None) => {}
    }
}

fn child(
    method: &mut Method,
    marker: &Marker<markers::Child>,
    self_ty: &SelfType,
    markers: &Markers,
    diag: &Diag,
) -> Child {
    // The argument inside is an error, which is reported once.
    for input in &mut method.sig.inputs {
        if let FnArg::Typed(argument) = input {
            argument
                .attrs
                .retain(|attribute| !markers.is_ctx(&attribute.meta));
        }
    }
    let Signature {
        arguments,
        output,
        bad,
    } = Signature::read(&method.sig, diag);
    let child = Child {
        ident: method.sig.ident.clone(),
        vis: method.vis.clone(),
        attrs: ForwardedAttributes::of(&method.attrs),
        options: child_options(marker, diag),
        arguments,
        output: output.map(|ty| self_ty.resolve(&ty)),
        generics: method.sig.generics.clone(),
        broken: bad || marker.hidden,
    };
    method.allow_shape();
    child
}
