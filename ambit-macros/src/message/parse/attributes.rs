//! The options of `#[message(..)]` on a type, a variant and a field.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt, quote};
use syn::{Attribute, Meta, Path};

use crate::diag::Diag;
use crate::message::model::{Default, Number, Text};
use crate::message::number::number;
use crate::options::{CRATE, OptionRule, OptionTable, Options, Shape};

const fn refused(name: &'static str, message: &'static str) -> OptionRule {
    OptionRule {
        name,
        shape: Shape::Refused(message),
    }
}

const fn tag(name: &'static str, example: &'static str) -> OptionRule {
    OptionRule {
        name,
        shape: Shape::WireTag(example),
    }
}

const fn expr(name: &'static str, example: &'static str) -> OptionRule {
    OptionRule {
        name,
        shape: Shape::Expr(example),
    }
}

const ON_PARTS: &str =
    "this option can only be used on a variant or a field; use `name` for the wire name of a type";

const TYPE: OptionTable = OptionTable {
    attribute: "#[message]",
    rules: &[
        OptionRule {
            name: "name",
            shape: Shape::WireName("shop.event"),
        },
        expr("version", "2"),
        CRATE,
        refused("tag", ON_PARTS),
        refused("rename", ON_PARTS),
        refused(
            "since",
            "`since` can only be used on an added variant; write `version = 2` on the type",
        ),
        refused(
            "default",
            "`default` can only be used on a field; it sets the value of a field that the peer does not send",
        ),
    ],
};

const ON_TYPE: &str = "this option can only be used on a type; move it to a `#[message(..)]` above `struct` or \
                       `enum`";

const VARIANT: OptionTable = OptionTable {
    attribute: "#[message]",
    rules: &[
        tag("tag", "paid"),
        tag("rename", "paid"),
        expr("since", "2"),
        refused(
            "name",
            "the wire name of a variant is its tag; write `tag = \"paid\"`",
        ),
        refused(
            "version",
            "`version` can only be used on a type; write `since = 2` on an added variant",
        ),
        refused("crate", ON_TYPE),
        refused(
            "default",
            "`default` can only be used on a field; it sets the value of a field that the peer does not send",
        ),
    ],
};

const FIELD: OptionTable = OptionTable {
    attribute: "#[message]",
    rules: &[
        tag("rename", "price"),
        tag("tag", "price"),
        OptionRule {
            name: "default",
            shape: Shape::MaybeExpr,
        },
        refused(
            "name",
            "the wire name of a field is its tag; write `rename = \"price\"`",
        ),
        refused(
            "since",
            "`since` can only be used on a variant; write `default` on an added field, which sets its value \
             where it is missing",
        ),
        refused("version", ON_TYPE),
        refused("crate", ON_TYPE),
    ],
};

/// Reads the options of a type.
pub(super) struct TypeOptions {
    pub(super) krate: Option<Path>,
    pub(super) name: Option<Text>,
    pub(super) version: Option<Number>,
}

/// Reads the options of a variant.
pub(super) struct VariantOptions {
    pub(super) tag: Option<Text>,
    pub(super) since: Option<Number>,
    pub(super) first: Option<Ident>,
}

/// Reads the options of a field.
pub(super) struct FieldOptions {
    pub(super) tag: Option<Text>,
    pub(super) default: Option<Default>,
    pub(super) first: Option<Ident>,
}

pub(super) fn type_options(attrs: &[Attribute], of: &Ident, diag: &Diag) -> TypeOptions {
    let options = read(attrs, &TYPE, diag);
    TypeOptions {
        krate: options.path("crate").cloned(),
        name: type_name(&options, of),
        version: number(&options, "version", diag),
    }
}

pub(super) fn variant_options(attrs: &[Attribute], diag: &Diag) -> VariantOptions {
    let options = read(attrs, &VARIANT, diag);
    VariantOptions {
        tag: tag_option(&options, diag),
        since: number(&options, "since", diag),
        first: options.first().cloned(),
    }
}

pub(super) fn field_options(attrs: &[Attribute], diag: &Diag) -> FieldOptions {
    let options = read(attrs, &FIELD, diag);
    let expr = options.expr("default").cloned();
    let of_type = options.flag("default").then_some(Default::OfType);
    FieldOptions {
        tag: tag_option(&options, diag),
        default: expr.map(|expr| Default::Expr(Box::new(expr))).or(of_type),
        first: options.first().cloned(),
    }
}

/// Reads `tag` and `rename`, which mean the same.
fn tag_option(options: &Options, diag: &Diag) -> Option<Text> {
    if let (Some(_), Some(second)) = (options.given("tag"), options.given("rename")) {
        diag.error(
            second,
            "`rename` and `tag` are the same option; remove one of them",
        );
    }
    let tag = options.wire_name("tag");
    tag.or_else(|| options.wire_name("rename")).map(Text::of)
}

/// Returns the name of a type. An invalid name counts as a name, so that uses of the type do not report a missing one.
pub(crate) fn type_name(options: &Options, of: &Ident) -> Option<Text> {
    let instead = || Text {
        value: of.to_string(),
        at: of.to_token_stream(),
    };
    let name = options.wire_name("name").map(Text::of);
    name.or_else(|| options.is_unread("name").then(instead))
}

/// Reads all `#[message(..)]` of an item as one.
fn read(attrs: &[Attribute], table: &OptionTable, diag: &Diag) -> Options {
    let mut options = TokenStream::new();
    let is_comma =
        |tree: &TokenTree| matches!(tree, TokenTree::Punct(comma) if comma.as_char() == ',');
    for attribute in attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("message"))
    {
        let Meta::List(list) = &attribute.meta else {
            Options::of(attribute, table, diag);
            continue;
        };
        let last = options.clone().into_iter().last();
        if last.is_some_and(|last| !is_comma(&last)) {
            options.append_all(quote!(,));
        }
        options.append_all(list.tokens.clone());
    }
    Options::read(options, table, diag)
}
