//! The values in the bodies of entries.

use ambit::message::{DecodeError, EncodeError, Form, In, Out};

use crate::codecs::any::AnyCodec;
use crate::node::id::NodeId;
use crate::replication::process_encoding::EntryEncoding;
use crate::replication::shared::Replication;

/// The codec of all entries. Nodes of all versions read them.
const CODEC: AnyCodec = AnyCodec::Postcard;

impl Replication {
    /// Encodes values for an entry of this node, with their processes.
    ///
    /// # Errors
    /// Fails if a value cannot be encoded.
    pub(crate) fn encode(
        &self,
        put: impl FnOnce(&mut Out<'_, AnyCodec>) -> Result<(), EncodeError>,
    ) -> Result<Vec<u8>, EncodeError> {
        let encoding = EntryEncoding {
            replication: self,
            origin: self.node_context.id(),
        };
        let mut out = Out::with(CODEC, Form::Framed).process_encoding(&encoding);
        put(&mut out)?;
        Ok(out.into_bytes())
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
        };
        let mut input = In::with(CODEC, bytes, Form::Framed).process_encoding(&encoding);
        take(&mut input)
    }
}
