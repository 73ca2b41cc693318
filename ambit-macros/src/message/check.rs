//! Rules that concern more than one option.

use proc_macro2::Ident;
use syn::ext::IdentExt;

use super::model::{Body, Field, Message, Text};
use crate::diag::{Diag, text};
use crate::wire_name::tag;

/// Reports the errors of a message as a whole.
pub(super) fn message(message: &Message, diag: &Diag) {
    if message.name.is_none() {
        without_name(message, diag);
        return;
    }
    match &message.body {
        Body::Struct(fields) => distinct_fields(fields, diag),
        Body::Enum(variants) => {
            let tags = variants
                .iter()
                .map(|variant| (text(&variant.ident), &variant.tag));
            distinct("tag", &tags.collect::<Vec<_>>(), diag);
            for variant in variants {
                distinct_fields(&variant.fields, diag);
            }
            since_is_no_later_than_the_version(message, diag);
        }
    }
}

/// Reports options that set names on the wire in a type without a name.
fn without_name(of: &Message, diag: &Diag) {
    let fields = |fields: &[Field]| fields.iter().find_map(|field| field.option.clone());
    let in_body = match &of.body {
        Body::Struct(found) => fields(found),
        Body::Enum(variants) => variants
            .iter()
            .find_map(|variant| variant.option.clone().or_else(|| fields(&variant.fields))),
    };
    let example = snake(&of.ident);
    let message = format!(
        "this option requires a wire name of the type; write `#[message(name = \"shop.{example}\")]` above the type"
    );
    match (&of.version, in_body) {
        (Some(version), _) => diag.error(&version.at, message),
        (None, Some(option)) => diag.error(option, message),
        (None, None) => {}
    }
}

/// Returns a type's name as the end of a name on the wire: `OrderEvent` gives `order_event`.
fn snake(ident: &Ident) -> String {
    let mut snake = String::new();
    for letter in ident.unraw().to_string().chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

fn distinct_fields(fields: &[Field], diag: &Diag) {
    let tags = fields.iter().map(|field| (text(&field.member), &field.tag));
    distinct("rename", &tags.collect::<Vec<_>>(), diag);
}

/// Reports two texts of one type that are equal, or have the same number. Each text is paired with its kind in the
/// source.
fn distinct(option: &str, parts: &[(String, &Text)], diag: &Diag) {
    for (position, (second, found)) in parts.iter().enumerate() {
        let number = tag(&found.value);
        let mut before = parts[..position].iter();
        let Some((first, other)) = before.find(|(_, other)| tag(&other.value) == number) else {
            continue;
        };
        let what = if other.value == found.value {
            format!(
                "`{first}` and `{second}` have the same wire tag `{}`",
                found.value
            )
        } else {
            let (other, found) = (&other.value, &found.value);
            format!("the wire tags `{other}` and `{found}` have the same hash, {number:#010x}")
        };
        let message = format!("{what}; choose another tag, `#[message({option} = \"..\")]`");
        diag.error(&found.at, message);
    }
}

fn since_is_no_later_than_the_version(message: &Message, diag: &Diag) {
    let Body::Enum(variants) = &message.body else {
        return;
    };
    let version = message.version();
    let sinces = variants.iter().filter_map(|variant| variant.since.as_ref());
    for since in sinces.filter(|since| since.value > version) {
        let message = format!(
            "`since` is later than the version of the type, which is {version}; write `version = {since}` in \
             the `#[message(..)]` of the type",
            since = since.value
        );
        diag.error(&since.at, message);
    }
}
