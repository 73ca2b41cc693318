//! The role markers: their names, how they are recognised, and their errors outside a block.
//!
//! The macro removes the markers inside a `#[gen_server]`, `#[state_machine]` or `#[supervisor]` block before the
//! compiler resolves their names. They exist as real attributes nevertheless: a misspelt `#[calls]` then gets the
//! compiler's "similar name" help, editors complete and explain them, and a marker outside a block explains where to
//! use it.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Path, Token};

use crate::gen_server::model::Role;
use crate::options::skip_to_comma;

/// Recognises the markers of one block.
pub(crate) struct Markers {
    /// The path of `crate = ..`.
    krate: Option<Path>,
    /// The roles that methods of the block can have.
    roles: &'static [Role],
}

impl Markers {
    /// Creates it with the path of the runtime crate, if that is not `::ambit`.
    pub(crate) fn new(krate: Option<&Path>) -> Self {
        Self {
            krate: krate.cloned(),
            roles: &Role::SERVER,
        }
    }

    /// The same for a state machine.
    pub(crate) fn of_machine(krate: Option<&Path>) -> Self {
        Self {
            roles: &Role::MACHINE,
            ..Self::new(krate)
        }
    }

    /// Returns the role of an attribute: `#[call]`, `#[ambit::call(..)]`.
    pub(crate) fn role(&self, attribute: &Meta) -> Option<Role> {
        let name = self.name(attribute.path())?;
        let mut roles = self.roles.iter().copied();
        roles.find(|role| name == role.name())
    }

    /// Returns whether an attribute is `#[child]`.
    pub(crate) fn child(&self, attribute: &Meta) -> Option<Child> {
        self.name(attribute.path())
            .is_some_and(|name| name == Child::NAME)
            .then_some(Child)
    }

    /// Removes all markers of one sort from an item.
    pub(crate) fn take<M>(
        &self,
        attrs: &mut Vec<Attribute>,
        read: impl Fn(&Self, &Meta) -> Option<M>,
    ) -> Vec<Marker<M>> {
        let mut taken = Vec::new();
        attrs.retain(|attribute| {
            let plain = read(self, &attribute.meta);
            let hidden = plain.is_none();
            let Some(mark) = plain.or_else(|| self.hidden(&attribute.meta, &read)) else {
                return true;
            };
            taken.push(Marker {
                mark,
                attribute: attribute.clone(),
                hidden,
            });
            false
        });
        taken
    }

    /// Returns the marker inside a `#[cfg_attr(.., call)]`.
    fn hidden<M>(&self, attribute: &Meta, read: impl Fn(&Self, &Meta) -> Option<M>) -> Option<M> {
        let Meta::List(list) = attribute else {
            return None;
        };
        if !list.path.is_ident("cfg_attr") {
            return None;
        }
        let after_condition = |input: ParseStream<'_>| {
            skip_to_comma(input)?;
            input.parse::<Token![,]>()?;
            Punctuated::<Meta, Token![,]>::parse_terminated(input)
        };
        let hidden = after_condition.parse2(list.tokens.clone()).ok()?;
        hidden.iter().find_map(|attribute| read(self, attribute))
    }

    /// Returns whether an attribute is `#[ctx]`.
    pub(crate) fn is_ctx(&self, attribute: &Meta) -> bool {
        self.name(attribute.path())
            .is_some_and(|name| name == "ctx")
    }

    /// Returns the name of a marker, if the path can be one: a single word, or a word in the runtime crate.
    fn name<'p>(&self, path: &'p Path) -> Option<&'p Ident> {
        let words = words(path);
        let (name, within) = words.split_last()?;
        (within.is_empty() || self.is_runtime(within)).then_some(*name)
    }

    /// Recognises the runtime crate, its prelude and its module of attributes. For `crate = facade::actors` the last words
    /// suffice, as they may be imported.
    fn is_runtime(&self, path: &[&Ident]) -> bool {
        let path = match path {
            [path @ .., last] if *last == "prelude" || *last == "attribute" => path,
            path => path,
        };
        let is_named = self
            .krate
            .as_ref()
            .is_some_and(|krate| !path.is_empty() && words(krate).ends_with(path));
        is_named || matches!(path, [name] if *name == "ambit")
    }

    /// Removes the markers from tokens that could not be parsed as an impl block.
    ///
    /// Otherwise each of them would report an error beside the relevant one.
    pub(crate) fn strip(&self, tokens: TokenStream) -> TokenStream {
        let mut out = TokenStream::new();
        let mut trees = tokens.into_iter().peekable();
        while let Some(tree) = trees.next() {
            let pound = matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == '#');
            if pound && trees.peek().is_some_and(|tree| self.is_marker_group(tree)) {
                trees.next();
                continue;
            }
            out.extend([match tree {
                TokenTree::Group(group) => {
                    let mut stripped = Group::new(group.delimiter(), self.strip(group.stream()));
                    stripped.set_span(group.span());
                    TokenTree::Group(stripped)
                }
                other => other,
            }]);
        }
        out
    }

    fn is_marker_group(&self, tree: &TokenTree) -> bool {
        let TokenTree::Group(group) = tree else {
            return false;
        };
        let is_marker = |attribute: Meta| self.is_ctx(&attribute) || self.is_on_method(&attribute);
        group.delimiter() == Delimiter::Bracket && syn::parse2(group.stream()).is_ok_and(is_marker)
    }

    /// Returns whether an attribute is a marker of a method, plain or in a `cfg_attr`.
    pub(crate) fn is_on_method(&self, attribute: &Meta) -> bool {
        let read = |markers: &Self, attribute: &Meta| {
            let role = markers.role(attribute).map(|_| ());
            role.or_else(|| markers.child(attribute).map(|_| ()))
        };
        read(self, attribute)
            .or_else(|| self.hidden(attribute, read))
            .is_some()
    }
}

