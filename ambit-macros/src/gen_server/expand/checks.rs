//! The impls that check once that a type can be sent, for all items that require it.
//!
//! A bound on a type without a parameter of the block is checked again at each use of an item that has it, so one type
//! that is not `Send` would be an error at each use of the server. An impl whose supertrait is that bound is checked
//! where it is written, at the user's type, and nowhere else; all other items require the impl.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

use crate::gen_server::model::Server;
use crate::names::hash;
use crate::spans::spanned;

/// The impls of one server, each once.
#[derive(Default)]
pub(crate) struct Checks {
    seen: Vec<String>,
    impls: Vec<TokenStream>,
}

impl Checks {
    /// Checks that a type of a message or a reply can be sent.
    pub(super) fn payload(&mut self, server: &Server, ambit: &TokenStream, ty: &impl ToTokens) {
        let bound = payload(server, ambit, ty);
        self.push(server, &bound, &ty.to_token_stream());
    }

    /// Checks that the state can be sent.
    pub(super) fn state(&mut self, server: &Server, ambit: &TokenStream) {
        let bound = state(server, ambit);
        self.push(server, &bound, &server.self_ty.to_token_stream());
    }

    /// Checks that the state can be shared, because of this receiver.
    pub(crate) fn shared_state(
        &mut self,
        server: &Server,
        ambit: &TokenStream,
        receiver: &impl ToTokens,
    ) {
        let last = receiver.to_token_stream().into_iter().last();
        let ty = spanned(server.self_ty.to_token_stream(), &last);
        self.push(server, &shared_state(server, ambit), &ty);
    }

    fn push(&mut self, server: &Server, bound: &TokenStream, ty: &TokenStream) {
        let key = quote!(#ty: #bound).to_string();
        if self.seen.contains(&key) {
            return;
        }
        self.seen.push(key);
        let (generics, _, clause) = server.generics.split_for_impl();
        self.impls
            .push(quote!(#[allow(deprecated)] impl #generics #bound for #ty #clause {}));
    }
}

impl ToTokens for Checks {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.impls.iter().cloned());
    }
}

/// Returns the bound that [`Checks::payload`] implements. The number keeps a type and its alias apart.
pub(super) fn payload(server: &Server, ambit: &TokenStream, ty: &impl ToTokens) -> TokenStream {
    let (by, number) = (&server.self_ty, number(server, &quote!(#ty)));
    quote!(#ambit::written::Sent<#by, #number>)
}

/// Returns the bound that [`Checks::state`] implements.
pub(super) fn state(server: &Server, ambit: &TokenStream) -> TokenStream {
    let number = number(server, &TokenStream::new());
    quote!(#ambit::written::SentState<#number>)
}

/// Returns the bound that [`Checks::shared_state`] implements.
pub(super) fn shared_state(server: &Server, ambit: &TokenStream) -> TokenStream {
    let number = number(server, &TokenStream::new());
    quote!(#ambit::written::SyncState<#number>)
}

/// Returns the number of a type in a block. A second block for the same server, which is an error, has other methods and so
/// other numbers: the checks add no errors.
fn number(server: &Server, ty: &TokenStream) -> Literal {
    let methods = server.handlers().map(|handler| &handler.ident);
    let text = quote!(#ty #(#methods)*).to_string();
    Literal::u64_unsuffixed(hash(text.bytes()) >> 32)
}
