//! A start, before and while it is awaited.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::ticket::{Outcome, Ticket};
use crate::error::StartError;
use crate::exit_reason::ExitReason;
use crate::handle::exits::ExitSlot;
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::names::local;
use crate::names::registry::Registry;
use crate::names::store::Keys;
use crate::plain::spawn;
use crate::process::body::Body;
use crate::process::clock::Clock;
use crate::process::core::{Core, Kind, ProcRef};
use crate::process::world::World;
use crate::process::{current, drive, panics, signal, worlds};
use crate::rt::BoxFuture;
use crate::server::gen_server::{GenServer, Incoming};
use crate::server::owned::StartOwned;
use crate::server::run::serve;

/// What can be started and gives a handle: servers, and what is built on them.
pub trait Startable: Sized + 'static {
    /// The handle of a running one.
    type Handle: Clone + Send + Sync;
    #[doc(hidden)]
    type Args: Send;
    #[doc(hidden)]
    fn __launch(
        args: Self::Args,
        settings: Settings<Self>,
    ) -> BoxFuture<'static, Result<Started<Self>, StartError>>;
}

impl<S: GenServer> Startable for S {
    type Handle = <S::Protocol as Protocol>::Subject;
    type Args = S::Args;

    fn __launch(
        args: S::Args,
        settings: Settings<S>,
    ) -> BoxFuture<'static, Result<Started<S>, StartError>> {
        Box::pin(launch(args, settings))
    }
}

/// How a process is to be started.
#[doc(hidden)]
pub struct Settings<C: Startable> {
    name: Option<String>,
    claims: Vec<Claim<C::Handle>>,
    link: bool,
    mailbox: Option<usize>,
    timeout: Option<Duration>,
}

/// Takes a key for a process that is about to start.
type Claim<H> = Box<dyn FnOnce(&H) -> Result<(), StartError> + Send>;

/// A running process and its handle.
#[doc(hidden)]
pub struct Started<C: Startable> {
    pub(crate) handle: C::Handle,
    pub(crate) process: ProcRef,
}

/// A start that happens when it is first polled, and whose output is the handle.
///
/// It waits until `#[init]` is done, as long as that takes unless [`timeout`](Self::timeout) says otherwise. Names
/// are taken before `#[init]` runs, so a loser's `#[init]` never does. (Erlang: `gen_server:start/3`.)
///
/// # Errors
/// [`StartError`]. After a failed start no process, no name and no message of it is left.
///
/// # Cancel safety
/// Dropped before `#[init]` is done, the process is killed.
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
#[must_use = "a start does nothing until it is awaited"]
pub struct Start<C: Startable> {
    fresh: Option<(C::Args, Settings<C>)>,
    running: Option<BoxFuture<'static, Result<Started<C>, StartError>>>,
}

impl<C: Startable> Unpin for Start<C> {}

impl<C: Startable> Start<C> {
    pub(crate) fn new(args: C::Args) -> Self {
        let settings = Settings {
            name: None,
            claims: Vec::new(),
            link: false,
            mailbox: None,
            timeout: None,
        };
        Self {
            fresh: Some((args, settings)),
            running: None,
        }
    }

    fn set(mut self, set: impl FnOnce(&mut Settings<C>)) -> Self {
        if let Some((_, settings)) = &mut self.fresh {
            set(settings);
        }
        self
    }

    /// Takes this name in the local names of the system, before `#[init]` runs.
    pub fn name(self, name: impl Into<String>) -> Self {
        self.set(|settings| settings.name = Some(name.into()))
    }

    /// Links the server to the calling process, which is then its parent. Outside a process: `NotAProcess`.
    pub fn link(self) -> Self {
        self.set(|settings| settings.link = true)
    }

    /// How many user messages its mailbox holds; the type's own number by default, at least one.
    pub fn mailbox(self, messages: usize) -> Self {
        self.set(|settings| settings.mailbox = Some(messages))
    }

