//! The side that dials.

use crate::handshake::accepting::{introduced, judged};
use crate::handshake::hello::Hello;
use crate::handshake::own::Own;
use crate::handshake::ready::Ready;
use crate::handshake::refusal::Refusal;
use crate::node::id::{ClusterName, NodeId, NodeName};
use crate::node::peers::Verdict;

/// A node that has said who it is, and waits for an answer.
#[derive(Debug)]
pub(crate) struct Dialling {
    own: Own,
}

impl Dialling {
    /// Begins: the bytes are what the acceptor is to hear.
    pub(crate) fn new(own: Own) -> (Self, Vec<u8>) {
        let hello = own.hello().encode();
        (Self { own }, hello)
    }

    /// The acceptor has answered. `is_certified` says whether the certificate that TLS has checked is for that node.
    ///
    /// # Errors
    /// [`Refusal`]: close the connection with it.
    pub(crate) fn answered(
        self,
        answer: &[u8],
        is_certified: impl FnOnce(&NodeName, &ClusterName) -> bool,
    ) -> Result<Answered, Refusal> {
        let (answer, version) = Hello::decode(answer, self.own.versions, &self.own.limits)?;
        let told = answer.clone();
        let ready = introduced(&self.own, answer, version, is_certified)?;
        // Agreed is what both would agree on again; with anything else the two would keep different promises.
        let as_agreed = told.versions.oldest == told.versions.newest
            && told.features == ready.features()
            && told.codecs == [ready.codec()]
            && told.limits == *ready.limits()
            && told.heartbeat == ready.heartbeat();
        if !as_agreed {
            return Err(Refusal::malformed(
                "the answer goes beyond what was offered",
            ));
        }
        Ok(Answered { ready })
    }
}

/// An acceptor that is who it says.
#[derive(Debug)]
pub(crate) struct Answered {
    ready: Ready,
}

impl Answered {
    /// Who has answered: to be judged by whoever knows this node's name and its other connections.
    pub(crate) fn peer(&self) -> &NodeId {
        self.ready.peer()
    }

    /// Takes the connection into use.
    ///
    /// # Errors
    /// [`Refusal`] if the verdict is one: close the connection with it.
    pub(crate) fn confirm(self, verdict: Verdict) -> Result<Ready, Refusal> {
        judged(verdict)?;
        Ok(self.ready)
    }
}
