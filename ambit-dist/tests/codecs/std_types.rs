//! Round trips of all std types, including the ends of their ranges.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::convert::Infallible;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::num::{NonZero, Saturating, Wrapping};
use std::ops::Bound;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ambit::message::{DecodeError, EncodeError, Form, Leaf, Schema, Shape, Types, Wire};
use ambit_dist::{Bincode, Postcard};

use crate::codecs::{read, refused, travels, write};

#[test]
fn numbers_travel_at_the_ends_of_their_range() {
    macro_rules! ends {
        ($($type:ty),*) => {$(
            for value in [<$type>::MIN, 0, 1, <$type>::MAX / 2, <$type>::MAX] { travels(&value); }
            for value in [<$type>::MIN, 1, <$type>::MAX].into_iter().filter_map(NonZero::new) { travels(&value); }
        )*};
    }
    ends!(
        u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize
    );
    // The codecs need one more byte from these values on.
    for edge in [
        127_u64,
        128,
        250,
        251,
        16_383,
        16_384,
        65_535,
        65_536,
        1 << 32,
    ] {
        travels(&edge);
        travels(&(edge as i64).wrapping_neg());
    }
    for value in [
        0.0,
        f64::MIN,
        f64::MAX,
        f64::EPSILON,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ] {
        travels(&value);
        travels(&(value as f32));
    }
    for value in ['\0', 'a', 'ß', '€', '\u{d7ff}', '\u{e000}', char::MAX] {
        travels(&value);
    }
    travels(&[true, false]);
    travels(&());
}

#[test]
fn a_value_not_equal_to_itself_keeps_its_bits() {
    for bits in [
        f64::NAN.to_bits(),
        0x7ff0_0000_0000_0001,
        (-0.0_f64).to_bits(),
    ] {
        let value = f64::from_bits(bits);
        let bytes = write::<Bincode, _>(&value, Form::Compact).unwrap();
        let back: f64 = read::<Bincode, _>(&bytes, Form::Compact).unwrap();
        assert_eq!(back.to_bits(), bits);
        let bytes = write::<Postcard, _>(&value, Form::Compact).unwrap();
        let back: f64 = read::<Postcard, _>(&bytes, Form::Compact).unwrap();
        assert_eq!(back.to_bits(), bits);
    }
}

