//! Reads the options of an attribute against a table of the accepted options.
//!
//! A role declares only one table per attribute ([`OptionTable`]); this module reports unknown and repeated names, and
//! missing and superfluous values, with the same words everywhere.

mod rule;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, Ident, LitStr, Meta, Path, Token, Visibility};

use crate::diag::Diag;
use crate::options::rule::Value;
pub(crate) use crate::options::rule::{CRATE, OptionRule, OptionTable, Shape, literal, meant};
use crate::similar::similar;

/// The options that were given, each at most once.
#[derive(Default)]
pub(crate) struct Options {
    given: Vec<(Ident, Value)>,
    /// The options whose values are invalid, and those whose names are misspelt.
    unread: Vec<Ident>,
}

impl Options {
    /// Reads the options of `#[name(..)]`.
    pub(crate) fn of(attribute: &Attribute, table: &OptionTable, diag: &Diag) -> Self {
        match &attribute.meta {
            Meta::Path(_) => Self::default(),
            Meta::List(list) => Self::read(list.tokens.clone(), table, diag),
            Meta::NameValue(pair) => {
                diag.error(
                    &pair.value,
                    format!(
                        "`{}` does not take a value; {}",
                        table.attribute,
                        table.takes()
                    ),
                );
                Self::default()
            }
        }
    }

    /// Reads the tokens between the parentheses of an attribute.
    pub(crate) fn read(tokens: TokenStream, table: &OptionTable, diag: &Diag) -> Self {
        let mut options = Self::default();
        let parse = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = options.read_one(input, table, diag) {
                    diag.push(error);
                    skip_to_comma(input)?;
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        diag.ok(parse.parse2(tokens));
        options
    }

    fn read_one(
        &mut self,
        input: ParseStream<'_>,
        table: &OptionTable,
        diag: &Diag,
    ) -> syn::Result<()> {
        let Ok(name) = input.call(Ident::parse_any) else {
            let found: TokenTree = input.parse()?;
            let attribute = table.attribute;
            let message = format!("`{attribute}` has no option `{found}`; {}", table.takes());
            diag.error(&found, message);
            return skip_to_comma(input);
        };
        let Some(rule) = table.rules.iter().find(|rule| name == rule.name) else {
            self.unread.extend(unknown(&name, table, diag));
            return skip_to_comma(input);
        };
        let Some(value) = rule.value(&name, input, diag)? else {
            self.unread.push(name);
            return skip_to_comma(input);
        };
        if self.given.iter().any(|(earlier, _)| *earlier == name) {
            diag.error(
                &name,
                format!("option `{name}` is set more than once; remove one of them"),
            );
        } else {
            self.given.push((name, value));
        }
        Ok(())
    }

    /// Returns whether a flag was given.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.given(name).is_some()
    }

    /// Returns whether an option was given with an invalid value, or under a misspelt name.
    pub(crate) fn is_unread(&self, name: &str) -> bool {
        self.unread.iter().any(|unread| unread == name)
    }

    /// Returns the name of an option as it was given.
    pub(crate) fn given(&self, name: &str) -> Option<&Ident> {
        self.given
            .iter()
            .find(|(given, _)| given == name)
            .map(|(given, _)| given)
    }

    /// Returns the first option.
    pub(crate) fn first(&self) -> Option<&Ident> {
        self.given.first().map(|(given, _)| given)
    }

    /// Returns the expression of an option.
    pub(crate) fn expr(&self, name: &str) -> Option<&Expr> {
        match self.value(name)? {
            Value::Expr(expr) => Some(expr),
            _ => None,
        }
    }

    /// Returns the word of an option.
    pub(crate) fn word(&self, name: &str) -> Option<&str> {
        match self.value(name)? {
            Value::Word(word, _) => Some(word),
            _ => None,
        }
    }

    /// Returns the word of an option as an identifier with the word's span.
    pub(crate) fn ident(&self, name: &str) -> Option<Ident> {
        match self.value(name)? {
            Value::Word(word, span) => Some(Ident::new(word, *span)),
            _ => None,
        }
    }

    /// Returns the name on the wire of an option.
    pub(crate) fn wire_name(&self, name: &str) -> Option<&LitStr> {
        match self.value(name)? {
            Value::WireName(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the path of an option.
    pub(crate) fn path(&self, name: &str) -> Option<&Path> {
        match self.value(name)? {
            Value::Path(path) => Some(path),
            _ => None,
        }
    }

    /// Returns the visibility of an option.
    pub(crate) fn vis(&self, name: &str) -> Option<&Visibility> {
        match self.value(name)? {
            Value::Vis(vis) => Some(vis),
            _ => None,
        }
    }

    /// Returns the path of the runtime crate.
    pub(crate) fn ambit(&self) -> TokenStream {
        ambit(self.path(CRATE.name))
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.given
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, value)| value)
    }
}

/// Reports an unknown option, and returns the one that was probably meant.
fn unknown(name: &Ident, table: &OptionTable, diag: &Diag) -> Option<Ident> {
    let offered = table.rules.iter().filter(|rule| rule.is_offered());
    let names = offered.map(|rule| rule.name);
    let found = name.unraw().to_string();
    let message = format!(
        "`{}` has no option `{name}`{} {}",
        table.attribute,
        meant(&found, names.clone()),
        table.takes()
    );
    diag.error(name, message);
    similar(&found, names).map(|meant| Ident::new(meant, name.span()))
}

/// Returns the path of the runtime crate.
pub(crate) fn ambit(krate: Option<&Path>) -> TokenStream {
    krate.map_or_else(|| quote!(::ambit), |path| quote!(#path))
}

/// Skips the rest of an option that could not be parsed.
pub(crate) fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}
