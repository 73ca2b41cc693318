//! Foreign types with serde implementations, behind the guard in front of both codecs.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Debug};

use ambit::message::{Budget, Codec, DecodeError};
use ambit_dist::{Bincode, Postcard};
use serde::de::{DeserializeOwned, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::codecs::claims;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Tree {
    Leaf,
    Number(u64),
    Pair(Box<Self>, Box<Self>),
    Named { name: String, child: Box<Self> },
    Many(Vec<Self>),
    Keyed(BTreeMap<String, Self>),
    Maybe(Option<Box<Self>>),
    Bytes(Blob),
}

/// Bytes that serde decodes as bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Blob(pub(crate) Vec<u8>);

impl Serialize for Blob {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Blob;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Blob, E> {
                Ok(Blob(bytes.to_vec()))
            }
        }
        deserializer.deserialize_byte_buf(Bytes)
    }
}

pub(crate) fn tree() -> Tree {
    let named = Tree::Named {
        name: "grüße".to_owned(),
        child: Box::new(Tree::Maybe(Some(Box::new(Tree::Leaf)))),
    };
    let many = Tree::Many(vec![
        Tree::Number(u64::MAX),
        named,
        Tree::Bytes(Blob(vec![0, 1, 255])),
        Tree::Maybe(None),
    ]);
    let keyed = BTreeMap::from([("a".to_owned(), Tree::Leaf), ("b".to_owned(), many)]);
    Tree::Pair(Box::new(Tree::Keyed(keyed)), Box::new(Tree::Number(3)))
}

fn put<C: Codec, T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    C::default().put(value, &mut bytes).unwrap();
    bytes
}

fn take<C: Codec, T: DeserializeOwned>(mut bytes: &[u8]) -> Result<T, DecodeError> {
    let mut budget = Budget::for_bytes(bytes.len());
    let value = C::default().take_any(&mut bytes, &mut budget)?;
    assert!(bytes.is_empty(), "{} left bytes", C::default().name());
    Ok(value)
}

/// Checks the round trip through both codecs.
#[track_caller]
fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    assert_eq!(
        take::<Bincode, T>(&put::<Bincode, _>(value)).as_ref(),
        Ok(value)
    );
    assert_eq!(
        take::<Postcard, T>(&put::<Postcard, _>(value)).as_ref(),
        Ok(value)
    );
}

#[test]
fn every_kind_of_value_passes_the_guard() {
    comes_back(&tree());
    comes_back(&(
        (true, 1_i8, 2_i16, 3_i32, 4_i64, 5_i128),
        (6_u8, 7_u16, 8_u32, 9_u64, 10_u128),
        (1.5_f32, 2.5_f64, 'ß', "text".to_owned(), ()),
        HashMap::from([(1, vec![Some(1)]), (2, vec![None])]),
    ));
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Unit;
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Wrapped(u64);
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Tuple(u64, Option<Unit>);
    comes_back(&(Unit, Wrapped(3), Tuple(4, Some(Unit)), [1_u8; 32]));
}

#[test]
fn the_guard_changes_no_bytes_and_leaves_what_follows() {
    let mut bytes = put::<Bincode, _>(&tree());
    assert_eq!(
        bytes,
        bincode::serde::encode_to_vec(tree(), bincode::config::standard()).unwrap()
    );
    bytes.extend([1, 2, 3]);
    let mut rest = bytes.as_slice();
    let back: Tree = Bincode
        .take_any(&mut rest, &mut Budget::for_bytes(bytes.len()))
        .unwrap();
    assert_eq!((back, rest), (tree(), &[1, 2, 3][..]));
    let mut bytes = put::<Postcard, _>(&tree());
    assert_eq!(bytes, postcard::to_allocvec(&tree()).unwrap());
    bytes.extend([1, 2, 3]);
    let mut rest = bytes.as_slice();
    let back: Tree = Postcard
        .take_any(&mut rest, &mut Budget::for_bytes(bytes.len()))
        .unwrap();
    assert_eq!((back, rest), (tree(), &[1, 2, 3][..]));
}

