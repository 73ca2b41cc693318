//! Messages and protocols.

use std::convert::Infallible;
use std::fmt::Debug;

use crate::handle::subject::Subject;
use crate::handle::target::Target;

/// A value that can be sent to a plain process.
///
/// Std types implement it; derive it for your own types with `#[derive(Message)]`. With a name, `#[message(name =
/// "shop.order")]`, it can be sent to other nodes too: see `ambit::message`.
///
/// ```
/// use ambit::prelude::*;
/// #[derive(Message)]
/// enum Order { Coffee { sugar: bool }, Tea }
/// fn is_message<M: Message>() {}
/// is_message::<Order>();
/// is_message::<(u64, String)>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message",
    label = "not a message",
    note = "write `#[derive(Message)]` on it"
)]
pub trait Message: Sized + Send + 'static {}

/// The messages of a process: its calls and its casts. `#[gen_server]` implements it for a server type, `#[protocol]`
/// for `dyn` of a trait; for a plain process the message type is the protocol.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a protocol",
    note = "a protocol is a server type with `#[gen_server]` on its impl block, `dyn` of a trait with `#[protocol]`, or a message \
            type with `#[derive(Message)]`"
)]
pub trait Protocol: 'static {
    /// The calls, each with its reply port.
    type Call: Send;
    /// The casts.
    type Cast: Send;
    /// The typed handle.
    type Subject: Clone + Send + Sync + Debug + From<Subject<Self>> + AsRef<Subject<Self>> + Target;
    /// The name in handles and reports.
    const NAME: &'static str;
}

impl<M: Message> Protocol for M {
    type Call = Infallible;
    type Cast = M;
    type Subject = Subject<M>;
    const NAME: &'static str = "Process";
}
