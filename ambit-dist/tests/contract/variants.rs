//! Enums: variants are identified by tag, and new ones have a version.

use ambit::message::BreakReason::{
    FieldAdded, FieldRemoved, VariantAdded, VariantPostdated, VariantRemoved, VersionLowered,
};

use crate::contract::messages;
use crate::contract::pair::{breaks, equal, fits, lacks, steps_back, unknown};

messages! {
    #[message(name = "shop.e")]
    enum Two { Made { id: u64 }, Paid(u64, String) }

    #[message(name = "shop.e", version = 2)]
    enum Dated {
        Made { id: u64 },
        #[message(since = 2)]
        Sent,
        Paid(u64, String),
    }

    #[message(name = "shop.e", version = 2)]
    enum Undated { Made { id: u64 }, Sent, Paid(u64, String) }
}

fn paid() -> Two {
    Two::Paid(1, "a".to_owned())
}

#[test]
fn a_variant_may_be_added_with_the_version_that_adds_it() {
    fits::<Two, Dated>()
        .same(&paid(), &Dated::Paid(1, "a".to_owned()))
        .same(&Two::Made { id: 7 }, &Dated::Made { id: 7 })
        .kept_back(&Dated::Sent);
}

#[test]
fn a_variant_may_not_be_added_without_it() {
    let reason = VariantAdded { since: 1, known: 1 };
    breaks::<Two, Undated>(&[("variant `Sent`", reason)])
        .same(&paid(), &Undated::Paid(1, "a".to_owned()))
        .back(&Undated::Sent, unknown);
}

#[test]
fn a_variant_may_not_be_added_to_a_version_that_is_out() {
    messages! {
        #[message(name = "shop.e", version = 2)]
        enum Old { Made { id: u64 }, Paid(u64, String) }
    }
    let reason = VariantAdded { since: 2, known: 2 };
    breaks::<Old, Dated>(&[("variant `Sent`", reason)])
        .same(&Old::Made { id: 7 }, &Dated::Made { id: 7 })
        .back(&Dated::Sent, unknown);
}

#[test]
fn a_variant_may_not_be_removed() {
    messages! {
        #[message(name = "shop.e")]
        enum New { Made { id: u64 } }
    }
    let reason = VariantRemoved {
        name: "Paid".to_owned(),
    };
    breaks::<Two, New>(&[("variant `Paid`", reason)])
        .read(&paid(), unknown)
        .same(&Two::Made { id: 7 }, &New::Made { id: 7 });
}

#[test]
fn variants_may_be_reordered() {
    messages! {
        #[message(name = "shop.e")]
        enum New { Paid(u64, String), Made { id: u64 } }
    }
    equal::<Two, New>()
        .same(&paid(), &New::Paid(1, "a".to_owned()))
        .same(&Two::Made { id: 7 }, &New::Made { id: 7 });
}

