//! Values of options that are texts and numbers.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Expr, ExprLit, Lit};

use super::model::{Number, Text};
use crate::attrs::Options;
use crate::diag::Diag;

/// Words that a contract has for types of its own.
const RESERVED: [&str; 42] = [
    "unit",
    "bool",
    "char",
    "string",
    "bytes",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "f32",
    "f64",
    "duration",
    "time",
    "nonzero_u8",
    "nonzero_u16",
    "nonzero_u32",
    "nonzero_u64",
    "nonzero_u128",
    "nonzero_i8",
    "nonzero_i16",
    "nonzero_i32",
    "nonzero_i64",
    "nonzero_i128",
    "ip",
    "ipv4",
    "ipv6",
    "socket",
    "socket_v4",
    "socket_v6",
    "option",
    "list",
    "array",
    "map",
    "tuple",
    "result",
    "opaque",
];

/// Reads an option that is a text.
pub(crate) fn text(options: &Options, name: &str, example: &str, diag: &Diag) -> Option<Text> {
    let value = options.expr(name)?;
    let Some(Lit::Str(literal)) = literal(value) else {
        let message = format!("`{name}` is a text in quotes; write `{name} = \"{example}\"`");
        diag.error(value, message);
        return None;
    };
    let text = Text {
        value: literal.value(),
        at: literal.to_token_stream(),
    };
    is_word(&text, name, example, diag).then_some(text)
}

/// Reads the name of a type.
pub(crate) fn type_name(options: &Options, example: &str, diag: &Diag) -> Option<Text> {
    let name = text(options, "name", example, diag)?;
    if RESERVED.contains(&name.value.as_str()) {
        let message = format!(
            "`{}` is a type that contracts have already; write `name = \"{example}\"`",
            name.value
        );
        diag.error(&name.at, message);
        return None;
    }
    Some(name)
}

/// Reads an option that is a number.
pub(crate) fn number(options: &Options, name: &str, diag: &Diag) -> Option<Number> {
    let value = options.expr(name)?;
    let number = match literal(value) {
        Some(Lit::Int(literal)) => literal.base10_parse().ok().filter(|number| *number > 0),
        _ => None,
    };
    if number.is_none() {
        let message = format!("`{name}` is a whole number from 1; write `{name} = 2`");
        diag.error(value, message);
    }
    Some(Number {
        value: number?,
        at: value.to_token_stream(),
    })
}

/// A type's name as the end of a name on the wire: `OrderEvent` gives `order_event`.
pub(crate) fn snake(ident: &Ident) -> String {
    let mut snake = String::new();
    for letter in ident.unraw().to_string().chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// Tells whether a text can stand in a contract, where spaces and brackets divide.
fn is_word(text: &Text, option: &str, example: &str, diag: &Diag) -> bool {
    let found = &text.value;
    let message = if found.is_empty() {
        format!("`{option}` is empty; write `{option} = \"{example}\"`")
    } else if let Some(odd) = found.chars().find(|found| !is_allowed(*found)) {
        format!(
            "`{option}` has {odd:?} in it; write letters, digits, `_`, `.` and `-`, such as `{option} = \"{example}\"`"
        )
    } else {
        return true;
    };
    diag.error(&text.at, message);
    false
}

fn is_allowed(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "_.-".contains(letter)
}

/// What a macro passes on stands in an invisible group.
fn literal(value: &Expr) -> Option<&Lit> {
    match value {
        Expr::Group(group) => literal(&group.expr),
        Expr::Lit(ExprLit { lit, .. }) => Some(lit),
        _ => None,
    }
}
