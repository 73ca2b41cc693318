//! Servers of one kind, one per key: found through a registry, started when nobody holds the key yet.
//!
//! Apart from those who use it because clients, routes and statuses differ only in key and server. The registry knows who is
//! there; the family remembers whom it has started, and in which order, so that all can be asked and stopped at the end.

use std::borrow::Borrow;
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::ops::Deref;

use ambit::prelude::*;

/// The servers of one kind.
pub(crate) struct Family<K, S: Protocol> {
    registry: Registry<K, S>,
    started: Vec<(K, S::Subject)>,
    mailbox: NonZeroUsize,
}

impl<K, S> Family<K, S>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    S: GenServer<Protocol = S, Args = S> + Protocol + Default,
    S::Subject: Deref<Target = Process>,
{
    /// Makes a family without members, each of which will have this much room for messages.
    pub(crate) fn new(mailbox: NonZeroUsize) -> Self {
        Self {
            registry: Registry::unique(),
            started: Vec::new(),
            mailbox,
        }
    }

    /// Finds the server of a key, or starts one.
    pub(crate) async fn member<Q>(&mut self, key: &Q) -> Result<S::Subject, StartError>
    where
        K: Borrow<Q>,
        Q: ToOwned<Owned = K> + Eq + Hash + ?Sized,
    {
        match self.registry.lookup(key) {
            Some(member) => Ok(member),
            None => self.start(key.to_owned()).await,
        }
    }

    async fn start(&mut self, key: K) -> Result<S::Subject, StartError> {
        let member = ambit::start::<S>(S::default())
            .mailbox(self.mailbox.get())
            .via(&self.registry, key.clone())
            .await?;
        self.started.push((key, member.clone()));
        Ok(member)
    }

    /// Lists all members, in the order in which they were started.
    pub(crate) fn members(&self) -> &[(K, S::Subject)] {
        &self.started
    }

    /// Stops all members, in the order in which they were started.
    pub(crate) async fn stop(&mut self) {
        for (_, member) in self.started.drain(..) {
            // One that is gone already needs no stopping.
            member.stop().no_timeout().await.ok();
        }
    }
}
