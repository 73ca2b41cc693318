//! The side that was dialled.

use crate::handshake::hello::Hello;
use crate::handshake::own::Own;
use crate::handshake::ready::Ready;
use crate::handshake::refusal::Refusal;
use crate::handshake::versions::Versions;
use crate::node::id::{ClusterName, NodeId, NodeName};
use crate::node::peers::Verdict;

/// A connection that came in, before a word was said.
#[derive(Debug)]
pub(crate) struct Accepting {
    own: Own,
}

impl Accepting {
    pub(crate) fn new(own: Own) -> Self {
        Self { own }
    }

    /// The dialler has said who it is. `is_certified` says whether the certificate that TLS has checked is for that node.
    ///
    /// # Errors
    /// [`Refusal`]: close the connection with it.
    pub(crate) fn heard(
        self,
        hello: &[u8],
        is_certified: impl FnOnce(&NodeName, &ClusterName) -> bool,
    ) -> Result<Heard, Refusal> {
        let (hello, version) = Hello::decode(hello, self.own.versions, &self.own.limits)?;
        let ready = introduced(&self.own, hello, version, is_certified)?;
        Ok(Heard {
            own: self.own,
            ready,
        })
    }
}

/// Compares what a peer says with what is known of it, and agrees.
pub(super) fn introduced(
    own: &Own,
    theirs: Hello,
    version: u32,
    is_certified: impl FnOnce(&NodeName, &ClusterName) -> bool,
) -> Result<Ready, Refusal> {
    if theirs.cluster != own.cluster {
        return Err(Refusal::cluster(&own.cluster, &theirs.cluster));
    }
    if !is_certified(&theirs.id.name, &own.cluster) {
        return Err(Refusal::certificate(&theirs.id.name, &own.cluster));
    }
    Ready::agree(own, theirs, version)
}

/// A dialler that is who it says, and has not been answered.
#[derive(Debug)]
pub(crate) struct Heard {
    own: Own,
    ready: Ready,
}

impl Heard {
    /// Who waits: to be judged by whoever knows this node's name and its other connections.
    pub(crate) fn peer(&self) -> &NodeId {
        self.ready.peer()
    }

    /// By this life of this node, which may be a later one than when it was greeted.
    pub(crate) fn by(mut self, own: &NodeId) -> Self {
        self.own.id = own.clone();
        self
    }

    /// Answers, with these bytes.
    ///
    /// # Errors
    /// [`Refusal`] if the verdict is one: close the connection with it.
    pub(crate) fn answer(self, verdict: Verdict) -> Result<(Ready, Vec<u8>), Refusal> {
        judged(verdict)?;
        let answer = Hello {
            versions: Versions::only(self.ready.version()),
            features: self.ready.features(),
            codecs: vec![self.ready.codec()],
            limits: self.ready.limits().clone(),
            heartbeat: self.ready.heartbeat(),
            ..self.own.hello()
        };
        Ok((self.ready, answer.encode()))
    }
}

pub(super) fn judged(verdict: Verdict) -> Result<(), Refusal> {
    match verdict {
        Verdict::Accept => Ok(()),
        Verdict::Refuse { code, text } => Err(Refusal::new(code, text)),
    }
}
