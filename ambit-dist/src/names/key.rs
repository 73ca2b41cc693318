//! The keys of names.

use std::hash::Hash;
use std::sync::Arc;

use ambit::message::{EncodeError, Form, In, Out, Wire, fingerprint};

use crate::codecs::any::AnyCodec;
use crate::replication::shape_tag::shape_tag;
use crate::user_code;

/// The encoded form of a name.
pub(super) type Key = Arc<[u8]>;

/// A key of a [`ClusterRegistry`](crate::ClusterRegistry). Implemented for every type that satisfies the bounds.
///
/// The registry compares the encoded forms of keys, so a key must not contain unordered sets or maps, and nodes with
/// different definitions of the key do not see each other's entries. Registering a key
/// that contains a pid or a handle fails with [`Unsendable`](crate::RegisterNameError::Unsendable), and a look-up of
/// such a key finds nothing.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::ClusterRegistry;
/// # use ambit_dist::{Node, transport::Memory};
///
/// #[derive(Clone, PartialEq, Eq, Hash, Message)]
/// #[message(name = "shop.cart_id")]
/// struct CartId { shop: u32, cart: u64 }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let cart = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// let carts = ClusterRegistry::<CartId, u8>::open(&node, "carts");
/// carts.register(CartId { shop: 1, cart: 17 }, &cart, ()).await?;
/// assert_eq!(carts.lookup(&CartId { shop: 1, cart: 17 }), Some(cart));
/// assert_eq!(carts.lookup(&CartId { shop: 2, cart: 17 }), None);
/// # Ok(())
/// # }
/// ```
pub trait NameKey: Wire + Clone + Eq + Hash + Send + Sync + 'static {}

impl<K: Wire + Clone + Eq + Hash + Send + Sync + 'static> NameKey for K {}

/// Returns the name of a registry's table. Keys of another type, or with another definition, are in another table: they
/// are compared as bytes in the compact form, which differ even between compatible definitions.
pub(super) fn table<K: NameKey>(registry: &str) -> String {
    match fingerprint::<K>() {
        Ok(fingerprint) => format!("registry/{registry}/{fingerprint}"),
        // It refers to two types of one name.
        Err(_) => format!("registry/{registry}/{:08x}", shape_tag::<K>()),
    }
}

/// Most keys are shorter, and are encoded without a second allocation.
const USUAL_LENGTH: usize = 64;

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
    written(|out| key.put(out))
}

/// Encodes a `String` for a look-up, from a borrowed text.
///
/// # Errors
/// Does not fail for a text that fits in memory.
pub(super) fn text(key: &str) -> Result<Vec<u8>, EncodeError> {
    written(|out| out.blob(key.as_bytes()))
}

fn written(
    put: impl FnOnce(&mut Out<'_, AnyCodec>) -> Result<(), EncodeError>,
) -> Result<Vec<u8>, EncodeError> {
    let bytes = Vec::with_capacity(USUAL_LENGTH);
    let mut out = Out::with(AnyCodec::Postcard, Form::Compact).onto(bytes);
    put(&mut out)?;
    Ok(out.into_bytes())
}

/// Decodes a key that some node has encoded. Returns `None` if its type differs, or if the decoding panics.
pub(super) fn decode<K: Wire>(key: &[u8]) -> Option<K> {
    let decoded = user_code::caught("the decoding of a name", || {
        let mut input = In::with(AnyCodec::Postcard, key, Form::Compact);
        let key = K::take(&mut input).ok()?;
        input.finish().ok()?;
        Some(key)
    });
    decoded.flatten()
}
