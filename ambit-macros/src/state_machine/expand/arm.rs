//! One arm of the match over state and event, and the target that it returns.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Attribute;

use super::cx::Cx;
use super::types;
use crate::spans::spanned;
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
        let into_next = quote!(#module::IntoNext::<#choice>::into_next);
        let into_next = spanned(into_next, &reaction.handler.output);
        let run = spanned(run.clone(), &reaction.handler.output);
        return quote!(#into_next(#run));
    }
    let only = only(cx, targets);
    match &reaction.handler.output {
        None => quote!(#run; #only),
        Some(output) => {
            // The compiler reports another type at the method's return type.
            let into_flow = spanned(quote!(#private::IntoFlow::into_flow), output);
            let run = spanned(run.clone(), output);
            quote!(#private::only(#into_flow(#run), #only))
        }
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
