//! The specs of children.

use std::fmt;
use std::hash::Hash;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::error::StartError;
use crate::exit_reason::ExitReason;
use crate::failure::Failure;
use crate::handle::child_ref::ChildKind;
use crate::names::registry::Registry;
use crate::panics;
use crate::plain::create::short_name;
use crate::process::retained_mailbox::AnyRetainedMailbox;
use crate::server::gen_server::GenServer;
use crate::server::server_state::ServerKept;
use crate::server::start::Start;
use crate::server::startable::Startable;
use crate::supervisor::backoff::Backoff;
use crate::supervisor::core::Rules;
use crate::supervisor::policy::{Restart, Shutdown};

/// The default shutdown time of a worker, as in OTP.
const SHUTDOWN: Duration = Duration::from_secs(5);

/// The spec of a child: how it is started, when it is restarted, and how it is stopped. (Erlang: `child_spec()`.)
///
/// The generated `Counter::child_spec(0, 100)` returns a spec with the arguments of `#[init]`, which are cloned for
/// each start.
///
/// ```
/// use std::time::Duration;
/// use ambit::prelude::*;
/// use ambit::supervisor::{ChildSpec, Restart, Supervisor};
/// struct Counter(u64);
/// #[gen_server]
/// impl Counter { #[call] fn next(&mut self) -> u64 { self.0 += 1; self.0 } }
/// #[ambit::main]
/// async fn main() {
///     let spec = ChildSpec::from_fn(|| Counter(0).start())
///         .id("hits")
///         .restart(Restart::Transient)
///         .shutdown(Duration::from_secs(1))
///         .name("hits");
///     let _supervisor = Supervisor::builder().child(spec).start().await.unwrap();
///     assert_eq!(CounterSubject::named("hits").next().await, Ok(1));
/// }
/// ```
#[must_use = "a spec starts nothing by itself"]
pub struct ChildSpec<C: Startable> {
    id: Arc<str>,
    restart: Restart,
    shutdown: Option<Shutdown>,
    significant: bool,
    make: Make<C>,
    /// Boxed, because supervisors store the specs of their children, and most specs do not use these options.
    more: Option<Box<SpecDetails<C>>>,
}

struct SpecDetails<C: Startable> {
    backoff: Option<Backoff>,
    mailbox: Option<usize>,
    touches: Vec<Touch<C>>,
    kept: Option<Arc<dyn AnyRetainedMailbox>>,
}

impl<C: Startable> Default for SpecDetails<C> {
    fn default() -> Self {
        Self {
            backoff: None,
            mailbox: None,
            touches: Vec::new(),
            kept: None,
        }
    }
}

enum Make<C: Startable> {
    Again(Box<dyn Fn() -> Start<C> + Send + Sync>),
    Once(Mutex<Option<Box<Start<C>>>>),
}

/// A modification of each start.
type Touch<C> = Box<dyn Fn(Start<C>) -> Start<C> + Send + Sync>;

impl<C: Startable> ChildSpec<C> {
    fn new(make: Make<C>) -> Self {
        Self {
            id: short_name::<C>().into(),
            restart: Restart::default(),
            shutdown: None,
            significant: false,
            make,
            more: None,
        }
    }

    fn more(&mut self) -> &mut SpecDetails<C> {
        self.more.get_or_insert_default()
    }

    /// Returns the spec of a child; `make` is called for each start.
    pub fn from_fn(make: impl Fn() -> Start<C> + Send + Sync + 'static) -> Self {
        Self::new(Make::Again(Box::new(make)))
    }

    /// Returns the spec of a child that can be started only once, because its arguments are moved into the start. Use
    /// it in a `#[child]` method, which is called for each start, or for a `Temporary` child. For any other child, the
    /// supervisor rejects the spec with `BadSpec`.
    pub fn once(start: Start<C>) -> Self {
        Self::new(Make::Once(Mutex::new(Some(Box::new(start)))))
    }

