//! Rules that concern more than one option.

use super::model::{Body, Field, Message, Text};
use super::tags::tag;
use super::text::snake;
use crate::diag::Diag;

/// Notes what is wrong with a message as a whole.
pub(super) fn message(message: &Message, diag: &Diag) {
    if message.name.is_none() {
        without_name(message, diag);
        return;
    }
    match &message.body {
        Body::Struct(fields) => distinct_fields(fields, diag),
        Body::Enum(variants) => {
            let tags: Vec<_> = variants.iter().map(|variant| &variant.tag).collect();
            distinct("variants", "tag", &tags, diag);
            for variant in variants {
                distinct_fields(&variant.fields, diag);
            }
            since_is_no_later_than_the_version(message, diag);
        }
    }
}

/// Options say what stands on the wire, where only types with a name come.
fn without_name(message: &Message, diag: &Diag) {
    let fields = |fields: &[Field]| fields.iter().find_map(|field| field.option.clone());
    let in_body = match &message.body {
        Body::Struct(found) => fields(found),
        Body::Enum(variants) => variants
            .iter()
            .find_map(|variant| variant.option.clone().or_else(|| fields(&variant.fields))),
    };
    let example = snake(&message.ident);
    let text = format!(
        "this has a meaning for other nodes only, and they know a type by its name; write \
         `#[message(name = \"shop.{example}\")]` above the type"
    );
    match (&message.version, in_body) {
        (Some(version), _) => diag.error(&version.at, text),
        (None, Some(option)) => diag.error(option, text),
        (None, None) => {}
    }
}

fn distinct_fields(fields: &[Field], diag: &Diag) {
    let tags: Vec<_> = fields.iter().map(|field| &field.tag).collect();
    distinct("fields", "rename", &tags, diag);
}

/// No two texts of one type may be equal, nor have one number.
fn distinct(what: &str, option: &str, texts: &[&Text], diag: &Diag) {
    for (position, second) in texts.iter().enumerate() {
        let mut before = texts[..position].iter();
        let (found, number) = (&second.value, tag(&second.value));
        let Some(first) = before.find(|first| tag(&first.value) == number) else {
            continue;
        };
        let message = if first.value == *found {
            format!(
                "two {what} are `{found}` on the wire; give this one another name: `#[message({option} = \"..\")]`"
            )
        } else {
            format!(
                "`{}` and `{found}` have the same number on the wire, {number:#010x}; give this one another name: \
                 `#[message({option} = \"..\")]`",
                first.value
            )
        };
        diag.error(&second.at, message);
    }
}

fn since_is_no_later_than_the_version(message: &Message, diag: &Diag) {
    let Body::Enum(variants) = &message.body else {
        return;
    };
    let version = message.version();
    let sinces = variants.iter().filter_map(|variant| variant.since.as_ref());
    for since in sinces.filter(|since| since.value > version) {
        let text = format!(
            "the type is in version {version}, so nothing in it came with {since}; write `version = {since}` beside its name",
            since = since.value
        );
        diag.error(&since.at, text);
    }
}
