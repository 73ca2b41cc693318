//! Bytes that were not written by an encoder.

use ambit::Message;
use ambit::attribute::wire;
use ambit::message::{Budget, Codec, DecodeError, EncodeError, Form, In, Out, Wire, tag};
use ambit_dist::{Bincode, Postcard};

use crate::messages::bytes::{Way, ways};

#[derive(Message, Debug, PartialEq)]
#[message(name = "test.list")]
struct List {
    rest: Option<Box<List>>,
}

#[derive(Message, Debug, PartialEq)]
#[message(name = "test.choice")]
enum Choice {
    This(u8),
    That { more: Vec<Choice>, text: String },
}

#[derive(Message, Debug, PartialEq)]
#[message(name = "test.never")]
enum Never {}

/// Builds lists nested to this depth.
fn nested(depth: u32) -> List {
    let mut list = List { rest: None };
    for _ in 1..depth {
        list = List {
            rest: Some(Box::new(list)),
        };
    }
    list
}

/// Returns the bytes of `This`, with another tag.
fn with_tag(way: Way, tag: u32) -> Vec<u8> {
    let mut bytes = way.encode(&Choice::This(1)).unwrap();
    let begin = way.header();
    bytes[begin..begin + 4].copy_from_slice(&tag.to_le_bytes());
    bytes
}

#[test]
fn an_unknown_tag_is_named() {
    for way in ways() {
        for odd in [0, 1, u32::MAX, tag("this")] {
            let unknown = DecodeError::UnknownTag {
                of: "test.choice",
                tag: odd,
            };
            assert_eq!(way.decode::<Choice>(&with_tag(way, odd)), Err(unknown));
        }
        assert_eq!(way.decode(&with_tag(way, tag("This"))), Ok(Choice::This(1)));
    }
}

#[test]
fn an_enum_without_variants_is_never_read() {
    fn take<C: Codec>(form: Form) -> Result<Never, DecodeError> {
        Never::take(&mut In::<C>::new(&[1, 0, 0, 0, 0, 0], form))
    }
    let unknown = Err(DecodeError::UnknownTag {
        of: "test.never",
        tag: 1,
    });
    assert_eq!(take::<Bincode>(Form::Compact), unknown);
    assert_eq!(take::<Postcard>(Form::Framed), unknown);
}

#[test]
fn depth_has_a_limit() {
    for way in ways() {
        let deep = way.encode(&nested(Budget::DEPTH)).unwrap();
        assert_eq!(way.decode(&deep), Ok(nested(Budget::DEPTH)));
        // Refuse values that no reader accepts.
        let limit = Budget::DEPTH;
        assert_eq!(
            way.encode(&nested(Budget::DEPTH + 1)),
            Err(EncodeError::TooDeep { limit })
        );
    }
}

/// A megabyte that announces another level a hundred thousand times.
#[test]
fn hostile_depth_does_not_reach_the_stack() {
    for form in [Form::Compact, Form::Framed] {
        let bytes = vec![1; 1 << 20];
        let found = List::take(&mut In::<Bincode>::new(&bytes, form));
        assert!(found.is_err());
    }
    let deep = List::take(&mut In::<Bincode>::new(&vec![1; 1 << 20], Form::Compact));
    let limit = Budget::DEPTH;
    assert_eq!(deep, Err(DecodeError::TooDeep { limit }));
}

#[test]
fn nesting_depth_is_released_at_the_end_of_a_value() {
    let row: Vec<_> = (0..1_000).map(|_| nested(3)).collect();
    for form in [Form::Compact, Form::Framed] {
        let mut out = Out::<Postcard>::new(form);
        row.put(&mut out).unwrap();
        let bytes = out.into_bytes();
        let read = Vec::<List>::take(&mut In::<Postcard>::new(&bytes, form));
        assert_eq!(read.as_ref(), Ok(&row));
    }
}

#[test]
fn a_limit_of_bytes_is_kept_by_every_part() {
    let choice = Choice::That {
        more: vec![Choice::This(1)],
        text: "four".to_owned(),
    };
    for form in [Form::Compact, Form::Framed] {
        let put = |limit| {
            let mut out = Out::<Bincode>::new(form).limit(limit);
            choice.put(&mut out).map(|()| out.into_bytes().len())
        };
        let length = put(usize::MAX).unwrap();
        assert_eq!(put(length), Ok(length));
        for limit in 0..length {
            assert_eq!(put(limit), Err(EncodeError::TooLarge { limit }));
        }
    }
}

/// Changing any byte of a value gives an error or a value, never a panic.
#[test]
fn a_changed_byte_is_an_error_or_a_value() {
    let choice = Choice::That {
        more: vec![Choice::This(1), Choice::This(2)],
        text: "four".to_owned(),
    };
    for way in ways() {
        let bytes = way.encode(&choice).unwrap();
        let mut refused = 0;
        for at in 0..bytes.len() {
            for flip in 1..=255 {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                match way.decode::<Choice>(&changed) {
                    Ok(other) => {
                        assert!(other != choice || way.form == Form::Framed, "{at} {flip}")
                    }
                    Err(_) => refused += 1,
                }
            }
        }
        assert!(refused > bytes.len() * 100, "{way:?}: {refused}");
    }
}

/// Two levels for each link: a struct and an option.
#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Chain {
    next: Option<Box<Chain>>,
}

impl Chain {
    fn of(links: usize) -> Self {
        let mut chain = Self { next: None };
        for _ in 1..links {
            chain = Self {
                next: Some(Box::new(chain)),
            };
        }
        chain
    }
}

#[wire(name = "test.chain")]
#[derive(Debug, PartialEq)]
struct Foreign(Chain);

#[wire(name = "test.units")]
#[derive(Debug, PartialEq)]
struct Units(Vec<()>);

#[test]
fn foreign_values_are_refused_by_the_sender_where_the_reader_would_refuse_them() {
    /// Whether a reader takes what is written without a count.
    fn is_read<C: Codec>(chain: &Chain) -> bool {
        let mut out = Out::<C>::new(Form::Compact);
        out.leaf(chain).unwrap();
        let bytes = out.into_bytes();
        In::<C>::new(&bytes, Form::Compact)
            .foreign::<Chain>()
            .is_ok()
    }
    let limit = Budget::DEPTH;
    for way in ways() {
        for links in 60..70 {
            let read =
                is_read::<Bincode>(&Chain::of(links)) && is_read::<Postcard>(&Chain::of(links));
            match way.encode(&Foreign(Chain::of(links))) {
                Ok(bytes) => assert_eq!(way.decode(&bytes), Ok(Foreign(Chain::of(links)))),
                Err(error) => assert_eq!((error, read), (EncodeError::TooDeep { limit }, false)),
            }
        }
        assert!(way.encode(&Foreign(Chain::of(60))).is_ok());
        assert!(way.encode(&Foreign(Chain::of(69))).is_err());
    }
}

#[test]
fn elements_without_bytes_of_foreign_values_are_counted_as_they_are_written() {
    let limit = Budget::FREE_ELEMENTS;
    for way in ways() {
        let bytes = way.encode(&Units(vec![(); limit])).unwrap();
        assert_eq!(way.decode(&bytes), Ok(Units(vec![(); limit])));
        let many = way.encode(&Units(vec![(); limit + 100]));
        assert_eq!(many, Err(EncodeError::TooManyElements { limit }));
    }
}
