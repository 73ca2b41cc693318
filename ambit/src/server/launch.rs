//! How a process comes to life: pid and names first, then its link, then its init, which the starter waits for.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::engine::cell::InPlace;
use crate::engine::mailbox::Overflow;
use crate::engine::ticket::{Outcome, Ticket};
use crate::error::StartError;
use crate::exit_reason::ExitReason;
use crate::handle::exits::ExitSlot;
use crate::handle::pending::Edge;
use crate::handle::port::Port;
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::names::local;
use crate::plain::spawn;
use crate::process::body::{Body, Item, Live};
use crate::process::clock::Clock;
use crate::process::core::{Core, Kind, ProcRef};
use crate::process::kept::Kept;
use crate::process::world::World;
use crate::process::{current, drive, panics, signal, worlds};
use crate::rt;
use crate::server::in_place;
use crate::server::start::{Settings, Startable, Started};

/// What a process is, before it is made.
pub(crate) struct Birth {
    pub(crate) type_name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) capacity: usize,
    pub(crate) overflow: Overflow,
    /// Whether its callers may run it, and its starter its init.
    pub(crate) in_place: fn(&World) -> InPlace,
}

/// Tells the starter that init is done.
pub(crate) struct Begun(Arc<Ticket>);

impl Begun {
    pub(crate) fn done(self) {
        self.0.settle(Outcome::Admitted);
    }
}

/// Kills a process whose start is given up before its init is done.
struct GiveUp(Option<ProcRef>);

impl Drop for GiveUp {
    fn drop(&mut self) {
        if let Some(process) = self.0.take() {
            signal::kill(&*process);
        }
    }
}

/// Starts a process that runs `live`, and waits until its init is done.
pub(crate) async fn launch<C, P, M, L, F>(
    settings: Settings<C>,
    birth: Birth,
    life: L,
    handle: impl Fn(Subject<P>) -> C::Handle,
    live: impl FnOnce(Arc<Body<M, L>>, Begun) -> F,
) -> Result<Started<C>, StartError>
where
    C: Startable,
    P: Protocol + ?Sized,
    M: Item,
    L: Live<M>,
    Body<M, L>: Port<P>,
    F: Future<Output: Into<Option<ExitReason>>> + Send + 'static,
{
    let world = worlds::current_or_new().ok_or(StartError::NoRuntime)?;
    let timeout = settings.timeout;
    let may = in_place::may_start(&world, &birth, settings.link || timeout.is_some());
    let mut seed = Some((settings, life, live));
    let (body, ready) = poll_fn(|cx| {
        let starter = if may {
            // It spends budget as a call does: who starts servers in a loop lets others run.
            std::task::ready!(rt::poll_proceed(cx)).made_progress();
            Some(cx)
        } else {
            None
        };
        let Some((settings, life, live)) = seed.take() else {
            return Poll::Pending;
        };
        Poll::Ready(begin(
            &world, settings, &birth, life, &handle, live, starter,
        ))
    })
    .await?;
    let process: ProcRef = body.clone();
    if ready.is_settled() {
        return Ok(Started {
            handle: handle(Subject::fixed(body)),
            process,
        });
    }
    let mut give_up = GiveUp(Some(process.clone()));
    // A child whose init asks whoever waits for it would wait for ever.
    let edge = Edge::note(process.core().pid);
    let clock = timeout.map(|timeout| Clock::start(&world, timeout));
    let mut exit = ExitSlot::watch(&process);
    let outcome = poll_fn(|cx| {
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
    drop((clock, edge));
    let failed = match outcome {
        Ok(()) => {
            give_up.0 = None;
            return Ok(Started {
                handle: handle(Subject::fixed(body)),
                process,
            });
        }
        Err(Some(_)) if process.core().relations.lock().ignored => StartError::Ignored,
        Err(Some(reason)) => StartError::Init(reason),
        Err(None) => {
            signal::kill(&*process);
            exit.await;
            StartError::Timeout
        }
    };
    give_up.0 = None;
    Err(failed)
}

/// A process that has begun its init, and the ticket that says when that is done.
type Running<M, L> = (Arc<Body<M, L>>, Arc<Ticket>);

/// Makes the process, takes its names, links it, and lets it run.
fn begin<C, P, M, L, F>(
    world: &Arc<World>,
    settings: Settings<C>,
    birth: &Birth,
    life: L,
    handle: &impl Fn(Subject<P>) -> C::Handle,
    live: impl FnOnce(Arc<Body<M, L>>, Begun) -> F,
    starter: Option<&mut Context<'_>>,
) -> Result<Running<M, L>, StartError>
where
    C: Startable,
    P: Protocol + ?Sized,
    M: Item,
    L: Live<M>,
    Body<M, L>: Port<P>,
    F: Future<Output: Into<Option<ExitReason>>> + Send + 'static,
{
    let Some(runtime) = world.handle() else {
        return Err(StartError::NoRuntime);
    };
    let parent = current::current();
    if settings.link && parent.is_none() {
        return Err(StartError::NotAProcess);
    }
    let body = make(world, &settings, birth, life)?;
    if let Some(made) = &settings.made {
        made.set(body.clone()).ok();
    }
    if let Some(kept) = settings
        .kept
        .clone()
        .and_then(|kept| kept.downcast::<Kept<M, L>>().ok())
    {
        kept.inherit(&body);
    }
    let link = settings.link;
    if let Err(refused) = claim(&body, settings, handle) {
        spawn::discard(&body, ExitReason::Normal);
        return Err(refused);
    }
    if let (true, Some(parent)) = (link, parent) {
        spawn::link_child(&*parent, &*body);
    }
    let ready = Arc::new(Ticket::default());
    let life = live(body.clone(), Begun(ready.clone()));
    drive::launch(runtime, body.clone(), life, starter);
    Ok((body, ready))
}

fn make<C: Startable, M: Item, L: Live<M>>(
    world: &Arc<World>,
    settings: &Settings<C>,
    birth: &Birth,
    life: L,
) -> Result<Arc<Body<M, L>>, StartError> {
    let capacity = settings.mailbox.unwrap_or(birth.capacity);
    if capacity == 0 {
        return Err(StartError::BadSpec(
            "a mailbox needs room for at least one message".into(),
        ));
    }
    panics::install();
    let core = Core::new(
        world.table.reserve(),
        world.clone(),
        birth.type_name,
        birth.kind,
        current::pid(),
    );
    let body = Arc::new(Body::living(core, capacity, birth.overflow, life));
    if let Some(label) = &settings.label {
        body.core.relations.lock().set_label(label.clone());
    }
    world.table.fill(body.core.pid, body.clone());
    Ok(body)
}

fn claim<C, P, M, L>(
    body: &Arc<Body<M, L>>,
    settings: Settings<C>,
    handle: &impl Fn(Subject<P>) -> C::Handle,
) -> Result<(), StartError>
where
    C: Startable,
    P: Protocol + ?Sized,
    M: Item,
    L: Live<M>,
    Body<M, L>: Port<P>,
{
    let subject = Subject::<P>::fixed(body.clone());
    if let Some(name) = &settings.name {
        local::register::<P>(name, &subject)?;
    }
    let handle = handle(subject);
    settings
        .claims
        .into_iter()
        .try_for_each(|claim| claim(&handle))
}
