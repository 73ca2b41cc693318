//! False lengths of ambit's own types.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::fmt::Debug;
use std::sync::Arc;

use ambit::message::{Budget, DecodeError, EncodeError, Form, Wire};
use ambit_dist::{Bincode, Postcard};

use crate::codecs::{claims, read, write};

/// Decodes this count of elements or bytes, without any of them.
fn claimed<T: Wire + Debug>(length: u64) -> [DecodeError; 2] {
    let [(_, bincode), (_, postcard)] = claims(length);
    [
        read::<Bincode, T>(&bincode, Form::Framed).unwrap_err(),
        read::<Postcard, T>(&postcard, Form::Framed).unwrap_err(),
    ]
}

#[test]
fn a_claimed_length_costs_nothing() {
    for length in [1 << 33, 1 << 60, u64::MAX] {
        let truncated = [DecodeError::Truncated, DecodeError::Truncated];
        assert_eq!(claimed::<String>(length), truncated);
        assert_eq!(claimed::<Arc<str>>(length), truncated);
        let count = |errors: [DecodeError; 2]| {
            for error in errors {
                assert!(
                    matches!(error, DecodeError::TooManyElements { .. }),
                    "{error:?}"
                );
            }
        };
        count(claimed::<Vec<u8>>(length));
        count(claimed::<Vec<()>>(length));
        count(claimed::<Box<[[u64; 512]]>>(length));
        count(claimed::<VecDeque<String>>(length));
        count(claimed::<LinkedList<()>>(length));
        count(claimed::<BTreeSet<()>>(length));
        count(claimed::<HashSet<u64>>(length));
        count(claimed::<HashMap<u64, ()>>(length));
        count(claimed::<BTreeMap<(), [u64; 512]>>(length));
    }
    // As many elements as are free, and none present.
    let truncated = [DecodeError::Truncated, DecodeError::Truncated];
    assert_eq!(claimed::<Vec<u8>>(65_000), truncated);
    assert_eq!(claimed::<Vec<[u64; 512]>>(65_000), truncated);
    assert_eq!(claimed::<HashMap<u64, u64>>(65_000), truncated);
}

#[test]
fn elements_without_bytes_are_counted_through_all_lists_together() {
    let limit = Budget::FREE_ELEMENTS;
    let refused = Err(EncodeError::TooManyElements { limit });
    let lists = vec![vec![(); 60_000]; 2];
    assert_eq!(write::<Postcard, _>(&lists, Form::Compact), refused);
    let number = |number: u64| write::<Postcard, _>(&number, Form::Compact).unwrap();
    let bytes = [number(2), number(60_000), number(60_000)].concat();
    let limit = bytes.len() + Budget::FREE_ELEMENTS;
    assert_eq!(
        read::<Postcard, Vec<Vec<()>>>(&bytes, Form::Compact),
        Err(DecodeError::TooManyElements { limit })
    );
}

#[test]
fn arrays_without_bytes_are_counted() {
    let lists = vec![[(); 1000]; 60];
    let bytes = write::<Bincode, _>(&lists, Form::Compact).unwrap();
    assert_eq!(read::<Bincode, _>(&bytes, Form::Compact), Ok(lists));
    let limit = Budget::FREE_ELEMENTS;
    let refused = Err(EncodeError::TooManyElements { limit });
    let lists = vec![[(); 5000]; 60];
    assert_eq!(write::<Bincode, _>(&lists, Form::Compact), refused);
    let bytes = write::<Bincode, _>(&60_u64, Form::Compact).unwrap();
    let limit = bytes.len() + Budget::FREE_ELEMENTS;
    assert_eq!(
        read::<Bincode, Vec<[(); 5000]>>(&bytes, Form::Compact),
        Err(DecodeError::TooManyElements { limit })
    );
}

#[test]
fn a_long_list_of_arrays_is_no_flood() {
    let list = vec![[7_u8; 16]; 100_000];
    let bytes = write::<Bincode, _>(&list, Form::Compact).unwrap();
    assert_eq!(read::<Bincode, _>(&bytes, Form::Compact), Ok(list));
    let list = vec![[Some(7_u8); 4]; 50_000];
    let bytes = write::<Bincode, _>(&list, Form::Compact).unwrap();
    assert_eq!(read::<Bincode, _>(&bytes, Form::Compact), Ok(list));
}

#[test]
fn a_written_value_is_always_readable() {
    let free = Budget::FREE_ELEMENTS;
    let limit = free;
    let refused = Err(EncodeError::TooManyElements { limit });
    for form in crate::codecs::FORMS {
        let list = vec![(); free];
        let bytes = write::<Bincode, _>(&list, form).unwrap();
        assert_eq!(read::<Bincode, _>(&bytes, form), Ok(list));
        assert_eq!(write::<Bincode, _>(&vec![(); free + 1], form), refused);
        let linked: LinkedList<_> = vec![(); free + 1].into_iter().collect();
        assert_eq!(write::<Postcard, _>(&linked, form), refused);
        // Those that take bytes are no matter.
        let list = vec![Some(()); free + 2];
        let bytes = write::<Postcard, _>(&list, form).unwrap();
        assert_eq!(read::<Postcard, _>(&bytes, form), Ok(list));
    }
}

#[test]
fn a_list_of_foreign_values_is_written_only_if_it_is_readable() {
    #[ambit::wire(name = "tests.units")]
    #[derive(Clone, Debug, PartialEq)]
    struct Units(Vec<()>);

    let free = Budget::FREE_ELEMENTS;
    let limit = free;
    // One element in one byte: the list has an element more for each, which has no byte of its own.
    let one = Units(vec![()]);
    for form in crate::codecs::FORMS {
        let list = vec![one.clone(); free];
        let bytes = write::<Postcard, _>(&list, form).unwrap();
        assert_eq!(read::<Postcard, _>(&bytes, form), Ok(list));
        let refused = Err(EncodeError::TooManyElements { limit });
        assert_eq!(
            write::<Postcard, _>(&vec![one.clone(); free + 1], form),
            refused
        );
        let some = vec![Some(one.clone()); free + 1];
        let bytes = write::<Bincode, _>(&some, form).unwrap();
        assert_eq!(read::<Bincode, _>(&bytes, form), Ok(some));
        // A reader does not count the elements of an array.
        let arrays = vec![[one.clone(), one.clone()]; free];
        let bytes = write::<Bincode, _>(&arrays, form).unwrap();
        assert_eq!(read::<Bincode, _>(&bytes, form), Ok(arrays));
    }
}

#[test]
fn a_range_that_has_been_iterated_to_its_end_is_not_sent() {
    let mut range = 1_u8..=2;
    assert_eq!(range.next(), Some(1));
    let bytes = write::<Postcard, _>(&range, Form::Framed).unwrap();
    assert_eq!(read::<Postcard, _>(&bytes, Form::Framed), Ok(2_u8..=2));
    assert_eq!((range.next(), range.next()), (Some(2), None));
    // Its ends are those of a range with one element.
    assert_eq!((range.start(), range.end()), (&2, &2));
    let exhausted = Err(EncodeError::Exhausted);
    assert_eq!(write::<Postcard, _>(&range, Form::Framed), exhausted);
    assert_eq!(write::<Bincode, _>(&range, Form::Compact), exhausted);
    let empty = std::ops::RangeInclusive::new(3_u8, 2);
    let bytes = write::<Postcard, _>(&empty, Form::Framed).unwrap();
    assert_eq!(read::<Postcard, _>(&bytes, Form::Framed), Ok(empty));
}
