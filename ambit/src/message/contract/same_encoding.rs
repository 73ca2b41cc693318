//! Shapes whose values have the same bytes.

use crate::message::shape::Shape;

/// Returns true if a reader of `other` accepts what a writer of `one` sends: the shapes are equal, but for lists that are
/// sets in the other.
pub(super) fn same_encoding(one: &Shape, other: &Shape) -> bool {
    match (one, other) {
        (Shape::Optional(one), Shape::Optional(other))
        | (Shape::List(one) | Shape::Set(one), Shape::List(other) | Shape::Set(other)) => {
            same_encoding(one, other)
        }
        (Shape::Array(one, length), Shape::Array(other, same)) => {
            length == same && same_encoding(one, other)
        }
        (Shape::Map(one, value), Shape::Map(other, same))
        | (Shape::Fallible(value, one), Shape::Fallible(same, other)) => {
            same_encoding(one, other) && same_encoding(value, same)
        }
        (Shape::Tuple(one), Shape::Tuple(other)) => {
            let mut pairs = one.iter().zip(other);
            one.len() == other.len() && pairs.all(|(one, other)| same_encoding(one, other))
        }
        _ => one == other,
    }
}
