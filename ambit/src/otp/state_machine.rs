//! A server that is always in one of a few states: the trait, and what runs it.

mod choice;
mod context;
mod core;
mod event;
mod shell;

pub use self::choice::{Choice, IntoNext, only, refused};
pub use self::core::Next;
pub use self::event::{Due, StateEvent, StateInfo, StateStep};
pub use self::shell::{handle_later, handle_now, unhandled};
use crate::server::context::Context;
use crate::server::gen_server::GenServer;

use std::fmt::Debug;
use std::future::Future;

/// A server that is always in one of a few states, and whose state says what it does with each event. (Erlang:
/// `gen_statem`.)
///
/// [`#[state_machine]`](macro@crate::state_machine) on a plain impl block writes this. By hand it looks so: what
/// happens is told to [`handle_event`](Self::handle_event), which says with [`Next`] where that leads, and the
/// [`GenServer`] passes on what it gets.
///
/// ```
/// use ambit::machine::{self, Next, StateEvent, StateInfo, StateStep};
/// use ambit::prelude::*;
/// use ambit::{Flow, Incoming, StateMachine};
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
/// impl ambit::Protocol for Light {
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
///         machine::handle_now(self, message, ctx)
///     }
///     async fn handle_continue(&mut self, step: StateStep<Self>, ctx: &mut Context<Self>) -> Flow {
///         machine::handle_later(self, step, ctx).await
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
    /// The states.
    type State: Copy + Eq + Debug + Send + Sync + 'static;
    /// The messages it asks for itself, as the [`Info`](GenServer::Info) of a server; that of the machine carries the
    /// timeouts as well.
    type Message: Send;
    /// The events it gives itself.
    type Internal: Send;
    /// The names of its timeouts.
    type Timeout: Copy + Eq + Debug + Send + 'static;

    /// Handles an event without a future, or gives it back for [`handle_event_later`](Self::handle_event_later).
    ///
    /// It is told of each state that is entered, the first one among them, before any other event in that state, and
    /// of each that is left. What it wants then, other than to stop, must be [`Next::Stay`]; else the machine ends.
    ///
    /// # Errors
    /// The event itself, if its handler is async or if there is none.
    fn handle_event(
        &mut self,
        state: Self::State,
        event: StateEvent<Self>,
        ctx: &mut Context<Self>,
    ) -> Result<Next<Self::State>, StateEvent<Self>> {
        let _ = (state, ctx);
        Err(event)
    }

    /// Handles an event that `handle_event` has given back. What it handles nowhere, other than entering and leaving, is
    /// a dead letter.
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

/// A machine that handles the end of its stay in a state. The macro says so of one with a `#[state_timeout]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `#[state_timeout]`",
    label = "sets a timeout that no method handles",
    note = "add `#[state_timeout(State => ..)] fn time_is_up(&mut self)` to its `#[state_machine]` block"
)]
pub trait HasStateTimeout: StateMachine {}

/// A machine that handles that no event has come. The macro says so of one with an `#[event_timeout]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `#[event_timeout]`",
    label = "sets a timeout that no method handles",
    note = "add `#[event_timeout(State => ..)] fn nothing_came(&mut self)` to its `#[state_machine]` block"
)]
pub trait HasEventTimeout: StateMachine {}
