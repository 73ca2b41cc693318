//! The data about a message after parsing its type.
//!
//! Facts only: this module neither generates tokens nor reads attributes. Each text is stored with the tokens to point
//! at if it is invalid.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Expr, Generics, LitStr, Member, Path, Type};

/// A struct or an enum.
pub(crate) struct Message {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    /// The path of the runtime crate, if it is not `::ambit`.
    pub(crate) krate: Option<Path>,
    /// Its name on the wire; `None` for a type that is not sent to other nodes.
    pub(crate) name: Option<Text>,
    pub(crate) version: Option<Number>,
    pub(crate) body: Body,
}

/// The content of the braces.
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

/// The value of a field that the sender did not know.
pub(crate) enum Default {
    /// The default of its type.
    OfType,
    Expr(Box<Expr>),
}

/// A text, with its tokens.
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) at: TokenStream,
}

/// A number, with its tokens.
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
