//! Structs: fields are identified by name.

use std::collections::{BTreeSet, HashMap, HashSet};

use ambit::message::BreakReason::{
    FieldAdded, FieldRemoved, KeyFieldAdded, KeyFieldRemoved, PositionRemoved, PositionUnclear,
};

use crate::contract::messages;
use crate::contract::pair::{breaks, changed, equal, fits, garbage, lacks, steps_back};

messages! {
    #[message(name = "shop.t")]
    struct Id { id: u64 }

    #[message(name = "shop.t")]
    struct IdAndText { id: u64, text: String }
}

fn id() -> Id {
    Id { id: 7 }
}

fn id_and_text() -> IdAndText {
    IdAndText {
        id: 7,
        text: "seven".to_owned(),
    }
}

fn gone(name: &str) -> ambit::message::BreakReason {
    FieldRemoved {
        name: name.to_owned(),
    }
}

#[test]
fn a_field_with_a_default_may_be_added() {
    messages! {
        #[message(name = "shop.t")]
        struct New { id: u64, #[message(default)] note: String, #[message(default = 30)] price: u32 }
    }
    let read = New {
        id: 7,
        note: String::new(),
        price: 30,
    };
    let sent = New {
        id: 7,
        note: "n".to_owned(),
        price: 1,
    };
    fits::<Id, New>()
        .same(&id(), &read)
        .back(&sent, |read| read == Ok(&id()));
}

#[test]
fn a_field_of_a_map_key_may_not_be_added_or_removed() {
    messages! {
        #[message(name = "shop.t")]
        struct Seat { row: u32 }
        #[message(name = "shop.t")]
        struct Numbered { row: u32, number: Option<u32> }
    }
    let numbered = |number| Numbered {
        row: 7,
        number: Some(number),
    };
    let taken = HashMap::from([(numbered(1), 'a'), (numbered(2), 'b')]);
    // Without the contract, the old version would silently lose an entry.
    breaks::<HashMap<Seat, char>, HashMap<Numbered, char>>(&[(
        "key, field `number`",
        KeyFieldAdded,
    )])
    .back(&taken, |read| read.is_ok_and(|read| read.len() == 1));
    breaks::<HashMap<Numbered, char>, HashMap<Seat, char>>(&[(
        "key, field `number`",
        KeyFieldRemoved,
    )])
    .read(&taken, |read| read.is_ok_and(|read| read.len() == 1));
}

#[test]
fn a_field_of_an_element_of_a_set_may_not_be_added_or_removed() {
    messages! {
        #[derive(PartialOrd, Ord)]
        #[message(name = "shop.t")]
        struct Seat { row: u32 }
        #[derive(PartialOrd, Ord)]
        #[message(name = "shop.t")]
        struct Numbered { row: u32, number: Option<u32> }
    }
    let numbered = |number| Numbered {
        row: 7,
        number: Some(number),
    };
    // Without the contract, the old version would silently lose an element.
    let taken = HashSet::from([numbered(1), numbered(2)]);
    breaks::<HashSet<Seat>, HashSet<Numbered>>(&[("field `number`", KeyFieldAdded)])
        .back(&taken, |read| read.is_ok_and(|read| read.len() == 1));
    let taken = BTreeSet::from([numbered(1), numbered(2)]);
    breaks::<BTreeSet<Numbered>, BTreeSet<Seat>>(&[("field `number`", KeyFieldRemoved)])
        .read(&taken, |read| read.is_ok_and(|read| read.len() == 1));
    breaks::<Vec<Seat>, HashSet<Numbered>>(&[("field `number`", KeyFieldAdded)]);
}

#[test]
fn a_field_without_a_default_may_not_be_added() {
    breaks::<Id, IdAndText>(&[("field `text`", FieldAdded)])
        .read(&id(), lacks("text"))
        .back(&id_and_text(), |read| read == Ok(&id()));
}

#[test]
fn an_option_may_be_added() {
    messages! {
        #[message(name = "shop.t")]
        struct New { note: Option<String>, id: u64 }
    }
    let sent = New {
        note: Some("n".to_owned()),
        id: 7,
    };
    fits::<Id, New>()
        .same(&id(), &New { note: None, id: 7 })
        .back(&sent, |read| read == Ok(&id()));
}

#[test]
fn an_option_may_be_removed() {
    messages! {
        #[message(name = "shop.t")]
        struct Old { id: u64, note: Option<String> }
    }
    let sent = Old {
        id: 7,
        note: Some("n".to_owned()),
    };
    fits::<Old, Id>()
        .same(&Old { id: 7, note: None }, &id())
        .read(&sent, |read| read == Ok(&id()));
}

#[test]
fn a_field_that_had_a_default_may_be_removed() {
    messages! {
        #[message(name = "shop.t")]
        struct Old { #[message(default = 3)] price: u32, id: u64 }
    }
    fits::<Old, Id>()
        .same(&Old { price: 3, id: 7 }, &id())
        .read(&Old { price: 9, id: 7 }, |read| read == Ok(&id()));
}

#[test]
fn a_field_that_is_needed_may_not_be_removed() {
    breaks::<IdAndText, Id>(&[("field `text`", gone("text"))])
        .read(&id_and_text(), |read| read == Ok(&id()))
        .back(&id(), lacks("text"));
}

#[test]
fn a_field_may_be_renamed_if_it_keeps_its_name_on_the_wire() {
    messages! {
        #[message(name = "shop.t")]
        struct New { #[message(rename = "id")] number: u64 }
    }
    equal::<Id, New>().same(&id(), &New { number: 7 });
}

#[test]
fn a_field_may_not_be_renamed_else() {
    messages! {
        #[message(name = "shop.t")]
        struct New { number: u64 }
    }
    breaks::<Id, New>(&[("field `id`", gone("id")), ("field `number`", FieldAdded)])
        .read(&id(), lacks("number"))
        .back(&New { number: 7 }, lacks("id"));
}

#[test]
fn fields_may_be_reordered() {
    messages! {
        #[message(name = "shop.t")]
        struct New { text: String, id: u64 }
    }
    let new = New {
        text: "seven".to_owned(),
        id: 7,
    };
    fits::<IdAndText, New>().same(&id_and_text(), &new);
}

#[test]
fn fields_of_one_type_that_are_reordered_keep_their_values() {
    messages! {
        #[message(name = "shop.t")]
        struct Old { from: u64, to: u64 }
        #[message(name = "shop.t")]
        struct New { to: u64, from: u64 }
    }
    fits::<Old, New>().same(&Old { from: 1, to: 2 }, &New { to: 2, from: 1 });
}

#[test]
fn the_type_of_a_field_may_not_change() {
    messages! {
        #[message(name = "shop.t")]
        struct New { id: String }
    }
    breaks::<Id, New>(&[("field `id`", changed("u64", "string"))])
        .read(&id(), garbage)
        .back(
            &New {
                id: "seven".to_owned(),
            },
            garbage,
        );
}

#[test]
fn a_default_may_be_taken_from_a_field_or_given_to_it() {
    messages! {
        #[message(name = "shop.t")]
        struct New { #[message(default)] id: u64 }
    }
    fits::<Id, New>().same(&id(), &New { id: 7 });
    fits::<New, Id>().same(&New { id: 7 }, &id());
}

#[test]
fn a_unit_struct_may_gain_an_optional_field() {
    messages! {
        #[message(name = "shop.t")]
        struct Old;
        #[message(name = "shop.t")]
        struct New { note: Option<u8> }
    }
    fits::<Old, New>()
        .same(&Old, &New { note: None })
        .back(&New { note: Some(1) }, |read| read == Ok(&Old));
    breaks::<Old, Id>(&[("field `id`", FieldAdded)])
        .read(&Old, lacks("id"))
        .back(&id(), |read| read == Ok(&Old));
}

#[test]
fn a_struct_without_names_is_known_by_positions() {
    messages! {
        #[message(name = "shop.t")]
        struct Old(u64, String);
        #[message(name = "shop.t")]
        struct Longer(u64, String, #[message(default)] u8);
        #[message(name = "shop.t")]
        struct Named { #[message(rename = "0")] id: u64, #[message(rename = "1")] text: String }
    }
    let old = Old(7, "seven".to_owned());
    fits::<Old, Longer>().same(&old, &Longer(7, "seven".to_owned(), 0));
    equal::<Old, Named>().same(
        &old,
        &Named {
            id: 7,
            text: "seven".to_owned(),
        },
    );
    breaks::<Old, IdAndText>(&[
        ("field `0`", gone("0")),
        ("field `1`", gone("1")),
        ("field `id`", FieldAdded),
        ("field `text`", FieldAdded),
    ])
    .read(&old, lacks("id"))
    .back(&id_and_text(), lacks("0"));
}

#[test]
fn an_unnamed_field_never_takes_the_position_of_another() {
    messages! {
        #[message(name = "shop.t")]
        struct Old(Option<u64>, Option<u64>);
        #[message(name = "shop.t")]
        struct WithoutTheFirst(Option<u64>);
    }
    // The bytes would be taken: what is gone would be read as what is left.
    breaks::<Old, WithoutTheFirst>(&[("field `1`", PositionUnclear)])
        .read(&Old(Some(1), Some(2)), |read| {
            read == Ok(&WithoutTheFirst(Some(1)))
        });
    breaks::<WithoutTheFirst, Old>(&[("field `1`", PositionUnclear)]);
}

#[test]
fn a_field_without_a_name_of_its_own_may_have_one_on_the_wire() {
    messages! {
        #[message(name = "shop.t")]
        struct Old(#[message(rename = "from")] Option<u64>, #[message(rename = "to")] Option<u64>);
        #[message(name = "shop.t")]
        struct WithoutTheFirst(#[message(rename = "to")] Option<u64>);
    }
    fits::<Old, WithoutTheFirst>()
        .read(&Old(Some(1), Some(2)), |read| {
            read == Ok(&WithoutTheFirst(Some(2)))
        })
        .back(&WithoutTheFirst(Some(2)), |read| {
            read == Ok(&Old(None, Some(2)))
        });
}

#[test]
fn a_field_without_a_name_may_not_be_removed() {
    messages! {
        #[message(name = "shop.t")]
        struct Old(u64, Option<String>);
        #[message(name = "shop.t")]
        struct New(u64);
    }
    // The two understand each other, but what is added next at that position would be taken for what was there.
    steps_back::<Old, New>(&[("field `1`", PositionRemoved)]).same(&Old(7, None), &New(7));
}
