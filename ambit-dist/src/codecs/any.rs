//! A codec that is chosen at run time, by a setting or by the handshake.

use ambit::message::{Budget, Codec, DecodeError, EncodeError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codecs::bincode::Bincode;
use crate::codecs::postcard::Postcard;

/// One of the codecs, chosen at run time: the preferred codec of a node
/// ([`NodeBuilder::codec`](crate::NodeBuilder::codec)), or the codec on which two nodes have agreed.
///
/// ```
/// use ambit::message::Codec;
/// use ambit_dist::AnyCodec;
///
/// assert_eq!(AnyCodec::default().name(), "bincode");
/// assert_eq!(AnyCodec::from_name("postcard"), Some(AnyCodec::Postcard));
/// assert_eq!(AnyCodec::from_name("json"), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AnyCodec {
    /// The [`Bincode`] codec, the default.
    #[default]
    Bincode,
    /// The [`Postcard`] codec, whose output is slightly smaller and whose format has a written specification.
    Postcard,
}

impl AnyCodec {
    /// The names of all codecs, starting with the default.
    pub const NAMES: [&'static str; 2] = [Bincode::NAME, Postcard::NAME];

    /// Returns the codec with this name, or `None` if the name is unknown.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Bincode, Self::Postcard]
            .into_iter()
            .find(|codec| codec.name() == name)
    }
}

impl Codec for AnyCodec {
    fn name(&self) -> &'static str {
        match self {
            Self::Bincode => Bincode::NAME,
            Self::Postcard => Postcard::NAME,
        }
    }

    #[inline]
    fn put<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match self {
            Self::Bincode => Bincode.put(value, out),
            Self::Postcard => Postcard.put(value, out),
        }
    }

    #[inline]
    fn take_any<T: DeserializeOwned>(
        &self,
        bytes: &mut &[u8],
        budget: &mut Budget,
    ) -> Result<T, DecodeError> {
        match self {
            Self::Bincode => Bincode.take_any(bytes, budget),
            Self::Postcard => Postcard.take_any(bytes, budget),
        }
    }
}
