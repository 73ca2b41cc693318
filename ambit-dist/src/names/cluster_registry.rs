//! A typed registry of the whole cluster.

use std::fmt;
use std::marker::PhantomData;

use ambit::message::{Remote, Wire};
use ambit::opaque_arc::OpaqueArc;
use ambit::registry::Resolve;
use ambit::server::{Recipient, Subject};

use crate::names::claim;
use crate::names::conflict::ConflictPolicy;
use crate::names::directory::Directory;
use crate::names::error::{RegisterNameError, UpdateValueError};
use crate::names::event::NameEvent;
use crate::names::key::{self, NameKey};
use crate::names::lookup::LookupName;
use crate::names::register::RegisterName;
use crate::names::reservation::Reservation;
use crate::node::Node;
use crate::node::id::NodeId;
use crate::node::subscribers::{Events, NodeSubscription};
use crate::transport::BoxFuture;

/// A registry of the whole cluster: each key belongs to at most one process, whichever node it runs on. All processes
/// implement the protocol `P`, and each entry has a value `V`, which other nodes can read.
///
/// It is the counterpart of [`ambit::registry::Registry`] for several nodes. A registration waits for the connected
/// members; a look-up reads a local copy. During a partition, each side sees only the processes that it can reach, so
/// both sides may register the same key. After the partition, the process with the higher
/// [priority](RegisterName::priority) or else with the older claim keeps the key, and the [`ConflictPolicy`] decides
/// on the other one. (Erlang: `global`; Elixir: `Horde.Registry`.)
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::transport::Memory;
/// use ambit_dist::{ClusterRegistry, Node};
///
/// struct Cart { items: u32 }
/// #[gen_server(remote = "shop.cart")]
/// impl Cart {
///     #[call] fn add(&mut self, items: u32) -> u32 { self.items += items; self.items }
/// }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// # b.connect(a.local_addr()).await?;
/// let cart = Cart { items: 0 }.start().await?;
/// let carts = ClusterRegistry::<u64, Cart, String>::open(&a, "carts");
/// carts.register(17, &cart, "of Ada".to_owned()).await?;
///
/// // On another node:
/// let carts = ClusterRegistry::<u64, Cart, String>::open(&b, "carts");
/// let cart = carts.wait_for(17).await?;
/// assert_eq!(cart.add(2).await?, 2);
/// assert_eq!(carts.value(&17).as_deref(), Some("of Ada"));
/// # Ok(())
/// # }
/// ```
pub struct ClusterRegistry<K: NameKey, P: Remote + ?Sized, V = ()> {
    directory: OpaqueArc<Directory<K>>,
    protocol: PhantomData<fn() -> Box<P>>,
    value: PhantomData<fn(V) -> V>,
}

