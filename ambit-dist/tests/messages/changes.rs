//! Compatibility of an old and a new version of a type.

use ambit::Message;
use ambit::message::{
    Codec, Contract, DecodeError, EncodeError, Form, Named, Out, Schema, Types, Wire, tag,
};
use ambit_dist::{Bincode, Postcard};

use crate::messages::bytes::{Way, framed, ways};

mod old {
    use super::*;

    #[derive(Message, Debug, PartialEq)]
    #[message(name = "test.event")]
    pub(super) enum Event {
        Created { id: u64 },
        Paid(u64),
        Closed,
    }

    #[derive(Message, Debug, PartialEq)]
    #[message(name = "test.order")]
    pub(super) struct Order {
        pub(super) id: u64,
        pub(super) price: u32,
        pub(super) note: Option<String>,
    }
}

mod new {
    use super::*;

    #[derive(Message, Debug, PartialEq)]
    #[message(name = "test.event", version = 2)]
    pub(super) enum Event {
        #[message(since = 2)]
        Refunded {
            id: u64,
        },
        Closed {
            reason: Option<String>,
        },
        #[message(tag = "Paid")]
        Payed(u64, #[message(default = 100)] u32),
        Created {
            id: u64,
        },
    }

    #[derive(Message, Debug, PartialEq)]
    #[message(name = "test.order", version = 2)]
    pub(super) struct Order {
        #[message(default)]
        pub(super) urgent: bool,
        #[message(default = vec![1, 2])]
        pub(super) items: Vec<u64>,
        #[message(rename = "price")]
        pub(super) amount: u32,
        pub(super) id: u64,
        pub(super) by: Option<Box<Order>>,
    }
}

/// The same variants in another order, as the same version.
#[derive(Message, Debug, PartialEq)]
#[message(name = "test.event")]
enum Reordered {
    Closed,
    #[message(rename = "Created")]
    Made {
        #[message(tag = "id")]
        number: u64,
    },
    Paid(u64),
}

#[track_caller]
fn becomes<A, B>(way: Way, from: &A, to: &B)
where
    A: Named + Wire,
    B: Named + Wire + PartialEq + std::fmt::Debug,
{
    let bytes = way.encode(from).unwrap();
    assert_eq!(way.decode::<B>(&bytes).as_ref(), Ok(to), "{way:?}");
}

#[test]
fn variants_in_another_order_and_with_tags_are_the_same() {
    for way in ways() {
        becomes(
            way,
            &old::Event::Created { id: 7 },
            &Reordered::Made { number: 7 },
        );
        becomes(way, &old::Event::Paid(8), &Reordered::Paid(8));
        becomes(way, &old::Event::Closed, &Reordered::Closed);
        becomes(way, &Reordered::Closed, &old::Event::Closed);
    }
}

#[test]
fn new_code_reads_what_old_code_wrote() {
    for way in framed() {
        becomes(
            way,
            &old::Event::Created { id: 7 },
            &new::Event::Created { id: 7 },
        );
        becomes(way, &old::Event::Paid(8), &new::Event::Payed(8, 100));
        becomes(
            way,
            &old::Event::Closed,
            &new::Event::Closed { reason: None },
        );
        let order = old::Order {
            id: 1,
            price: 2,
            note: Some("dropped".to_owned()),
        };
        let read = new::Order {
            urgent: false,
            items: vec![1, 2],
            amount: 2,
            id: 1,
            by: None,
        };
        becomes(way, &order, &read);
    }
}

#[test]
fn old_code_reads_what_new_code_wrote() {
    for way in framed() {
        becomes(way, &new::Event::Payed(8, 3), &old::Event::Paid(8));
        let reason = Some("late".to_owned());
        becomes(way, &new::Event::Closed { reason }, &old::Event::Closed);
        let order = new::Order {
            urgent: true,
            items: vec![3],
            amount: 2,
            id: 1,
            by: None,
        };
        let read = old::Order {
            id: 1,
            price: 2,
            note: None,
        };
        becomes(way, &order, &read);
    }
}

#[test]
fn a_variant_that_is_not_known_is_a_typed_error() {
    for way in framed() {
        let bytes = way.encode(&new::Event::Refunded { id: 7 }).unwrap();
        let unknown = DecodeError::UnknownTag {
            of: "test.event",
            tag: tag("Refunded"),
        };
        assert_eq!(way.decode::<old::Event>(&bytes), Err(unknown));
    }
}

#[test]
fn a_field_without_a_default_is_missed_by_its_name() {
    #[derive(Message, Debug, PartialEq)]
    #[message(name = "test.order")]
    struct Longer {
        id: u64,
        #[message(rename = "weight")]
        heaviness: u8,
    }

    for way in framed() {
        let order = old::Order {
            id: 1,
            price: 2,
            note: None,
        };
        let bytes = way.encode(&order).unwrap();
        let missing = DecodeError::MissingField { field: "weight" };
        assert_eq!(way.decode::<Longer>(&bytes), Err(missing));
    }
}

#[test]
fn the_compact_form_is_for_equal_versions_only() {
    for way in ways().filter(|way| way.form == Form::Compact) {
        let bytes = way.encode(&old::Event::Closed).unwrap();
        let wrong = DecodeError::WrongVersion {
            of: "test.event",
            found: 1,
            expected: 2,
        };
        assert_eq!(way.decode::<new::Event>(&bytes), Err(wrong));
    }
}

#[test]
fn the_compact_form_is_for_equal_definitions_only() {
    #[derive(Debug, PartialEq, Message)]
    #[message(name = "test.size")]
    struct Size(u64);
    #[derive(Debug, PartialEq, Message)]
    #[message(name = "test.size")]
    struct Signed(i64);

    #[derive(Message)]
    #[message(name = "test.parcel")]
    struct Parcel {
        width: u64,
        height: u64,
        size: Size,
    }
    #[derive(Debug, PartialEq, Message)]
    #[message(name = "test.parcel")]
    struct Swapped {
        height: u64,
        width: u64,
        size: Size,
    }
    #[derive(Debug, PartialEq, Message)]
    #[message(name = "test.parcel")]
    struct ChangedInside {
        width: u64,
        height: u64,
        size: Signed,
    }

    let parcel = Parcel {
        width: 1,
        height: 2,
        size: Size(3),
    };
    for way in ways().filter(|way| way.form == Form::Compact) {
        let wrong = DecodeError::WrongDefinition { of: "test.parcel" };
        let bytes = way.encode(&parcel).unwrap();
        assert_eq!(way.decode::<Swapped>(&bytes), Err(wrong.clone()));
        assert_eq!(way.decode::<ChangedInside>(&bytes), Err(wrong));
    }
}

#[test]
fn the_bytes_of_another_message_are_a_typed_error() {
    for way in ways() {
        let bytes = way.encode(&old::Event::Closed).unwrap();
        let wrong = DecodeError::WrongMessage {
            expected: "test.order",
        };
        assert_eq!(way.decode::<old::Order>(&bytes), Err(wrong));
    }
}

fn contract_of<T: Schema>() -> Contract {
    let mut types = Types::default();
    T::shape(&mut types);
    Contract {
        types: types.into_definitions().unwrap(),
        ..Contract::default()
    }
}

fn put_for<C: Codec, T: Wire>(
    value: &T,
    peer: &Contract,
    form: Form,
) -> Result<usize, EncodeError> {
    let mut out = Out::<C>::new(form).for_peer(peer);
    value.put(&mut out)?;
    Ok(out.into_bytes().len())
}

#[test]
fn a_variant_is_not_written_for_a_peer_that_is_older() {
    let (old, new) = (contract_of::<old::Event>(), contract_of::<new::Event>());
    let refunded = new::Event::Refunded { id: 7 };
    let refused = EncodeError::Newer {
        of: "test.event".to_owned(),
        variant: "Refunded".to_owned(),
        since: 2,
        peer: 1,
    };
    for form in [Form::Compact, Form::Framed] {
        let found = put_for::<Bincode, _>(&refunded, &old, form);
        assert_eq!(found, Err(refused.clone()));
        let found = put_for::<Postcard, _>(
            &vec![Some(&refunded).map(|_| new::Event::Refunded { id: 1 })],
            &old,
            form,
        );
        assert_eq!(found, Err(refused.clone()));
        assert!(put_for::<Bincode, _>(&refunded, &new, form).is_ok());
        assert!(put_for::<Bincode, _>(&new::Event::Payed(1, 2), &old, form).is_ok());
    }
}

#[test]
fn a_peer_is_older_in_one_type_and_not_in_another_of_the_same_name() {
    #[derive(Message, Debug, PartialEq)]
    #[message(name = "test.either", version = 3)]
    enum Either<T> {
        Left(T),
        #[message(since = 3)]
        Right,
    }

    #[derive(Message, Debug, PartialEq)]
    #[message(name = "test.either", version = 2)]
    enum OldEither<T> {
        Left(T),
    }

    let peer = contract_of::<OldEither<u8>>();
    let refused = EncodeError::Newer {
        of: "test.either<u8>".to_owned(),
        variant: "Right".to_owned(),
        since: 3,
        peer: 2,
    };
    let found = put_for::<Bincode, _>(&Either::<u8>::Right, &peer, Form::Framed);
    assert_eq!(found, Err(refused));
    // The type is unknown there: the versions of other types do not matter.
    assert!(put_for::<Bincode, _>(&Either::<u16>::Right, &peer, Form::Framed).is_ok());
    assert!(put_for::<Bincode, _>(&Either::Left(1_u8), &peer, Form::Framed).is_ok());
}
