//! What the derive knows about a message once the type has been read.
//!
//! Facts only: no tokens are made here, and no attribute is read. Next to each text stand the tokens to point at when it
//! is a mistake.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Expr, Generics, LitStr, Member, Path, Type};

/// A struct or an enum.
pub(crate) struct Message {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    /// The path of the runtime crate, if it is not `::ambit`.
    pub(crate) krate: Option<Path>,
    /// What nodes call it; `None` for one that stays at home.
    pub(crate) name: Option<Text>,
    pub(crate) version: Option<Number>,
    pub(crate) body: Body,
}

/// What stands in the braces.
pub(crate) enum Body {
    Struct(Vec<Field>),
    /// In the order of the source.
    Enum(Vec<Variant>),
}

/// A variant of an enum.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) tag: Text,
    pub(crate) since: Option<Number>,
    pub(crate) fields: Vec<Field>,
    /// The first of its options.
    pub(crate) option: Option<Ident>,
}

/// A field of a struct or of a variant.
pub(crate) struct Field {
    pub(crate) member: Member,
    pub(crate) ty: Type,
    pub(crate) tag: Text,
    pub(crate) default: Option<Default>,
    /// The first of its options.
    pub(crate) option: Option<Ident>,
}

/// What stands for a field that the writer did not know.
pub(crate) enum Default {
    /// That of its type.
    OfType,
    Expr(Box<Expr>),
}

/// A text, and the tokens that say it.
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) at: TokenStream,
}

/// A number, and the tokens that say it.
pub(crate) struct Number {
    pub(crate) value: u32,
    pub(crate) at: TokenStream,
}

impl Message {
    pub(crate) fn version(&self) -> u32 {
        self.version.as_ref().map_or(1, |version| version.value)
    }
}

impl Text {
    pub(crate) fn of(literal: &LitStr) -> Self {
        Self {
            value: literal.value(),
            at: literal.to_token_stream(),
        }
    }
}

impl Variant {
    /// The version that added it.
    pub(crate) fn since(&self) -> u32 {
        self.since.as_ref().map_or(1, |since| since.value)
    }
}
