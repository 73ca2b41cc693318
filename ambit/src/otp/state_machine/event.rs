//! The trait of a state machine, its events, and their wrappers.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use crate::handle::protocol::Protocol;
use crate::otp::state_machine::core::{Key, Next, Task};
use crate::panics;
use crate::process::dead_letter::Undelivered;
use crate::server::context::Context;
use crate::server::gen_server::ServerCell;
use crate::server::gen_server::{GenServer, Incoming};

/// A server with explicit states: its current state decides how it handles each event. (Erlang: `gen_statem`.)
///
/// The attribute [`#[state_machine]`](macro@crate::state_machine) implements this trait for a plain impl block. In a
/// hand-written implementation, [`handle_event`](Self::handle_event) receives each event and returns the transition as
/// a [`Next`], and the [`GenServer`] implementation forwards its messages to `state_machine::handle_now` and
/// `state_machine::handle_later`:
///
/// ```
/// use ambit::state_machine::{self, Next, StateEvent, StateInfo, StateStep};
/// use ambit::prelude::*;
/// use ambit::server::{Flow, Incoming};
/// use ambit::state_machine::StateMachine;
///
/// struct Light;
/// enum Ask { Colour(ReplyTo<Colour>) }
/// enum Tell { Switch }
/// #[derive(Clone, Copy, Debug, PartialEq, Eq)]
/// enum Colour { Red, Green }
///
/// impl StateMachine for Light {
///     type State = Colour;
///     type Message = ();
///     type Internal = ();
///     type Timeout = ();
///     fn handle_event(
///         &mut self,
///         state: Colour,
///         event: StateEvent<Self>,
///         ctx: &mut Context<Self>,
///     ) -> Result<Next<Colour>, StateEvent<Self>> {
///         Ok(match (state, event) {
///             (_, StateEvent::Call(Ask::Colour(reply))) => {
///                 ctx.answer(reply, state);
///                 Next::Stay
///             }
///             (Colour::Red, StateEvent::Cast(Tell::Switch)) => Next::To(Colour::Green),
///             (Colour::Green, StateEvent::Cast(Tell::Switch)) => Next::To(Colour::Red),
///             (_, event) => return Err(event),
///         })
///     }
/// }
///
/// impl ambit::server::Protocol for Light {
///     type Call = Ask;
///     type Cast = Tell;
///     type Subject = Subject<Self>;
///     const NAME: &'static str = "Light";
/// }
///
/// impl GenServer for Light {
///     type Protocol = Self;
///     type Args = Self;
///     type Info = StateInfo<Self>;
///     type Continue = StateStep<Self>;
///     async fn init(light: Self, ctx: &mut Context<Self>) -> Result<Self, ExitReason> {
///         ctx.start_in(Colour::Red);
///         Ok(light)
///     }
///     fn handle_now(&mut self, message: Incoming<Self>, ctx: &mut Context<Self>) -> Result<Flow, Incoming<Self>> {
///         state_machine::handle_now(self, message, ctx)
///     }
///     async fn handle_continue(&mut self, step: StateStep<Self>, ctx: &mut Context<Self>) -> Flow {
///         state_machine::handle_later(self, step, ctx).await
///     }
/// }
///
/// #[ambit::main]
/// async fn main() {
///     let light = ambit::start::<Light>(Light).await.unwrap();
///     light.send(Tell::Switch).await.unwrap();
///     assert_eq!(light.call(Ask::Colour).await, Ok(Colour::Green));
/// }
/// ```
pub trait StateMachine: GenServer<Info = StateInfo<Self>, Continue = StateStep<Self>> {
    /// The type of the states.
    type State: Copy + Eq + fmt::Debug + Send + Sync + 'static;
    /// The type of the machine's info messages: messages that the machine sends to itself or requests, like the
    /// [`Info`](GenServer::Info) of a server. The `Info` of the machine, [`StateInfo`], also contains its timeouts.
    type Message: Send;
    /// The type of the events that the machine inserts itself.
    type Internal: Send;
    /// The type of the names of the machine's timeouts.
    type Timeout: Copy + Eq + fmt::Debug + Send + 'static;

    /// Handles an event synchronously, or returns it for [`handle_event_later`](Self::handle_event_later).
    ///
    /// The method is also called with [`StateEvent::Enter`] for each state that is entered, including the initial one,
    /// before any other event in that state, and with [`StateEvent::Exit`] for each state that is left. For `Enter` and
    /// `Exit` it must return [`Next::Stay`] or [`Next::Stop`]; any other result ends the machine with an error.
    ///
    /// # Errors
    /// Returns the event itself if its handler is async, or if it has no handler.
    fn handle_event(
        &mut self,
        state: Self::State,
        event: StateEvent<Self>,
        ctx: &mut Context<Self>,
    ) -> Result<Next<Self::State>, StateEvent<Self>> {
        let _ = (state, ctx);
        Err(event)
    }

