//! The values in the bodies of entries.

use ambit::message::{DecodeError, EncodeError, Form, In, Out};

use parking_lot::Mutex;

use crate::codecs::any::AnyCodec;
use crate::node::id::NodeId;
use crate::replica::error::PutError;
use crate::replication::process_encoding::EntryEncoding;
use crate::replication::shared::Replication;

/// The codec of all entries. Nodes of all versions read them.
const CODEC: AnyCodec = AnyCodec::Postcard;

/// The reason why values were not encoded.
pub(crate) enum EntryError {
    Encode(EncodeError),
    /// The protocol of a process needs an entry of its own, which exceeds a limit.
    Limit(PutError),
}

impl Replication {
    /// Encodes values for an entry of this node, with their processes.
    ///
    /// # Errors
    /// Fails if a value cannot be encoded, or an entry that it needs exceeds a limit.
    pub(crate) fn encode(
        &self,
        put: impl FnOnce(&mut Out<'_, AnyCodec>) -> Result<(), EncodeError>,
    ) -> Result<Vec<u8>, EntryError> {
        let encoding = EntryEncoding {
            replication: self,
            origin: self.node_context.id(),
            exceeded: Mutex::new(None),
        };
        let mut out = Out::with(CODEC, Form::Framed).process_encoding(&encoding);
        match put(&mut out) {
            Ok(()) => Ok(out.into_bytes()),
            Err(error) => Err(match encoding.exceeded.into_inner() {
                Some(limit) => EntryError::Limit(limit),
                None => EntryError::Encode(error),
            }),
        }
    }

    /// Decodes values of an entry that `origin` has written.
    ///
    /// # Errors
    /// Fails if the bytes are no such values, or a process in them cannot be reached with the protocols of this node.
    pub(crate) fn decode<T>(
        &self,
        origin: &NodeId,
        bytes: &[u8],
        take: impl FnOnce(&mut In<'_, AnyCodec>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let encoding = EntryEncoding {
            replication: self,
            origin,
            exceeded: Mutex::new(None),
        };
        let mut input = In::with(CODEC, bytes, Form::Framed).process_encoding(&encoding);
        take(&mut input)
    }
}
