//! Fields without a name, which are identified by their position.

use std::collections::BTreeMap;

use crate::message::contract::same_encoding::same_encoding;
use crate::message::shape::Field;

/// Returns the position that identifies an unnamed field.
pub(super) fn number(field: &Field) -> Option<u16> {
    let number = field.name.parse().ok()?;
    let is_one = |number: u16| number.to_string() == field.name;
    Some(number).filter(|number| is_one(*number))
}

/// Returns the unnamed fields, by their positions.
fn unnamed(fields: &[Field]) -> BTreeMap<u16, &Field> {
    let numbered = fields.iter().map(|field| Some((number(field)?, field)));
    numbered.flatten().collect()
}

/// Returns the first unnamed field that only one side has, if it is ambiguous which one was added or removed.
pub(super) fn unclear<'a>(old: &'a [Field], new: &'a [Field]) -> Option<&'a String> {
    let (old, new) = (unnamed(old), unnamed(new));
    let (shorter, longer) = match old.len() < new.len() {
        true => (old, new),
        false => (new, old),
    };
    let (_, further) = longer.iter().find(|(at, _)| !shorter.contains_key(at))?;
    let is_prefix = shorter.keys().eq(longer.keys().take(shorter.len()));
    // Whichever field was left out, the last field of the shorter list would then be one of those beyond its end.
    let mut behind = longer.values().skip(shorter.len());
    let last = shorter.values().next_back();
    let may_be_behind =
        last.is_some_and(|last| behind.any(|field| same_encoding(&field.shape, &last.shape)));
    (!is_prefix || may_be_behind).then_some(&further.name)
}
