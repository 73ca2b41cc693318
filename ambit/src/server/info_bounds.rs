//! The infos that a server handles.
//!
//! [`Handles`] is the basis. The other traits are implemented wherever it is, and exist as bounds for their
//! diagnostics: [`InfoOf`] defers the choice until the type of the message is known, so that the compiler does not
//! assume the only message that the server handles; and a trait has only one diagnostic, so [`HandlesDown`] can name
//! the missing method.

use crate::server::gen_server::{GenServer, IdleTimeout};
use crate::signal::{Down, Exit};

/// A server with an `#[info]` method for `T`; required by operations that cause a message of type `T`.
///
/// The macros implement it; for a server written by hand, implement it for each message type that the server handles.
///
/// ```
/// use ambit::prelude::*;
/// use std::time::Duration;
/// struct Tick;
/// fn tick_soon<S: Handles<Tick>>(ctx: &mut Context<S>) { ctx.send_after(Duration::from_micros(100), Tick); }
/// struct Clock;
/// #[gen_server]
/// impl Clock {
///     #[init] fn init(ctx: &mut Context<Self>) -> Self { tick_soon(ctx); Self }
///     #[info] fn tick(&mut self, ctx: &mut Context<Self>, _tick: Tick) { ctx.stop(ExitReason::Shutdown) }
/// }
/// # #[ambit::main]
/// # async fn main() {
/// let clock = Clock::start().await.unwrap();
/// assert_eq!(clock.closed().await, ExitReason::Shutdown);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `{T}`; add `#[info] fn on_message(&mut self, message: {T})` to its \
               `#[gen_server]` block",
    label = "this sends a message of type `{T}`",
    note = "for a state machine, add it to the `#[state_machine]` block; for a server written by hand, \
            implement `Handles<{T}>`"
)]
pub trait Handles<T>: GenServer {
    /// Converts the message into the server's info type. It runs in the sender, when there is capacity for the message or
    /// the message is about to wait for capacity.
    fn into_info(message: T) -> Self::Info;
}

/// A message type that the server `S` handles: the inverse of [`Handles`]. Never implement it manually.
///
/// ```
/// use ambit::prelude::*;
/// use std::time::Duration;
/// use ambit::server::InfoOf;
/// struct Tick;
/// fn soon<S: GenServer, T: InfoOf<S> + Send + 'static>(ctx: &mut Context<S>, message: T) {
///     ctx.send_after(Duration::from_micros(100), message);
/// }
/// struct Clock;
/// #[gen_server]
/// impl Clock {
///     #[init] fn init(ctx: &mut Context<Self>) -> Self { soon(ctx, Tick); Self }
///     #[info] fn tick(&mut self, ctx: &mut Context<Self>, _tick: Tick) { ctx.stop(ExitReason::Shutdown) }
/// }
/// #[ambit::main]
/// async fn main() {
///     let clock = Clock::start().await.unwrap();
///     assert_eq!(clock.closed().await, ExitReason::Shutdown);
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{S}` does not handle `{Self}`; add `#[info] fn on_message(&mut self, message: {Self})` to its \
               `#[gen_server]` block",
    label = "this sends a message of type `{Self}`",
    note = "for a state machine, add it to the `#[state_machine]` block; for a server written by hand, \
            implement `Handles<{Self}>`"
)]
pub trait InfoOf<S: GenServer> {
    /// Converts the message into the info type of `S`, with [`Handles::into_info`].
    fn info(self) -> S::Info;
}

#[diagnostic::do_not_recommend]
impl<S: Handles<T>, T> InfoOf<S> for T {
    fn info(self) -> S::Info {
        S::into_info(self)
    }
}

