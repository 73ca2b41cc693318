//! A start, before and while it is awaited.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::error::StartError;
use crate::handle::child_ref::ChildRef;
use crate::handle::protocol::Protocol;
use crate::names::registry::Registry;
use crate::names::store::Keys;
use crate::process::current_system;
use crate::process::header::ProcessKind;
use crate::rt::{self, BoxFuture};
use crate::server::gen_server::GenServer;
use crate::server::gen_server::{ServerCell, ServerState};
use crate::server::inline;
use crate::server::launch::{ProcessSpec, launch};
use crate::server::run::run_init;
use crate::server::startable::{Launch, Made, Settings, Startable, Started};

impl<S: GenServer> Startable for S {
    type Handle = <S::Protocol as Protocol>::Subject;
    type Args = S::Args;

    fn __in_place(settings: &Settings<S>) -> bool {
        inline::may_start::<S>(settings)
    }

    fn __launch(
        args: S::Args,
        settings: Settings<S>,
        starter: Option<&mut Context<'_>>,
    ) -> Launch<S> {
        let process_spec = ProcessSpec {
            type_name: || <S::Protocol as Protocol>::NAME,
            kind: ProcessKind::Server {
                terminates: S::TERMINATES,
            },
            capacity: S::OPTIONS.mailbox,
            overflow: S::OPTIONS.overflow,
            has_init: true,
        };
        launch(
            settings,
            &process_spec,
            ServerState::default(),
            Into::into,
            move |cell, init_guard| run_init::<S>(cell, args, init_guard),
            starter,
        )
    }

    fn __follow(child: ChildRef) -> Self::Handle {
        child.follow::<S::Protocol, ServerCell<S>>().into()
    }
}

/// A start of a server or supervisor, which happens on the first poll and returns the handle.
///
/// The start waits until `#[init]` has finished, without a time limit unless [`timeout`](Self::timeout) is set. Names
/// are registered before `#[init]` runs, so the `#[init]` of a start that loses the race for a name never runs.
/// [`send`](Self::send) starts without waiting. (Erlang: `gen_server:start/3`, and `start_link/3` with
/// [`link`](Self::link).)
///
/// # Errors
/// [`StartError`]. A failed start leaves no process, no name and no message.
///
/// # Cancel safety
/// Dropping the future before the first poll starts nothing. Dropping it later, before it has returned its result,
/// kills the process, even if `#[init]` has finished. A linked starter is not affected.
///
/// ```
/// use ambit::prelude::*;
/// struct Greeter;
/// #[gen_server]
/// impl Greeter { #[call] fn greet(&self) -> String { "hello".into() } }
/// #[ambit::main]
/// async fn main() {
///     let greeter = Greeter.start().name("greeter").await.unwrap();
///     assert_eq!(greeter.greet().await.unwrap(), "hello");
///     assert_eq!(ambit::whereis::<Greeter>("greeter").unwrap(), greeter);
/// }
/// ```
#[must_use = "a start does nothing until it is awaited or sent"]
pub struct Start<C: Startable> {
    pub(super) fresh: Option<(C::Args, Settings<C>)>,
    pub(super) running: Option<Running<C>>,
}

