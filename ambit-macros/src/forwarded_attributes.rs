//! The attributes of a method that are copied to the items generated for it.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token, parse_quote};

/// The attributes that are copied to generated items.
#[derive(Clone, Default)]
pub(crate) struct ForwardedAttributes {
    pub(crate) cfgs: Vec<Attribute>,
    /// The condition of each `cfg`.
    pub(crate) conditions: Vec<TokenStream>,
    pub(crate) docs: Vec<Attribute>,
    /// `deprecated`, `must_use`, `allow`, and `expect` as an `allow`: for the method of the handle.
    pub(crate) lints: Vec<Attribute>,
}

impl ForwardedAttributes {
    /// Selects the attributes of a method that are copied to generated items.
    pub(crate) fn of(attrs: &[Attribute]) -> Self {
        let mut forwarded = Self::default();
        for attribute in attrs {
            forwarded.add(attribute, &attribute.meta, None);
        }
        forwarded
    }

    /// Adds one attribute. `condition` is that of the enclosing `cfg_attr`.
    fn add(&mut self, at: &Attribute, meta: &Meta, condition: Option<&TokenStream>) {
        let Some(name) = meta.path().get_ident().map(Ident::to_string) else {
            return;
        };
        let under = |meta: TokenStream| Attribute {
            meta: match condition {
                Some(condition) => parse_quote!(cfg_attr(#condition, #meta)),
                None => parse_quote!(#meta),
            },
            ..at.clone()
        };
        match name.as_str() {
            "cfg" => {
                let Some(wanted) = condition_of(meta) else {
                    return;
                };
                let wanted = match condition {
                    Some(condition) => quote!(any(not(#condition), #wanted)),
                    None => wanted,
                };
                self.cfgs.push(Attribute {
                    meta: parse_quote!(cfg(#wanted)),
                    ..at.clone()
                });
                self.conditions.push(wanted);
            }
            "doc" => self.docs.push(under(quote!(#meta))),
            "deprecated" | "must_use" | "allow" => self.lints.push(under(quote!(#meta))),
            "expect" => self.lints.extend(allowed(meta).map(under)),
            "cfg_attr" => {
                for (inner, meta) in conditional(meta) {
                    let both = match condition {
                        Some(outer) => quote!(all(#outer, #inner)),
                        None => inner,
                    };
                    self.add(at, &meta, Some(&both));
                }
            }
            _ => {}
        }
    }

    /// Returns whether the method and another one are under different `cfg`s, so that each may replace the other.
    pub(crate) fn is_alternative(&self, other: &Self) -> bool {
        self.has_cfg() && other.has_cfg() && self.condition() != other.condition()
    }

    fn condition(&self) -> String {
        let conditions = &self.conditions;
        quote!(#(#conditions),*).to_string()
    }

    /// Adds the condition of another method: what both generate is compiled where one of them is.
    pub(crate) fn or(&mut self, other: &Self) {
        if !self.has_cfg() || self.condition() == other.condition() {
            return;
        }
        let (own, others) = (&self.conditions, &other.conditions);
        let either = quote!(any(all(#(#own),*), all(#(#others),*)));
        (self.cfgs, self.conditions) = match other.has_cfg() {
            true => (vec![parse_quote!(#[cfg(#either)])], vec![either]),
            false => (Vec::new(), Vec::new()),
        };
    }

    /// Returns whether the method is under a `cfg`.
    pub(crate) fn has_cfg(&self) -> bool {
        !self.cfgs.is_empty()
    }
}

fn condition_of(meta: &Meta) -> Option<TokenStream> {
    match meta {
        Meta::List(list) => Some(list.tokens.clone()),
        Meta::Path(_) | Meta::NameValue(_) => None,
    }
}

/// Turns `expect(..)` into `allow(..)`: the generated method need not trigger the expected lint, and an unfulfilled
/// expectation is a warning.
fn allowed(meta: &Meta) -> Option<TokenStream> {
    let Meta::List(list) = meta else {
        return None;
    };
    let (allow, lints) = (
        Ident::new("allow", list.path.get_ident()?.span()),
        &list.tokens,
    );
    Some(quote!(#allow(#lints)))
}

/// Returns the attributes in a `cfg_attr`, each with its condition.
fn conditional(meta: &Meta) -> Vec<(TokenStream, Meta)> {
    let parse = |input: ParseStream<'_>| {
        let mut condition = TokenStream::new();
        while !input.is_empty() && !input.peek(Token![,]) {
            condition.extend([input.parse::<TokenTree>()?]);
        }
        input.parse::<Option<Token![,]>>()?;
        let attributes = Punctuated::<Meta, Token![,]>::parse_terminated(input)?;
        let each = attributes.into_iter();
        Ok(each.map(|meta| (condition.clone(), meta)).collect())
    };
    let tokens = condition_of(meta).unwrap_or_default();
    parse.parse2(tokens).unwrap_or_default()
}
