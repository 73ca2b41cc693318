//! Servers of one kind, one per key, under a supervisor: started when a key first occurs.
//!
//! A separate module, because clients, routes and statuses differ only in key and server. It keeps the started servers
//! in order, as handles that follow their restarts.

use std::collections::HashMap;
use std::future::poll_fn;
use std::hash::Hash;
use std::ops::Deref;
use std::pin::Pin;
use std::task::Poll;

use ambit::prelude::*;
use ambit::server::Startable;

/// The servers of one kind.
pub(crate) struct Family<K, S: Startable> {
    supervisor: DynamicSupervisor,
    spec: Spec<K, S>,
    members: Vec<(K, S::Handle)>,
    /// The position of each key among the members.
    index: HashMap<K, usize>,
}

/// Returns the child spec of the server of a key.
type Spec<K, S> = Box<dyn Fn(&K) -> ChildSpec<S> + Send>;

impl<K, S> Family<K, S>
where
    K: Clone + Eq + Hash,
    S: Startable<Handle: Deref<Target = Process> + 'static>,
{
    /// Creates a family without members, which `spec` will start.
    pub(crate) fn new(
        supervisor: DynamicSupervisor,
        spec: impl Fn(&K) -> ChildSpec<S> + Send + 'static,
    ) -> Self {
        Self {
            supervisor,
            spec: Box::new(spec),
            members: Vec::new(),
            index: HashMap::new(),
        }
    }

    /// Returns the servers of some distinct keys, and starts the missing ones.
    pub(crate) async fn find<'a>(
        &mut self,
        keys: impl Iterator<Item = &'a K> + Clone,
    ) -> Result<Vec<S::Handle>, ChildError>
    where
        K: 'a,
    {
        let missing = keys.clone().filter(|key| !self.index.contains_key(*key));
        let starts = missing.map(|key| (key, self.supervisor.start_child((self.spec)(key))));
        for (key, member) in all(starts.collect()).await {
            self.index.insert(key.clone(), self.members.len());
            self.members.push((key.clone(), member?));
        }
        Ok(keys
            .map(|key| self.members[self.index[key]].1.clone())
            .collect())
    }

    /// Stops the server of a key, if there is one and it is not being restarted.
    pub(crate) async fn retire(&mut self, key: &K) {
        let Some(&place) = self.index.get(key) else {
            return;
        };
        let pid = self.members[place].1.pid();
        if self.supervisor.terminate_child(pid).await.is_ok() {
            self.index.remove(key);
            self.members.swap_remove(place);
            if let Some((moved, _)) = self.members.get(place) {
                self.index.insert(moved.clone(), place);
            }
        }
    }

    /// Returns all members; in start order as long as none has been retired.
    pub(crate) fn members(&self) -> &[(K, S::Handle)] {
        &self.members
    }
}

/// Polls all futures once before it waits for the first result.
async fn all<K, F: Future + Unpin>(mut asked: Vec<(K, F)>) -> Vec<(K, F::Output)> {
    let mut answers = poll_fn(|cx| {
        let polled = asked.iter_mut().map(|(_, ask)| Pin::new(ask).poll(cx));
        Poll::Ready(polled.collect::<Vec<_>>())
    })
    .await
    .into_iter();
    let mut answered = Vec::with_capacity(asked.len());
    for (key, ask) in asked {
        let answer = match answers.next() {
            Some(Poll::Ready(answer)) => answer,
            _ => ask.await,
        };
        answered.push((key, answer));
    }
    answered
}
