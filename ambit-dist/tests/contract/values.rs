//! Single values must keep their types. Where bytes of one type would silently decode as another, the contract
//! separates them: nodes refuse the method and never send these bytes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use crate::contract::messages;
use crate::contract::pair::{breaks, changed, equal, fits, garbage};

#[test]
fn a_number_may_not_become_wider() {
    // Both codecs write small numbers in a short form, so this would work for small values.
    breaks::<u32, u64>(&[("", changed("u32", "u64"))])
        .same(&7, &7)
        .back(&u64::MAX, garbage);
}

#[test]
fn a_number_may_not_become_narrower() {
    breaks::<u64, u32>(&[("", changed("u64", "u32"))])
        .same(&7, &7)
        .read(&u64::MAX, garbage);
}

#[test]
fn a_number_may_not_lose_its_sign() {
    // Without the contract -4 would silently arrive as 7, because of zigzag encoding.
    breaks::<i32, u32>(&[("", changed("i32", "u32"))]).read(&-4, |read| read == Ok(&7));
}

#[test]
fn an_alias_may_not_stand_for_another_type() {
    mod old {
        pub(super) type Id = u32;
    }
    mod new {
        pub(super) type Id = String;
    }
    messages! {
        #[message(name = "shop.t")]
        struct Old { id: old::Id }
        #[message(name = "shop.t")]
        struct New { id: new::Id }
    }
    breaks::<Old, New>(&[("field `id`", changed("u32", "string"))])
        .read(&Old { id: 7 }, garbage)
        .back(
            &New {
                id: "seven".to_owned(),
            },
            garbage,
        );
}

#[test]
fn a_value_may_not_become_optional() {
    messages! {
        #[message(name = "shop.t")]
        struct Old { id: u64 }
        #[message(name = "shop.t")]
        struct New { id: Option<u64> }
    }
    breaks::<Old, New>(&[("field `id`", changed("u64", "option<u64>"))])
        .read(&Old { id: 7 }, garbage)
        .back(&New { id: Some(7) }, garbage)
        // Without the contract `None` would silently arrive as 0.
        .back(&New { id: None }, |read| read == Ok(&Old { id: 0 }));
}

#[test]
fn a_list_is_a_list_in_whatever_order() {
    let list = vec![1_u64, 2, 3];
    equal::<Vec<u64>, VecDeque<u64>>().same(&list, &VecDeque::from(list.clone()));
    fits::<Vec<u64>, BTreeSet<u64>>().same(&list, &BTreeSet::from([1, 2, 3]));
    fits::<Vec<u64>, HashSet<u64>>().same(&vec![1], &HashSet::from([1]));
    equal::<BTreeSet<u64>, HashSet<u64>>().same(&BTreeSet::from([1]), &HashSet::from([1]));
    equal::<Vec<u64>, Box<[u64]>>().same(&list, &list.clone().into());
    // Duplicates are merged; both sides know that this is a set.
    fits::<Vec<u64>, HashSet<u64>>().read(&vec![4, 4], |read| read == Ok(&HashSet::from([4])));
}

#[test]
fn a_map_is_a_map_in_whatever_order() {
    equal::<HashMap<u8, String>, BTreeMap<u8, String>>().same(
        &HashMap::from([(1, "a".to_owned())]),
        &BTreeMap::from([(1, "a".to_owned())]),
    );
}

#[test]
fn a_list_may_not_become_an_array() {
    let reason = changed("list<u8>", "array<u8, 3>");
    breaks::<Vec<u8>, [u8; 3]>(&[("", reason)])
        .read(&vec![1, 2, 3], garbage)
        .back(&[1, 2, 3], garbage);
}

#[test]
fn an_array_keeps_its_length() {
    let reason = changed("array<u8, 3>", "array<u8, 4>");
    breaks::<[u8; 3], [u8; 4]>(&[("", reason)])
        .read(&[1, 2, 3], garbage)
        .back(&[1, 2, 3, 4], garbage);
}

#[test]
fn a_tuple_keeps_its_length() {
    let reason = changed("(u8, u8)", "(u8, u8, option<u8>)");
    breaks::<(u8, u8), (u8, u8, Option<u8>)>(&[("", reason)])
        .read(&(1, 2), garbage)
        .back(&(1, 2, None), garbage);
}

#[test]
fn a_part_of_a_tuple_keeps_its_type() {
    breaks::<(u8, u16), (u8, String)>(&[("part 1", changed("u16", "string"))])
        .read(&(1, 2), garbage)
        .back(&(1, "two".to_owned()), garbage);
}

#[test]
fn a_pointer_is_nothing_on_the_wire() {
    messages! {
        #[message(name = "shop.t")]
        struct Old { id: u64, text: String }
        #[message(name = "shop.t")]
        struct New { id: Box<u64>, text: Arc<str> }
    }
    let old = Old {
        id: 7,
        text: "seven".to_owned(),
    };
    equal::<Old, New>().same(
        &old,
        &New {
            id: Box::new(7),
            text: "seven".into(),
        },
    );
    equal::<String, Box<str>>().same(&"a".to_owned(), &"a".into());
}

#[test]
fn an_error_keeps_its_type() {
    let reason = changed("string", "u8");
    breaks::<Result<u8, String>, Result<u8, u8>>(&[("error", reason)])
        .same(&Ok(1), &Ok(1))
        .read(&Err("no".to_owned()), garbage)
        .back(&Err(1), garbage);
}