#[test]
fn a_claimed_length_is_not_believed() {
    for length in [1 << 20, 1 << 32, 1 << 60, u64::MAX] {
        for (codec, bytes) in claims(length) {
            let takes = |way: &dyn Fn(&[u8]) -> Option<DecodeError>| way(&bytes);
            let truncated = Some(DecodeError::Truncated);
            if codec == Bincode::NAME {
                assert_eq!(
                    takes(&|bytes| take::<Bincode, String>(bytes).err()),
                    truncated
                );
                assert_eq!(
                    takes(&|bytes| take::<Bincode, Blob>(bytes).err()),
                    truncated
                );
                assert_eq!(
                    takes(&|bytes| take::<Bincode, Vec<u8>>(bytes).err()),
                    truncated
                );
                assert_eq!(
                    takes(&|bytes| take::<Bincode, HashMap<u8, u8>>(bytes).err()),
                    truncated
                );
            } else {
                assert_eq!(
                    takes(&|bytes| take::<Postcard, String>(bytes).err()),
                    truncated
                );
                assert_eq!(
                    takes(&|bytes| take::<Postcard, Blob>(bytes).err()),
                    truncated
                );
                assert_eq!(
                    takes(&|bytes| take::<Postcard, Vec<u8>>(bytes).err()),
                    truncated
                );
                assert_eq!(
                    takes(&|bytes| take::<Postcard, HashMap<u8, u8>>(bytes).err()),
                    truncated
                );
            }
        }
    }
}

/// Allocates the capacity of the size hint.
#[derive(Debug)]
struct Trusting(Option<usize>);

impl<'de> Deserialize<'de> for Trusting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Hint;
        impl<'de> Visitor<'de> for Hint {
            type Value = Trusting;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Trusting, A::Error> {
                Ok(Trusting(list.size_hint()))
            }
        }
        deserializer.deserialize_seq(Hint)
    }
}

#[test]
fn a_type_that_trusts_the_claimed_length_allocates_little() {
    for (length, hint) in [(7, 7), (1024, 1024), (1025, 1024), (1 << 60, 1024)] {
        let [(_, bincode), (_, postcard)] = claims(length);
        let of_bincode: Trusting = take::<Bincode, _>(&bincode).unwrap();
        let of_postcard: Trusting = take::<Postcard, _>(&postcard).unwrap();
        assert!(
            of_bincode.0.is_none_or(|room| room == hint),
            "{of_bincode:?}"
        );
        assert!(
            of_postcard.0.is_none_or(|room| room == hint),
            "{of_postcard:?}"
        );
    }
}

#[test]
fn elements_that_take_no_bytes_are_counted() {
    let limit = |bytes: &[u8]| DecodeError::TooManyElements {
        limit: bytes.len() + Budget::FREE_ELEMENTS,
    };
    let [(_, bincode), (_, postcard)] = claims(1 << 32);
    assert_eq!(take::<Bincode, Vec<()>>(&bincode), Err(limit(&bincode)));
    assert_eq!(take::<Postcard, Vec<()>>(&postcard), Err(limit(&postcard)));
    let maps = take::<Bincode, HashMap<(), ()>>(&bincode);
    assert_eq!(maps, Err(limit(&bincode)));
    let [(_, bincode), (_, postcard)] = claims(65_536);
    assert_eq!(
        take::<Bincode, Vec<()>>(&bincode).map(|list| list.len()),
        Ok(65_536)
    );
    assert_eq!(
        take::<Postcard, Vec<()>>(&postcard).map(|list| list.len()),
        Ok(65_536)
    );
}

#[test]
fn elements_are_counted_through_all_lists_together() {
    // Ten lists with the maximum number of units for one list.
    let lists = vec![vec![(); 65_536]; 10];
    let bytes = put::<Postcard, _>(&lists);
    let limit = bytes.len() + Budget::FREE_ELEMENTS;
    assert_eq!(
        take::<Postcard, Vec<Vec<()>>>(&bytes),
        Err(DecodeError::TooManyElements { limit })
    );
}

