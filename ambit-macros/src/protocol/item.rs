//! Reads a trait item by item, as `block` reads an impl block, and writes the remaining trait.
//!
//! The remaining trait has no methods: `dyn Kv` must be a valid type whatever they take, and they are called only
//! through the handle.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, TokenStreamExt, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Generics, Token, TypeParamBound, Visibility, braced, parse_quote, token};

use crate::block::BlockItem;
use crate::docs;
use crate::names::subject;

/// A trait, its methods not parsed.
pub(crate) struct Trait {
    attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    /// `unsafe`, `auto`
    pub(crate) qualifiers: TokenStream,
    trait_token: Token![trait],
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) supertraits: Punctuated<TypeParamBound, Token![+]>,
    brace: token::Brace,
    inner_attrs: Vec<Attribute>,
    pub(crate) items: Vec<BlockItem>,
    /// The bounds on a server of the protocol.
    pub(crate) demands: Vec<Ident>,
}

impl Trait {
    /// Adds a pointer to the methods to the documentation, and has its links lead to them.
    pub(crate) fn documents(&mut self, name: &Ident, handle_has: &dyn Fn(&str) -> bool) {
        let handle = subject(name);
        docs::on_protocol(
            &mut self.attrs,
            &name.to_string(),
            &handle.to_string(),
            handle_has,
        );
        let text = format!(
            "\n\n# Handle and servers\n\n[`{handle}`] has a method for each call and cast. A server implements it with \
             `#[gen_server(protocol = {name})]`."
        );
        self.attrs.push(parse_quote!(#[doc = #text]));
    }
}

impl Parse for Trait {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let mut qualifiers = TokenStream::new();
        qualifiers.append_all(input.parse::<Option<Token![unsafe]>>()?);
        qualifiers.append_all(input.parse::<Option<Token![auto]>>()?);
        let trait_token = input.parse()?;
        let ident = input.parse()?;
        let mut generics: Generics = input.parse()?;
        let mut supertraits = Punctuated::new();
        if input.parse::<Option<Token![:]>>()?.is_some() {
            while !input.peek(Token![where]) && !input.peek(token::Brace) {
                supertraits.push_value(input.parse()?);
                if !input.peek(Token![+]) {
                    break;
                }
                supertraits.push_punct(input.parse()?);
            }
        }
        generics.where_clause = input.parse()?;
        let content;
        let brace = braced!(content in input);
        let inner_attrs = content.call(Attribute::parse_inner)?;
        let mut items = Vec::new();
        while !content.is_empty() {
            items.push(content.parse()?);
        }
        Ok(Self {
            attrs,
            vis,
            qualifiers,
            trait_token,
            ident,
            generics,
            supertraits,
            brace,
            inner_attrs,
            items,
            demands: Vec::new(),
        })
    }
}

impl ToTokens for Trait {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attrs,
            vis,
            trait_token,
            ident,
            generics,
            demands,
            ..
        } = self;
        let demands = (!demands.is_empty()).then(|| quote!(: #(#demands)+*));
        let clause = &generics.where_clause;
        tokens.append_all(quote! {
            #(#attrs)*
            #[allow(dead_code, private_bounds)]
            #vis #trait_token #ident #generics #demands #clause
        });
        self.brace
            .surround(tokens, |tokens| tokens.append_all(&self.inner_attrs));
    }
}
