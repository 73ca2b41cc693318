//! The receiving end of a plain process.

use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::mailbox::{Bare, Entry};
use crate::error::NotAProcess;
use crate::exit_reason::ExitReason;
use crate::handle::port::Plain;
use crate::handle::protocol::Message;
use crate::handle::subject::Subject;
use crate::handle::target::Target;
use crate::pid::Pid;
use crate::plain::into_exit::IntoExit;
use crate::plain::reader::Reader;
use crate::plain::spawn;
use crate::process::body::{Body, Next, Note};
use crate::process::clock::within;
use crate::process::core::{Proc, ProcRef, Stage, TypeName};
use crate::process::link::{link_to, unlink_from};
use crate::process::look::Look;
use crate::process::timer::Ticking;
use crate::process::world::World;
use crate::process::{exit_path, monitor};
use crate::signal::{Down, Exit, MonitorRef};

/// What arrives in an inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<M> {
    /// A message.
    Message(M),
    /// A trapped exit signal.
    Exit(Exit),
    /// The end of a monitored process.
    Down(Down),
}

/// The inbox of a plain process. It belongs to that process and cannot be cloned.
///
/// # Cancel safety
/// All its async methods: dropping the future loses no message.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<u8>) {
///     let worker = inbox.spawn_monitor(|_: Inbox<()>| async { ExitReason::Shutdown }).unwrap();
///     let Event::Down(down) = inbox.next().await else { panic!("only a Down can come") };
///     assert_eq!((down.monitor, down.reason), (worker.1, ExitReason::Shutdown));
/// }
/// ```
pub struct Inbox<M: Message> {
    body: Arc<Body<Plain<M>>>,
    /// It has no task of its own: its reader is woken, and its end is the end of what it stands for.
    side: Option<Box<Reader>>,
}

/// An entry of the queue of a plain process.
type Queued<M> = Entry<Plain<M>, Note<Plain<M>>>;

type Wanted<M> = fn(&Queued<M>) -> bool;

/// What was taken from the queue.
enum Taken<M> {
    Event(Event<M>),
    Stop(ExitReason),
}

impl<M: Message> Inbox<M> {
    pub(crate) fn new(body: Arc<Body<Plain<M>>>) -> Self {
        Self { body, side: None }
    }

    /// The inbox of a process without a task, which is played by whoever reads it.
    pub(crate) fn side(world: Arc<World>, type_name: Option<TypeName>) -> Self {
        Self {
            body: spawn::make_side(world, type_name),
            side: Some(Box::default()),
        }
    }

    /// Opens a further inbox, for messages of another type, with a subject and a pid of its own. It is read by the
    /// same code, usually through a [`Selector`](crate::Selector), and ends when it is dropped.
    pub fn open<N: Message>(&self) -> Inbox<N> {
        Inbox::side(self.body.core.world.clone(), None)
    }

    fn process(&self) -> ProcRef {
        self.body.clone()
    }

    /// The process's own pid.
    pub fn pid(&self) -> Pid {
        self.body.core.pid
    }

    /// A handle on the process itself, to be given to others.
    pub fn subject(&self) -> Subject<M> {
        Subject::fixed(self.body.clone())
    }