    /// Handles an event that [`handle_event`](Self::handle_event) has returned. By default the event is [unhandled]: it
    /// becomes a dead letter, unless it is an `Enter` or `Exit`.
    ///
    /// # Cancel safety
    /// When the machine is killed, the future is dropped at its next suspension; the event is lost.
    fn handle_event_later(
        &mut self,
        state: Self::State,
        event: StateEvent<Self>,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Next<Self::State>> + Send {
        let _ = state;
        std::future::ready(unhandled(event, ctx))
    }
}

/// Reports `event`, which no method handles, as a dead letter, unless it is an [`Enter`](StateEvent::Enter) or
/// [`Exit`](StateEvent::Exit). Returns [`Next::Stay`]: the machine keeps running.
pub fn unhandled<M: StateMachine>(event: StateEvent<M>, ctx: &mut Context<M>) -> Next<M::State> {
    if !matches!(event, StateEvent::Enter { .. } | StateEvent::Exit { .. }) {
        event.dead_letter(ctx.cell(), Undelivered::Unhandled);
    }
    Next::Stay
}

/// A marker trait for machines that handle a state timeout; it enables
/// [`Context::state_timeout`](crate::Context::state_timeout).
///
/// `#[state_machine]` implements the trait for a machine with a `#[state_timeout]`. Implement it yourself only for a
/// hand-written machine.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::state_machine::HasStateTimeout;
/// use std::time::Duration;
/// fn lock_soon<M: HasStateTimeout>(ctx: &mut Context<M>) { ctx.state_timeout(Duration::from_micros(100)) }
/// struct Door;
/// #[state_machine(states = [Locked, Open])]
/// impl Door {
///     #[cast(Locked => Open, Open => ignore)] fn open(&mut self, ctx: &mut Context<Self>) { lock_soon(ctx) }
///     #[state_timeout(Open => Locked)] fn lock(&mut self, ctx: &mut Context<Self>) { ctx.stop(ExitReason::Shutdown) }
/// }
/// # #[ambit::main]
/// # async fn main() {
/// let door = Door.start().await.unwrap();
/// door.open().await.unwrap();
/// assert_eq!(door.closed().await, ExitReason::Shutdown);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `#[state_timeout]`",
    label = "sets a timeout that no method handles",
    note = "add `#[state_timeout(State => ..)] fn time_is_up(&mut self)` to its `#[state_machine]` block"
)]
pub trait HasStateTimeout: StateMachine {}

/// A marker trait for machines that handle an event timeout; it enables
/// [`Context::event_timeout`](crate::Context::event_timeout).
///
/// `#[state_machine]` implements the trait for a machine with an `#[event_timeout]`. Implement it yourself only for a
/// hand-written machine.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::state_machine::HasEventTimeout;
/// use std::time::Duration;
/// fn expect_event_soon<M: HasEventTimeout>(ctx: &mut Context<M>) {
///     ctx.event_timeout(Duration::from_secs(1));
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `#[event_timeout]`",
    label = "sets a timeout that no method handles",
    note = "add `#[event_timeout(State => ..)] fn nothing_came(&mut self)` to its `#[state_machine]` block"
)]
pub trait HasEventTimeout: StateMachine {}

/// An event delivered to a [`StateMachine`]. (Erlang: the event type and content of `gen_statem`.)
///
/// ```
/// use ambit::state_machine::{Next, StateEvent, StateMachine};
/// /// Ends a machine whose state timeout expires, and leaves all other events to it.
/// fn end_on_timeout<M: StateMachine>(event: StateEvent<M>) -> Result<Next<M::State>, StateEvent<M>> {
///     match event {
///         StateEvent::StateTimeout => Ok(Next::Stop(ambit::process::ExitReason::Timeout)),
///         event => Err(event),
///     }
/// }
/// ```
#[non_exhaustive]
pub enum StateEvent<M: StateMachine> {
    /// A call: a request with its reply port.
    Call(<M::Protocol as Protocol>::Call),
    /// A cast: a message without a reply.
    Cast(<M::Protocol as Protocol>::Cast),
    /// An info: a message that the machine requested, such as a timer message, a `Down` or the result of a task, or a
    /// message that was sent to its `Recipient`.
    Info(M::Message),
    /// An event inserted by the machine with [`Context::next_event`](crate::Context::next_event).
    Internal(M::Internal),
    /// The state timeout expired.
    StateTimeout,
    /// The event timeout expired: no event arrived in time.
    EventTimeout,
    /// The named timeout expired.
    Timeout(M::Timeout),
    /// The state was entered: at start, on a transition, or again by [`Next::Repeat`].
    Enter {
        /// The previous state; the same state after [`Next::Repeat`], and `None` at the start.
        from: Option<M::State>,
    },
    /// The machine is about to leave the state.
    Exit {
        /// The next state.
        to: M::State,
    },
}

