//! The accepting side of the handshake.

use crate::handshake::hello::Hello;
use crate::handshake::offer::LocalOffer;
use crate::handshake::ready::Ready;
use crate::handshake::refusal::Refusal;
use crate::handshake::versions::Versions;
use crate::node::connection_manager::Verdict;
use crate::node::id::{ClusterName, NodeId, NodeName};

/// An incoming connection before the hello.
#[derive(Debug)]
pub(crate) struct Accepting {
    offer: LocalOffer,
}

impl Accepting {
    pub(crate) fn new(offer: LocalOffer) -> Self {
        Self { offer }
    }

    /// Handles the hello of the dialler. `is_certified` returns whether the certificate verified by TLS is for that
    /// node.
    ///
    /// # Errors
    /// Fails with a [`Refusal`]; close the connection with it.
    pub(crate) fn received_hello(
        self,
        hello: &[u8],
        is_certified: impl FnOnce(&NodeName, &ClusterName) -> bool,
    ) -> Result<ReceivedHello, Refusal> {
        let (hello, version) = Hello::decode(hello, self.offer.versions, &self.offer.limits)?;
        let ready = introduced(&self.offer, hello, version, is_certified)?;
        Ok(ReceivedHello {
            offer: Box::new(self.offer),
            ready,
        })
    }
}

/// Checks the identity of a peer, and agrees on the parameters.
pub(super) fn introduced(
    offer: &LocalOffer,
    theirs: Hello,
    version: u32,
    is_certified: impl FnOnce(&NodeName, &ClusterName) -> bool,
) -> Result<Ready, Refusal> {
    if theirs.cluster != offer.cluster {
        return Err(Refusal::cluster(&offer.cluster, &theirs.cluster));
    }
    if !is_certified(&theirs.id.name, &offer.cluster) {
        return Err(Refusal::certificate(&theirs.id.name, &offer.cluster));
    }
    Ready::agree(offer, theirs, version)
}

/// An authenticated dialler that has not been answered.
#[derive(Debug)]
pub(crate) struct ReceivedHello {
    /// Boxed, because this moves through a queue of events whose other entries are smaller.
    offer: Box<LocalOffer>,
    ready: Ready,
}

impl ReceivedHello {
    /// Returns the dialler's identity, for the verdict of the connection manager.
    pub(crate) fn peer(&self) -> &NodeId {
        self.ready.peer()
    }

    /// Sets the current identity of this node, whose incarnation may have changed since the handshake started.
    pub(crate) fn by(mut self, offer: &NodeId) -> Self {
        self.offer.id = offer.clone();
        self
    }

    /// Returns the answer to send.
    ///
    /// # Errors
    /// Fails with a [`Refusal`] if the verdict is one; close the connection with it.
    pub(crate) fn answer(self, verdict: Verdict) -> Result<(Ready, Vec<u8>), Refusal> {
        check_verdict(verdict)?;
        let answer = Hello {
            versions: Versions::only(self.ready.version()),
            features: self.ready.features(),
            codecs: vec![self.ready.codec()],
            limits: self.ready.limits().clone(),
            heartbeat: self.ready.heartbeat(),
            ..self.offer.hello()
        };
        Ok((self.ready, answer.encode()))
    }
}

pub(super) fn check_verdict(verdict: Verdict) -> Result<(), Refusal> {
    match verdict {
        Verdict::Accept => Ok(()),
        Verdict::Refuse { code, text } => Err(Refusal::new(code, text)),
    }
}
