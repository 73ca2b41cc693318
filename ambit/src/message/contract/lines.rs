//! The lines of a contract: a method, a type, a field.

use std::fmt::{self, Write};

use crate::message::contract::names::{write_name, write_type_name};
use crate::message::shape::{Body, Definition, Field, Method, Shape, Variant};

/// Returns references to the elements, sorted by name.
pub(super) fn by_name<T>(all: &[T], name: impl Fn(&T) -> &str) -> Vec<&T> {
    let mut sorted: Vec<_> = all.iter().collect();
    sorted.sort_by(|one, other| name(one).cmp(name(other)));
    sorted
}

/// Writes a line: `call add(by: u64) -> u64`.
pub(super) fn write_method(out: &mut impl Write, method: &Method) -> fmt::Result {
    write!(out, "{} ", method.kind())?;
    write_name(out, &method.name)?;
    out.write_char('(')?;
    for (position, arg) in method.args.iter().enumerate() {
        out.write_str(if position == 0 { "" } else { ", " })?;
        write_field(out, arg)?;
    }
    out.write_char(')')?;
    if let Some(reply) = &method.reply {
        out.write_str(" -> ")?;
        write_shape(out, reply)?;
    }
    out.write_char('\n')
}

/// Writes the lines of a type, without their hash.
pub(super) fn write_definition(
    out: &mut impl Write,
    name: &str,
    definition: &Definition,
) -> fmt::Result {
    write_head(out, name, definition)?;
    out.write_char('\n')?;
    write_body(out, definition)
}

/// `enum shop.limit version 2`
pub(super) fn write_head(out: &mut impl Write, name: &str, definition: &Definition) -> fmt::Result {
    write!(out, "{} ", kind(&definition.body))?;
    write_type_name(out, name)?;
    write!(out, " version {}", definition.version)
}

pub(super) fn write_body(out: &mut impl Write, definition: &Definition) -> fmt::Result {
    match &definition.body {
        Body::Struct(fields) => write_fields(out, "  ", fields),
        Body::Enum(variants) => by_name(variants, |variant| &variant.name)
            .into_iter()
            .try_for_each(|variant| write_variant(out, variant)),
        Body::Opaque => Ok(()),
    }
}

/// Returns the kind of a named type, as in a contract.
pub(super) fn kind(body: &Body) -> &'static str {
    match body {
        Body::Struct(_) => "struct",
        Body::Enum(_) => "enum",
        Body::Opaque => "opaque",
    }
}

fn write_variant(out: &mut impl Write, variant: &Variant) -> fmt::Result {
    out.write_str("  ")?;
    write_name(out, &variant.name)?;
    if variant.since > 1 {
        write!(out, " since {}", variant.since)?;
    }
    out.write_char('\n')?;
    write_fields(out, "    ", &variant.fields)
}

fn write_fields(out: &mut impl Write, indent: &str, fields: &[Field]) -> fmt::Result {
    for field in fields {
        out.write_str(indent)?;
        write_field(out, field)?;
        out.write_char('\n')?;
    }
    Ok(())
}

fn write_field(out: &mut impl Write, field: &Field) -> fmt::Result {
    write_name(out, &field.name)?;
    out.write_str(if field.optional { "?: " } else { ": " })?;
    write_shape(out, &field.shape)
}

/// Writes a shape so that it can be parsed again: `Display` of a shape does not quote names.
pub(super) fn write_shape(out: &mut impl Write, shape: &Shape) -> fmt::Result {
    match shape {
        Shape::Leaf(leaf) => out.write_str(leaf.name()),
        Shape::Optional(some) => write_parts(out, "option<", [&**some], ">"),
        Shape::List(item) => write_parts(out, "list<", [&**item], ">"),
        Shape::Set(item) => write_parts(out, "set<", [&**item], ">"),
        Shape::Map(key, value) => write_parts(out, "map<", [&**key, &**value], ">"),
        Shape::Fallible(value, error) => write_parts(out, "result<", [&**value, &**error], ">"),
        Shape::Tuple(parts) => write_parts(out, "(", parts, ")"),
        Shape::Named(name) => write_type_name(out, name),
        Shape::Array(item, length) => {
            write_parts(out, "array<", [&**item], ", ")?;
            write!(out, "{length}>")
        }
    }
}

fn write_parts<'a>(
    out: &mut impl Write,
    open: &str,
    parts: impl IntoIterator<Item = &'a Shape>,
    close: &str,
) -> fmt::Result {
    out.write_str(open)?;
    for (position, part) in parts.into_iter().enumerate() {
        out.write_str(if position == 0 { "" } else { ", " })?;
        write_shape(out, part)?;
    }
    out.write_str(close)
}
