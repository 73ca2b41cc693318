//! One child per partition, and a mapping of keys to partitions.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::num::NonZero;
use std::ops::Deref;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

use crate::error::{ChildError, StartError};
use crate::handle::child_ref::{ChildKind, ChildRef};
use crate::handle::subject::Subject;
use crate::handle::target::Target;
use crate::process::resolved::Resolved;
use crate::server::start::Start;
use crate::server::startable::{Launch, Settings, Startable};
use crate::supervisor::admin::{Admin, AdminRequest, Request, change};
use crate::supervisor::builder::launch_checked;
use crate::supervisor::child_factory::ChildFactory;
use crate::supervisor::child_of::{child_of, partitions_of};
use crate::supervisor::core::{Flags, Key};
use crate::supervisor::handle::{Supervisor, follow};
use crate::supervisor::partition_key::partition;
use crate::supervisor::shell::Plan;
use crate::supervisor::spec::ChildSpec;

/// The maximum number of partitions.
const MAX_PARTITIONS: usize = 1 << 20;

/// A supervisor of identical children, one per partition, with the ids `0`, `1` and so on. Each key is mapped to one
/// partition. (Elixir: `PartitionSupervisor`.)
///
/// ```
/// use ambit::prelude::*;
/// use ambit::supervisor::PartitionSupervisor;
/// struct Shard(usize);
/// #[gen_server]
/// impl Shard {
///     #[init] fn init(index: usize) -> Self { Self(index) }
///     #[call] fn index(&self) -> usize { self.0 }
/// }
/// #[ambit::main]
/// async fn main() {
///     let shards = PartitionSupervisor::<Shard>::builder(Shard::child_spec).partitions(4).start().await.unwrap();
///     assert_eq!(shards.route(&6).index().await, Ok(2));
///     assert_eq!(shards.route("ada"), shards.route("ada"));
/// }
/// ```
pub struct PartitionSupervisor<C> {
    supervisor: Supervisor,
    child: PhantomData<fn() -> C>,
}

impl<C: Startable> PartitionSupervisor<C> {
    /// Returns a builder. `spec` creates the child spec of each partition from the partition's index, which also
    /// replaces the id of the spec. Default: one partition per available CPU, see
    /// [`available_parallelism`](std::thread::available_parallelism).
    pub fn builder(
        spec: impl Fn(usize) -> ChildSpec<C> + Send + Sync + 'static,
    ) -> PartitionSupervisorBuilder<C> {
        PartitionSupervisorBuilder {
            spec: Arc::new(spec),
            partitions: std::thread::available_parallelism().map_or(1, NonZero::get),
            flags: Flags::default(),
        }
    }

    /// Returns a handle that follows a local name: each use resolves the name anew. While no supervisor is registered
    /// under the name, requests return `NoProcess`, and [`len`](Self::len) returns 0.
    pub fn named(name: &str) -> Self {
        Supervisor::named(name).into()
    }

    /// Returns a handle to the child of the partition that `key` maps to. The handle follows that child through its
    /// restarts; after a [`resize`](Self::resize), route the key again. An integer of up to 64 bits is mapped by its
    /// absolute value modulo the number of partitions, any other key by a stable hash. If there is no supervisor, or no
    /// partition is in use, calls through the handle return `NoProcess`.
    pub fn route<K: Hash + ?Sized>(&self, key: &K) -> C::Handle {
        let found = partitions_of(&self.supervisor.subject);
        let slot =
            found
                .filter(|(_, partitions)| *partitions > 0)
                .and_then(|(slots, partitions)| {
                    let index = partition(key, partitions);
                    slots.by_key(Key(index))
                });
        let child = match slot {
            Some(slot) => child_of(&self.supervisor.subject, slot.id().clone()),
            None => child_of(&self.supervisor.subject, "no partition"),
        };
        C::__follow(child)
    }

    /// Returns the number of partitions in use; 0 if there is no such supervisor.
    #[must_use]
    pub fn len(&self) -> usize {
        partitions_of(&self.supervisor.subject).map_or(0, |(_, partitions)| partitions)
    }

    /// Returns true if no partition is in use.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sets the number of partitions in use, from 0 to the initial number. The supervisor stops the partitions beyond
    /// `partitions`, last first, or starts unused ones again, one after the other. Concurrent resizes are executed one
    /// after the other, in FIFO order.
    ///
    /// Calls through a handle to an unused partition return `NoProcess`; with `when_available()`, they wait until the
    /// partition is in use again.
    ///
    /// # Errors
    /// - `BadSpec` if `partitions` is more than the initial number. The partitions in use are unchanged.
    /// - `Start` if the child of a partition fails to start; the partitions before it are in use.
    /// - `Stuck` if the child of a partition does not end.
    /// - `NotFound` if the child of a partition was deleted, or was temporary and has ended.
    /// - `NoProcess` if there is no such supervisor, or it ended before it replied; the request may have been executed.
    /// - `Timeout` if the timeout of the request has passed; the request may still be executed.
    /// - `CallsItself` if the supervisor is waiting for the calling process; the partitions in use are unchanged.
    ///
    /// If a resize fails halfway, the next resize completes or corrects it.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll sends nothing. Dropping it while the request waits for capacity in the
    /// supervisor's mailbox withdraws the request, and so does a timeout that passes during that wait. Dropping it
    /// later has no effect on the supervisor, which still executes the resize.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::supervisor::PartitionSupervisor;
    /// struct Shard(usize);
    /// #[gen_server]
    /// impl Shard {
    ///     #[init] fn init(index: usize) -> Self { Self(index) }
    ///     #[call] fn index(&self) -> usize { self.0 }
    /// }
    /// #[ambit::main]
    /// async fn main() {
    ///     let shards = PartitionSupervisor::<Shard>::builder(Shard::child_spec).partitions(4).start().await.unwrap();
    ///     shards.resize(2).await.unwrap();
    ///     assert_eq!(shards.route(&3).index().await, Ok(1));
    /// }
    /// ```
    pub fn resize(&self, partitions: usize) -> AdminRequest<Result<(), ChildError>> {
        let request = move |port| Request::Resize(partitions, port);
        change(&self.supervisor.subject, request, |_| ())
    }
}

