//! How a name stands in a contract: as it is, or between quotes where it would be read as something else.

use std::fmt::{self, Write};

use crate::message::shape::Leaf;

/// What begins a built-in with parts.
pub(super) const BUILT_IN: [&str; 5] = ["option", "list", "array", "map", "result"];

/// The built-in without parts that a word stands for.
pub(super) fn leaf(word: &str) -> Option<Leaf> {
    let mut all = Leaf::ALL.iter().copied();
    all.find(|leaf| leaf.name() == word)
}

/// How many bytes at the front of a text are a word.
pub(super) fn word(text: &str) -> usize {
    text.find(|c: char| !is_plain(c)).unwrap_or(text.len())
}

/// How many bytes at the front of a text are the name of a type: a word that is no built-in, and what stands behind it
/// between `<` and its `>`.
pub(super) fn type_name(text: &str) -> Option<usize> {
    let head = word(text);
    let name = &text[..head];
    if name.is_empty() || leaf(name).is_some() || BUILT_IN.contains(&name) {
        return None;
    }
    let rest = &text[head..];
    match rest.starts_with('<') {
        true => Some(head + parameters(rest)?),
        false => Some(head),
    }
}

/// How many bytes at the front of a text stand between `<` and its `>`, both included.
fn parameters(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '<' => open += 1,
            '>' if open == 1 => return Some(at + 1),
            '>' => open -= 1,
            ' ' | ',' | '(' | ')' => {}
            c if is_plain(c) => {}
            _ => return None,
        }
    }
    None
}

fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-')
}

/// Writes the name of a protocol, a method, an argument, a field or a variant.
pub(super) fn write_name(out: &mut impl Write, name: &str) -> fmt::Result {
    match !name.is_empty() && word(name) == name.len() {
        true => out.write_str(name),
        false => write_quoted(out, name),
    }
}

/// Writes the name of a type.
pub(super) fn write_type_name(out: &mut impl Write, name: &str) -> fmt::Result {
    match type_name(name) == Some(name.len()) {
        true => out.write_str(name),
        false => write_quoted(out, name),
    }
}

fn write_quoted(out: &mut impl Write, name: &str) -> fmt::Result {
    out.write_char('"')?;
    for c in name.chars() {
        match c {
            '"' | '\\' => write!(out, "\\{c}")?,
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                write!(out, "\\u{{{:x}}}", u32::from(c))?;
            }
            c => out.write_char(c)?,
        }
    }
    out.write_char('"')
}
