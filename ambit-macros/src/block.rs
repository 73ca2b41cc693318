//! Reads an impl block without parsing its bodies.
//!
//! `syn::ItemImpl` fails on a block with one half-typed line in it, and then the editor loses the whole handle while
//! the user types. So this module reads the block item by item, as attributes, signature and an opaque group of braces;
//! other items pass through as their original tokens. No user tokens are lost, in any state of the block.

use crate::argument;
use crate::diag::text;
use crate::quoting::no_params;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt, quote};
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, FnArg, Generics, Ident, Path, ReceiverKind, ReturnType, Signature, Token, Type,
    Visibility, braced, parse_quote, token,
};

/// An impl block with opaque bodies.
pub(crate) struct Block {
    pub(crate) attrs: Vec<Attribute>,
    qualifiers: TokenStream,
    pub(crate) impl_token: Token![impl],
    pub(crate) generics: Generics,
    /// The trait, if the block implements one.
    pub(crate) of_trait: Option<(Path, Token![for])>,
    pub(crate) self_ty: Type,
    brace: token::Brace,
    inner_attrs: Vec<Attribute>,
    pub(crate) items: Vec<BlockItem>,
}

/// An item of an impl block.
pub(crate) enum BlockItem {
    Method(Box<Method>),
    Other(OtherItem),
}

/// A method, its body not parsed.
pub(crate) struct Method {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    defaultness: Option<Token![default]>,
    pub(crate) sig: Signature,
    /// True if an argument was marked `#[ctx]`.
    pub(crate) has_context_mark: bool,
    /// True if the method has a role and takes the context.
    pub(crate) takes_context: bool,
    /// The group of braces, a semicolon, or nothing yet.
    body: TokenStream,
}

/// Anything that is not a readable method.
pub(crate) struct OtherItem {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) kind: OtherKind,
    tokens: TokenStream,
}

/// The kind of an [`Other`], as far as it can be recognised.
pub(crate) enum OtherKind {
    /// A const or a type.
    Assoc,
    /// `path!(..)`.
    Macro(Path),
    /// A method whose signature cannot be parsed, with the error.
    Unfinished(syn::Error),
}

impl Parse for Block {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let mut qualifiers = TokenStream::new();
        qualifiers.append_all(input.parse::<Option<Token![default]>>()?);
        qualifiers.append_all(input.parse::<Option<Token![unsafe]>>()?);
        let impl_token = input.parse()?;
        let mut generics: Generics = if input.peek(Token![<]) {
            input.parse()?
        } else {
            Generics::default()
        };
        let mut self_ty: Type = input.parse()?;
        let mut of_trait = None;
        if let Some(for_token) = input.parse::<Option<Token![for]>>()? {
            let Type::Path(path) = &self_ty else {
                return Err(syn::Error::new_spanned(&self_ty, "expected a trait"));
            };
            of_trait = Some((path.path.clone(), for_token));
            self_ty = input.parse()?;
        }
        generics.where_clause = input.parse()?;
        let content;
        let brace = braced!(content in input);
        let inner_attrs = content.call(Attribute::parse_inner)?;
        let mut items = Vec::new();
        while !content.is_empty() {
            let mut item = content.parse()?;
            if let BlockItem::Method(method) = &mut item {
                name_self(&mut method.sig, &self_ty);
            }
            items.push(item);
        }
        Ok(Self {
            attrs,
            qualifiers,
            impl_token,
            generics,
            of_trait,
            self_ty,
            brace,
            inner_attrs,
            items,
        })
    }
}

impl Parse for BlockItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let unfinished = |attrs, error| {
            let kind = OtherKind::Unfinished(error);
            let tokens = take_item(input)?;
            Ok(Self::Other(OtherItem {
                attrs,
                kind,
                tokens,
            }))
        };
        let ahead = input.fork();
        let attrs = match ahead.call(Attribute::parse_outer) {
            Ok(attrs) => attrs,
            Err(error) => return unfinished(Vec::new(), error),
        };
        input.advance_to(&ahead);
        if let Some(kind) = other_kind(input) {
            let tokens = take_to_semicolon(input, &kind)?;
            return Ok(Self::Other(OtherItem {
                attrs,
                kind,
                tokens,
            }));
        }
        let ahead = input.fork();
        match Method::parse(&ahead) {
            Ok(method) => {
                input.advance_to(&ahead);
                Ok(Self::Method(Box::new(Method { attrs, ..method })))
            }
            Err(error) => unfinished(attrs, error),
        }
    }
}

impl Parse for Method {
    /// Parses the tokens after the attributes.
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let vis = input.parse()?;
        let defaultness = input.parse()?;
        let mut sig: Signature = input.parse()?;
        ungroup_types(&mut sig);
        let body = if input.peek(token::Brace) || input.peek(Token![;]) {
            input.parse::<TokenTree>()?.into()
        } else {
            TokenStream::new()
        };
        Ok(Self {
            attrs: Vec::new(),
            vis,
            defaultness,
            sig,
            has_context_mark: false,
            takes_context: false,
            body,
        })
    }
}

/// Writes `self: &Counter` in a block of `Counter` as `self: &Self`.
fn name_self(sig: &mut Signature, self_ty: &Type) {
    if let Some(FnArg::Receiver(receiver)) = sig.inputs.first_mut()
        && let ReceiverKind::Typed(_, ty) = &mut receiver.kind
        && let Type::Reference(reference) = &mut **ty
        && text(&reference.elem) == text(self_ty)
    {
        *reference.elem = parse_quote!(Self);
    }
}