/// A process that has begun its init, and the wait until that is done.
pub(super) type Running<C> = (Started<C>, BoxFuture<'static, Result<(), StartError>>);

impl<C: Startable> Unpin for Start<C> {}

impl<C: Startable> Start<C> {
    pub(crate) fn new(args: C::Args) -> Self {
        Self {
            fresh: Some((args, Settings::default())),
            running: None,
        }
    }

    /// Configures the start of a supervisor's child.
    pub(crate) fn supervised(self, label: Option<Arc<str>>, made: Made) -> Self {
        self.set(|settings| {
            settings.link = true;
            settings.label = label;
            settings.made = Some(made);
        })
    }

    /// Sets the retained mailbox of the previous incarnation.
    pub(crate) fn keeping(self, kept: Arc<dyn Any + Send + Sync>) -> Self {
        self.set(|settings| settings.kept = Some(kept))
    }

    fn set(mut self, set: impl FnOnce(&mut Settings<C>)) -> Self {
        if let Some((_, settings)) = &mut self.fresh {
            set(settings);
        }
        self
    }

    /// Registers the server under this local name before `#[init]` runs. The start fails with `AlreadyRegistered` if
    /// the name is taken, and with `InvalidName` if it is empty. No name by default.
    pub fn name(self, name: impl Into<String>) -> Self {
        self.set(|settings| settings.name = Some(name.into()))
    }

    /// Links the server to the calling process, which becomes its parent. Outside a process, the start fails with
    /// `NotAProcess`. A server keeps running when its parent ends with `Normal`, unless the server traps exits; a
    /// supervisor always stops with its parent. To stop a server whenever its parent ends, store it as an
    /// [`owned`](Self::owned) handle in the parent's state. (Erlang: `start_link`.)
    pub fn link(self) -> Self {
        self.set(|settings| settings.link = true)
    }

    /// Sets how many user messages the mailbox holds. Default: the option of the server type, else 1024. With 0, the
    /// start fails with `BadSpec`.
    pub fn mailbox(self, messages: usize) -> Self {
        self.set(|settings| settings.mailbox = Some(messages))
    }

    /// Limits the time of `#[init]`, counted from the first poll or the [`send`](Self::send). If `#[init]` takes
    /// longer, the process is killed and the start fails with `Timeout`. No limit by default.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.set(|settings| settings.timeout = Some(timeout))
    }

    pub(crate) fn poll_started(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Started<C>, StartError>> {
        if let Some((_, settings)) = &mut self.fresh {
            settings.system = current_system::current_or_new();
            let in_place = C::__in_place(settings);
            if in_place {
                // A start spends coop budget like a call: a loop of starts lets other tasks run.
                ready!(rt::poll_proceed(cx)).made_progress();
            }
            let Some((args, settings)) = self.fresh.take() else {
                return Poll::Pending;
            };
            match C::__launch(args, settings, in_place.then_some(&mut *cx)) {
                Launch::Done(done) => return Poll::Ready(done),
                Launch::Waits(started, wait) => self.running = Some((started, wait)),
            }
        }
        let Some((_, wait)) = &mut self.running else {
            return Poll::Pending;
        };
        let begun = ready!(wait.as_mut().poll(cx));
        match self.running.take() {
            Some((started, _)) => Poll::Ready(begun.map(|()| started)),
            None => Poll::Pending,
        }
    }
}

impl<C: GenServer> Start<C> {
    /// Registers the server under `key` in a unique registry, before `#[init]` runs. The start fails with
    /// `AlreadyRegistered` if the key is taken, and with `DuplicateRegistry` for a registry that is not unique.
    /// (Elixir: `name: {:via, Registry, ..}`.)
    pub fn via<K, V>(self, registry: &Registry<K, C::Protocol, V>, key: impl Into<K>) -> Self
    where
        K: Clone + Eq + std::hash::Hash + Send + Sync + 'static,
        V: Clone + Default + Send + Sync + 'static,
    {
        self.via_with(registry, key, V::default())
    }

    /// Like [`via`](Self::via), and stores `value` in the registry entry.
    pub fn via_with<K, V>(
        self,
        registry: &Registry<K, C::Protocol, V>,
        key: impl Into<K>,
        value: V,
    ) -> Self
    where
        K: Clone + Eq + std::hash::Hash + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
    {
        let (registry, key) = (registry.clone(), key.into());
        let claim = move |handle: &<C as Startable>::Handle| match registry.kind() {
            Keys::Duplicate => Err(StartError::DuplicateRegistry),
            Keys::Unique => Ok(registry.register_with(key, handle, value)?),
        };
        self.set(|settings| settings.claims.push(Box::new(claim)))
    }
}

impl<C: Startable> Future for Start<C> {
    type Output = Result<C::Handle, StartError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_started(cx).map_ok(|started| started.handle)
    }
}

impl<C: Startable> fmt::Debug for Start<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = std::any::type_name::<C>();
        f.debug_struct("Start")
            .field("server", &server)
            .finish_non_exhaustive()
    }
}

/// Returns a start of a server `S` with the arguments of its [`GenServer::init`], for servers written by hand. It
/// corresponds to the `S::start(..)` that `#[gen_server]` generates.
///
/// ```
/// use ambit::prelude::*;
/// use std::convert::Infallible;
/// struct Idle;
/// impl GenServer for Idle {
///     type Protocol = Self;
///     type Args = ();
///     type Info = Infallible;
///     type Continue = Infallible;
///     async fn init((): (), _: &mut Context<Self>) -> Result<Self, ExitReason> { Ok(Self) }
/// }
/// # impl ambit::server::Protocol for Idle {
/// #     type Call = Infallible;
/// #     type Cast = Infallible;
/// #     type Subject = Subject<Self>;
/// #     const NAME: &'static str = "Idle";
/// # }
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::server::start::<Idle>(()).name("idle").await.unwrap();
///     assert_eq!(ambit::whereis::<Idle>("idle"), Ok(idle));
/// }
/// ```
pub fn start<S: Startable>(args: S::Args) -> Start<S> {
    Start::new(args)
}
