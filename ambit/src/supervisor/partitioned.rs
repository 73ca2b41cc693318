//! One child per partition, and keys that find theirs.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::num::NonZero;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::error::{CallError, ChildError, StartError};
use crate::handle::child::{ChildKind, ChildRef};
use crate::handle::subject::Subject;
use crate::handle::target::Target;
use crate::process::resolved::Resolved;
use crate::rt::BoxFuture;
use crate::server::start::{Settings, Start, Startable, Started};
use crate::supervisor::admin::{Admin, Ask};
use crate::supervisor::builder::launch_checked;
use crate::supervisor::core::{Flags, Key};
use crate::supervisor::handle::{Supervisor, follow};
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
    /// belongs to the remainder of its absolute value, anything else to that of a hash which never changes. Without a
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
            Some(slot) => ChildRef(slot),
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

    /// Uses only the first `partitions` of those it was started with: the others are stopped, or started again.
    ///
    /// # Errors
    /// `BadSpec` for more than it was started with; `Start` if one does not start: those before it are in use;
    /// `NoProcess`.
    pub fn resize(&self, partitions: usize) -> Ask<Result<(), ChildError>> {
        let supervisor = self.supervisor.clone();
        Ask::new(
            move |_| Box::pin(async move { resize(&supervisor, partitions).await }),
            || Err(ChildError::BlocksRuntime),
        )
    }
}

async fn resize(supervisor: &Supervisor, wanted: usize) -> Result<(), ChildError> {
    let (slots, now) = partitions_of(&supervisor.subject).ok_or(ChildError::NoProcess)?;
    let all = supervisor.count_children().await;
    let all = all.map_err(|_: CallError| ChildError::NoProcess)?.specs;
    if wanted > all {
        return Err(ChildError::BadSpec(format!(
            "there are {all} partitions, so {wanted} cannot be used: start it with more"
        )));
    }
    let used = &slots.partitions;
    // Nothing is sent to a partition that is about to stop.
    used.store(now.min(wanted), Ordering::Release);
    for index in (wanted..now).rev() {
        supervisor.terminate_child(&index.to_string()).await?;
    }
    for index in now..wanted {
        supervisor.restart_child(&index.to_string()).await?;
        used.store(index + 1, Ordering::Release);
    }
    Ok(())
}

/// Which of `partitions` a key belongs to.
fn partition<K: Hash + ?Sized>(key: &K, partitions: usize) -> u64 {
    let mut hasher = KeyHasher::default();
    key.hash(&mut hasher);
    hasher.finish() % partitions as u64
}

/// An integer as its absolute value, anything else as FNV-1a of its bytes.
struct KeyHasher {
    hash: u64,
    integer: Option<u64>,
    writes: u32,
}

impl Default for KeyHasher {
    fn default() -> Self {
        Self {
            hash: 0xcbf2_9ce4_8422_2325,
            integer: None,
            writes: 0,
        }
    }
}

macro_rules! integers {
    ($($method:ident($integer:ty) $absolute:expr;)*) => {
        $(fn $method(&mut self, integer: $integer) {
            self.write(&integer.to_le_bytes());
            let absolute: fn($integer) -> u64 = $absolute;
            self.integer = Some(absolute(integer));
        })*
    };
}

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.writes += 1;
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    integers! {
        write_u8(u8) u64::from;
        write_u16(u16) u64::from;
        write_u32(u32) u64::from;
        write_u64(u64) |n| n;
        write_usize(usize) |n| n as u64;
        write_i8(i8) |n| u64::from(n.unsigned_abs());
        write_i16(i16) |n| u64::from(n.unsigned_abs());
        write_i32(i32) |n| u64::from(n.unsigned_abs());
        write_i64(i64) i64::unsigned_abs;
        write_isize(isize) |n| n.unsigned_abs() as u64;
    }

    fn finish(&self) -> u64 {
        match self.integer {
            Some(integer) if self.writes == 1 => integer,
            _ => self.hash,
        }
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
    pub fn restarts(mut self, restarts: u32, within: std::time::Duration) -> Self {
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

    fn __launch(
        args: PartitionedBuilder<C>,
        settings: Settings<Self>,
    ) -> BoxFuture<'static, Result<Started<Self>, StartError>> {
        if args.partitions == 0 {
            let text = "a partitioned supervisor needs at least one partition".into();
            return Box::pin(std::future::ready(Err(StartError::BadSpec(text))));
        }
        let children = (0..args.partitions)
            .map(|index| -> Box<dyn Recipe> { Box::new((args.spec)(index).id(index.to_string())) });
        let plan = Plan {
            flags: args.flags,
            dynamic: None,
            children: children.collect(),
        };
        launch_checked(settings, "Partitioned", plan, Self::from)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_go_by_their_absolute_value_and_the_rest_by_a_hash_that_stays() {
        assert_eq!(partition(&7_u64, 4), 3);
        assert_eq!(partition(&-7_i32, 4), 3);
        assert_eq!(partition(&i64::MIN, 7), i64::MIN.unsigned_abs() % 7);
        assert_eq!(partition("ada", 1000), partition(&"ada".to_owned(), 1000));
        // FNV-1a of "ada" and the 0xff with which text ends: written down, so that it never changes.
        assert_eq!(partition("ada", 1000), 332);
        assert_ne!(
            partition(&(1_u8, 2_u8), 1000),
            partition(&(2_u8, 1_u8), 1000)
        );
    }
}
