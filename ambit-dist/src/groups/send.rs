//! One copy of a message to each of several nodes, encoded once.

use ambit::distribution::{NodeRequest, Session as _};
use ambit::message::{EncodeError, Form, Out, Remote};

use super::cast_protocol::CastProtocol;
use super::copies::MAX_BYTES;
use super::state::ClusterGroups;
use crate::codecs::any::AnyCodec;
use crate::node::id::{NodeId, NodeName};
use crate::node::shared::Shared;

/// A message to members on other nodes.
pub(super) struct Copied<'a, P: Remote + ?Sized> {
    pub(super) protocol: &'a CastProtocol,
    pub(super) cast: &'a P::Cast,
}

/// The encoded cast, by codec. `None` if it contains processes, whose encoding differs for each node.
#[derive(Default)]
struct EncodedCasts(Vec<(AnyCodec, Option<Vec<u8>>)>);

impl EncodedCasts {
    fn get<P: Remote + ?Sized>(&mut self, codec: AnyCodec, cast: &P::Cast) -> Option<&[u8]> {
        let known = self.0.iter().position(|(known, _)| *known == codec);
        let at = known.unwrap_or_else(|| {
            let mut out = Out::with(codec, Form::Framed);
            let encoded = P::put_cast(cast, &mut out);
            let bytes = encoded.is_ok().then(|| out.into_bytes());
            self.0.push((codec, bytes));
            self.0.len() - 1
        });
        self.0[at].1.as_deref()
    }
}

impl ClusterGroups {
    /// Sends one copy to each of these nodes. Returns the sum of the members on the nodes that a copy was sent to.
    pub(super) fn send_copies<P: Remote + ?Sized>(
        &self,
        shared: &Shared,
        nodes: Vec<(NodeId, usize)>,
        copied: &Copied<'_, P>,
        header: impl Fn(&mut Out<'_, AnyCodec>) -> Result<(), EncodeError>,
    ) -> usize {
        let mut encoded = EncodedCasts::default();
        let nodes = nodes.into_iter().filter(|(node, _)| {
            let is_sent = self.send_copy(shared, node, copied, &mut encoded, &header);
            if is_sent == Some(false) {
                self.copies.drop_one(&node.name);
            }
            is_sent == Some(true)
        });
        nodes.map(|(_, members)| members).sum()
    }

    /// Sends one copy. Returns false if it cannot be sent, or `None` if it was dropped and counted, because too many are
    /// on their way.
    fn send_copy<P: Remote + ?Sized>(
        &self,
        shared: &Shared,
        node: &NodeId,
        copied: &Copied<'_, P>,
        encoded: &mut EncodedCasts,
        header: impl Fn(&mut Out<'_, AnyCodec>) -> Result<(), EncodeError>,
    ) -> Option<bool> {
        let session = shared.session(&node.name);
        let session = session.filter(|session| session.peer_id() == node);
        let method = copied.protocol.method(P::cast_tag(copied.cast));
        let (Some(session), Some(method)) = (session, method) else {
            return Some(false);
        };
        let bytes = encoded.get::<P>(session.codec(), copied.cast);
        let reserve = |payload| {
            let is_connected = |node: &NodeName| shared.session(node).is_some();
            let copies = &self.copies;
            copies.reserve(&node.name, payload, &self.runtime, is_connected)
        };
        let mut slot = match bytes {
            Some(bytes) => Some(reserve(bytes.len())?),
            None => None,
        };
        let proxy = session.peer_incarnation().node();
        // Release the session, which may end while the copy waits.
        drop(session);
        let request = NodeRequest::new(&proxy, copied.protocol.binding.clone(), method);
        let mut is_encoded = false;
        let answer = request.ask::<u64>(|out| {
            header(out)?;
            if let Some(bytes) = bytes {
                out.raw(bytes)?;
            } else {
                // The length is known once the session has encoded the processes.
                let start = out.written();
                P::put_cast(copied.cast, out)?;
                slot = reserve(out.written() - start);
            }
            is_encoded = true;
            match slot {
                Some(_) => Ok(()),
                // The copy is dropped, and its answer with it.
                None => Err(EncodeError::TooLarge { limit: MAX_BYTES }),
            }
        });
        if is_encoded {
            self.copies.sent(&node.name, slot?, answer);
        }
        Some(is_encoded)
    }
}