#[test]
fn a_long_list_of_wrapped_numbers_is_no_flood() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Inner(u8);
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Outer {
        inner: Inner,
        nothing: (),
    }
    let outer = Outer {
        inner: Inner(3),
        nothing: (),
    };
    comes_back(&vec![outer; 200_000]);
}

/// All ways in which a type can contain itself.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Deep {
    End,
    Newtype(Box<Self>),
    Tuple((), Box<Self>),
    Struct { inner: Box<Self> },
    Optional(Option<Box<Self>>),
    List(Vec<Self>),
    Map(BTreeMap<u8, Self>),
}

/// Runs the job on a stack of a quarter of the size of a tokio worker's.
fn on_a_small_stack(job: impl FnOnce() + Send + 'static) {
    let small = std::thread::Builder::new().stack_size(512 << 10);
    small.spawn(job).unwrap().join().unwrap();
}

#[test]
fn a_value_of_full_depth_needs_little_stack() {
    on_a_small_stack(|| {
        let levels: [&[u8]; 6] = [&[1], &[2], &[3], &[4, 1], &[5, 1], &[6, 1, 0]];
        for level in levels {
            let bytes = level.repeat(100_000);
            assert!(take::<Bincode, Deep>(&bytes).is_err());
            assert!(take::<Postcard, Deep>(&bytes).is_err());
        }
    });
}

#[test]
fn a_value_nested_100_000_times_is_a_typed_error() {
    // One level of each variant in both codecs: small numbers take one byte.
    let levels: [&[u8]; 6] = [&[1], &[2], &[3], &[4, 1], &[5, 1], &[6, 1, 0]];
    for level in levels {
        let bytes = level.repeat(100_000);
        let deep = DecodeError::TooDeep {
            limit: Budget::DEPTH,
        };
        assert_eq!(
            take::<Bincode, Deep>(&bytes),
            Err(deep.clone()),
            "{level:?}"
        );
        assert_eq!(take::<Postcard, Deep>(&bytes), Err(deep), "{level:?}");
    }
}

#[test]
fn a_value_that_ends_within_the_depth_is_read() {
    let depth = Budget::DEPTH as usize;
    let read = |levels: usize| {
        let bytes = [vec![1; levels], vec![0]].concat();
        take::<Postcard, Deep>(&bytes)
    };
    assert!(read(depth - 1).is_ok());
    assert_eq!(
        read(depth),
        Err(DecodeError::TooDeep {
            limit: Budget::DEPTH
        })
    );
}

/// Takes no bytes and never ends.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Endless(Box<Self>);

#[test]
fn a_type_without_an_end_ends() {
    let deep = DecodeError::TooDeep {
        limit: Budget::DEPTH,
    };
    assert_eq!(take::<Bincode, Endless>(&[]), Err(deep.clone()));
    assert_eq!(take::<Postcard, Endless>(&[]), Err(deep));
}

/// Ignores the error of its content.
#[derive(Debug)]
struct Careless;

impl<'de> Deserialize<'de> for Careless {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let _ = Vec::<()>::deserialize(deserializer);
        Ok(Self)
    }
}

#[test]
fn an_exceeded_limit_is_reported_even_if_the_decoder_swallows_the_error() {
    let [(_, bytes), _] = claims(1 << 40);
    let limit = bytes.len() + Budget::FREE_ELEMENTS;
    let careless = take::<Bincode, Careless>(&bytes).map(|Careless| ());
    assert_eq!(careless, Err(DecodeError::TooManyElements { limit }));
}

#[test]
fn a_value_without_parts_has_no_elements() {
    let bytes = put::<Bincode, _>(&vec![1_u8, 2, 3]);
    let taken: Result<Vec<u8>, _> = Bincode.take(&mut bytes.as_slice());
    assert_eq!(taken, Err(DecodeError::TooManyElements { limit: 0 }));
    let bytes = put::<Bincode, _>(&"text".to_owned());
    assert_eq!(
        Bincode.take::<String>(&mut bytes.as_slice()),
        Ok("text".to_owned())
    );
}