#[test]
fn texts_travel() {
    for text in ["", "a", "grüße", "\0", &"long".repeat(1000)] {
        travels(&text.to_owned());
        travels(&Box::<str>::from(text));
        travels(&Arc::<str>::from(text));
        travels(&Cow::<'static, str>::Owned(text.to_owned()));
        travels(&PathBuf::from(text));
    }
    refused::<String>(
        &[1, 0xff],
        &DecodeError::Invalid("invalid utf-8 sequence of 1 bytes from index 0".to_owned()),
    );
}

#[cfg(unix)]
#[test]
fn a_path_that_is_no_text_is_not_sent() {
    use std::os::unix::ffi::OsStringExt;
    let path = PathBuf::from(std::ffi::OsString::from_vec(vec![b'a', 0xff]));
    let refused = write::<Bincode, _>(&path, Form::Compact).unwrap_err();
    let EncodeError::Refused(why) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(why, r#"the path "a\xFF" is no text in UTF-8; rename it"#);
}

#[test]
fn lists_travel() {
    let numbers = || 0..300_u16;
    travels(&numbers().collect::<Vec<_>>());
    travels(&numbers().collect::<Box<[_]>>());
    travels(&numbers().collect::<Arc<[_]>>());
    travels(&Cow::<'static, [u16]>::Owned(numbers().collect()));
    travels(&numbers().collect::<LinkedList<_>>());
    travels(&numbers().collect::<BTreeSet<_>>());
    travels(&numbers().collect::<HashSet<_>>());
    let mut wrapped: VecDeque<u8> = (0..100).collect();
    wrapped.rotate_left(40);
    wrapped.pop_front();
    wrapped.push_back(7);
    travels(&wrapped);
    let heap: BinaryHeap<u16> = numbers().collect();
    let bytes = write::<Postcard, _>(&heap, Form::Compact).unwrap();
    let back: BinaryHeap<u16> = read::<Postcard, _>(&bytes, Form::Compact).unwrap();
    assert_eq!(back.into_sorted_vec(), heap.into_sorted_vec());
    travels(&Vec::<Vec<Option<String>>>::from([
        vec![],
        vec![None, Some("a".to_owned())],
    ]));
}

#[test]
fn lists_of_any_kind_are_one_on_the_wire() {
    let list: Vec<u8> = vec![3, 1, 2];
    let bytes = write::<Bincode, _>(&list, Form::Framed).unwrap();
    let deque: VecDeque<u8> = read::<Bincode, _>(&bytes, Form::Framed).unwrap();
    assert_eq!(deque, [3, 1, 2]);
    let set: BTreeSet<u8> = read::<Bincode, _>(&bytes, Form::Framed).unwrap();
    assert_eq!(set, BTreeSet::from([1, 2, 3]));
}

#[test]
fn maps_travel() {
    let pairs = || (0..300_u16).map(|key| (key, format!("{key}")));
    travels(&pairs().collect::<BTreeMap<_, _>>());
    travels(&pairs().collect::<HashMap<_, _>>());
}

#[test]
fn arrays_travel_small_large_and_empty() {
    travels(&[0_u8; 0]);
    travels(&[7_u8; 32]);
    travels(&[1_u64, 2, 3]);
    travels(&["a".to_owned(), "b".to_owned()]);
    travels(&[[1_u16; 3]; 3]);
    travels(&std::array::from_fn::<u32, 5_000, _>(|at| at as u32));
    travels(&[(); 100]);
}

#[test]
fn an_array_that_fails_midway_reports_the_cause() {
    refused::<[bool; 3]>(&[1, 1], &DecodeError::Truncated);
    refused::<[NonZero<u8>; 3]>(
        &[1, 0, 1],
        &DecodeError::Invalid("a number that must not be 0 is 0".to_owned()),
    );
    refused::<[u8; 3]>(&[1, 1], &DecodeError::Truncated);
    refused::<[u16; 5_000]>(&[1, 1], &DecodeError::Truncated);
}

#[test]
fn choices_travel() {
    travels(&Some(Some(1_u8)));
    travels(&Some(None::<u8>));
    travels(&None::<Option<u8>>);
    travels(&Result::<u8, String>::Ok(1));
    travels(&Result::<u8, String>::Err("no".to_owned()));
    for ordering in [Ordering::Less, Ordering::Equal, Ordering::Greater] {
        travels(&ordering);
    }
    for bound in [Bound::Included(1), Bound::Excluded(2), Bound::Unbounded] {
        travels(&bound);
    }
    travels(&Result::<u8, Infallible>::Ok(1));
    let unknown = |of| DecodeError::UnknownTag {
        of,
        tag: 0x0403_0201,
    };
    refused::<Infallible>(&[1, 2, 3, 4], &unknown("std.infallible"));
    refused::<Ordering>(&[1, 2, 3, 4], &unknown("std.ordering"));
    refused::<Option<u8>>(
        &[2, 0],
        &DecodeError::Invalid("[2] is neither 0 nor 1".to_owned()),
    );
}

#[test]
fn ranges_travel() {
    travels(&(1_u32..5));
    travels(&std::ops::RangeInclusive::new(5_i8, 1));
    travels(&("a".to_owned()..));
    travels(&(..5_u64));
    travels(&(..=5_u64));
}

#[test]
fn wrappers_are_what_they_hold() {
    travels(&Box::new(1_u8));
    travels(&Arc::new("a".to_owned()));
    travels(&Wrapping(200_u8));
    travels(&Saturating(-3_i32));
    travels(&Reverse(3_u8));
    travels(&PhantomData::<String>);
    let shape = |of: fn(&mut Types) -> Shape| of(&mut Types::default());
    assert_eq!(shape(Wrapping::<u8>::shape), Shape::Leaf(Leaf::U8));
    assert_eq!(shape(Box::<u8>::shape), Shape::Leaf(Leaf::U8));
    assert_eq!(Reverse::<Option<u8>>::missing(), Some(Reverse(None)));
}

#[test]
fn addresses_travel() {
    travels(&Ipv4Addr::new(1, 2, 3, 4));
    travels(&Ipv6Addr::LOCALHOST);
    for text in ["1.2.3.4:5", "[2001:db8::1]:65535"] {
        let address: SocketAddr = text.parse().unwrap();
        travels(&address);
        travels(&address.ip());
    }
    travels(&SocketAddrV6::new(Ipv6Addr::LOCALHOST, 1, u32::MAX, 7));
    let other = DecodeError::Invalid("5 is no version of an address, 4 or 6".to_owned());
    refused::<IpAddr>(&[5, 1, 2, 3, 4], &other);
    refused::<IpAddr>(&[6, 1, 2, 3, 4], &DecodeError::Truncated);
}

#[test]
fn times_travel() {
    for time in [
        Duration::ZERO,
        Duration::from_nanos(1),
        Duration::from_millis(1_500),
        Duration::MAX,
    ] {
        travels(&time);
    }
    let epoch = SystemTime::UNIX_EPOCH;
    for nanos in [0, 1, 999_999_999, 1_000_000_000, 1_700_000_000_123_456_700] {
        let offset = Duration::from_nanos(nanos);
        travels(&(epoch + offset));
        travels(&(epoch - offset));
    }
    let part = "1000000000 nanoseconds are no part of a second".to_owned();
    let bytes = write::<Bincode, _>(&(1_u64, 1_000_000_000_u32), Form::Compact).unwrap();
    assert_eq!(
        read::<Bincode, Duration>(&bytes, Form::Compact),
        Err(DecodeError::Invalid(part))
    );
}

#[test]
fn a_time_beyond_the_clock_is_refused() {
    for seconds in [i64::MIN, i64::MAX] {
        let bytes = write::<Postcard, _>(&(seconds, 999_999_999_u32), Form::Compact).unwrap();
        let read = read::<Postcard, SystemTime>(&bytes, Form::Compact);
        // Some clocks reach that far; then the value is the intended point in time.
        match read {
            Ok(time) => assert_eq!(write::<Postcard, _>(&time, Form::Compact), Ok(bytes)),
            Err(error) => assert_eq!(
                error,
                DecodeError::Invalid(format!(
                    "the clock here has no {seconds} seconds since 1970"
                ))
            ),
        }
    }
}

#[test]
fn a_word_that_is_too_wide_here_is_refused() {
    let wide = u64::MAX;
    let bytes = write::<Postcard, _>(&wide, Form::Compact).unwrap();
    let read = read::<Postcard, usize>(&bytes, Form::Compact);
    assert_eq!(read.is_ok(), usize::BITS == 64);
}
