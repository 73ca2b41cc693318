//! Derives every generated name.
//!
//! Names carry the span of their source, so that go-to-definition leads from `CounterSubject` to the impl block, and
//! from `subject.get()` to the user's `fn get`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::Generics;
use syn::ext::IdentExt;

/// The names of the types generated for one server.
pub(crate) struct Names {
    pub(crate) call: Ident,
    pub(crate) cast: Ident,
    pub(crate) info: Ident,
    pub(crate) next: Ident,
    pub(crate) args: Ident,
    pub(crate) subject: Ident,
    /// A type parameter that does not collide with the user's.
    pub(crate) param: Ident,
}

impl Names {
    /// Derives the names from the server's name; `next` is the suffix of the enum of its internal messages.
    pub(crate) fn of(server: &Ident, generics: &Generics, next: &str) -> Self {
        let named = |suffix: &str| suffixed(server, suffix);
        Self {
            call: named("Call"),
            cast: named("Cast"),
            info: named("Info"),
            next: named(next),
            args: named("Args"),
            subject: subject(server),
            param: fresh_param(generics),
        }
    }
}

/// Returns the name of the handle to a server or a supervisor.
pub(crate) fn subject(of: &Ident) -> Ident {
    suffixed(of, "Subject")
}

/// Returns the name of a type that belongs to another one.
pub(crate) fn suffixed(name: &Ident, suffix: &str) -> Ident {
    format_ident!("{}{suffix}", name.unraw(), span = name.span())
}

/// Returns the variant of a method: `add_one` gives `AddOne`.
pub(crate) fn variant(method: &Ident) -> Ident {
    let plain = method.unraw().to_string();
    let mut name: String = plain.split('_').flat_map(capitalised).collect();
    if name.is_empty() {
        // `__`: only underscores.
        name = plain;
    } else if name.starts_with(|first: char| first.is_ascii_digit()) || name == "Self" {
        name.insert(0, '_');
    }
    Ident::new(&name, method.span())
}

fn capitalised(word: &str) -> impl Iterator<Item = char> {
    let mut letters = word.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters)
}

/// Returns the name of a method or event as users read it: `match` for `r#match`.
pub(crate) fn plain_name(method: &Ident) -> String {
    method.unraw().to_string()
}

/// Returns a number for the name of a method: the same in every crate.
pub(crate) fn number(method: &Ident) -> u64 {
    hash(plain_name(method).bytes())
}

/// FNV-1a.
pub(crate) fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |number, byte| {
        (number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Returns a name for a type parameter that does not collide with the user's.
pub(crate) fn fresh_param(generics: &Generics) -> Ident {
    let mut name = String::from("__T");
    while mentions(generics.params.to_token_stream(), name.as_str()) {
        name.push('_');
    }
    Ident::new(&name, Span::mixed_site())
}

/// Returns whether an identifier occurs anywhere in the tokens.
pub(crate) fn mentions<N: ?Sized>(tokens: TokenStream, name: &N) -> bool
where
    Ident: PartialEq<N>,
{
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Returns whether a type mentions a type or a constant among the parameters.
pub(crate) fn mentions_param(generics: &Generics, ty: &impl ToTokens) -> bool {
    let types = generics.type_params().map(|param| &param.ident);
    let consts = generics.const_params().map(|param| &param.ident);
    let mut params = types.chain(consts);
    params.any(|param| mentions(ty.to_token_stream(), param))
}

/// Returns whether types use a type parameter: `T::Error`, `Parser<Item = T>` and `'Item` use no parameter `Error` or
/// `Item`.
pub(crate) fn uses_param(types: TokenStream, param: &Ident) -> bool {
    let is = |tree: Option<&TokenTree>, sign: char| matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == sign);
    let trees: Vec<TokenTree> = types.into_iter().collect();
    trees.iter().enumerate().any(|(at, tree)| match tree {
        TokenTree::Ident(ident) if ident == param => {
            let back = |by| at.checked_sub(by).and_then(|at| trees.get(at));
            let is_segment = is(back(1), ':') && is(back(2), ':');
            !is_segment && !is(back(1), '\'') && !is(trees.get(at + 1), '=')
        }
        TokenTree::Group(group) => uses_param(group.stream(), param),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_used_only_where_it_is_a_type() {
        let uses = |types: &str| {
            uses_param(
                syn::parse_str(types).unwrap(),
                &Ident::new("Item", Span::call_site()),
            )
        };
        for used in [
            "Item",
            "Vec<Item>",
            "Item::Key",
            "(u8, Item)",
            "fn(x: Item) -> Item",
            "dyn Of<Key = Item>",
        ] {
            assert!(uses(used), "{used}");
        }
        for unused in [
            "T::Item",
            "<T as Of>::Item",
            "::Item",
            "dyn Of<Item = T>",
            "&'Item u8",
            "Items",
        ] {
            assert!(!uses(unused), "{unused}");
        }
    }

    fn variant_of(method: &str) -> String {
        variant(&syn::parse_str::<Ident>(method).unwrap()).to_string()
    }

    #[test]
    fn variants_are_the_methods_in_camel_case() {
        assert_eq!(variant_of("add"), "Add");
        assert_eq!(variant_of("add_one"), "AddOne");
        assert_eq!(variant_of("_get__all"), "GetAll");
        assert_eq!(variant_of("r#match"), "Match");
    }

    #[test]
    fn the_number_of_a_method_is_the_hash_of_its_name() {
        let number_of = |method: &str| number(&syn::parse_str::<Ident>(method).unwrap());
        assert_eq!(number_of("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(number_of("foobar"), 0x8594_4171_f739_67e8);
        assert_eq!(number_of("r#get"), number_of("get"));
    }

    #[test]
    fn odd_methods_still_give_an_identifier() {
        assert_eq!(variant_of("_1st"), "_1st");
        assert_eq!(variant_of("self_"), "_Self");
        assert_eq!(variant_of("__"), "__");
    }
}
