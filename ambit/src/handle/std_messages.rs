//! The std types that are messages. Never a blanket impl: it would conflict with generated impls.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::convert::Infallible;
use std::ffi::{CString, OsString};
use std::hash::BuildHasher;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8,
    NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize, Saturating, Wrapping,
};
use std::ops::{Bound, Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::engine::reply::ReplyTo;
use crate::exit_reason::ExitReason;
use crate::handle::process::Process;
use crate::handle::protocol::{Message, Protocol};
use crate::handle::recipient::Recipient;
use crate::handle::subject::Subject;
use crate::pid::Pid;
use crate::signal::{Down, Exit};

macro_rules! messages {
    ($($type:ty),* $(,)?) => { $(impl Message for $type {})* };
}

messages!(
    (),
    bool,
    char,
    u8,
    u16,
    u32,
    u64,
    u128,
    usize,
    i8,
    i16,
    i32,
    i64,
    i128,
    isize,
    f32,
    f64,
    NonZeroU8,
    NonZeroU16,
    NonZeroU32,
    NonZeroU64,
    NonZeroU128,
    NonZeroUsize,
    NonZeroI8,
    NonZeroI16,
    NonZeroI32,
    NonZeroI64,
    NonZeroI128,
    NonZeroIsize,
    String,
    &'static str,
    Cow<'static, str>,
    CString,
    OsString,
    PathBuf,
    Box<str>,
    Arc<str>,
    Duration,
    Instant,
    SystemTime,
    IpAddr,
    Ipv4Addr,
    Ipv6Addr,
    SocketAddr,
    SocketAddrV4,
    SocketAddrV6,
    Ordering,
    Infallible,
    std::io::Error,
    Pid,
    ExitReason,
    Exit,
    Down,
);

macro_rules! tuples {
    ($($name:ident)*) => { impl<$($name: Send + 'static),*> Message for ($($name,)*) {} };
}

tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);

impl<T: Send + 'static> Message for Vec<T> {}
impl<T: Send + 'static> Message for VecDeque<T> {}
impl<T: Send + 'static> Message for Option<T> {}
impl<T: Send + 'static> Message for Box<T> {}
impl<T: Send + 'static> Message for Box<[T]> {}
impl<T: Send + 'static> Message for LinkedList<T> {}
impl<T: Send + 'static> Message for BinaryHeap<T> {}
impl<T: Send + Sync + 'static> Message for Arc<T> {}
impl<T: Send + Sync + 'static> Message for Arc<[T]> {}
impl<T: Clone + Send + Sync + 'static> Message for Cow<'static, [T]> {}
impl<T: Send + 'static> Message for Wrapping<T> {}
impl<T: Send + 'static> Message for Saturating<T> {}
impl<T: Send + 'static> Message for Reverse<T> {}
impl<T: ?Sized + Send + 'static> Message for PhantomData<T> {}
impl<T: Send + 'static> Message for Range<T> {}
impl<T: Send + 'static> Message for RangeInclusive<T> {}
impl<T: Send + 'static> Message for RangeFrom<T> {}
impl<T: Send + 'static> Message for RangeTo<T> {}
impl<T: Send + 'static> Message for RangeToInclusive<T> {}
impl<T: Send + 'static> Message for Bound<T> {}
impl<T: Send + 'static, E: Send + 'static> Message for Result<T, E> {}
impl<T: Send + 'static, const N: usize> Message for [T; N] {}
impl<T: Send + 'static> Message for BTreeSet<T> {}
impl<K: Send + 'static, V: Send + 'static> Message for BTreeMap<K, V> {}
impl<T: Send + 'static, S: BuildHasher + Send + 'static> Message for HashSet<T, S> {}
impl<K: Send + 'static, V: Send + 'static, S: BuildHasher + Send + 'static> Message
    for HashMap<K, V, S>
{
}
impl<T: Send + 'static> Message for ReplyTo<T> {}

// Handles, so that a message to a plain process can contain a reply address.
impl Message for Process {}
impl<P: Protocol + ?Sized> Message for Subject<P> {}
impl<T: Send + 'static> Message for Recipient<T> {}
