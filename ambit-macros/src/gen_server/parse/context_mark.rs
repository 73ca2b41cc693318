//! `#[ctx]`, which marks the context among the arguments of a method.

use proc_macro2::TokenStream;
use syn::{Attribute, FnArg};

use crate::block::Method;
use crate::markers::Markers;

/// A `#[ctx]` that was removed from the argument at this position.
pub(crate) struct ContextMark {
    pub(super) position: usize,
    attribute: Attribute,
}

impl quote::ToTokens for ContextMark {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.attribute.to_tokens(tokens);
    }
}

/// Removes `#[ctx]` from the arguments; the returned positions are those of the marked arguments.
pub(crate) fn take_context_marks(method: &mut Method, markers: &Markers) -> Vec<ContextMark> {
    let mut marks = Vec::new();
    for (position, input) in method.sig.inputs.iter_mut().enumerate() {
        let attrs = match input {
            FnArg::Typed(argument) => &mut argument.attrs,
            FnArg::Receiver(receiver) => &mut receiver.attrs,
        };
        attrs.retain(|attribute| {
            let is_mark = markers.is_ctx(&attribute.meta);
            if is_mark {
                marks.push(ContextMark {
                    position,
                    attribute: attribute.clone(),
                });
            }
            !is_mark
        });
    }
    method.has_context_mark = !marks.is_empty();
    marks
}