    /// Sets the id of the child; by default the type name without its path. An id must not be empty, and the ids of a
    /// supervisor's children must differ; only the children of a
    /// [`DynamicSupervisor`](crate::supervisor::DynamicSupervisor) may share an id.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        let id: String = id.into();
        self.id = id.into();
        self
    }

    /// Sets when the child is restarted. Default: [`Restart::Permanent`].
    pub fn restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }

    /// Sets how the child is stopped. By default, a worker is killed if it has not ended after 5 s; a supervisor has no
    /// time limit.
    pub fn shutdown(mut self, shutdown: impl Into<Shutdown>) -> Self {
        self.shutdown = Some(shutdown.into());
        self
    }

    /// Sets whether the child is significant: its end may stop the supervisor, as defined by the supervisor's
    /// `auto_shutdown`. Default: false. A significant child must be `Transient` or `Temporary`, and the `auto_shutdown`
    /// of its supervisor must not be `Never`; otherwise the start fails with `BadSpec`. A dynamic supervisor rejects
    /// significant children. (Erlang: `significant`.)
    pub fn significant(mut self, significant: bool) -> Self {
        self.significant = significant;
        self
    }

    /// Sets the delays before the restarts of the child. Without a backoff, the child is restarted at once.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.more().backoff = Some(backoff);
        self
    }

    /// Registers the child under this local name before `#[init]` runs, at its start and at each restart. No name by
    /// default.
    pub fn name(self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.touch(move |start| start.name(name.clone()))
    }

    /// Sets how many user messages the mailbox of the child holds; with 0, the supervisor rejects the spec with
    /// `BadSpec`. Default: the setting of the start, else of the server type, else 1024.
    pub fn mailbox(mut self, messages: usize) -> Self {
        self.more().mailbox = Some(messages);
        self.touch(move |start| start.mailbox(messages))
    }

    fn touch(mut self, touch: impl Fn(Start<C>) -> Start<C> + Send + Sync + 'static) -> Self {
        self.more().touches.push(Box::new(touch));
        self
    }

    pub(crate) fn is_once(&self) -> bool {
        matches!(self.make, Make::Once(_))
    }

    /// # Errors
    /// If the spec is invalid.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.more.as_ref().and_then(|more| more.mailbox) == Some(0) {
            return Err(format!(
                "child `{}`: the mailbox has no slot: set `.mailbox(1)` or more",
                self.id
            ));
        }
        Ok(())
    }

    pub(crate) fn own_rules(&self) -> Rules {
        let of_kind = match C::__KIND {
            ChildKind::Worker => Shutdown::After(SHUTDOWN),
            ChildKind::Supervisor => Shutdown::Infinity,
        };
        Rules {
            id: self.own_id(),
            restart: self.restart,
            shutdown: self.shutdown.unwrap_or(of_kind),
            significant: self.significant,
            backoff: self
                .more
                .as_ref()
                .and_then(|more| more.backoff)
                .map(Box::new),
            kind: C::__KIND,
        }
    }

    pub(crate) fn own_id(&self) -> Arc<str> {
        self.id.clone()
    }

    pub(crate) fn kept(&self) -> Option<&Arc<dyn AnyRetainedMailbox>> {
        self.more.as_ref()?.kept.as_ref()
    }

    pub(crate) fn keep_in(&mut self, kept: Arc<dyn AnyRetainedMailbox>) {
        self.more().kept = Some(kept);
    }

    /// # Errors
    /// If it has been started already and can be started only once.
    pub(crate) fn next_start(&self) -> Result<Start<C>, StartError> {
        let start = match &self.make {
            Make::Again(make) => make(),
            Make::Once(start) => *start.lock().take().ok_or_else(|| {
                StartError::BadSpec(format!("child `{}` can be started only once", self.id))
            })?,
        };
        let touches = self.more.iter().flat_map(|more| &more.touches);
        Ok(touches.fold(start, |start, touch| touch(start)))
    }

    /// Releases the factory, which holds user values: the child is not started again.
    pub(crate) fn forget_start(&mut self) {
        let make = mem::replace(&mut self.make, Make::Once(Mutex::new(None)));
        let touches = self.more.as_mut().map(|more| mem::take(&mut more.touches));
        panics::drop_quietly((make, touches));
    }
}

