//! A server with explicit states: the trait, and its runner.

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

/// A server with explicit states: its current state decides how it handles each event. (Erlang: `gen_statem`.)
///
/// [`#[state_machine]`](macro@crate::state_machine) on a plain impl block generates this. Written by hand, it looks as
/// follows: [`handle_event`](Self::handle_event) receives each event and returns the transition as a [`Next`], and the
/// [`GenServer`] forwards its messages.
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
    /// The type of the states.
    type State: Copy + Eq + Debug + Send + Sync + 'static;
    /// The messages that the machine sends to itself, like the [`Info`](GenServer::Info) of a server; the machine's own
    /// `Info` carries the timeouts as well.
    type Message: Send;
    /// The events that the machine inserts itself.
    type Internal: Send;
    /// The names of its timeouts.
    type Timeout: Copy + Eq + Debug + Send + 'static;

    /// Handles an event synchronously, or returns it for [`handle_event_later`](Self::handle_event_later).
    ///
    /// It is called for each state that is entered, including the first one, before any other event in that state, and
    /// for each state that is left. These two callbacks must return [`Next::Stay`] or [`Next::Stop`]; any other result
    /// ends the machine.
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

    /// Handles an event that `handle_event` has returned. An unhandled event other than entering and leaving is a dead
    /// letter.
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

/// A machine that handles its state timeout. The macro implements it for a machine with a `#[state_timeout]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `#[state_timeout]`",
    label = "sets a timeout that no method handles",
    note = "add `#[state_timeout(State => ..)] fn time_is_up(&mut self)` to its `#[state_machine]` block"
)]
pub trait HasStateTimeout: StateMachine {}

/// A machine that handles its event timeout. The macro implements it for a machine with an `#[event_timeout]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `#[event_timeout]`",
    label = "sets a timeout that no method handles",
    note = "add `#[event_timeout(State => ..)] fn nothing_came(&mut self)` to its `#[state_machine]` block"
)]
pub trait HasEventTimeout: StateMachine {}