#[test]
fn a_variant_may_be_renamed_if_it_keeps_its_tag() {
    messages! {
        #[message(name = "shop.e")]
        enum New { Made { id: u64 }, #[message(tag = "Paid")] Settled(u64, String) }
    }
    equal::<Two, New>().same(&paid(), &New::Settled(1, "a".to_owned()));
}

#[test]
fn a_variant_may_not_be_renamed_else() {
    messages! {
        #[message(name = "shop.e")]
        enum New { Made { id: u64 }, Settled(u64, String) }
    }
    breaks::<Two, New>(&[
        (
            "variant `Paid`",
            VariantRemoved {
                name: "Paid".to_owned(),
            },
        ),
        ("variant `Settled`", VariantAdded { since: 1, known: 1 }),
    ])
    .read(&paid(), unknown)
    .back(&New::Settled(1, "a".to_owned()), unknown);
}

#[test]
fn a_field_of_a_variant_may_be_added_with_a_default() {
    messages! {
        #[message(name = "shop.e")]
        enum New { Made { #[message(default = 5)] by: u8, id: u64 }, Paid(u64, String) }
    }
    fits::<Two, New>()
        .same(&Two::Made { id: 7 }, &New::Made { by: 5, id: 7 })
        .back(&New::Made { by: 9, id: 7 }, |read| {
            read == Ok(&Two::Made { id: 7 })
        });
}

#[test]
fn a_field_of_a_variant_may_not_be_added_without_one() {
    messages! {
        #[message(name = "shop.e")]
        enum New { Made { id: u64, by: u8 }, Paid(u64, String) }
    }
    breaks::<Two, New>(&[("variant `Made`, field `by`", FieldAdded)])
        .read(&Two::Made { id: 7 }, lacks("by"))
        .back(&New::Made { id: 7, by: 9 }, |read| {
            read == Ok(&Two::Made { id: 7 })
        });
}

#[test]
fn a_unit_variant_may_gain_an_optional_field() {
    messages! {
        #[message(name = "shop.e")]
        enum Old { Sent }
        #[message(name = "shop.e")]
        enum New { Sent { to: Option<u8> } }
        #[message(name = "shop.e")]
        enum Needs { Sent { to: u8 } }
    }
    fits::<Old, New>()
        .same(&Old::Sent, &New::Sent { to: None })
        .back(&New::Sent { to: Some(1) }, |read| read == Ok(&Old::Sent));
    breaks::<Old, Needs>(&[("variant `Sent`, field `to`", FieldAdded)])
        .read(&Old::Sent, lacks("to"))
        .back(&Needs::Sent { to: 1 }, |read| read == Ok(&Old::Sent));
}

#[test]
fn a_tuple_variant_may_gain_optional_fields_at_its_end() {
    messages! {
        #[message(name = "shop.e")]
        enum New { Made { id: u64 }, Paid(u64, String, Option<u8>) }
        #[message(name = "shop.e")]
        enum Needs { Made { id: u64 }, Paid(u64, String, u8) }
        #[message(name = "shop.e")]
        enum Shorter { Made { id: u64 }, Paid(u64) }
    }
    fits::<Two, New>().same(&paid(), &New::Paid(1, "a".to_owned(), None));
    breaks::<Two, Needs>(&[("variant `Paid`, field `2`", FieldAdded)])
        .read(&paid(), lacks("2"))
        .back(&Needs::Paid(1, "a".to_owned(), 2), |read| {
            read == Ok(&paid())
        });
    let reason = FieldRemoved {
        name: "1".to_owned(),
    };
    breaks::<Two, Shorter>(&[("variant `Paid`, field `1`", reason)])
        .read(&paid(), |read| read == Ok(&Shorter::Paid(1)))
        .back(&Shorter::Paid(1), lacks("1"));
}

#[test]
fn a_version_may_be_raised_and_not_lowered() {
    messages! {
        #[message(name = "shop.e", version = 5)]
        enum Raised { Made { id: u64 }, Paid(u64, String) }
    }
    fits::<Two, Raised>().same(&paid(), &Raised::Paid(1, "a".to_owned()));
    // Two nodes still understand each other, because each knows all values that the other sends.
    steps_back::<Raised, Two>(&[("", VersionLowered { old: 5, new: 1 })])
        .same(&Raised::Paid(1, "a".to_owned()), &paid());
}

#[test]
fn a_variant_is_as_old_as_it_is() {
    messages! {
        #[message(name = "shop.e", version = 2)]
        enum Postdated { Made { id: u64 }, #[message(since = 2)] Paid(u64, String) }
    }
    let reason = VariantPostdated { since: 2, known: 1 };
    steps_back::<Two, Postdated>(&[("variant `Paid`", reason)])
        .read(&paid(), |read| {
            read == Ok(&Postdated::Paid(1, "a".to_owned()))
        })
        .kept_back(&Postdated::Paid(1, "a".to_owned()));
}
