//! The values of texts that have no type of their own: environment variables, and keys.

use super::tree::{self, Value};

/// Returns the number that a text is, or the text.
pub(super) fn number(text: &str) -> Value {
    let float = || text.parse().map(Value::Float);
    let parsed = text.parse().map(Value::Integer).or_else(|_| float());
    parsed.unwrap_or_else(|_| Value::Text(text.to_owned()))
}

/// Guesses the type of a variable when the target type gives no hint: a bool or a number if it is written as TOML
/// writes them, otherwise a text. Quotes make it a text in any case.
pub(super) fn guess(place: &str, text: &str) -> Value {
    if text.trim_start().starts_with(['"', '\''])
        && let Ok(node) = tree::of_variable(place, text)
    {
        return node.value;
    }
    if is_plain_number(text) {
        return number(text);
    }
    let parsed = text.parse().map(Value::Bool);
    parsed.unwrap_or_else(|_| Value::Text(text.to_owned()))
}

/// Returns whether a text begins like a number without leading zeros. `007`, `nan` and `inf` are texts.
fn is_plain_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    match digits {
        [b'0', second, ..] => !second.is_ascii_digit(),
        [first, ..] => first.is_ascii_digit(),
        [] => false,
    }
}
