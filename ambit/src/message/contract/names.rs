//! The names in a contract: literal, or between quotes where they would be read as something else.

use std::fmt::{self, Write};

use crate::message::shape::Leaf;

/// The keywords of built-ins with parts.
pub(super) const BUILT_IN: [&str; 6] = ["option", "list", "set", "array", "map", "result"];

/// Returns the built-in without parts that a word denotes.
pub(super) fn leaf(word: &str) -> Option<Leaf> {
    let mut all = Leaf::ALL.iter().copied();
    all.find(|leaf| leaf.name() == word)
}

/// Returns the length in bytes of the word at the front of a text.
pub(super) fn word(text: &str) -> usize {
    text.find(|c: char| !is_plain(c)).unwrap_or(text.len())
}

/// Returns the length in bytes of the type name at the front of a text: a word that is no built-in, and the parameters
/// after it between `<` and its `>`.
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

/// Returns the length in bytes of the part between `<` and its `>` at the front of a text, both included.
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
