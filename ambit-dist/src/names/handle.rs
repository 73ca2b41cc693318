//! Names of the cluster for processes of any protocol.

use std::fmt;

use ambit::message::Remote;
use ambit::opaque_arc::OpaqueArc;
use ambit::registry::Resolve;
use ambit::server::{Recipient, Subject};

use crate::names::conflict::ConflictPolicy;
use crate::names::directory::Directory;
use crate::names::event::NameEvent;
use crate::names::key;
use crate::names::lookup::LookupName;
use crate::names::register::RegisterName;
use crate::names::reserve::ReserveName;
use crate::node::Node;
use crate::node::id::NodeId;
use crate::node::subscribers::{Events, NodeSubscription};
use crate::replication::shape_tag::shape_tag;
use crate::transport::BoxFuture;

/// The process names of the whole cluster, from [`Node::names`]: each name belongs to at most one process, on any node.
/// For keys of other types or for entries with values, use a [`ClusterRegistry`](crate::ClusterRegistry).
///
/// A registration waits for the acknowledgement of the connected members; a look-up reads a local copy. During a
/// partition, each side sees only the processes that it can reach, so both sides may register the same name. After the
/// partition, the process with the higher [priority](RegisterName::priority) ranks first; if the priorities are equal,
/// the process with the older registration does. The [`ConflictPolicy`] decides which of them keeps the name; by
/// default, the second one loses it and receives an exit signal. (Erlang: `global`.)
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::transport::Memory;
/// use ambit_dist::Node;
/// use std::time::Duration;
///
/// struct Counter { value: u64 }
/// #[gen_server(remote = "shop.counter")]
/// impl Counter {
///     #[call] fn add(&mut self, amount: u64) -> u64 { self.value += amount; self.value }
/// }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// # b.connect(a.local_addr()).await?;
/// let counter = Counter { value: 0 }.start().await?;
/// a.names().register("visits", &counter).await?;
///
/// // On another node: a handle to the process, or one that follows the name.
/// let visits = b.names().lookup::<Counter>("visits").timeout(Duration::from_secs(1)).await?;
/// assert_eq!(visits.add(1).await?, 1);
/// let visits = CounterSubject::via(&b.names(), "visits");
/// assert_eq!(visits.add(1).await?, 2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Names {
    directory: OpaqueArc<Directory<String>>,
}

impl Node {
    /// Returns the process names of the cluster.
    #[must_use]
    pub fn names(&self) -> Names {
        let shared = self.shared();
        let (replication, runtime) = (&shared.replication, &shared.runtime);
        Names {
            directory: shared.names.names(replication, runtime),
        }
    }
}

impl Names {
    /// Registers a process of this node under a name. The registration starts when the result is awaited, and ends with
    /// the process. It fails with `Taken` if the name is already held, even by the same process; see [`RegisterName`]
    /// for the errors. (Erlang: `global:register_name/2`.)
    pub fn register<P: Remote + ?Sized>(
        &self,
        name: impl Into<String>,
        subject: &impl AsRef<Subject<P>>,
    ) -> RegisterName<String> {
        self.directory.arc().registration(
            &name.into(),
            subject.as_ref(),
            (shape_tag::<()>(), &()),
            false,
        )
    }

    /// Like [`register`](Self::register), but takes the name from the process that holds it, on any node. That process
    /// keeps running. (Erlang: `global:re_register_name/2`.)
    pub fn re_register<P: Remote + ?Sized>(
        &self,
        name: impl Into<String>,
        subject: &impl AsRef<Subject<P>>,
    ) -> RegisterName<String> {
        self.directory.arc().registration(
            &name.into(),
            subject.as_ref(),
            (shape_tag::<()>(), &()),
            true,
        )
    }

    /// Reserves a name for a process that is not running yet. The reservation starts when the result is awaited; see
    /// [`ReserveName`] for the errors, and [`Reservation`](crate::Reservation).
    pub fn reserve(&self, name: impl Into<String>) -> ReserveName<String> {
        ReserveName::new(self.directory.arc(), &name.into())
    }

