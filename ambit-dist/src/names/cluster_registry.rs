//! A typed registry of the whole cluster.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use ambit::message::{Remote, Wire};
use ambit::opaque_arc::OpaqueArc;
use ambit::registry::Resolve;
use ambit::server::{Recipient, Subject};

use crate::names::claim;
use crate::names::conflict::ConflictPolicy;
use crate::names::directory::Directory;
use crate::names::error::UpdateValueError;
use crate::names::event::NameEvent;
use crate::names::key::{self, Key, NameKey};
use crate::names::lookup::LookupName;
use crate::names::register::RegisterName;
use crate::names::reservation::RegistryReservation;
use crate::names::reserve::ReserveName;
use crate::node::Node;
use crate::node::id::NodeId;
use crate::node::subscribers::{Events, NodeSubscription};
use crate::replication::shape_tag::shape_tag;
use crate::transport::BoxFuture;

/// How often an update of a value is tried.
const ATTEMPTS: usize = 16;

/// A registry of the whole cluster: each key belongs to at most one process, on any node. All processes implement the
/// protocol `P`, and each entry has a value of type `V`, which all nodes can read.
///
/// It is the counterpart of [`ambit::registry::Registry`] for several nodes. A registration waits for the
/// acknowledgement of the connected members; a look-up reads a local copy. During a partition, each side sees only the
/// processes that it can reach, so both sides may register the same key. After the partition, the process with the
/// higher [priority](RegisterName::priority) ranks first; if the priorities are equal, the process with the older
/// registration does. The [`ConflictPolicy`] decides which of them keeps the key; by default, the second one loses it
/// and receives an exit signal. (Erlang: `global`; Elixir: `Horde.Registry`.)
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
    value_tag: u32,
    protocol: PhantomData<fn() -> Box<P>>,
    value: PhantomData<fn(V) -> V>,
}