/// Removes the invisible groups around the types of a signature, which `$ty:ty` of a `macro_rules!` macro leaves there:
/// `()` and `Context<Self>` are then recognised.
fn ungroup_types(sig: &mut Signature) {
    for input in &mut sig.inputs {
        if let FnArg::Typed(argument) = input {
            ungroup(&mut argument.ty);
        }
    }
    if let ReturnType::Type(_, ty) = &mut sig.output {
        ungroup(ty);
    }
}

fn ungroup(ty: &mut Type) {
    while let Type::Group(group) = ty {
        let inner = (*group.elem).clone();
        *ty = inner;
    }
    // Other types need their group there: `&$ty` of `dyn A + B`.
    if let Type::Reference(reference) = ty
        && let Type::Group(group) = &*reference.elem
        && let Type::Path(_) = &*group.elem
    {
        ungroup(&mut reference.elem);
    }
}

impl Method {
    /// Returns the tokens after the signature: the group of braces, a semicolon, or nothing yet.
    pub(crate) fn body(&self) -> Option<TokenTree> {
        self.body.clone().into_iter().next()
    }

    /// Silences the lints that advise against the shape that a marker requires, owned arguments and a receiver, and
    /// removes the attributes of arguments that only the macro knows.
    pub(crate) fn allow_shape(&mut self) {
        argument::strip(&mut self.sig);
        let is_doc = |attribute: &&Attribute| attribute.path().is_ident("doc");
        let docs = self.attrs.iter().take_while(is_doc).count();
        let allow = parse_quote!(#[allow(clippy::needless_pass_by_value, clippy::unused_self)]);
        self.attrs.insert(docs, allow);
    }

    /// Removes the names of these arguments, which have been reported.
    pub(crate) fn ignore_arguments(&mut self, positions: &[usize]) {
        for position in positions {
            if let Some(FnArg::Typed(argument)) = self.sig.inputs.get_mut(*position) {
                argument.pat = parse_quote!(_);
            }
        }
    }
}

impl OtherItem {
    /// Removes an associated type, which the compiler would report as well.
    pub(crate) fn leave_out_type(&mut self) {
        let is_type = |tree: TokenTree| matches!(tree, TokenTree::Ident(word) if word == "type");
        if self.tokens.clone().into_iter().any(is_type) {
            self.attrs.clear();
            self.tokens = TokenStream::new();
        }
    }
}

/// Recognises an item that is certainly not a method.
fn other_kind(input: ParseStream<'_>) -> Option<OtherKind> {
    let ahead = input.fork();
    ahead.parse::<Visibility>().ok()?;
    ahead.parse::<Option<Token![default]>>().ok()?;
    if ahead.peek(Token![type]) {
        return Some(OtherKind::Assoc);
    }
    if ahead.peek(Token![const]) {
        let function = ahead.peek2(Token![fn])
            || ahead.peek2(Token![async])
            || ahead.peek2(Token![unsafe])
            || ahead.peek2(Token![extern]);
        return (!function).then_some(OtherKind::Assoc);
    }
    let path = ahead.call(Path::parse_mod_style).ok()?;
    ahead.peek(Token![!]).then_some(OtherKind::Macro(path))
}

/// Takes the tokens of a const, a type or a macro call.
fn take_to_semicolon(input: ParseStream<'_>, kind: &OtherKind) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() {
        let braced_macro = matches!(kind, OtherKind::Macro(_)) && input.peek(token::Brace);
        let last = braced_macro || input.peek(Token![;]);
        tokens.append(input.parse::<TokenTree>()?);
        if last || starts_item(input) {
            break;
        }
    }
    Ok(tokens)
}

/// Takes the tokens of a method that cannot be parsed: up to its body, or up to a likely start of the next item.
fn take_item(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    let mut seen_fn = false;
    while !input.is_empty() {
        let last = input.peek(Token![;]);
        seen_fn |= input.peek(Token![fn]);
        let tree: TokenTree = input.parse()?;
        let body =
            matches!(&tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        tokens.append(tree);
        if last || body || (seen_fn && starts_item(input)) {
            break;
        }
    }
    Ok(tokens)
}

/// Returns whether a new item begins here: an attribute, a visibility or a function with a name.
fn starts_item(input: ParseStream<'_>) -> bool {
    let qualified = |token: bool| token && (input.peek2(Token![fn]));
    (input.peek(Token![#]) && input.peek2(token::Bracket))
        || input.peek(Token![pub])
        || (input.peek(Token![fn]) && input.peek2(Ident))
        || qualified(input.peek(Token![async]))
}

impl ToTokens for Block {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        // A method with a marker cannot be `const`. The user's own attributes come later, and win.
        tokens.append_all(quote!(#[allow(clippy::missing_const_for_fn)]));
        tokens.append_all(&self.attrs);
        self.qualifiers.to_tokens(tokens);
        self.impl_token.to_tokens(tokens);
        if self.generics.params.is_empty() {
            no_params().to_tokens(tokens);
        } else {
            self.generics.to_tokens(tokens);
        }
        if let Some((path, for_token)) = &self.of_trait {
            path.to_tokens(tokens);
            for_token.to_tokens(tokens);
        }
        self.self_ty.to_tokens(tokens);
        self.generics.where_clause.to_tokens(tokens);
        self.brace.surround(tokens, |tokens| {
            tokens.append_all(&self.inner_attrs);
            for item in &self.items {
                item.to_tokens(tokens);
            }
        });
    }
}

impl ToTokens for BlockItem {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Method(method) => {
                tokens.append_all(&method.attrs);
                method.vis.to_tokens(tokens);
                method.defaultness.to_tokens(tokens);
                method.sig.to_tokens(tokens);
                method.body.to_tokens(tokens);
            }
            Self::Other(other) => other.to_tokens(tokens),
        }
    }
}

impl ToTokens for OtherItem {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(&self.attrs);
        self.tokens.to_tokens(tokens);
    }
}