    /// Removes this node's registration of a name. The process keeps running. Returns false if no process of this node
    /// holds the name. A [`Reservation`](crate::Reservation) is not removed; drop it instead. (Erlang: `global:unregister_name/1`, which
    /// works on any node.)
    #[allow(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn unregister(&self, name: impl Into<String>) -> bool {
        self.directory.unregister(&name.into())
    }

    /// Like [`unregister`](Self::unregister), but only if `subject` is the process that holds the name: a registration of
    /// another process of this node remains.
    ///
    /// ```
    /// # use ambit::prelude::*;
    /// # use ambit_dist::{Node, transport::Memory};
    /// # async fn idle(_: Inbox<u8>) { std::future::pending().await }
    /// # #[ambit::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let node = Node::builder("a").transport(Memory::new().bind("10.0.0.1:9000".parse()?)?).start().await?;
    /// let (first, second) = (ambit::spawn(idle), ambit::spawn(idle));
    /// node.names().register("visits", &second).await?;
    /// assert!(!node.names().unregister_subject("visits", &first));
    /// assert!(node.names().unregister_subject("visits", &second));
    /// # Ok(())
    /// # }
    /// ```
    #[allow(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn unregister_subject<P: Remote + ?Sized>(
        &self,
        name: impl Into<String>,
        subject: &impl AsRef<Subject<P>>,
    ) -> bool {
        let pid = subject.as_ref().pid();
        self.directory.unregister_process(&name.into(), pid)
    }

    /// Returns a handle to the process that holds a name, or `None` if this node sees no such process or its protocol
    /// is not `P`. Reads a local copy and sends no message. (Erlang: `global:whereis_name/1`.)
    #[must_use]
    pub fn whereis<P: Remote + ?Sized>(&self, name: impl AsRef<str>) -> Option<P::Subject> {
        let key = key::text(name.as_ref()).ok()?;
        let subject = self.directory.subject::<P>(&key).ok()?;
        Some(subject.into())
    }

    /// Waits until a process holds a name, for up to 5 s by default, and returns its handle. See [`LookupName`] for the
    /// errors.
    pub fn lookup<P: Remote + ?Sized>(&self, name: impl Into<String>) -> LookupName<String, P> {
        LookupName::new(self.directory.arc(), key::encode(&name.into()).ok())
    }

    /// Returns a handle that looks up the name at each send, so it follows a process that is restarted or started on
    /// another node.
    pub fn via<P: Remote + ?Sized>(&self, name: impl Into<String>) -> P::Subject {
        Subject::<P>::via(self, name.into())
    }

    /// Returns the node of the process that holds a name, or `None` if no process holds it.
    #[must_use]
    pub fn node_of(&self, name: impl Into<String>) -> Option<NodeId> {
        self.directory.node_of(&name.into())
    }

    /// Returns all names that are held by a process, sorted. (Erlang: `global:registered_names/0`.)
    #[must_use]
    pub fn registered(&self) -> Vec<String> {
        let mut names = self.directory.held();
        names.sort();
        names
    }

    /// Sets the policy for the conflicts that this node resolves, those in which its process ranks second;
    /// [`ConflictPolicy::EndSecond`] by default. It applies to all names of this node.
    pub fn set_conflict_policy(&self, policy: ConflictPolicy<String>) {
        self.directory.set_policy(policy);
    }

    /// Returns a stream with an event for each name that gets or loses its process from now on. The stream may also
    /// report registrations immediately before the call.
    pub fn events(&self) -> Events<NameEvent<String>> {
        self.directory.subscribers.listen()
    }

    /// Sends `process` a message for each name that gets or loses its process, until `process` ends, this node leaves,
    /// or the subscription is [cancelled](NodeSubscription::cancel).
    ///
    /// # Panics
    /// Panics if called outside a tokio runtime.
    pub fn subscribe(&self, process: &Recipient<NameEvent<String>>) -> NodeSubscription {
        self.directory.subscribers.subscribe(process)
    }
}

impl<P: Remote + ?Sized> Resolve<P> for Names {
    type Key = String;

    fn resolve(&self, name: &String) -> Option<Subject<P>> {
        let key = key::text(name).ok()?;
        self.directory.subject(&key).ok()
    }

    fn identity(&self) -> usize {
        std::ptr::from_ref(&*self.directory).addr()
    }

    fn __changed(&self, name: &String) -> Option<BoxFuture<'static, ()>> {
        self.directory.change_of(name)
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").finish_non_exhaustive()
    }
}