impl<S: GenServer> ChildSpec<S> {
    /// Registers the child under `key` in a unique registry before `#[init]` runs, at its start and at each restart.
    /// (Elixir: `name: {:via, Registry, ..}` in the start arguments of the child.)
    pub fn via<K, V>(self, registry: &Registry<K, S::Protocol, V>, key: impl Into<K>) -> Self
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        V: Clone + Default + Send + Sync + 'static,
    {
        let (registry, key) = (registry.clone(), key.into());
        self.touch(move |start| start.via(&registry, key.clone()))
    }

    /// Retains the mailbox across restarts: when the supervisor restarts the child, the queued messages pass to the
    /// next incarnation, in order. Messages beyond the capacity of its mailbox wait ahead of newer ones. Senders that
    /// were waiting for capacity fail: calls return `Exited { executed: No }`, casts `NoProcess`. The message whose
    /// handler crashed the server is lost, because the handler owned it; it is reported as a dead letter with the crash
    /// report as its content.
    ///
    /// Without this option, or if the child is not restarted, queued calls return `Exited` and queued casts become dead
    /// letters.
    pub fn keep_mailbox(mut self) -> Self {
        self.keep_in(Arc::<ServerKept<S>>::default());
        self
    }
}

impl<C: Startable> fmt::Debug for ChildSpec<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildSpec")
            .field("id", &self.id)
            .field("restart", &self.restart)
            .finish_non_exhaustive()
    }
}

/// A valid return type of a `#[child]` method: a [`ChildSpec`], or a `Result` with a `ChildSpec`.
///
/// ```
/// # use ambit::prelude::*;
/// # struct Counter(u64);
/// # #[gen_server]
/// # impl Counter { #[call] fn get(&self) -> u64 { self.0 } }
/// struct App { first: String }
/// #[supervisor]
/// impl App {
///     #[child] fn counter(&self) -> Result<ChildSpec<Counter>, std::num::ParseIntError> {
///         let first = self.first.parse()?;
///         Ok(ChildSpec::from_fn(move || Counter(first).start()))
///     }
/// }
/// # #[ambit::main]
/// # async fn main() {
/// let app = App { first: "42".to_owned() }.start().await.unwrap();
/// assert_eq!(app.counter().get().await, Ok(42));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "a `#[child]` method returns a `ChildSpec<..>`, not `{Self}`",
    label = "expected `ChildSpec<..>` or `Result<ChildSpec<..>, E>`",
    note = "create it with `Counter::child_spec(..)`; the `E` of a `Result` must be an error type or a string"
)]
pub trait Child {
    /// The handle to the child.
    type Handle: Clone + Send + Sync + 'static;
    #[doc(hidden)]
    type __Started: Startable<Handle = Self::Handle>;
    /// Checks the type of a `#[child]` method before it is used.
    #[doc(hidden)]
    const __CHECK: () = ();
    #[doc(hidden)]
    #[allow(clippy::missing_errors_doc, reason = "the conversion itself")]
    fn __into_spec(self) -> Result<ChildSpec<Self::__Started>, ExitReason>;
}

impl<C: Startable> Child for ChildSpec<C> {
    type Handle = C::Handle;
    type __Started = C;

    fn __into_spec(self) -> Result<Self, ExitReason> {
        Ok(self)
    }
}

impl<C: Child, E: Failure> Child for Result<C, E> {
    type Handle = C::Handle;
    type __Started = C::__Started;

    fn __into_spec(self) -> Result<ChildSpec<C::__Started>, ExitReason> {
        self.map_err(Failure::into_reason)?.__into_spec()
    }
}

/// Arguments of `#[init]` that can be used for more than one start.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be cloned, but a restart runs `#[init]` again with the same arguments; derive \
               `Clone`, or start the server in `ChildSpec::from_fn(|| ..)`, or with `ChildSpec::once(..)` in a \
               `#[child]` method"
)]
pub trait RestartArgs: Clone + 'static {}

impl<T: Clone + 'static> RestartArgs for T {}

/// Returns the spec of a server that is started with clones of `args`.
#[doc(hidden)]
pub fn child_spec_of<C: Startable, A: Clone + Send + 'static>(
    args: A,
    start: fn(A) -> Start<C>,
) -> ChildSpec<C> {
    // A lock, so that arguments need not be `Sync`.
    let args = Mutex::new(args);
    ChildSpec::from_fn(move || {
        let args = args.lock().clone();
        start(args)
    })
}
