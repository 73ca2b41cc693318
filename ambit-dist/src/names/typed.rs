//! The handles and values of claims.

use std::sync::Arc;

use ambit::error::LookupError;
use ambit::message::{DecodeError, In, Remote, Wire};
use ambit::process::{Pid, Process};
use ambit::server::Subject;

use crate::codecs::any::AnyCodec;
use crate::names::claim::Claim;
use crate::names::conflict::ConflictPolicy;
use crate::names::directory::{Directory, NewClaim};
use crate::names::error::RegisterNameError;
use crate::names::key::{self, NameKey};
use crate::names::register::RegisterName;
use crate::node::id::NodeId;
use crate::replication::entry_value::EntryError;
use crate::transport::BoxFuture;

impl<K: NameKey> Directory<K> {
    /// Returns the registration of a process under a key, with a value whose type has this tag.
    pub(super) fn registration<P: Remote + ?Sized, V: Wire>(
        self: &Arc<Self>,
        key: &K,
        subject: &Subject<P>,
        (value_tag, value): (u32, &V),
        replaces: bool,
    ) -> RegisterName<K> {
        let claim = || {
            // The handle may follow a name: the process that has it now is registered.
            let subject = subject.__fixed().ok_or(RegisterNameError::NoProcess)?;
            Ok(NewClaim {
                key: key::encode(key)?,
                process: Some(Process::clone(&subject)),
                payload: self.payload(&subject, value_tag, value)?,
                priority: 0,
                only_name: false,
                replaces,
            })
        };
        RegisterName {
            claim: claim(),
            directory: self.clone(),
        }
    }

    /// Removes the registration of a key by this node. Returns false if no process of this node holds the key.
    pub(super) fn unregister(&self, key: &K) -> bool {
        let holder = key::encode(key).ok().and_then(|key| self.own_holder(&key));
        holder.is_some_and(|holder| self.withdraw_unless_vetoed(holder.id).is_some())
    }

    /// Like [`unregister`](Self::unregister), but only if this process holds the key.
    pub(super) fn unregister_process(&self, key: &K, pid: Pid) -> bool {
        let holder = key::encode(key).ok().and_then(|key| self.own_holder(&key));
        let holder = holder.filter(|holder| self.own.is_of(holder.id, pid));
        holder.is_some_and(|holder| self.withdraw_unless_vetoed(holder.id).is_some())
    }

    /// Returns the node whose process holds a key.
    pub(super) fn node_of(&self, key: &K) -> Option<NodeId> {
        let holder = self.holder(&key::bytes(key).ok()?)?;
        Some(holder.origin.clone())
    }

    /// Returns the keys that a process holds, in the order of their encoded forms.
    pub(super) fn held(&self) -> Vec<K> {
        let keys = self.index.keys().into_iter();
        let held = keys.filter(|key| self.holder(key).is_some());
        held.filter_map(|key| key::decode(&key)).collect()
    }

    /// Replaces the policy for conflicts.
    pub(super) fn set_policy(&self, policy: ConflictPolicy<K>) {
        let earlier = std::mem::replace(&mut *self.policy.lock(), policy);
        drop(earlier);
    }

    /// Returns a future that is ready at the next change of a key.
    pub(super) fn change_of(&self, key: &K) -> Option<BoxFuture<'static, ()>> {
        let change = self.waiters.wait(&key::encode(key).ok()?);
        Some(Box::pin(change))
    }

    /// Encodes a handle and its value, whose type has this tag.
    ///
    /// # Errors
    /// Fails if one of them cannot be sent to other nodes, or a limit is reached.
    pub(super) fn payload<P: Remote + ?Sized, V: Wire>(
        &self,
        subject: &Subject<P>,
        value_tag: u32,
        value: &V,
    ) -> Result<Vec<u8>, EntryError> {
        self.replication.encode(|out| {
            subject.put(out)?;
            value_tag.put(out)?;
            value.put(out)
        })
    }

    /// Returns the handle to the process that holds a name.
    ///
    /// # Errors
    /// Fails if no process holds it, or one of another protocol.
    pub(super) fn subject<P: Remote + ?Sized>(
        &self,
        key: &[u8],
    ) -> Result<Subject<P>, LookupError> {
        let known = self.index.look(key, |claim| claim.known::<P>());
        if let Some(known) = known.flatten() {
            return Ok(known);
        }
        loop {
            let claim = self.holder(key).ok_or(LookupError::NotFound)?;
            if let Some(subject) = self.subject_of(&claim)? {
                return Ok(subject);
            }
        }
    }

    /// Returns the handle to the process of a claim, or `None` if the claim no longer holds its name.
    ///
    /// # Errors
    /// Fails if the process has another protocol, or is ending.
    pub(super) fn subject_of<P: Remote + ?Sized>(
        &self,
        claim: &Arc<Claim>,
    ) -> Result<Option<Subject<P>>, LookupError> {
        match self.decode(claim, Subject::<P>::take) {
            Ok(subject) => {
                // A handle of another protocol may be known already.
                claim.handle.set(Box::new(subject.clone())).ok();
                Ok(Some(subject))
            }
            // A process that is just ending cannot be reached any more, and its claim is about to go.
            Err(DecodeError::Invalid(_)) if self.is_ending(claim) => Err(LookupError::NotFound),
            // The definition of its protocol may be gone with it.
            Err(_) if !self.is_holder(claim) => Ok(None),
            Err(_) => Err(LookupError::WrongType),
        }
    }

    fn is_holder(&self, claim: &Arc<Claim>) -> bool {
        let holder = self.holder(&claim.header.key);
        holder.is_some_and(|holder| Arc::ptr_eq(&holder, claim))
    }

    /// Returns the handle and the value of a name. Returns `None` if there is none, or if its types differ: the value
    /// is of a type with another tag.
    pub(super) fn entry<P: Remote + ?Sized, V: Wire>(
        &self,
        claim: &Arc<Claim>,
        value_tag: u32,
    ) -> Option<(Subject<P>, V)> {
        let entry = self.decode(claim, |input| {
            let subject = Subject::take(input)?;
            let is_of_type = u32::take(input)? == value_tag;
            let value = is_of_type.then(|| V::take(input)).transpose()?;
            Ok(value.map(|value| (subject, value)))
        });
        entry.ok().flatten()
    }

    /// Returns the process of a claim, or `NOBODY` if it is a reservation. A subject begins with its process.
    pub(super) fn pid_of(&self, claim: &Claim) -> Pid {
        self.decode(claim, Pid::take).unwrap_or(Pid::NOBODY)
    }

    fn decode<T>(
        &self,
        claim: &Claim,
        take: impl FnOnce(&mut In<'_, AnyCodec>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        self.replication
            .decode(&claim.origin, claim.payload(), take)
    }

    /// Returns whether a claim of this node has a process without an export.
    fn is_ending(&self, claim: &Claim) -> bool {
        self.is_own(claim) && self.own.has_ended(claim.id)
    }
}
