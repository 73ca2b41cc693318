//! One child per partition, and keys that find theirs.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::num::NonZero;
use std::ops::Deref;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

use crate::error::{ChildError, StartError};
use crate::handle::child::{ChildKind, ChildRef};
use crate::handle::subject::Subject;
use crate::handle::target::Target;
use crate::process::resolved::Resolved;
use crate::server::start::{Launch, Settings, Start, Startable};
use crate::supervisor::admin::{Admin, Ask, Request, change};
use crate::supervisor::builder::launch_checked;
use crate::supervisor::core::{Flags, Key};
use crate::supervisor::handle::{Supervisor, follow};
use crate::supervisor::partition_key::partition;
use crate::supervisor::recipe::Recipe;
use crate::supervisor::shell::Plan;
use crate::supervisor::slot::{child_of, partitions_of};
use crate::supervisor::spec::ChildSpec;

/// A supervisor of equal children, called `0`, `1` and so on, one per partition; each key belongs to one of them.
/// (Elixir: `PartitionSupervisor`.)
///
/// ```
/// use ambit::prelude::*;
/// use ambit::Partitioned;
/// struct Shard(usize);
/// #[gen_server]
/// impl Shard {
///     #[init] fn init(index: usize) -> Self { Self(index) }
///     #[call] fn index(&self) -> usize { self.0 }
/// }
/// #[ambit::main]
/// async fn main() {
///     let shards = Partitioned::<Shard>::builder(Shard::child_spec).partitions(4).start().await.unwrap();
///     assert_eq!(shards.route(&6).index().await, Ok(2));
///     assert_eq!(shards.route("ada"), shards.route("ada"));
/// }
/// ```
pub struct Partitioned<C> {
    supervisor: Supervisor,
    child: PhantomData<fn() -> C>,
}

impl<C: Startable> Partitioned<C> {
    /// `spec` makes the spec of each partition, told its index. As many as there are cores by default.
    pub fn builder(
        spec: impl Fn(usize) -> ChildSpec<C> + Send + Sync + 'static,
    ) -> PartitionedBuilder<C> {
        PartitionedBuilder {
            spec: Arc::new(spec),
            partitions: std::thread::available_parallelism().map_or(1, NonZero::get),
            flags: Flags::default(),
        }
    }

    /// Whoever holds this local name, at each use.
    pub fn named(name: &str) -> Self {
        Supervisor::named(name).into()
    }

    /// The child of the partition that `key` belongs to; the handle follows it through its restarts. An integer
    /// of at most 64 bits belongs to the remainder of its absolute value, anything else to that of a hash which never changes. Without a
    /// supervisor, or with no partition in use, it is the handle of nobody: calls answer `NoProcess`.
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

    /// How many partitions are in use; none if the supervisor has ended.
    #[must_use]
    pub fn len(&self) -> usize {
        partitions_of(&self.supervisor.subject).map_or(0, |(_, partitions)| partitions)
    }

    /// Whether no partition is in use.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Uses only the first `partitions` of those it was started with: the supervisor stops the others, last first, or
    /// starts them again, one after the other. Several calls at once are done one after the other, in the order in
    /// which they came.
    ///
    /// The handle of a partition that is not in use answers `NoProcess`, or waits with `patiently()`.
    ///
    /// # Errors
    /// `BadSpec` for more than it was started with; `Start` if one does not start: those before it are in use;
    /// `Stuck` if one does not end; `NotFound` if one was deleted; `Timeout` if a time was set; `NoProcess`. The next
    /// resize makes up for one that failed.
    ///
    /// # Cancel safety
    /// Dropped before the first poll, nothing is asked; dropped or timed out later, the resize is done all the same.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::Partitioned;
    /// struct Shard(usize);
    /// #[gen_server]
    /// impl Shard {
    ///     #[init] fn init(index: usize) -> Self { Self(index) }
    ///     #[call] fn index(&self) -> usize { self.0 }
    /// }
    /// #[ambit::main]
    /// async fn main() {
    ///     let shards = Partitioned::<Shard>::builder(Shard::child_spec).partitions(4).start().await.unwrap();
    ///     shards.resize(2).await.unwrap();
    ///     assert_eq!(shards.route(&3).index().await, Ok(1));
    /// }
    /// ```
    pub fn resize(&self, partitions: usize) -> Ask<Result<(), ChildError>> {
        let request = move |port| Request::Resize(partitions, port);
        change(&self.supervisor.subject, request, |_| ())
    }
}

