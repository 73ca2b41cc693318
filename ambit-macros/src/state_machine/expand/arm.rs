//! One arm of the match over state and event, and the target that it returns.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Attribute;

use super::cx::Cx;
use super::types;
use crate::state_machine::model::{Reaction, Target};

/// One arm of the match over state and event.
pub(super) struct Arm<'a> {
    pub(super) cfgs: &'a [Attribute],
    pub(super) pattern: TokenStream,
    /// An expression of type `Next`.
    pub(super) body: TokenStream,
    /// The async method that it awaits.
    pub(super) waits: Option<&'a Ident>,
}

impl Arm<'_> {
    pub(super) fn written(&self) -> TokenStream {
        let Self {
            cfgs,
            pattern,
            body,
            ..
        } = self;
        quote!(#(#cfgs)* #pattern => #body,)
    }
}

/// Any other event: the target, unless the method stops the machine.
pub(super) fn moved(
    cx: &Cx<'_>,
    reaction: &Reaction,
    run: &TokenStream,
    targets: &[Target],
) -> TokenStream {
    let (private, module) = (&cx.base.private, &cx.module);
    if let Some(choice) = cx.choice(reaction) {
        return quote!(#module::IntoNext::<#choice>::into_next(#run));
    }
    let only = only(cx, targets);
    match &reaction.handler.output {
        None => quote!(#run; #only),
        Some(_) => quote!(#private::only(#run, #only)),
    }
}

/// Returns the only target of a rule; without any the state stays.
pub(super) fn only(cx: &Cx<'_>, targets: &[Target]) -> TokenStream {
    let module = &cx.module;
    targets.first().map_or_else(
        || quote!(#module::Next::Stay),
        |target| types::next(cx, target),
    )
}
