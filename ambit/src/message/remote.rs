//! A protocol that other nodes can use: its messages, encoded as bytes.
//!
//! The caller's node encodes a call ([`Remote::put_call`]). The callee's node decodes it and sends it to the process
//! ([`Remote::take_call`]), and encodes the reply ([`Answering`]), which the caller's node decodes ([`AnswerWaiter`]).
//! The transport of the bytes is not part of this module.

mod answer_as;
mod answering;
mod asking;
mod exposed;
mod narrow;
mod protocol;
mod waiting;

pub use self::answering::{AnswerError, Answering};
pub use self::asking::Asking;
pub use self::protocol::{Addressed, Remote};
pub use self::waiting::AnswerWaiter;

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::Types;
use crate::message::shape::Field;

/// The start arguments of a server, in a form that can be sent to another node. `#[gen_server(remote = "..")]`
/// implements it for the arguments of `#[init]` if all of them implement [`Wire`](crate::message::Wire).
///
/// ```
/// use ambit::prelude::*;
/// use ambit::message::{StartArgs, Types};
///
/// struct Counter(u64);
/// #[gen_server(remote = "shop.counter")]
/// impl Counter {
///     #[init] fn init(from: u64) -> Self { Self(from) }
///     #[call] fn get(&self) -> u64 { self.0 }
/// }
///
/// # fn main() {
/// let fields = <Counter as GenServer>::Args::fields(&mut Types::default());
/// assert_eq!((&*fields[0].name, fields[0].shape.to_string().as_str()), ("from", "u64"));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "this server cannot be started from another node",
    label = "missing a wire name, or an `#[init]`",
    note = "give the server a wire name, `#[gen_server(remote = \"shop.counter\")]`, and an `#[init]`; only the \
            arguments of `#[init]` are sent, not the state"
)]
pub trait StartArgs: Sized {
    /// The name under which other nodes start the server; `None` if it is the wire name of its protocol. A server that
    /// implements a `#[protocol]` trait has a name of its own.
    const START_NAME: Option<&'static str> = None;

    /// Returns the descriptions of the arguments, and adds the definitions of all referenced types to `types`. As those
    /// of a method, they are identified by their positions.
    fn fields(types: &mut Types) -> Vec<Field>;

    /// Writes the arguments to `out`.
    ///
    /// # Errors
    /// An [`EncodeError`] if an argument cannot be encoded.
    fn put<C: Codec>(self, out: &mut Out<'_, C>) -> Result<(), EncodeError>;

    /// Reads the arguments from `input`.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes are not valid start arguments.
    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError>;
}

/// The arguments of the `#[init]` of a server of type `S` as a tuple, which can be converted to its start arguments
/// `A`. `#[gen_server(remote = "..")]` implements it.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::message::ArgsOf;
/// use ambit::server::Start;
///
/// struct Counter(u64);
/// #[gen_server(remote = "shop.counter")]
/// impl Counter { #[init] fn init(from: u64) -> Self { Self(from) } }
///
/// fn start<S: GenServer>(args: impl ArgsOf<S, S::Args>) -> Start<S> { ambit::server::start(args.into_args()) }
/// # #[ambit::main]
/// # async fn main() {
/// assert!(start::<Counter>((40,)).await.is_ok());
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{S}` cannot be started with `{Self}`",
    label = "expected the arguments of its `#[init]`",
    note = "pass the arguments as a tuple: `start::<Counter>((40,))`"
)]
pub trait ArgsOf<S, A> {
    /// Converts the tuple to the start arguments of the server.
    fn into_args(self) -> A;
}
