//! Reservation of a name before its process runs.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use ambit::message::{Remote, Wire};
use ambit::process::Process;
use ambit::server::Subject;

use crate::names::claim::{self, Claim, ClaimState};
use crate::names::error::RegisterNameError;
use crate::names::key::NameKey;
use crate::names::register::PendingClaim;
use crate::replication::shape_tag::shape_tag;

/// A name that is reserved in the whole cluster, and belongs to no process yet. Other registrations of the name fail
/// with `Taken`, except for `re_register`, which takes it, and look-ups find no process. Reserve a name before the
/// server starts, so that the `#[init]` runs on one node only.
///
/// Dropping the reservation releases the name.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::RegisterNameError;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let reservation = node.names().reserve("visits").await?;
/// let refused = node.names().reserve("visits").await;
/// assert!(matches!(refused, Err(RegisterNameError::Taken { .. })));
///
/// // Only the holder of the reservation starts the process.
/// let counter = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// reservation.register(&counter).await?;
/// assert_eq!(node.names().whereis::<u8>("visits"), Some(counter));
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping it releases the name"]
pub struct Reservation<K: NameKey> {
    pending: PendingClaim<K>,
}

impl<K: NameKey> Reservation<K> {
    pub(super) fn new(pending: PendingClaim<K>) -> Self {
        Self { pending }
    }

    /// Registers a process of this node under the reserved name, and waits until every connected member has
    /// acknowledged the registration.
    ///
    /// # Errors
    /// Fails with a [`RegisterNameError`], and releases the name:
    /// - `Taken` if the reservation was lost to another node, for example after a partition.
    /// - `NoProcess` if the process has ended.
    /// - `Withdrawn` if a call of `unregister` or `re_register` withdrew the registration before all members had
    ///   acknowledged it.
    /// - `Elsewhere` if the process runs on another node.
    /// - `Unsendable` if the handle cannot be sent to other nodes.
    /// - `Limit` if a limit on replicated entries is reached.
    /// - `Left` if this node has left the cluster.
    ///
    /// # Cancel safety
    /// Dropping the future at any stage, even before the first poll, releases the name.
    pub async fn register<P: Remote + ?Sized>(
        self,
        subject: &impl AsRef<Subject<P>>,
    ) -> Result<(), RegisterNameError> {
        self.hold(subject.as_ref(), &()).await
    }

    async fn hold<P: Remote + ?Sized, V: Wire + Sync>(
        self,
        subject: &Subject<P>,
        value: &V,
    ) -> Result<(), RegisterNameError> {
        let process = self.fill(subject, value)?;
        self.pending.hold(Some(&process)).await
    }

    /// Gives the claim its process, and returns the process.
    fn fill<P: Remote + ?Sized, V: Wire>(
        &self,
        subject: &Subject<P>,
        value: &V,
    ) -> Result<Process, RegisterNameError> {
        let PendingClaim { directory, id, .. } = &self.pending;
        let local = &directory.replication.node_context.local;
        // The handle may follow a name: the process that has it now is registered.
        let subject = subject.__fixed().ok_or(RegisterNameError::NoProcess)?;
        let process = Process::clone(&subject);
        if !local.owns(process.pid()) {
            return Err(RegisterNameError::Elsewhere);
        }
        let payload = directory.payload(&subject, shape_tag::<V>(), value)?;
        self.reserved()?;
        let (exit, on_exit) = directory.watch(&process)?;
        if !directory.own.fill(*id, &process) {
            return Err(RegisterNameError::Withdrawn);
        }
        drop(directory.own.watch(*id, on_exit));
        let written = self.write(&payload);
        written.inspect_err(|_| drop(directory.own.empty(*id)))?;
        directory.withdraw_at_exit(*id, &exit)?;
        Ok(process)
    }

    /// Writes the claim of the process. A conflict that is decided meanwhile may rank it higher.
    fn write(&self, payload: &[u8]) -> Result<(), RegisterNameError> {
        let PendingClaim { directory, id, .. } = &self.pending;
        loop {
            let reserved = self.reserved()?;
            let mut header = reserved.header.clone();
            header.state = ClaimState::Registered;
            let body = claim::body(&header, payload);
            let is_unchanged = || {
                let now = self.reserved();
                now.is_ok_and(|now| Arc::ptr_eq(&now, &reserved))
            };
            let updated = directory.replication.update_if(*id, body, is_unchanged);
            let updated = updated.map_err(|error| RegisterNameError::Limit {
                text: error.to_string(),
            })?;
            if updated {
                return Ok(());
            }
        }
    }

    /// Returns the claim of the reservation.
    ///
    /// # Errors
    /// Fails if the reservation was lost in a conflict.
    fn reserved(&self) -> Result<Arc<Claim>, RegisterNameError> {
        let PendingClaim {
            directory, key, id, ..
        } = &self.pending;
        let reserved = directory.own_claim(key, *id);
        let reserved = reserved.filter(|claim| claim.header.state == ClaimState::Reserved);
        reserved.ok_or_else(|| directory.taken(key))
    }
}

impl<K: NameKey> fmt::Debug for Reservation<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").finish_non_exhaustive()
    }
}

/// A key of a [`ClusterRegistry`](crate::ClusterRegistry) that is reserved in the whole cluster, and belongs to no
/// process yet. It is a [`Reservation`] for processes and values of the registry.
///
/// Dropping the reservation releases the key.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::ClusterRegistry;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let rooms = ClusterRegistry::<u64, u8, String>::open(&node, "rooms");
/// let reservation = rooms.reserve(7).await?;
/// let room = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// reservation.register(&room, "lobby".to_owned()).await?;
/// assert_eq!(rooms.value(&7).as_deref(), Some("lobby"));
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping it releases the key"]
pub struct RegistryReservation<K: NameKey, P: ?Sized, V> {
    reservation: Reservation<K>,
    protocol: PhantomData<fn() -> Box<P>>,
    value: PhantomData<fn(V)>,
}

impl<K: NameKey, P: Remote + ?Sized, V: Wire + Send + Sync> RegistryReservation<K, P, V> {
    /// Registers a process of this node under the reserved key, with a value, and waits until every connected member
    /// has acknowledged the registration.
    ///
    /// # Errors
    /// Those of [`Reservation::register`]. `Unsendable` is also returned if the value cannot be sent to other nodes.
    ///
    /// # Cancel safety
    /// Dropping the future at any stage, even before the first poll, releases the key.
    pub async fn register(
        self,
        subject: &impl AsRef<Subject<P>>,
        value: V,
    ) -> Result<(), RegisterNameError> {
        self.reservation.hold(subject.as_ref(), &value).await
    }
}

impl<K: NameKey, P: ?Sized, V> From<Reservation<K>> for RegistryReservation<K, P, V> {
    fn from(reservation: Reservation<K>) -> Self {
        Self {
            reservation,
            protocol: PhantomData,
            value: PhantomData,
        }
    }
}

impl<K: NameKey, P: ?Sized, V> fmt::Debug for RegistryReservation<K, P, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryReservation")
            .finish_non_exhaustive()
    }
}