impl<M: StateMachine> StateEvent<M> {
    pub(super) fn of(task: Task<M::State, Self, M::Timeout>) -> Self {
        match task {
            Task::Exit { to } => Self::Exit { to },
            Task::Enter { from } => Self::Enter { from },
            Task::Event(event) => event,
            Task::Timeout(key) => Self::timeout(key),
        }
    }

    pub(super) fn timeout(key: Key<M::Timeout>) -> Self {
        match key {
            Key::State => Self::StateTimeout,
            Key::Event => Self::EventTimeout,
            Key::Named(name) => Self::Timeout(name),
        }
    }

    /// Reports an unhandled event. At the end of the machine only casts are reported, as with every server: a call
    /// returns an error when its reply port is dropped, and other events are internal.
    pub(super) fn dead_letter(self, cell: &Arc<ServerCell<M>>, why: Undelivered) {
        let item = match self {
            Self::Cast(cast) => Incoming::Cast(cast),
            own if why == Undelivered::Ended => return panics::drop_quietly(own),
            Self::Call(call) => Incoming::Call(call),
            Self::Info(message) => Incoming::Info(StateInfo::Message(message)),
            own => Incoming::Continue(StateStep::new(own, cell.clone())),
        };
        cell.dead_letter_item(item, why);
    }
}

impl<M: StateMachine> fmt::Debug for StateEvent<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(_) => f.write_str("Call(..)"),
            Self::Cast(_) => f.write_str("Cast(..)"),
            Self::Info(_) => f.write_str("Info(..)"),
            Self::Internal(_) => f.write_str("Internal(..)"),
            Self::StateTimeout => f.write_str("StateTimeout"),
            Self::EventTimeout => f.write_str("EventTimeout"),
            Self::Timeout(name) => f.debug_tuple("Timeout").field(name).finish(),
            Self::Enter { from } => f.debug_struct("Enter").field("from", from).finish(),
            Self::Exit { to } => f.debug_struct("Exit").field("to", to).finish(),
        }
    }
}

/// The info type of a state machine as a server: its own info messages, and its timeouts.
///
/// [`StateMachine`] has an example of a machine written by hand.
#[non_exhaustive]
pub enum StateInfo<M: StateMachine> {
    /// An info message of the machine.
    Message(M::Message),
    /// A timeout that is due.
    Timeout(Due),
}

/// A timeout that is due. It has no effect if it has been cancelled meanwhile.
#[derive(Debug)]
pub struct Due {
    pub(super) number: u64,
}

impl<M: StateMachine> fmt::Debug for StateInfo<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Message(_) => "Message(..)",
            Self::Timeout(_) => "Timeout",
        })
    }
}

/// An event that a state machine handles before its next message: the entry into the initial state, an inserted or
/// postponed event, a zero timeout, or an event with an async handler. It is the continuation type of the machine.
pub struct StateStep<M: StateMachine> {
    event: Option<StateEvent<M>>,
    /// The process that reports the event as a dead letter if the machine ends first.
    cell: Arc<ServerCell<M>>,
}

impl<M: StateMachine> StateStep<M> {
    pub(super) fn new(event: StateEvent<M>, cell: Arc<ServerCell<M>>) -> Self {
        let event = Some(event);
        Self { event, cell }
    }

    /// Returns the event, for reports. `None` once it has been handled.
    pub fn event(&self) -> Option<&StateEvent<M>> {
        self.event.as_ref()
    }

    pub(super) fn take(mut self) -> Option<StateEvent<M>> {
        self.event.take()
    }
}

impl<M: StateMachine> Drop for StateStep<M> {
    fn drop(&mut self) {
        if let Some(event) = self.event.take() {
            event.dead_letter(&self.cell, Undelivered::Ended);
        }
    }
}

impl<M: StateMachine> fmt::Debug for StateStep<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.event {
            Some(event) => event.fmt(f),
            None => f.write_str("StateStep"),
        }
    }
}
