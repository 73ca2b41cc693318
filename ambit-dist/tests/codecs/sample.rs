//! A value with many types, for tests that damage its bytes.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::num::NonZero;
use std::ops::{Bound, Range};
use std::time::{Duration, SystemTime};

use crate::codecs::records::Order;

type Numbers = (u8, u16, u64, i128, bool, char, NonZero<u32>, usize);
type Texts = (String, Option<Box<str>>, Vec<String>, Vec<u8>);
type Times = (
    Duration,
    SystemTime,
    SocketAddr,
    Ordering,
    Bound<u8>,
    Range<u16>,
);
type Lists = (
    Vec<()>,
    BTreeMap<String, Vec<u16>>,
    BTreeSet<i8>,
    [u16; 3],
    [(); 2],
);

/// Contains only sorted containers, so that its encoding is deterministic.
pub(crate) type Sample = (Numbers, Texts, Times, Lists, Order);

pub(crate) fn sample() -> Sample {
    let part = Order {
        pieces: 70_000,
        note: None,
        parts: vec![],
    };
    (
        (
            7,
            300,
            u64::MAX,
            -1 << 100,
            true,
            '€',
            NonZero::<u32>::MIN,
            5,
        ),
        (
            "grüße".to_owned(),
            Some("boxed".into()),
            vec![String::new(), "b".to_owned()],
            vec![1, 2, 255],
        ),
        (
            Duration::from_millis(1_500),
            SystemTime::UNIX_EPOCH - Duration::from_nanos(1),
            "[2001:db8::1]:80".parse().unwrap(),
            Ordering::Less,
            Bound::Excluded(9),
            3..500,
        ),
        (
            vec![(); 3],
            BTreeMap::from([("k".to_owned(), vec![1, 1000]), (String::new(), vec![])]),
            BTreeSet::from([-1, 0, 1]),
            [1, 2, 3],
            [(); 2],
        ),
        Order {
            pieces: 3,
            note: Some("n".to_owned()),
            parts: vec![part],
        },
    )
}