    /// Links the process to `target`. (Erlang: `link/1`.)
    ///
    /// # Errors
    /// Why the link is impossible; a process that traps exits gets an [`Exit`] instead.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "targets are handles and references"
    )]
    pub fn link(&mut self, target: impl Target) -> Result<(), ExitReason> {
        link_to(&*self.body, &target.__resolve())
    }

    /// Removes the link to `target`, if there is one. No `Exit` of it is added after this returns.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "targets are handles and references"
    )]
    pub fn unlink(&mut self, target: impl Target) {
        unlink_from(&*self.body, &target.__resolve());
    }

    /// Watches `target`: exactly one [`Down`] comes when it ends. (Erlang: `monitor/2`.)
    #[allow(
        clippy::needless_pass_by_value,
        reason = "targets are handles and references"
    )]
    pub fn monitor(&mut self, target: impl Target) -> MonitorRef {
        monitor::monitor(&*self.body, &target.__resolve())
    }

    /// Ends a monitor. True: no `Down` is or will be queued; false: one already is, or the ref is unknown.
    pub fn demonitor(&mut self, monitor: MonitorRef) -> bool {
        monitor::demonitor(&*self.body, monitor)
    }

    /// Ends a monitor and removes its `Down` if that is already queued.
    pub fn demonitor_flush(&mut self, monitor: MonitorRef) {
        monitor::demonitor_flush(&*self.body, monitor);
    }

    /// Makes exit signals arrive as [`Exit`], or no longer.
    pub fn trap_exits(&mut self, on: bool) {
        self.body.core.relations.lock().trap_exits = on;
    }

    /// Names the process in reports and listings.
    pub fn label(&mut self, label: &str) {
        self.body.core.relations.lock().set_label(label.into());
    }

    /// Starts a process linked to this one from the first moment.
    ///
    /// # Errors
    /// None today; the shape is that of [`ambit::spawn_link`](crate::spawn_link).
    pub fn spawn_link<N, F, Fut>(&mut self, body: F) -> Result<Subject<N>, NotAProcess>
    where
        N: Message,
        F: FnOnce(Inbox<N>) -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        spawn::linked(&self.process(), body)
    }

    /// Starts a process monitored by this one from the first moment.
    ///
    /// # Errors
    /// None today; the shape is that of [`ambit::spawn_monitor`](crate::spawn_monitor).
    pub fn spawn_monitor<N, F, Fut>(
        &mut self,
        body: F,
    ) -> Result<(Subject<N>, MonitorRef), NotAProcess>
    where
        N: Message,
        F: FnOnce(Inbox<N>) -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        spawn::monitored(&self.process(), body)
    }

    /// The next event, whatever it is. When the turn of a `stop()` has come, the process ends here.
    pub async fn next(&mut self) -> Event<M> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The next event, or `None` if nothing comes within `time`.
    pub async fn next_within(&mut self, time: Duration) -> Option<Event<M>> {
        let world = self.body.core.world.clone();
        within(&world, time, |cx| self.poll_next(cx)).await
    }

    /// The next message; `Exit` and `Down` stay queued. `None` when the turn of a `stop()` has come. That nobody
    /// holds a handle any more does not end a process.
    pub async fn recv(&mut self) -> Option<M> {
        match poll_fn(|cx| self.poll_taken(cx, Some(is_message))).await {
            Taken::Event(Event::Message(message)) => Some(message),
            Taken::Stop(reason) => {
                self.body.core.relations.lock().make_rare().asked_to_stop = Some(reason);
                None
            }
            Taken::Event(Event::Exit(_) | Event::Down(_)) => None,
        }
    }

    /// The first event, queued or to come, that `wanted` accepts; all others stay queued, in order.
    /// (Erlang: selective `receive`.)
    pub async fn recv_match(&mut self, mut wanted: impl FnMut(&Event<M>) -> bool) -> Event<M> {
        let mut look = Look::default();
        poll_fn(|cx| self.poll_match(cx, &mut look, &mut wanted)).await
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Event<M>> {
        match std::task::ready!(self.poll_taken(cx, Some(|_| true))) {
            Taken::Event(event) => Poll::Ready(event),
            Taken::Stop(reason) => self.end_here(reason),
        }
    }

    /// The next message; exits and downs stay queued, and a `stop()` whose turn has come ends the process.
    pub(crate) fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<M> {
        loop {
            match std::task::ready!(self.poll_taken(cx, Some(is_message))) {
                Taken::Event(Event::Message(message)) => return Poll::Ready(message),
                Taken::Stop(reason) => return self.end_here(reason),
                Taken::Event(Event::Exit(_) | Event::Down(_)) => {}
            }
        }
    }

    /// Ends the process with `reason` at its next suspension, which is now.
    fn end_here<T>(&self, reason: ExitReason) -> Poll<T> {
        if self.side.is_some() {
            self.end_side(reason);
        } else {
            let mut reason = Some(reason);
            self.body.control(&mut |control| {
                if control.fatal.is_none() {
                    control.fatal = reason.take();
                }
            });
        }
        Poll::Pending
    }

    /// Nobody else ends what has no task.
    fn end_side(&self, reason: ExitReason) {
        if self.body.core.stage() < Stage::Gone {
            exit_path::finish(&self.process(), reason);
        }
    }

    /// With none wanted, nothing is taken.
    fn poll_taken(&mut self, cx: &mut Context<'_>, wanted: Option<Wanted<M>>) -> Poll<Taken<M>> {
        if let Some(reader) = &mut self.side {
            reader.waits_with(cx.waker(), |waker| self.body.runs_in(waker));
        }
        loop {
            let next = match wanted {
                Some(wanted) => self.body.poll_next(cx, wanted),
                None => self.body.poll_control(cx),
            };
            return Poll::Ready(match std::task::ready!(next) {
                Next::Ask(ask) => {
                    ask(None);
                    continue;
                }
                Next::Fatal(reason) if self.side.is_some() => return self.end_here(reason),
                // The driver of the process sees it as soon as this poll is over; an inbox that outlives its
                // process has none, and must not spin.
                Next::Fatal(_) | Next::Leave(_) => {
                    if self.body.core.is_alive() {
                        self.body.core.call_attention();
                        cx.waker().wake_by_ref();
                    }
                    return Poll::Pending;
                }
                Next::Entry(entry) => take(entry),
            });
        }
    }

    fn poll_match(
        &mut self,
        cx: &mut Context<'_>,
        look: &mut Look,
        wanted: &mut impl FnMut(&Event<M>) -> bool,
    ) -> Poll<Event<M>> {
        // Nothing is taken by this look; it serves the control lane and arms the wake-up.
        if let Poll::Ready(Taken::Event(event)) = self.poll_taken(cx, None) {
            return Poll::Ready(event);
        }
        if self.body.fatal().is_some() || self.body.is_suspended() {
            return Poll::Pending;
        }
        match self.body.search(look, |entry| choose(entry, wanted)) {
            Some(Taken::Event(event)) => Poll::Ready(event),
            Some(Taken::Stop(reason)) => self.end_here(reason),
            None => Poll::Pending,
        }
    }
}