/// A builder for a [`PartitionSupervisor`].
///
/// ```
/// use ambit::prelude::*;
/// use ambit::supervisor::PartitionSupervisor;
/// #[ambit::main]
/// async fn main() {
///     let idle = |index: usize| ChildSpec::task(index.to_string(), || std::future::pending::<()>());
///     let builder = PartitionSupervisor::builder(idle).partitions(2);
///     let partitions = builder.start().await.unwrap();
///     assert_eq!(partitions.len(), 2);
///     assert_ne!(partitions.route(&0).pid(), partitions.route(&1).pid());
/// }
/// ```
#[must_use = "a builder starts nothing by itself"]
pub struct PartitionSupervisorBuilder<C: Startable> {
    spec: Arc<dyn Fn(usize) -> ChildSpec<C> + Send + Sync>,
    partitions: usize,
    flags: Flags,
}

impl<C: Startable> Clone for PartitionSupervisorBuilder<C> {
    fn clone(&self) -> Self {
        Self {
            spec: self.spec.clone(),
            partitions: self.partitions,
            flags: self.flags,
        }
    }
}

impl<C: Startable> PartitionSupervisorBuilder<C> {
    /// Sets the number of partitions; with 0, the start fails with `BadSpec`. Default: one per available CPU.
    pub fn partitions(mut self, partitions: usize) -> Self {
        self.partitions = partitions;
        self
    }

    /// Sets the restart limit: up to `restarts` restarts of all partitions together within a sliding window of length
    /// `within`. If it is exceeded, the supervisor stops all partitions and exits with `ShutdownWith`. Default: 3
    /// restarts in 5 s.
    pub fn restarts(mut self, restarts: u32, within: Duration) -> Self {
        (self.flags.restarts, self.flags.within) = (restarts, within);
        self
    }

    /// Starts the supervisor and the children of all partitions.
    ///
    /// # Errors
    /// - `BadSpec` if the number of partitions is 0.
    /// - The errors of [`SupervisorBuilder::start`](crate::supervisor::SupervisorBuilder::start).
    pub fn start(self) -> Start<PartitionSupervisor<C>> {
        Start::new(self)
    }

    /// Returns a child spec that starts this supervisor.
    pub fn child_spec(self) -> ChildSpec<PartitionSupervisor<C>> {
        ChildSpec::from_fn(move || self.clone().start())
    }
}

impl<C: Startable> fmt::Debug for PartitionSupervisorBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartitionSupervisorBuilder")
            .field("partitions", &self.partitions)
            .finish_non_exhaustive()
    }
}

impl<C: Startable> Startable for PartitionSupervisor<C> {
    type Handle = Self;
    type Args = PartitionSupervisorBuilder<C>;

    const __KIND: ChildKind = ChildKind::Supervisor;
    const __OPEN: bool = true;

    fn __launch(
        args: PartitionSupervisorBuilder<C>,
        settings: Settings<Self>,
        _: Option<&mut Context<'_>>,
    ) -> Launch<Self> {
        if args.partitions == 0 {
            let text =
                "a partitioned supervisor needs at least one partition: `.partitions(n)`".into();
            return Launch::Done(Err(StartError::BadSpec(text)));
        }
        if args.partitions > MAX_PARTITIONS {
            let text = format!(
                "a partitioned supervisor has at most {MAX_PARTITIONS} partitions, not {}: `.partitions(n)`",
                args.partitions
            );
            return Launch::Done(Err(StartError::BadSpec(text)));
        }
        let children = (0..args.partitions).map(|index| -> Box<dyn ChildFactory> {
            Box::new((args.spec)(index).id(index.to_string()))
        });
        let plan = Plan {
            flags: args.flags,
            dynamic: None,
            children: children.collect(),
        };
        launch_checked(settings, || "PartitionSupervisor", plan, Self::from)
    }

    fn __follow(child: ChildRef) -> Self {
        follow(child).into()
    }
}

impl<C> From<Supervisor> for PartitionSupervisor<C> {
    fn from(supervisor: Supervisor) -> Self {
        Self {
            supervisor,
            child: PhantomData,
        }
    }
}

impl<C> From<Subject<Admin>> for PartitionSupervisor<C> {
    fn from(subject: Subject<Admin>) -> Self {
        Supervisor::from(subject).into()
    }
}

impl<C> Deref for PartitionSupervisor<C> {
    type Target = Supervisor;

    fn deref(&self) -> &Supervisor {
        &self.supervisor
    }
}

impl<C> Target for PartitionSupervisor<C> {
    fn __resolve(&self) -> Resolved {
        self.supervisor.__resolve()
    }
}

impl<C> Clone for PartitionSupervisor<C> {
    fn clone(&self) -> Self {
        self.supervisor.clone().into()
    }
}

impl<C> PartialEq for PartitionSupervisor<C> {
    fn eq(&self, other: &Self) -> bool {
        self.supervisor == other.supervisor
    }
}

impl<C> Eq for PartitionSupervisor<C> {}

impl<C> Hash for PartitionSupervisor<C> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.supervisor.hash(state);
    }
}

impl<C> fmt::Debug for PartitionSupervisor<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.supervisor.fmt(f)
    }
}
