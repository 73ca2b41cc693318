//! The names of one table: all visible claims, and those of this node.

use std::cmp::Reverse;
use std::sync::Arc;

use ambit::distribution::{KeyChanges, OnExit};
use ambit::process::Process;
use parking_lot::Mutex;

use crate::names::claim::{self, Claim, ClaimHeader, ClaimState, Rank};
use crate::names::claim_exit::ClaimExit;
use crate::names::conflict::ConflictPolicy;
use crate::names::error::RegisterNameError;
use crate::names::event::NameEvent;
use crate::names::index::NameIndex;
use crate::names::key::Key;
use crate::names::own_claims::{OwnClaim, OwnClaims};
use crate::node::subscribers::Subscribers;
use crate::replica::change::EntryId;
use crate::replication::shared::Replication;

/// The names of one table.
pub(super) struct Directory<K: Clone + Send + Sync + 'static> {
    pub(super) replication: Arc<Replication>,
    pub(super) table: String,
    pub(super) index: Arc<NameIndex>,
    pub(super) own: OwnClaims,
    pub(super) waiters: KeyChanges,
    pub(super) policy: Mutex<ConflictPolicy<K>>,
    pub(super) subscribers: Arc<Subscribers<NameEvent<K>>>,
}

/// A claim to be written.
pub(super) struct NewClaim {
    pub(super) key: Key,
    /// Absent in a reservation.
    pub(super) process: Option<Process>,
    /// The encoded process and value.
    pub(super) payload: Vec<u8>,
    pub(super) priority: i32,
    /// True if the process must have no other name.
    pub(super) only_name: bool,
    /// True if a current holder loses the name.
    pub(super) replaces: bool,
}