fn is_message<M>(entry: &Queued<M>) -> bool {
    !matches!(entry, Entry::Note(Note::Exit(_) | Note::Down(_)))
}

/// Takes the entry if `wanted` accepts it, or gives it back as it was.
fn choose<M>(
    entry: Queued<M>,
    wanted: &mut impl FnMut(&Event<M>) -> bool,
) -> Result<Taken<M>, Queued<M>> {
    let (event, kept) = match entry.open() {
        Ok(letter) => (Event::Message(letter.item.0), Kept::User),
        Err(Note::Item(item)) => (Event::Message(item.0), Kept::Item),
        Err(Note::Timed(timer, item)) => (Event::Message(item.0), Kept::Timed(timer)),
        Err(Note::Exit(exit)) => (Event::Exit(*exit), Kept::Item),
        Err(Note::Down(down)) => (Event::Down(*down), Kept::Item),
        Err(Note::Stop(reason)) => return Ok(Taken::Stop(reason)),
    };
    if wanted(&event) {
        return Ok(Taken::Event(event));
    }
    Err(match (event, kept) {
        (Event::Exit(exit), _) => Entry::Note(Note::Exit(Box::new(exit))),
        (Event::Down(down), _) => Entry::Note(Note::Down(Box::new(down))),
        (Event::Message(message), Kept::User) => Bare::plain(Plain(message)).into(),
        (Event::Message(message), Kept::Item) => Entry::Note(Note::Item(Plain(message))),
        (Event::Message(message), Kept::Timed(timer)) => {
            Entry::Note(Note::Timed(timer, Plain(message)))
        }
    })
}

/// How an event stood in the queue.
enum Kept {
    User,
    Item,
    Timed(Arc<Ticking>),
}

fn take<M>(entry: Queued<M>) -> Taken<M> {
    match entry.open() {
        Ok(letter) => Taken::Event(Event::Message(letter.item.0)),
        Err(Note::Item(item) | Note::Timed(_, item)) => Taken::Event(Event::Message(item.0)),
        Err(Note::Exit(exit)) => Taken::Event(Event::Exit(*exit)),
        Err(Note::Down(down)) => Taken::Event(Event::Down(*down)),
        Err(Note::Stop(reason)) => Taken::Stop(reason),
    }
}

impl<M: Message> Drop for Inbox<M> {
    fn drop(&mut self) {
        if self.side.is_some() {
            self.end_side(ExitReason::Normal);
        }
    }
}

impl<M: Message> fmt::Debug for Inbox<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inbox({:?})", self.subject())
    }
}