/// A marker that was removed from an item.
pub(crate) struct Marker<M> {
    pub(crate) mark: M,
    pub(crate) attribute: Attribute,
    /// True if it was in a `cfg_attr`, which the macro cannot evaluate.
    pub(crate) hidden: bool,
}

impl<M> Marker<M> {
    /// Returns the word that an editor explains.
    pub(crate) fn name(&self) -> Option<&Ident> {
        let last = self.attribute.path().segments.last()?;
        (!self.hidden).then_some(&last.ident)
    }
}

/// `#[child]`, the one marker of a `#[supervisor]` block.
pub(crate) struct Child;

impl Child {
    pub(crate) const NAME: &'static str = "child";
}

/// Returns the words of a path, without a leading `self`.
fn words(path: &Path) -> Vec<&Ident> {
    let words = path.segments.iter().map(|segment| &segment.ident);
    words.filter(|word| *word != "self").collect()
}

/// Reports a marker outside a block; the item stays as it was.
pub(crate) fn outside(name: &str, item: &TokenStream) -> TokenStream {
    let (place, remedy) = place(name, item);
    let message = match renamed(name) {
        Some(written) => format!(
            "`#[{written}]` is `#[{name}]` under another name, which no block accepts; write `#[{name}]` in a {place}"
        ),
        None => format!("`#[{name}]` can only be used in a {place}; {remedy}"),
    };
    let error = syn::Error::new(Span::call_site(), message).to_compile_error();
    quote!(#item #error)
}

/// Returns the name under which a marker was imported, if it is another one than its own.
fn renamed(name: &str) -> Option<String> {
    let attribute = Span::call_site().source_text()?;
    let path = attribute
        .trim_start_matches(['#', '['])
        .trim_end_matches(']');
    let path = path.split('(').next()?.trim();
    let last = path.rsplit("::").next()?.trim();
    // Another macro may have written the attribute: then this is any part of its text.
    let is_word = last
        .chars()
        .all(|letter| letter == '_' || letter.is_alphanumeric());
    (is_word && !last.is_empty() && last != name).then(|| path.to_owned())
}

/// Returns the block of a marker, and how the user gets one.
fn place(name: &str, item: &TokenStream) -> (&'static str, String) {
    let on_impl = |block: &str| format!("put `#[{block}]` on the enclosing impl block");
    if has_no_body(item)
        && [Role::Call, Role::Cast]
            .iter()
            .any(|role| name == role.name())
    {
        (
            "`#[protocol]` trait",
            "put `#[protocol]` on the enclosing trait".to_owned(),
        )
    } else if name == Child::NAME {
        ("`#[supervisor]` block", on_impl("supervisor"))
    } else if name == "ctx" || Role::SERVER.iter().any(|role| name == role.name()) {
        ("`#[gen_server]` block", on_impl("gen_server"))
    } else {
        let remedy = format!(
            "{}, instead of `#[gen_server]`",
            on_impl("state_machine(states = [..])")
        );
        ("`#[state_machine]` block", remedy)
    }
}

/// Returns whether an item is a method of a trait without a body.
fn has_no_body(item: &TokenStream) -> bool {
    let last = item.clone().into_iter().last();
    matches!(last, Some(TokenTree::Punct(punct)) if punct.as_char() == ';')
}

/// Lets editors explain the markers of a block, which are removed from its expansion.
pub(crate) fn hover(ambit: &TokenStream, markers: &[Ident]) -> TokenStream {
    if markers.is_empty() {
        return TokenStream::new();
    }
    let uses = markers
        .iter()
        .map(|marker| quote_spanned!(marker.span()=> use #ambit::#marker as _;));
    quote! {
        #[allow(unexpected_cfgs)]
        const _: () = {
            #[cfg(rust_analyzer)]
            const _: () = { #(#uses)* };
        };
    }
}
