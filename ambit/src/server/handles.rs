//! Which infos a server handles.

use crate::server::gen_server::GenServer;

/// This server has an `#[info]` for `T`: what leads to a message of type `T` is allowed in it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `{T}`",
    label = "leads to a message of type `{T}`, which `{Self}` does not handle",
    note = "add `#[info] fn on_message(&mut self, message: {T})` to its `#[gen_server]` block"
)]
pub trait Handles<T>: GenServer {
    /// The message as one of the server's infos. It only wraps the message: the server's mailbox is locked meanwhile.
    fn into_info(message: T) -> Self::Info;
}
