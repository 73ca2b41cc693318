//! The dialling side of the handshake.

use crate::handshake::accepting::{check_verdict, introduced};
use crate::handshake::hello::Hello;
use crate::handshake::offer::LocalOffer;
use crate::handshake::ready::Ready;
use crate::handshake::refusal::Refusal;
use crate::node::connection_manager::Verdict;
use crate::node::id::{ClusterName, NodeId, NodeName};

/// A dialler that waits for the answer to its hello.
#[derive(Debug)]
pub(crate) struct Dialling {
    offer: LocalOffer,
}

impl Dialling {
    /// Starts a handshake. Returns the hello to send.
    pub(crate) fn new(offer: LocalOffer) -> (Self, Vec<u8>) {
        let hello = offer.hello().encode();
        (Self { offer }, hello)
    }

    /// Handles the answer of the acceptor. `is_certified` returns whether the certificate verified by TLS is for that
    /// node.
    ///
    /// # Errors
    /// Fails with a [`Refusal`]; close the connection with it.
    pub(crate) fn received_answer(
        self,
        answer: &[u8],
        is_certified: impl FnOnce(&NodeName, &ClusterName) -> bool,
    ) -> Result<ReceivedAnswer, Refusal> {
        let (answer, version) = Hello::decode(answer, self.offer.versions, &self.offer.limits)?;
        let agreed = answer.clone();
        let ready = introduced(&self.offer, answer, version, is_certified)?;
        // The answer must be a fixed point of the agreement. Otherwise the two nodes would use different parameters.
        let as_agreed = agreed.versions.oldest == agreed.versions.newest
            && agreed.features == ready.features()
            && agreed.codecs == [ready.codec()]
            && agreed.limits == *ready.limits()
            && agreed.heartbeat == ready.heartbeat();
        if !as_agreed {
            return Err(Refusal::malformed("the answer exceeds the offer"));
        }
        Ok(ReceivedAnswer { ready })
    }
}

/// An authenticated acceptor.
#[derive(Debug)]
pub(crate) struct ReceivedAnswer {
    ready: Ready,
}

impl ReceivedAnswer {
    /// Returns the acceptor's identity, for the verdict of the connection manager.
    pub(crate) fn peer(&self) -> &NodeId {
        self.ready.peer()
    }

    /// Confirms the connection.
    ///
    /// # Errors
    /// Fails with a [`Refusal`] if the verdict is one; close the connection with it.
    pub(crate) fn confirm(self, verdict: Verdict) -> Result<Ready, Refusal> {
        check_verdict(verdict)?;
        Ok(self.ready)
    }
}
