//! The keys of names.

use std::hash::Hash;

use ambit::message::{EncodeError, Form, In, Out, Wire};

use crate::codec::any::AnyCodec;
use crate::names::index::Key;

/// A key of a [`ClusterRegistry`](crate::ClusterRegistry): any value that can be sent to another node and compared.
/// Two keys are equal if their encoded forms are, so a key must not contain sets or maps without an order, or processes.
///
/// Implemented for all such types.
pub trait NameKey: Wire + Clone + Eq + Hash + Send + Sync + 'static {}

impl<K: Wire + Clone + Eq + Hash + Send + Sync + 'static> NameKey for K {}

/// Encodes a key.
///
/// # Errors
/// Fails if it contains a process.
pub(super) fn encode<K: Wire>(key: &K) -> Result<Key, EncodeError> {
    Ok(bytes(key)?.into())
}

/// Encodes a key for a look-up, without the copy that a shared key needs.
///
/// # Errors
/// Fails if it contains a process.
pub(super) fn bytes<K: Wire>(key: &K) -> Result<Vec<u8>, EncodeError> {
    let mut out = Out::with(AnyCodec::Postcard, Form::Compact);
    key.put(&mut out)?;
    Ok(out.into_bytes())
}

/// Decodes a key that some node has encoded. Returns `None` if its type differs.
pub(super) fn decode<K: Wire>(key: &[u8]) -> Option<K> {
    let mut input = In::with(AnyCodec::Postcard, key, Form::Compact);
    let key = K::take(&mut input).ok()?;
    input.finish().ok()?;
    Some(key)
}
