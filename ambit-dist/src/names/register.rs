//! Registration of a process under a name.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;

use ambit::process::Process;

use crate::names::directory::{Directory, NewClaim};
use crate::names::error::RegisterNameError;
use crate::names::key::Key;
use crate::names::key::NameKey;
use crate::replica::change::EntryId;
use crate::transport::BoxFuture;

/// The registration of a process under a name of the cluster. It starts when it is awaited.
///
/// On a node that has just joined, the registration first waits until the names of all members that are up have been
/// received, so it takes no name from its holder, whatever its priority. It then waits until every connected member has
/// acknowledged the name, and this node has received all names that the member registered before. In a connected
/// cluster, exactly one of several simultaneous registrations of the same name succeeds. An unreachable member delays
/// the registration until its session ends, after about 3 s, and one that is reachable and acknowledges nothing, for up
/// to 35 s. Look-ups may already find the process during the second wait.
///
/// A member without a session, which is up because other members reach it, delays the registration only until another
/// member has sent its names once. If the connection between two nodes is broken, both can therefore register the same
/// name at the same time. The conflict is resolved once the claims have passed through the other nodes, as after a
/// partition.
///
/// # Errors
/// Fails with a [`RegisterNameError`]. The process keeps running, and nothing remains registered.
/// - `Taken` if the name is held or reserved, or if a simultaneous registration ranks first. A `re_register` fails only
///   for the second reason.
/// - `AlreadyNamed` if `only_name` is set and the process has another name in the same table.
/// - `NoProcess` if the process has ended.
/// - `Withdrawn` if a call of `unregister` or `re_register` withdrew the registration before all members had
///   acknowledged it.
/// - `Elsewhere` if the process runs on another node.
/// - `Unsendable` if the key, the handle or the value cannot be sent to other nodes.
/// - `Limit` if a limit on replicated entries is reached.
/// - `Left` if this node has left the cluster.
///
/// # Cancel safety
/// Dropping the future before the first poll changes nothing. If it is dropped later, before it is ready, the
/// registration is withdrawn. The previous holder may already have lost the name to a `re_register`.
///
/// ```
/// use ambit::prelude::*;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let counter = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// let registration = node.names().register("visits", &counter).only_name();
/// assert_eq!(node.names().whereis::<u8>("visits"), None);
/// registration.await?;
/// assert_eq!(node.names().whereis::<u8>("visits"), Some(counter));
/// # Ok(())
/// # }
/// ```
#[must_use = "a registration does nothing until it is awaited"]
pub struct RegisterName<K: NameKey> {
    pub(super) directory: Arc<Directory<K>>,
    pub(super) claim: Result<NewClaim, RegisterNameError>,
}

impl<K: NameKey> RegisterName<K> {
    /// Sets the priority of the registration; 0 by default. In a conflict after a partition, the process with the
    /// higher priority ranks first, regardless of age. A `re_register` of a held name inherits the age of the
    /// registration that it replaces, and has the higher of the two priorities.
    pub fn priority(mut self, priority: i32) -> Self {
        if let Ok(claim) = &mut self.claim {
            claim.priority = priority;
        }
        self
    }

    /// Makes the registration fail with `AlreadyNamed` if the process has another name in the same table: in the
    /// [`Names`](crate::Names) of the cluster, or in the same [`ClusterRegistry`](crate::ClusterRegistry). By default a
    /// process may have any number of names. (Erlang: the setting `global_multi_name_action`.)
    pub fn only_name(mut self) -> Self {
        if let Ok(claim) = &mut self.claim {
            claim.only_name = true;
        }
        self
    }

    async fn run(self) -> Result<(), RegisterNameError> {
        let new = self.claim?;
        let id = self.directory.claim(&new).await?;
        let pending = PendingClaim::new(self.directory, new.key, id);
        pending.hold(new.process.as_ref()).await
    }
}

impl<K: NameKey> IntoFuture for RegisterName<K> {
    type Output = Result<(), RegisterNameError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<K: NameKey> fmt::Debug for RegisterName<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegisterName").finish_non_exhaustive()
    }
}

/// A claim that other members may not know yet. Its drop withdraws it, unless it is a veto.
pub(super) struct PendingClaim<K: NameKey> {
    pub(super) directory: Arc<Directory<K>>,
    pub(super) key: Key,
    pub(super) id: EntryId,
    is_done: bool,
}

impl<K: NameKey> PendingClaim<K> {
    pub(super) fn new(directory: Arc<Directory<K>>, key: Key, id: EntryId) -> Self {
        Self {
            directory,
            key,
            id,
            is_done: false,
        }
    }

    /// Waits until all connected members know the claim of this process, and keeps it if it still ranks first.
    pub(super) async fn hold(mut self, process: Option<&Process>) -> Result<(), RegisterNameError> {
        let has_ended = || process.is_some_and(|process| !process.is_alive());
        match self.acknowledged().await {
            // The end of the process withdraws its claims too.
            Err(RegisterNameError::Withdrawn) if has_ended() => Err(RegisterNameError::NoProcess),
            Err(error) => Err(error),
            Ok(()) => {
                self.is_done = true;
                Ok(())
            }
        }
    }

    /// Waits until all connected members know the claim, and checks that it still ranks first.
    pub(super) async fn acknowledged(&self) -> Result<(), RegisterNameError> {
        let Self {
            directory, key, id, ..
        } = self;
        let acknowledged = directory.replication.acknowledged().await;
        acknowledged.map_err(|_| RegisterNameError::Left)?;
        let first = || directory.ranks_first(key, *id);
        match directory.own.hold(*id, first) {
            Some(true) => Ok(()),
            Some(false) => Err(directory.taken(key)),
            None => Err(RegisterNameError::Withdrawn),
        }
    }
}

impl<K: NameKey> Drop for PendingClaim<K> {
    fn drop(&mut self) {
        if !self.is_done {
            self.directory.withdraw_unless_vetoed(self.id);
        }
    }
}
