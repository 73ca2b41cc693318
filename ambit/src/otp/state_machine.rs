//! Servers with explicit states: the trait, and its runner.

mod choice;
mod context;
mod core;
mod event;
mod shell;

pub use self::choice::{Choice, IntoNext, only, refused};
pub use self::core::Next;
pub use self::event::{
    Due, HasEventTimeout, HasStateTimeout, StateEvent, StateInfo, StateMachine, StateStep,
    unhandled,
};
pub use self::shell::{handle_later, handle_now};
