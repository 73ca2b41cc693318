//! Which infos a server handles.
//!
//! Everything rests on [`Handles`]. The other traits hold wherever it does, and stand in the bounds because of what the
//! compiler says when they do not hold: [`InfoOf`] waits until the type of the message is known, so that no message is
//! taken for the only one that the server handles; and a trait has one diagnostic, so that [`HandlesDown`] can name the
//! method that is missing.

use crate::server::context::IdleTimeout;
use crate::server::gen_server::GenServer;
use crate::signal::{Down, Exit};

/// This server has an `#[info]` for `T`: what leads to a message of type `T` is allowed in it.
///
/// The macros write it; a server by hand implements it for each type that it handles.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `{T}`: add `#[info] fn on_message(&mut self, message: {T})` to its `#[gen_server]` block",
    label = "leads to a message of type `{T}`",
    note = "a state machine has it in its `#[state_machine]` block; a server written by hand implements `Handles<{T}>`"
)]
pub trait Handles<T>: GenServer {
    /// The message as one of the server's infos. It only wraps the message: the server's mailbox is locked meanwhile.
    fn into_info(message: T) -> Self::Info;
}

/// The server `S` handles messages of this type: the other side of [`Handles`], and never implemented by hand.
#[diagnostic::on_unimplemented(
    message = "`{S}` does not handle `{Self}`: add `#[info] fn on_message(&mut self, message: {Self})` to its `#[gen_server]` block",
    label = "leads to a message of type `{Self}`",
    note = "a state machine has it in its `#[state_machine]` block; a server written by hand implements `Handles<{Self}>`"
)]
pub trait InfoOf<S: GenServer> {
    /// The message as one of the server's infos, as [`Handles::into_info`] makes it.
    fn info(self) -> S::Info;
}

#[diagnostic::do_not_recommend]
impl<S: Handles<T>, T> InfoOf<S> for T {
    fn info(self) -> S::Info {
        S::into_info(self)
    }
}

/// This server has an `#[info]` for [`Down`]: it may monitor others. It holds for each server that is
/// [`Handles<Down>`](Handles), and is never implemented by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `Down`: add `#[info] fn on_down(&mut self, down: Down)` to its `#[gen_server]` block",
    label = "a `Down` comes when the other process ends",
    note = "a state machine has it in its `#[state_machine]` block; a server written by hand implements `Handles<Down>`"
)]
pub trait HandlesDown: Handles<Down> {}

#[diagnostic::do_not_recommend]
impl<S: Handles<Down>> HandlesDown for S {}

/// This server has an `#[info]` for [`Exit`]: it may trap exits. It holds for each server that is
/// [`Handles<Exit>`](Handles), and is never implemented by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `Exit`: add `#[info] fn on_exit(&mut self, exit: Exit)` to its `#[gen_server]` block",
    label = "exit signals come as messages of type `Exit`",
    note = "a state machine has it in its `#[state_machine]` block; a server written by hand implements `Handles<Exit>`"
)]
pub trait HandlesExit: Handles<Exit> {}

#[diagnostic::do_not_recommend]
impl<S: Handles<Exit>> HandlesExit for S {}

/// This server has an `#[info]` for [`IdleTimeout`]: it may set one. It holds for each server that is
/// [`Handles<IdleTimeout>`](Handles), and is never implemented by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `IdleTimeout`: add `#[info] fn on_idle(&mut self, _idle: IdleTimeout)` to its `#[gen_server]` block",
    label = "an `IdleTimeout` comes when nothing else does",
    note = "a state machine has it in its `#[state_machine]` block; a server written by hand implements `Handles<IdleTimeout>`"
)]
pub trait HandlesIdleTimeout: Handles<IdleTimeout> {}

#[diagnostic::do_not_recommend]
impl<S: Handles<IdleTimeout>> HandlesIdleTimeout for S {}