impl<K: NameKey, P: Remote + ?Sized, V: Wire + Clone + Send + Sync + 'static>
    ClusterRegistry<K, P, V>
{
    /// Opens the registry with this name on a node. All nodes that open it see the same entries. Use the same key,
    /// protocol and value types on all nodes; protocol and values may be of any compatible version. With another key
    /// type, or another definition of it, this is another registry. Entries with another protocol have no process here,
    /// and those with another value type have no value. The definitions of values are not compared: change their types
    /// only as the rules of contracts allow.
    #[must_use]
    pub fn open(node: &Node, name: &str) -> Self {
        let shared = node.shared();
        let (replication, runtime) = (&shared.replication, &shared.runtime);
        let table = key::table::<K>(name);
        let directory = shared.names.open(replication, runtime, table);
        Self {
            directory: OpaqueArc::new(directory),
            value_tag: shape_tag::<V>(),
            protocol: PhantomData,
            value: PhantomData,
        }
    }

    /// Registers a process of this node under a key, with a value. The registration starts when the result is awaited,
    /// and ends with the process. It fails with `Taken` if the key is already held, even by the same process; see
    /// [`RegisterName`] for the errors. (Erlang: `global:register_name/2`.)
    #[allow(
        clippy::needless_pass_by_value,
        reason = "as in `Registry`; a key is often a literal"
    )]
    pub fn register(&self, key: K, subject: &impl AsRef<Subject<P>>, value: V) -> RegisterName<K> {
        self.directory
            .arc()
            .registration(&key, subject.as_ref(), (self.value_tag, &value), false)
    }

    /// Like [`register`](Self::register), but takes the key from the process that holds it, on any node. That process
    /// keeps running. (Erlang: `global:re_register_name/2`.)
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
            .registration(&key, subject.as_ref(), (self.value_tag, &value), true)
    }

    /// Reserves a key for a process that is not running yet. The reservation starts when the result is awaited; see
    /// [`ReserveName`] for the errors, and [`RegistryReservation`].
    #[allow(
        clippy::needless_pass_by_value,
        reason = "as in `register`; a key is often a literal"
    )]
    pub fn reserve(&self, key: K) -> ReserveName<K, RegistryReservation<K, P, V>> {
        ReserveName::new(self.directory.arc(), &key)
    }

    /// Removes this node's registration of a key, and returns true. The process keeps running. Returns false if no
    /// process of this node holds the key. Other nodes see the change a few milliseconds later. A registration that
    /// still waits for acknowledgements fails with [`Withdrawn`](crate::RegisterNameError::Withdrawn). A
    /// [`RegistryReservation`] is not removed; drop it instead.
    #[allow(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn unregister(&self, key: &K) -> bool {
        self.directory.unregister(key)
    }

    /// Like [`unregister`](Self::unregister), but only if `subject` is the process that holds the key: a registration of
    /// another process of this node remains.
    ///
    /// ```
    /// # use ambit::prelude::*;
    /// # use ambit_dist::{ClusterRegistry, Node, transport::Memory};
    /// # async fn idle(_: Inbox<u8>) { std::future::pending().await }
    /// # #[ambit::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let node = Node::builder("a").transport(Memory::new().bind("10.0.0.1:9000".parse()?)?).start().await?;
    /// let (first, second) = (ambit::spawn(idle), ambit::spawn(idle));
    /// let rooms = ClusterRegistry::<u64, u8>::open(&node, "rooms");
    /// rooms.register(1, &second, ()).await?;
    /// assert!(!rooms.unregister_subject(&1, &first));
    /// assert_eq!(rooms.lookup(&1).as_ref(), Some(&second));
    /// assert!(rooms.unregister_subject(&1, &second));
    /// # Ok(())
    /// # }
    /// ```
    #[allow(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn unregister_subject(&self, key: &K, subject: &impl AsRef<Subject<P>>) -> bool {
        let pid = subject.as_ref().pid();
        self.directory.unregister_process(key, pid)
    }

    /// Returns a handle to the process that holds a key, or `None` if this node sees no such process or its protocol is
    /// not `P`. Reads a local copy and sends no message.
    #[must_use]
    pub fn lookup(&self, key: &K) -> Option<P::Subject> {
        self.find(key).map(Into::into)
    }

    fn find(&self, key: &K) -> Option<Subject<P>> {
        let key = key::bytes(key).ok()?;
        self.directory.subject(&key).ok()
    }

    /// Waits until a process holds a key, for up to 5 s by default, and returns its handle. See [`LookupName`] for the
    /// errors.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "as in `Registry`; a key is often a literal"
    )]
    pub fn wait_for(&self, key: K) -> LookupName<K, P> {
        LookupName::new(self.directory.arc(), key::encode(&key).ok())
    }

    /// Returns a handle that looks up the key at each send, so it follows a process that is restarted or started on
    /// another node.
    pub fn via(&self, key: impl Into<K>) -> P::Subject {
        Subject::via(self, key)
    }

    /// Returns the value of a key, or `None` if no process holds it or its value is not a `V`. Reads a local copy: a
    /// change on another node becomes visible a few milliseconds later.
    #[must_use]
    pub fn value(&self, key: &K) -> Option<V> {
        let holder = self.directory.holder(&key::bytes(key).ok()?)?;
        let (_, value) = self.directory.entry::<P, V>(&holder, self.value_tag)?;
        Some(value)
    }

    /// Replaces the value of a key that a process of this node holds with the result of `change`, and returns the new
    /// value. `change` may run up to 16 times if several tasks update the same value at the same time. Other nodes see
    /// the new value a few milliseconds later.
    ///
    /// # Errors
    /// Fails with an [`UpdateValueError`]; the value is unchanged.
    /// - `NotFound` if no process of this node holds the key, or its value is not a `V`.
    /// - `Conflict` if other tasks updated the value or moved the key at the same time, 16 times in a row.
    /// - `Left` if this node has left the cluster.
    /// - `Unsendable` if the key or the new value cannot be sent to other nodes.
    /// - `Limit` if a limit on replicated entries is reached.
    pub fn update_value(&self, key: &K, change: impl Fn(&V) -> V) -> Result<V, UpdateValueError> {
        let key = key::encode(key)?;
        if self.directory.replication.has_ended() {
            return Err(UpdateValueError::Left);
        }
        for _ in 0..ATTEMPTS {
            if let Some(value) = self.try_update(&key, &change)? {
                return Ok(value);
            }
        }
        Err(UpdateValueError::Conflict)
    }

    /// Returns `None` if the claim was changed in the meantime.
    fn try_update(
        &self,
        key: &Key,
        change: impl Fn(&V) -> V,
    ) -> Result<Option<V>, UpdateValueError> {
        let directory = &self.directory;
        let holder = directory.own_holder(key);
        let holder = holder.ok_or(UpdateValueError::NotFound)?;
        let entry = directory.entry::<P, V>(&holder, self.value_tag);
        let (subject, value) = entry.ok_or(UpdateValueError::NotFound)?;
        let value = change(&value);
        let payload = directory.payload(&subject, self.value_tag, &value)?;
        let body = claim::body(&holder.header, &payload);
        let is_unchanged = || {
            let now = directory.own_holder(key);
            now.is_some_and(|now| Arc::ptr_eq(&now, &holder))
        };
        let updated = directory
            .replication
            .update_if(holder.id, body, is_unchanged);
        let updated = updated.map_err(|error| UpdateValueError::Limit {
            text: error.to_string(),
        })?;
        Ok(updated.then_some(value))
    }

    /// Returns the node of the process that holds a key, or `None` if no process holds it.
    #[must_use]
    pub fn node_of(&self, key: &K) -> Option<NodeId> {
        self.directory.node_of(key)
    }

    /// Returns all keys that are held by a process, sorted by their encoded form.
    #[must_use]
    pub fn keys(&self) -> Vec<K> {
        self.directory.held()
    }

    /// Sets the policy for the conflicts that this node resolves, those in which its process ranks second;
    /// [`ConflictPolicy::EndSecond`] by default. It applies to all handles of this registry on this node.
    pub fn set_conflict_policy(&self, policy: ConflictPolicy<K>) {
        self.directory.set_policy(policy);
    }

    /// Returns a stream with an event for each key that gets or loses its process from now on. The stream may also
    /// report registrations immediately before the call.
    pub fn events(&self) -> Events<NameEvent<K>> {
        self.directory.subscribers.listen()
    }

    /// Sends `process` a message for each key that gets or loses its process, until `process` ends, this node leaves,
    /// or the subscription is [cancelled](NodeSubscription::cancel).
    ///
    /// # Panics
    /// Panics if called outside a tokio runtime.
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
            value_tag: self.value_tag,
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