/// A server with an `#[info]` method for [`Down`], which may monitor processes. Implemented for each server that is
/// [`Handles<Down>`](Handles); never implement it manually.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::server::HandlesDown;
/// fn watch<S: HandlesDown>(ctx: &mut Context<S>, process: Pid) { ctx.monitor(process); }
/// struct Guard;
/// #[gen_server]
/// impl Guard {
///     #[init] fn init(ctx: &mut Context<Self>, process: Pid) -> Self { watch(ctx, process); Self }
///     #[info] fn on_down(&mut self, ctx: &mut Context<Self>, down: Down) { ctx.stop(down.reason) }
/// }
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     let guard = Guard::start(idle.pid()).await.unwrap();
///     ambit::exit(&idle, ExitReason::Kill);
///     assert_eq!(guard.closed().await, ExitReason::Killed);
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `Down`; add `#[info] fn on_down(&mut self, down: Down)` to its \
               `#[gen_server]` block",
    label = "a `Down` is sent when the monitored process exits",
    note = "for a state machine, add it to the `#[state_machine]` block; for a server written by hand, \
            implement `Handles<Down>`"
)]
pub trait HandlesDown: Handles<Down> {}

#[diagnostic::do_not_recommend]
impl<S: Handles<Down>> HandlesDown for S {}

/// A server with an `#[info]` method for [`Exit`], which may trap exits. Implemented for each server that is
/// [`Handles<Exit>`](Handles); never implement it manually.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::server::HandlesExit;
/// fn trap<S: HandlesExit>(ctx: &mut Context<S>) { ctx.trap_exits(true); }
/// struct Guard;
/// #[gen_server]
/// impl Guard {
///     #[init] fn init(ctx: &mut Context<Self>) -> Self { trap(ctx); Self }
///     #[info] fn on_exit(&mut self, ctx: &mut Context<Self>, _exit: Exit) { ctx.stop(ExitReason::Shutdown) }
/// }
/// #[ambit::main]
/// async fn main() {
///     let guard = Guard::start().await.unwrap();
///     ambit::exit(&guard, ExitReason::Timeout);
///     assert_eq!(guard.closed().await, ExitReason::Shutdown);
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `Exit`; add `#[info] fn on_exit(&mut self, exit: Exit)` to its \
               `#[gen_server]` block",
    label = "exit signals arrive as messages of type `Exit`",
    note = "for a state machine, add it to the `#[state_machine]` block; for a server written by hand, \
            implement `Handles<Exit>`"
)]
pub trait HandlesExit: Handles<Exit> {}

#[diagnostic::do_not_recommend]
impl<S: Handles<Exit>> HandlesExit for S {}

/// A server with an `#[info]` method for [`IdleTimeout`], which may set an idle timeout. Implemented for each server
/// that is [`Handles<IdleTimeout>`](Handles); never implement it manually.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::server::HandlesIdleTimeout;
/// use std::time::Duration;
/// fn expire<S: HandlesIdleTimeout>(ctx: &mut Context<S>) { ctx.idle_timeout(Duration::from_micros(100)); }
/// struct Session;
/// #[gen_server]
/// impl Session {
///     #[init] fn init(ctx: &mut Context<Self>) -> Self { expire(ctx); Self }
///     #[info] fn on_idle(&mut self, ctx: &mut Context<Self>, _idle: IdleTimeout) { ctx.stop(ExitReason::Shutdown) }
/// }
/// # #[ambit::main]
/// # async fn main() {
/// let session = Session::start().await.unwrap();
/// assert_eq!(session.closed().await, ExitReason::Shutdown);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `IdleTimeout`; add `#[info] fn on_idle(&mut self, _idle: IdleTimeout)` \
               to its `#[gen_server]` block",
    label = "an `IdleTimeout` is sent when no other message arrives",
    note = "for a state machine, add it to the `#[state_machine]` block; for a server written by hand, \
            implement `Handles<IdleTimeout>`"
)]
pub trait HandlesIdleTimeout: Handles<IdleTimeout> {}

#[diagnostic::do_not_recommend]
impl<S: Handles<IdleTimeout>> HandlesIdleTimeout for S {}
