//! A protocol that other nodes speak: its messages as bytes, and back.
//!
//! One node has a message and writes it ([`Remote::put_call`]); the other reads it, hands it to the process
//! ([`Remote::take_call`]), and writes the answer ([`Answering`]); the first one reads that ([`AnswerWaiter`]). Which bytes
//! travel between them, and when, is not known here.

mod answering;
mod exposed;
mod narrow;
mod waiting;

pub use self::answering::{AnswerAs, AnswerError, Answering, Asking};
pub use self::exposed::{DeliverError, Exposed, ReservedPlace};
pub use self::waiting::AnswerWaiter;

use crate::handle::protocol::Protocol;
use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::input::In;
use crate::message::out::Out;
use crate::message::schema::Types;
use crate::message::shape::{Interface, Shape};

/// What a server is started with, on its way from another node. `#[gen_server(remote = "..")]` writes it, where all of it
/// travels.
#[diagnostic::on_unimplemented(
    message = "this server cannot be started from another node",
    label = "has no name on the wire, or no `#[init]`",
    note = "give the server a name, `#[gen_server(remote = \"shop.counter\")]`, and an `#[init]`: its arguments travel, the state does not"
)]
pub trait StartArgs: Sized {
    /// Describes it.
    fn shape(types: &mut Types) -> Shape;

    /// Writes it.
    ///
    /// # Errors
    /// A part cannot be written.
    fn put<C: Codec>(self, out: &mut Out<'_, C>) -> Result<(), EncodeError>;

    /// Reads it.
    ///
    /// # Errors
    /// The bytes are none.
    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError>;
}

/// What a server of type `S` is started with: the arguments of its `#[init]` as a tuple. `#[gen_server(remote = "..")]`
/// writes it.
#[diagnostic::on_unimplemented(
    message = "`{S}` is not started with `{Self}`",
    label = "not the arguments of its `#[init]`",
    note = "give them as a tuple: `start::<Counter>((40,))`"
)]
pub trait ArgsOf<S, A> {
    /// What the server's init takes.
    fn into_args(self) -> A;
}

/// A protocol that other nodes speak. `#[gen_server(remote = "shop.counter")]` and `#[protocol(remote = "kv")]` write it.
///
/// A method is known by the [`tag`](crate::message::tag) of its name, and its arguments by their positions.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not known to other nodes",
    label = "has no name on the wire",
    note = "give it one: `#[gen_server(remote = \"shop.counter\")]` on the block of a server, `#[protocol(remote = \"kv\")]` on a trait, `#[message(name = \"shop.order\")]` on the message of a plain process"
)]
pub trait Remote: Protocol + Addressed {
    /// Its name on the wire.
    const REMOTE: &'static str = Self::ADDRESS;

    /// Its methods; the definitions behind them go to `types`.
    fn interface(types: &mut Types) -> Interface;

    /// The tag of the method that a call is for.
    fn call_tag(call: &Self::Call) -> u32;

    /// The tag of the method that a cast is for.
    fn cast_tag(cast: &Self::Cast) -> u32;

    /// Writes the arguments of a call.
    ///
    /// # Errors
    /// An argument cannot be written.
    fn put_call<C: Codec>(call: &Self::Call, out: &mut Out<'_, C>) -> Result<(), EncodeError>;

    /// Writes the arguments of a cast.
    ///
    /// # Errors
    /// An argument cannot be written.
    fn put_cast<C: Codec>(cast: &Self::Cast, out: &mut Out<'_, C>) -> Result<(), EncodeError>;

    /// Keeps of a call what waits for its answer.
    fn waiting<C: Codec>(call: Self::Call) -> AnswerWaiter<C>;

    /// Reads the arguments of a call, all of `input`, and asks.
    ///
    /// # Errors
    /// The bytes are no arguments of the method. Nothing was asked.
    fn take_call<C: Codec>(
        method: u32,
        input: In<'_, C>,
        asking: Asking<'_, Self, C>,
    ) -> Result<Answering, DecodeError>;

    /// Reads the arguments of a cast, all of `input`.
    ///
    /// # Errors
    /// The bytes are no arguments of the method.
    fn take_cast<C: Codec>(method: u32, input: In<'_, C>) -> Result<Self::Cast, DecodeError>;
}

/// A protocol with a name on the wire. All that a schema needs to know of it; a trait of its own, so that a server
/// without a name is one error where its handle is to travel, and not one more for the schema of that handle.
#[doc(hidden)]
pub trait Addressed: 'static {
    /// The name.
    const ADDRESS: &'static str;
}