    /// How long `#[init]` may take; a process that takes longer is killed. No limit by default.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.set(|settings| settings.timeout = Some(timeout))
    }

    /// Gives an [`Owned`](crate::Owned) handle: dropping it stops the server.
    pub fn owned(self) -> StartOwned<C> {
        StartOwned::new(self)
    }

    pub(crate) fn poll_started(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Started<C>, StartError>> {
        if let Some((args, settings)) = self.fresh.take() {
            self.running = Some(C::__launch(args, settings));
        }
        match &mut self.running {
            Some(running) => running.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

impl<C: GenServer> Start<C> {
    /// Takes `key` in a unique registry before `#[init]` runs. (Elixir: `name: {:via, Registry, ..}`.)
    pub fn via<K, V>(self, registry: &Registry<K, C::Protocol, V>, key: impl Into<K>) -> Self
    where
        K: Clone + Eq + std::hash::Hash + Send + Sync + 'static,
        V: Clone + Default + Send + Sync + 'static,
    {
        self.via_with(registry, key, V::default())
    }

    /// As [`via`](Self::via), with the value of the entry.
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

/// Starts a server of type `S`: what the generated `S::start(..)` does, for servers written by hand.
pub fn start<S: GenServer>(args: S::Args) -> Start<S> {
    Start::new(args)
}

/// Kills a server whose start is given up before its init is done.
struct GiveUp(Option<ProcRef>);

impl Drop for GiveUp {
    fn drop(&mut self) {
        if let Some(process) = self.0.take() {
            signal::kill(&*process);
        }
    }
}

async fn launch<S: GenServer>(
    args: S::Args,
    settings: Settings<S>,
) -> Result<Started<S>, StartError> {
    let world = worlds::current_or_new().ok_or(StartError::NoRuntime)?;
    let timeout = settings.timeout;
    let (process, ready) = begin(&world, args, settings)?;
    let body: ProcRef = process.clone();
    let mut give_up = GiveUp(Some(body.clone()));
    let clock = timeout.map(|timeout| Clock::start(&world, timeout));
    let mut exit = ExitSlot::watch(&body);
    let outcome = std::future::poll_fn(|cx| {
        if ready.poll(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        if let Poll::Ready(reason) = Pin::new(&mut exit).poll(cx) {
            return Poll::Ready(Err(Some(reason)));
        }
        match &clock {
            Some(clock) => clock.poll(cx).map(|()| Err(None)),
            None => Poll::Pending,
        }
    })
    .await;
    drop(clock);
    let failed = match outcome {
        Ok(()) => {
            give_up.0 = None;
            let handle = Subject::<S::Protocol>::fixed(process).into();
            return Ok(Started {
                handle,
                process: body,
            });
        }
        Err(Some(_)) if body.core().relations.lock().ignored => StartError::Ignored,
        Err(Some(reason)) => StartError::Init(reason),
        Err(None) => {
            signal::kill(&*body);
            exit.await;
            StartError::Timeout
        }
    };
    give_up.0 = None;
    Err(failed)
}

/// A process that has begun its init.
type Running<S> = Arc<Body<Incoming<S>>>;

/// Makes the process, takes its names, links it, and lets it run.
fn begin<S: GenServer>(
    world: &Arc<World>,
    args: S::Args,
    settings: Settings<S>,
) -> Result<(Running<S>, Arc<Ticket>), StartError> {
    let Some(handle) = world.handle() else {
        return Err(StartError::NoRuntime);
    };
    let parent = current::current();
    if settings.link && parent.is_none() {
        return Err(StartError::NotAProcess);
    }
    let capacity = settings.mailbox.unwrap_or(S::OPTIONS.mailbox);
    if capacity == 0 {
        return Err(StartError::BadSpec(
            "a mailbox needs room for at least one message".into(),
        ));
    }
    panics::install();
    let kind = Kind::Server {
        terminates: S::TERMINATES,
    };
    let core = Core::new(
        world.table.reserve(),
        world.clone(),
        <S::Protocol as Protocol>::NAME,
        kind,
        current::pid(),
    );
    let body = Arc::new(Body::new(core, capacity, S::OPTIONS.overflow));
    world.table.fill(body.core.pid, body.clone());
    let link = settings.link;
    if let Err(refused) = claim(&body, settings) {
        spawn::discard(&body, ExitReason::Normal);
        return Err(refused);
    }
    if let (true, Some(parent)) = (link, parent) {
        spawn::link_child(&*parent, &*body);
    }
    let ready = Arc::new(Ticket::default());
    let started = ready.clone();
    let life = serve(body.clone(), args, move || {
        started.settle(Outcome::Admitted);
    });
    drive::launch(handle, body.clone(), life);
    Ok((body, ready))
}

fn claim<S: GenServer>(
    body: &Arc<Body<Incoming<S>>>,
    settings: Settings<S>,
) -> Result<(), StartError> {
    let subject = Subject::<S::Protocol>::fixed(body.clone());
    if let Some(name) = &settings.name {
        local::register::<S::Protocol>(name, &subject)?;
    }
    let handle = subject.into();
    settings
        .claims
        .into_iter()
        .try_for_each(|claim| claim(&handle))
}
