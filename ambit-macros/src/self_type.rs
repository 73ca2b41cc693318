//! Replaces `Self` in user tokens by the server's type.
//!
//! The user writes an argument type inside `impl Counter`; the macro copies it to `enum CounterCall`, where `Self`
//! would mean the enum.

use proc_macro2::{Delimiter, Group, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::Parse;
use syn::{GenericParam, Generics, Type};

use crate::diag::text;
use crate::names::mentions;

/// The type that `Self` refers to.
pub(crate) struct SelfType {
    ty: Type,
    tokens: TokenStream,
}

impl SelfType {
    /// Creates it from the type of the impl block.
    pub(crate) fn new(ty: &Type) -> Self {
        Self {
            ty: ty.clone(),
            tokens: ty.to_token_stream(),
        }
    }

    pub(crate) fn ty(&self) -> &Type {
        &self.ty
    }

    /// Formats the type, for error messages.
    pub(crate) fn text(&self) -> String {
        text(&self.tokens)
    }

    /// Returns a copy of `node` that means the same outside the impl block.
    pub(crate) fn resolve<T: Parse + ToTokens + Clone>(&self, node: &T) -> T {
        let tokens = node.to_token_stream();
        if !mentions(tokens.clone(), "Self") {
            return node.clone();
        }
        syn::parse2(self.replace(tokens)).unwrap_or_else(|_| node.clone())
    }

    /// The same for the parameters and the where-clause of the block.
    pub(crate) fn resolve_generics(&self, generics: &Generics) -> Generics {
        let mut resolved = self.resolve(generics);
        let clause = generics.where_clause.as_ref();
        resolved.where_clause = clause.map(|clause| self.resolve(clause));
        resolved
    }

    fn replace(&self, tokens: TokenStream) -> TokenStream {
        let mut out = TokenStream::new();
        let mut trees = tokens.into_iter().peekable();
        while let Some(tree) = trees.next() {
            match tree {
                TokenTree::Ident(ident) if ident == "Self" => {
                    let projected = matches!(trees.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint);
                    out.extend(self.at(ident.span(), projected));
                }
                TokenTree::Group(group) => {
                    let mut replaced = Group::new(group.delimiter(), self.replace(group.stream()));
                    replaced.set_span(group.span());
                    out.extend([TokenTree::Group(replaced)]);
                }
                other => out.extend([other]),
            }
        }
        out
    }

    /// Returns the type, pointing at the `Self` it replaces; `Self::Item` needs `<Counter>::Item`.
    fn at(&self, span: Span, projected: bool) -> TokenStream {
        let ty = respan(self.tokens.clone(), span);
        if !projected {
            return ty;
        }
        let punct = |char| {
            let mut punct = Punct::new(char, Spacing::Alone);
            punct.set_span(span);
            TokenStream::from(TokenTree::Punct(punct))
        };
        [punct('<'), ty, punct('>')].into_iter().collect()
    }
}

/// Returns the parameters without the defaults that mention `Self`, and those before them: a generated type has another
/// `Self`.
pub(crate) fn defaults_without_self(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    let params: Vec<&mut GenericParam> = generics.params.iter_mut().collect();
    let mentions_self = |param: &&mut GenericParam| match &**param {
        GenericParam::Type(param) => param
            .default
            .as_ref()
            .is_some_and(|(_, default)| mentions(default.to_token_stream(), "Self")),
        GenericParam::Const(_) | GenericParam::Lifetime(_) => false,
    };
    let last = params.iter().rposition(mentions_self);
    for param in params.into_iter().take(last.map_or(0, |last| last + 1)) {
        match param {
            GenericParam::Type(param) => param.default = None,
            GenericParam::Const(param) => param.default = None,
            GenericParam::Lifetime(_) => {}
        }
    }
    generics
}

fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    let moved = tokens.into_iter().map(|mut tree| {
        if let TokenTree::Group(group) = &tree {
            let delimiter: Delimiter = group.delimiter();
            tree = TokenTree::Group(Group::new(delimiter, respan(group.stream(), span)));
        }
        tree.set_span(span);
        tree
    });
    moved.collect()
}

/// Returns whether an expression reads the value `self`; `self::GRACE` is a path in this module.
pub(crate) fn reads_self(tokens: TokenStream) -> bool {
    let mut trees = tokens.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let found = match tree {
            TokenTree::Ident(word) if word == "self" => {
                let is_colon = |next: &TokenTree| matches!(next, TokenTree::Punct(punct) if punct.as_char() == ':');
                !trees.peek().is_some_and(is_colon)
            }
            TokenTree::Group(group) => reads_self(group.stream()),
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}
