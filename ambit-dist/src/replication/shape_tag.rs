//! The tags of the types in entries.

use ambit::message::{Schema, Shape, Types, tag};

/// Returns the tag of the type `T` in entries, with which nodes tell apart values of different types that may have
/// the same bytes. It is the tag of the type's shape, such as `list<u64>` or `shop.cart`, so types that may be read as
/// each other have the same one, and so have all versions of a named type.
pub(crate) fn shape_tag<T: Schema>() -> u32 {
    tag(&as_lists(T::shape(&mut Types::default())).to_string())
}

/// Returns the shape with lists for sets, which have the same encoding.
fn as_lists(shape: Shape) -> Shape {
    let boxed = |shape: Box<Shape>| Box::new(as_lists(*shape));
    match shape {
        Shape::List(item) | Shape::Set(item) => Shape::List(boxed(item)),
        Shape::Optional(some) => Shape::Optional(boxed(some)),
        Shape::Array(item, length) => Shape::Array(boxed(item), length),
        Shape::Map(key, value) => Shape::Map(boxed(key), boxed(value)),
        Shape::Fallible(value, error) => Shape::Fallible(boxed(value), boxed(error)),
        Shape::Tuple(parts) => Shape::Tuple(parts.into_iter().map(as_lists).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
    use std::sync::Arc;

    use ambit::Message;

    use super::*;

    mod later {
        #[derive(ambit::Message)]
        #[message(name = "shop.cart", version = 2)]
        pub(super) struct Cart {
            _items: u32,
            _note: Option<String>,
        }
    }

    #[derive(Message)]
    #[message(name = "shop.cart")]
    struct Cart {
        _items: u32,
    }

    #[derive(Message)]
    #[message(name = "shop.id")]
    struct Id(u64);

    #[test]
    fn types_that_may_be_read_as_each_other_have_one_tag() {
        assert_eq!(shape_tag::<String>(), shape_tag::<Arc<str>>());
        assert_eq!(shape_tag::<Vec<u64>>(), shape_tag::<VecDeque<usize>>());
        assert_eq!(
            shape_tag::<(Vec<BTreeSet<u8>>, Option<HashSet<Cart>>)>(),
            shape_tag::<(Vec<VecDeque<u8>>, Option<Vec<later::Cart>>)>()
        );
    }

    #[test]
    fn types_with_equal_bytes_have_different_tags() {
        let tags = [
            shape_tag::<()>(),
            shape_tag::<u32>(),
            shape_tag::<u64>(),
            shape_tag::<String>(),
            shape_tag::<Vec<u8>>(),
            shape_tag::<Option<u64>>(),
            shape_tag::<Result<u64, u32>>(),
            shape_tag::<BTreeMap<u8, u8>>(),
            shape_tag::<[u64; 2]>(),
            shape_tag::<(u64, u64)>(),
            shape_tag::<Cart>(),
            shape_tag::<Id>(),
        ];
        assert_eq!(BTreeSet::from(tags).len(), tags.len());
    }
}