impl<K: NameKey, P: Remote + ?Sized, V: Wire + Clone + Send + Sync + 'static>
    ClusterRegistry<K, P, V>
{
    /// Returns the registry of this name. All nodes that open it see the same entries. Use the same types of keys,
    /// protocol and values everywhere: entries of other types are not visible.
    #[must_use]
    pub fn open(node: &Node, name: &str) -> Self {
        let shared = node.shared();
        let (replication, runtime) = (&shared.replication, &shared.runtime);
        let table = format!("registry/{name}");
        let directory = shared.names.open(replication, runtime, table);
        Self {
            directory: OpaqueArc::new(directory),
            protocol: PhantomData,
            value: PhantomData,
        }
    }

    /// Registers a process of this node under a key. The registration ends with the process. It fails if the key is
    /// already held, even by the same process. (Erlang: `global:register_name/2`.)
    #[allow(
        clippy::needless_pass_by_value,
        reason = "as in `Registry`; a key is often a literal"
    )]
    pub fn register(&self, key: K, subject: &impl AsRef<Subject<P>>, value: V) -> RegisterName<K> {
        self.directory
            .arc()
            .registration(&key, subject.as_ref(), &value, false)
    }

    /// Registers a process of this node under a key, and takes the key from a process that holds it, on any node. That
    /// process keeps running. (Erlang: `global:re_register_name/2`.)
    #[allow(
        clippy::needless_pass_by_value,
        reason = "as in `Registry`; a key is often a literal"
    )]
    pub fn re_register(
        &self,
        key: K,
        subject: &impl AsRef<Subject<P>>,
        value: V,
    ) -> RegisterName<K> {
        self.directory
            .arc()
            .registration(&key, subject.as_ref(), &value, true)
    }

    /// Reserves a key for a process that does not run yet, and waits until every connected member has acknowledged the
    /// reservation. See [`Reservation`].
    ///
    /// # Errors
    /// No reservation is left then.
    /// - `Taken` if the key is held or reserved, or another claim at the same time came first.
    /// - `Unsendable` if the key cannot be sent to other nodes, for example because it contains a process.
    /// - `Limit` if a limit of replicated entries is reached.
    /// - `Withdrawn` if the reservation was lost to a `re_register` meanwhile.
    /// - `Left` if this node has left the cluster.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll changes nothing. If it is dropped later, the key is released.
    pub async fn reserve(&self, key: K) -> Result<Reservation<K>, RegisterNameError> {
        Reservation::reserve(self.directory.arc(), key::encode(&key)?).await
    }

    /// Removes the registration of a key by this node. The process keeps running. Returns false if no process of this
    /// node holds the key. A [`Reservation`] is not removed; drop it instead.
    #[allow(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn unregister(&self, key: &K) -> bool {
        self.directory.unregister(key)
    }

    /// Returns the process under a key, if this node knows one and its protocol is `P`. It costs no message.
    #[must_use]
    pub fn lookup(&self, key: &K) -> Option<P::Subject> {
        self.find(key).map(Into::into)
    }

    fn find(&self, key: &K) -> Option<Subject<P>> {
        let key = key::bytes(key).ok()?;
        self.directory.subject(&key).ok()
    }

    /// Waits until a process is registered under a key, for up to 5 s by default, and returns its handle.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "as in `Registry`; a key is often a literal"
    )]
    pub fn wait_for(&self, key: K) -> LookupName<K, P> {
        LookupName::new(self.directory.arc(), key::encode(&key).ok())
    }

    /// Returns a handle that looks the key up at each send. It follows restarts, and moves to other nodes.
    pub fn via(&self, key: impl Into<K>) -> P::Subject {
        Subject::via(self, key)
    }

    /// Returns the value of a key, `None` if no process holds it or its value is not a `V`. The value is as this node
    /// knows it: a change on another node arrives a moment later.
    #[must_use]
    pub fn value(&self, key: &K) -> Option<V> {
        let holder = self.directory.holder(&key::bytes(key).ok()?)?;
        let (_, value) = self.directory.entry::<P, V>(&holder)?;
        Some(value)
    }

    /// Changes the value of a key that a process of this node holds. Returns the new value. Other nodes see it a moment
    /// later.
    ///
    /// # Errors
    /// The value is unchanged then.
    /// - `NotFound` if no process of this node holds the key, or its value is not a `V`.
    /// - `Unsendable` if the key or the new value cannot be sent to other nodes.
    /// - `Limit` if a limit of replicated entries is reached.
    pub fn update_value(
        &self,
        key: &K,
        change: impl FnOnce(&V) -> V,
    ) -> Result<V, UpdateValueError> {
        let key = key::encode(key)?;
        let holder = self.directory.own_holder(&key);
        let holder = holder.ok_or(UpdateValueError::NotFound)?;
        let entry = self.directory.entry::<P, V>(&holder);
        let (subject, value) = entry.ok_or(UpdateValueError::NotFound)?;
        let value = change(&value);
        let payload = self.directory.payload(&subject, &value)?;
        let body = claim::body(&holder.header, &payload);
        let updated = self.directory.replication.update(holder.id, body);
        updated.map_err(|error| UpdateValueError::Limit {
            text: error.to_string(),
        })?;
        Ok(value)
    }

    /// Returns the node whose process holds a key, `None` if no process holds it.
    #[must_use]
    pub fn node_of(&self, key: &K) -> Option<NodeId> {
        self.directory.node_of(key)
    }

    /// Returns the keys that a process holds, sorted by their encoded form.
    #[must_use]
    pub fn keys(&self) -> Vec<K> {
        self.directory.held()
    }

    /// Sets the policy for conflicts that this node decides; [`ConflictPolicy::EndSecond`] by default. It applies to
    /// all handles of this registry on this node.
    pub fn set_conflict_policy(&self, policy: ConflictPolicy<K>) {
        self.directory.set_policy(policy);
    }

    /// Returns a stream of the keys that get and lose their process from now on. A registration just before may
    /// still be reported.
    pub fn events(&self) -> Events<NameEvent<K>> {
        self.directory.subscribers.listen()
    }

    /// Sends a process a message for each key that gets or loses its process, until the process ends or the
    /// subscription is [cancelled](NodeSubscription::cancel).
    ///
    /// # Panics
    /// Panics outside of a tokio runtime.
    pub fn subscribe(&self, process: &Recipient<NameEvent<K>>) -> NodeSubscription {
        self.directory.subscribers.subscribe(process)
    }
}

impl<K: NameKey, P: Remote + ?Sized, V: Wire + Clone + Send + Sync + 'static> Resolve<P>
    for ClusterRegistry<K, P, V>
{
    type Key = K;

    fn resolve(&self, key: &K) -> Option<Subject<P>> {
        self.find(key)
    }

    fn identity(&self) -> usize {
        std::ptr::from_ref(&*self.directory).addr()
    }

    fn __changed(&self, key: &K) -> Option<BoxFuture<'static, ()>> {
        self.directory.change_of(key)
    }
}

impl<K: NameKey, P: Remote + ?Sized, V> Clone for ClusterRegistry<K, P, V> {
    fn clone(&self) -> Self {
        Self {
            directory: self.directory.clone(),
            protocol: PhantomData,
            value: PhantomData,
        }
    }
}

impl<K: NameKey, P: Remote + ?Sized, V> fmt::Debug for ClusterRegistry<K, P, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClusterRegistry")
            .field(&self.directory.table)
            .finish()
    }
}