/// Makes a [`Partitioned`] supervisor.
#[must_use = "a builder starts nothing by itself"]
pub struct PartitionedBuilder<C: Startable> {
    spec: Arc<dyn Fn(usize) -> ChildSpec<C> + Send + Sync>,
    partitions: usize,
    flags: Flags,
}

impl<C: Startable> Clone for PartitionedBuilder<C> {
    fn clone(&self) -> Self {
        Self {
            spec: self.spec.clone(),
            partitions: self.partitions,
            flags: self.flags,
        }
    }
}

impl<C: Startable> PartitionedBuilder<C> {
    /// How many; at least one.
    pub fn partitions(mut self, partitions: usize) -> Self {
        self.partitions = partitions;
        self
    }

    /// At most `restarts` of all partitions together within any `within`, then it gives up.
    pub fn restarts(mut self, restarts: u32, within: Duration) -> Self {
        (self.flags.restarts, self.flags.within) = (restarts, within);
        self
    }

    /// Starts it and all partitions.
    ///
    /// # Errors
    /// `BadSpec` for no partition; those of [`Supervisor`].
    pub fn start(self) -> Start<Partitioned<C>> {
        Start::new(self)
    }

    /// The spec of such a supervisor, as a child.
    pub fn child_spec(self) -> ChildSpec<Partitioned<C>> {
        ChildSpec::from_fn(move || self.clone().start())
    }
}

impl<C: Startable> fmt::Debug for PartitionedBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartitionedBuilder")
            .field("partitions", &self.partitions)
            .finish_non_exhaustive()
    }
}

impl<C: Startable> Startable for Partitioned<C> {
    type Handle = Self;
    type Args = PartitionedBuilder<C>;

    const __KIND: ChildKind = ChildKind::Supervisor;
    const __OPEN: bool = true;

    fn __launch(
        args: PartitionedBuilder<C>,
        settings: Settings<Self>,
        _: Option<&mut Context<'_>>,
    ) -> Launch<Self> {
        if args.partitions == 0 {
            let text =
                "a partitioned supervisor needs at least one partition: `.partitions(n)`".into();
            return Launch::Done(Err(StartError::BadSpec(text)));
        }
        let children = (0..args.partitions)
            .map(|index| -> Box<dyn Recipe> { Box::new((args.spec)(index).id(index.to_string())) });
        let plan = Plan {
            flags: args.flags,
            dynamic: None,
            children: children.collect(),
        };
        launch_checked(settings, || "Partitioned", plan, Self::from)
    }

    fn __follow(child: ChildRef) -> Self {
        follow(child).into()
    }
}

impl<C> From<Supervisor> for Partitioned<C> {
    fn from(supervisor: Supervisor) -> Self {
        Self {
            supervisor,
            child: PhantomData,
        }
    }
}

impl<C> From<Subject<Admin>> for Partitioned<C> {
    fn from(subject: Subject<Admin>) -> Self {
        Supervisor::from(subject).into()
    }
}

impl<C> Deref for Partitioned<C> {
    type Target = Supervisor;

    fn deref(&self) -> &Supervisor {
        &self.supervisor
    }
}

impl<C> Target for Partitioned<C> {
    fn __resolve(&self) -> Resolved {
        self.supervisor.__resolve()
    }
}

impl<C> Clone for Partitioned<C> {
    fn clone(&self) -> Self {
        self.supervisor.clone().into()
    }
}

impl<C> PartialEq for Partitioned<C> {
    fn eq(&self, other: &Self) -> bool {
        self.supervisor == other.supervisor
    }
}

impl<C> Eq for Partitioned<C> {}

impl<C> Hash for Partitioned<C> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.supervisor.hash(state);
    }
}

impl<C> fmt::Debug for Partitioned<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.supervisor.fmt(f)
    }
}
