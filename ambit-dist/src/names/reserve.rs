//! The request to reserve a name.

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::names::directory::{Directory, NewClaim};
use crate::names::error::RegisterNameError;
use crate::names::key::{self, Key, NameKey};
use crate::names::register::PendingClaim;
use crate::names::reservation::Reservation;
use crate::transport::BoxFuture;

/// The reservation of a name for a process that is not running yet. It starts when it is awaited, waits until every
/// connected member has acknowledged it, and returns `R`, a [`Reservation`] or a
/// [`RegistryReservation`](crate::RegistryReservation).
///
/// # Errors
/// Fails with a [`RegisterNameError`]; nothing remains reserved.
/// - `Taken` if the name is held or reserved, or if a simultaneous registration or reservation ranks first.
/// - `Unsendable` if the name cannot be sent to other nodes, for example because it contains a process.
/// - `Limit` if a limit on replicated entries is reached.
/// - `Withdrawn` if a `re_register` took the name before all members had acknowledged the reservation.
/// - `Left` if this node has left the cluster.
///
/// # Cancel safety
/// Dropping the future before the first poll changes nothing. If it is dropped later, the reservation is withdrawn.
///
/// ```
/// # use ambit_dist::{Node, transport::Memory};
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// // If both sides of a partition have reserved the name, this one keeps it.
/// let reservation = node.names().reserve("visits").priority(1).await?;
/// # drop(reservation);
/// # Ok(())
/// # }
/// ```
#[must_use = "a reservation does nothing until it is awaited"]
pub struct ReserveName<K: NameKey, R = Reservation<K>> {
    directory: Arc<Directory<K>>,
    key: Result<Key, RegisterNameError>,
    priority: i32,
    reservation: PhantomData<fn() -> R>,
}

impl<K: NameKey, R: From<Reservation<K>>> ReserveName<K, R> {
    pub(super) fn new(directory: Arc<Directory<K>>, key: &K) -> Self {
        Self {
            directory,
            key: key::encode(key).map_err(Into::into),
            priority: 0,
            reservation: PhantomData,
        }
    }

    /// Sets the priority of the reservation and of the process that is registered with it; 0 by default. In a conflict
    /// after a partition, the claim with the higher priority ranks first, regardless of age.
    pub fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    async fn run(self) -> Result<R, RegisterNameError> {
        let new = NewClaim {
            key: self.key?,
            process: None,
            payload: Vec::new(),
            priority: self.priority,
            only_name: false,
            replaces: false,
        };
        let id = self.directory.claim(&new).await?;
        let pending = PendingClaim::new(self.directory, new.key, id);
        pending.acknowledged().await?;
        Ok(Reservation::new(pending).into())
    }
}

impl<K: NameKey, R: From<Reservation<K>> + 'static> IntoFuture for ReserveName<K, R> {
    type Output = Result<R, RegisterNameError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<K: NameKey, R> fmt::Debug for ReserveName<K, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReserveName").finish_non_exhaustive()
    }
}
