//! Types that only implement serde, inside of `#[wire]`.

use std::fmt::Debug;

use ambit::Message;
use ambit::message::{Body, DecodeError, EncodeError, Form, Named, Schema, Shape, Types, Wire};
use serde::{Deserialize, Serialize, Serializer};

use crate::messages::bytes::{travels, ways};

/// Written as by a crate without knowledge of ambit.
mod foreign {
    use super::*;

    #[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
    pub(super) enum Colour {
        Red,
        Mixed { red: u8, green: u8, blue: u8 },
        Named(String, Vec<Colour>),
    }

    /// Refuses long texts.
    #[derive(Deserialize, Debug, PartialEq)]
    pub(super) struct Picky(pub(super) String);

    impl Serialize for Picky {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            if self.0.len() > 3 {
                return Err(serde::ser::Error::custom("too long"));
            }
            serializer.serialize_newtype_struct("Picky", &self.0)
        }
    }
}

#[ambit::wire(name = "foreign.Colour", version = 2)]
#[derive(Clone, Debug, PartialEq)]
struct Colour(foreign::Colour);

#[ambit::wire(name = "foreign.Colour")]
#[derive(Debug, PartialEq)]
struct OldColour {
    colour: foreign::Colour,
}

#[ambit::wire(name = "foreign.Picky")]
#[derive(Debug, PartialEq)]
struct Picky(foreign::Picky);

#[derive(Message, Debug, PartialEq)]
#[message(name = "test.picture")]
struct Picture {
    title: String,
    colours: Vec<Colour>,
    frame: Option<Colour>,
}

fn named(text: &str) -> foreign::Colour {
    foreign::Colour::Named(text.to_owned(), vec![foreign::Colour::Red])
}

#[test]
fn wrapped_values_travel_alone_and_inside_of_others() {
    let mixed = foreign::Colour::Mixed {
        red: 1,
        green: 200,
        blue: 3,
    };
    travels(&Colour(mixed.clone()));
    travels(&OldColour {
        colour: foreign::Colour::Red,
    });
    travels(&Picture {
        title: "sea".to_owned(),
        colours: vec![Colour(mixed), Colour(foreign::Colour::Red)],
        frame: Some(Colour(named("oak"))),
    });
}

#[test]
fn nodes_see_a_name_and_a_version() {
    assert_eq!(Colour::NAME, "foreign.Colour");
    assert_eq!(Colour::VERSION, 2);
    assert_eq!(Colour::TAGS, []);
    let mut types = Types::default();
    assert_eq!(
        Colour::shape(&mut types),
        Shape::Named("foreign.Colour".to_owned())
    );
    let definitions = types.into_definitions().unwrap();
    let definition = &definitions["foreign.Colour"];
    assert_eq!((definition.version, &definition.body), (2, &Body::Opaque));
}

#[test]
fn wrapping_and_unwrapping_are_conversions() {
    let colour = Colour::from(named("red"));
    assert_eq!(foreign::Colour::from(colour), named("red"));
    let old: OldColour = named("red").into();
    assert_eq!(old.colour, named("red"));
}

#[test]
fn a_wrapper_is_a_message() {
    fn is_message<M: Message>() {}
    is_message::<Colour>();
    is_message::<OldColour>();
}

#[test]
fn another_version_is_a_typed_error() {
    for way in ways().filter(|way| way.form == Form::Compact) {
        let bytes = way.encode(&Colour(foreign::Colour::Red)).unwrap();
        let wrong = DecodeError::WrongVersion {
            of: "foreign.Colour",
            found: 2,
            expected: 1,
        };
        assert_eq!(way.decode::<OldColour>(&bytes), Err(wrong));
    }
}

#[test]
fn a_serde_encode_failure_is_a_typed_error() {
    for way in ways() {
        let refused = way.encode(&Picky(foreign::Picky("four".to_owned())));
        assert!(
            matches!(refused, Err(EncodeError::Refused(_))),
            "{refused:?}"
        );
        travels(&Picky(foreign::Picky("two".to_owned())));
    }
}

#[test]
fn a_serde_decode_failure_is_a_typed_error() {
    fn refused<T: Named + Wire + Debug>(at: usize, byte: u8, value: &T) {
        for way in ways() {
            let mut bytes = way.encode(value).unwrap();
            bytes[way.header() + at] = byte;
            let error = way.decode::<T>(&bytes).unwrap_err();
            assert!(matches!(error, DecodeError::Invalid(_)), "{error}");
        }
    }
    refused(0, 9, &Colour(foreign::Colour::Red));
    refused(1, 0xff, &Picky(foreign::Picky("a".to_owned())));
}