impl<K: Clone + Send + Sync + 'static> Directory<K> {
    /// Writes a claim once this node has received the names of all members that are up, so that it takes no name from a
    /// holder that it does not know yet. The claim is visible at once, and not held yet.
    ///
    /// # Errors
    /// Fails if the name is taken, the process cannot be registered, or a limit is reached.
    ///
    /// # Cancel safety
    /// Dropping the future before it is ready writes nothing.
    pub(super) async fn claim(
        self: &Arc<Self>,
        new: &NewClaim,
    ) -> Result<EntryId, RegisterNameError> {
        let received = self.replication.all_received().await;
        received.map_err(|_| RegisterNameError::Left)?;
        self.claim_now(new)
    }

    fn claim_now(self: &Arc<Self>, new: &NewClaim) -> Result<EntryId, RegisterNameError> {
        let local = &self.replication.node_context.local;
        let is_local = |process: &Process| local.owns(process.pid());
        if !new.process.as_ref().is_none_or(is_local) {
            return Err(RegisterNameError::Elsewhere);
        }
        // Announced before the claim is written, so that no other name of the process is found when the holder has lost
        // its name already.
        let announced = match &new.process {
            Some(process) => {
                let announced = self.own.announce(process.pid(), &new.key, new.only_name);
                Some(announced.ok_or(RegisterNameError::AlreadyNamed)?)
            }
            None => None,
        };
        let claimed = self.claim_announced(new);
        if let Some(announced) = &announced {
            self.own.revoke(announced);
        }
        claimed
    }

    fn claim_announced(self: &Arc<Self>, new: &NewClaim) -> Result<EntryId, RegisterNameError> {
        // Registered first, so that a process that has ended takes the name from no holder.
        let watch = new.process.as_ref().map(|process| self.watch(process));
        let (exit, on_exit) = watch.transpose()?.unzip();
        let id = self.write(new)?;
        let own = OwnClaim {
            key: new.key.clone(),
            process: new.process.clone(),
            on_exit,
            is_held: false,
        };
        self.own.add(id, own);
        if let Some(exit) = exit {
            self.withdraw_at_exit(id, &exit)?;
        }
        self.withdraw_overtaken(&new.key);
        Ok(id)
    }

    /// Inserts the entry, unless another process has the name.
    fn write(&self, new: &NewClaim) -> Result<EntryId, RegisterNameError> {
        loop {
            let first = self.index.first(&new.key);
            if let Some(first) = &first
                && !new.replaces
            {
                let node = first.origin.clone();
                return Err(RegisterNameError::Taken { node });
            }
            let header = new.header(first.as_deref(), self.replication.unix_millis());
            let body = claim::body(&header, &new.payload);
            let is_unchanged = || {
                let now = self.index.first(&new.key);
                now.as_ref().map(Arc::as_ptr) == first.as_ref().map(Arc::as_ptr)
            };
            let inserted = self.replication.insert_if(&self.table, body, is_unchanged);
            let inserted = inserted.map_err(|error| RegisterNameError::Limit {
                text: error.to_string(),
            })?;
            if let Some(id) = inserted {
                return Ok(id);
            }
        }
    }

    /// Withdraws the claims of this node from which a name was moved, so that none of them has it again if the new
    /// claim is withdrawn before the task has seen it. The task withdraws those that a conflict has moved, with an
    /// event.
    fn withdraw_overtaken(&self, key: &Key) {
        let claims = self.index.all(key).into_iter();
        let own = claims.filter(|claim| self.is_own(claim));
        let is_moved = |claim: &Arc<Claim>| {
            let overtaken = claim.overtaken.get();
            overtaken.is_some_and(|overtaken| !overtaken.is_verdict)
        };
        for claim in own.filter(is_moved) {
            drop(self.withdraw(claim.id));
        }
    }

    /// Registers an exit hook for a claim that is not written yet.
    ///
    /// # Errors
    /// Fails if the process has ended.
    pub(super) fn watch(
        self: &Arc<Self>,
        process: &Process,
    ) -> Result<(Arc<ClaimExit>, OnExit), RegisterNameError> {
        let exit = Arc::<ClaimExit>::default();
        let (directory, ended) = (Arc::downgrade(self), exit.clone());
        let local = &self.replication.node_context.local;
        let on_exit = local.on_exit(process.pid(), move |_| {
            if let Some(id) = ended.process_ended()
                && let Some(directory) = directory.upgrade()
            {
                directory.withdraw_unless_vetoed(id);
            }
        });
        let on_exit = on_exit.ok_or(RegisterNameError::NoProcess)?;
        Ok((exit, on_exit))
    }

    /// Lets the exit hook of a process withdraw its claim, which is now written.
    ///
    /// # Errors
    /// Fails if the process has ended in the meantime; the claim is withdrawn then.
    pub(super) fn withdraw_at_exit(
        &self,
        id: EntryId,
        exit: &ClaimExit,
    ) -> Result<(), RegisterNameError> {
        if exit.claim_written(id) {
            return Ok(());
        }
        self.withdraw_unless_vetoed(id);
        Err(RegisterNameError::NoProcess)
    }

    /// Removes a claim of this node. Returns it, unless it is gone already.
    pub(super) fn withdraw(&self, id: EntryId) -> Option<OwnClaim> {
        let claim = self.own.remove(id)?;
        self.replication.remove(id);
        Some(claim)
    }

    /// Like `withdraw`, but keeps a veto: the other processes of the conflict have to see it, and the task withdraws it
    /// after that.
    pub(super) fn withdraw_unless_vetoed(&self, id: EntryId) -> Option<OwnClaim> {
        let key = self.own.key(id)?;
        let mut withdrawn = None;
        // Under the lock that a veto is written under.
        let may = || {
            let claim = self.own_claim(&key, id);
            if claim.is_none_or(|claim| claim.header.state != ClaimState::Vetoed) {
                withdrawn = self.own.remove(id);
            }
            withdrawn.is_some()
        };
        self.replication.remove_if(id, may);
        withdrawn
    }

    /// Returns whether a claim of this node ranks first, and is no veto.
    pub(super) fn ranks_first(&self, key: &Key, id: EntryId) -> bool {
        let first = self.index.first(key);
        let first = first.filter(|first| first.header.state != ClaimState::Vetoed);
        first.is_some_and(|first| first.id == id && self.is_own(&first))
    }

    /// Returns the error of a claim that has lost its name.
    pub(super) fn taken(&self, key: &Key) -> RegisterNameError {
        let claims = self.index.all(key).into_iter();
        let mut claims = claims.filter(|claim| claim.header.state != ClaimState::Vetoed);
        let own = || self.replication.node_context.id().clone();
        let node = claims.next().map_or_else(own, |claim| claim.origin.clone());
        RegisterNameError::Taken { node }
    }

    /// Returns whether this node has written the claim.
    pub(super) fn is_own(&self, claim: &Claim) -> bool {
        claim.origin == *self.replication.node_context.id()
    }

    /// Returns a claim of this node with this name.
    pub(super) fn own_claim(&self, key: &Key, id: EntryId) -> Option<Arc<Claim>> {
        let mut claims = self.index.all(key).into_iter();
        claims.find(|claim| claim.id == id && self.is_own(claim))
    }

    /// Returns the claim of this node that holds a name.
    pub(super) fn own_holder(&self, key: &Key) -> Option<Arc<Claim>> {
        let first = self.index.first(key)?;
        let is_registered = first.header.state == ClaimState::Registered;
        (is_registered && self.is_own(&first)).then_some(first)
    }

    /// Returns the claim that holds a name, if it has a process.
    pub(super) fn holder(&self, key: &[u8]) -> Option<Arc<Claim>> {
        let first = self.index.first(key)?;
        (first.header.state == ClaimState::Registered).then_some(first)
    }
}

impl<K: Clone + Send + Sync + 'static> Drop for Directory<K> {
    fn drop(&mut self) {
        self.subscribers.close();
    }
}

impl NewClaim {
    /// Returns the header of the claim. `first` is the claim that it replaces, `now` the time of a new one.
    fn header(&self, first: Option<&Claim>, now: u64) -> ClaimHeader {
        let rank = match first {
            Some(first) => first.header.rank.moved_with(self.priority),
            None => Rank {
                priority: self.priority,
                since: Reverse(now),
                moves: 0,
            },
        };
        let state = match self.process {
            Some(_) => ClaimState::Registered,
            None => ClaimState::Reserved,
        };
        ClaimHeader {
            key: self.key.clone(),
            rank,
            state,
            is_verdict: false,
            predecessors: first.map_or_else(Vec::new, Claim::and_predecessors),
        }
    }
}
