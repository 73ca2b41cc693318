//! A protocol that other nodes speak: its messages encoded as bytes.
//!
//! One node encodes a message ([`Remote::put_call`]); the other decodes it, hands it to the process
//! ([`Remote::take_call`]), and encodes the answer ([`Answering`]); the first node decodes that ([`AnswerWaiter`]). The
//! transport of the bytes is not part of this module.

mod answering;
mod exposed;
mod narrow;
mod waiting;

pub use self::answering::{AnswerAs, AnswerError, Answering, Asking};
pub use self::exposed::{DeliverError, Exposed, ReservedSlot};
pub use self::waiting::AnswerWaiter;

use crate::handle::protocol::Protocol;
use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::input::In;
use crate::message::out::Out;
use crate::message::schema::Types;
use crate::message::shape::{Interface, Shape};

/// The start arguments of a server, sent from another node. `#[gen_server(remote = "..")]` implements it, if all of
/// them can be sent.
#[diagnostic::on_unimplemented(
    message = "this server cannot be started from another node",
    label = "has no name on the wire, or no `#[init]`",
    note = "give the server a name, `#[gen_server(remote = \"shop.counter\")]`, and an `#[init]`: its arguments travel, the state does not"
)]
pub trait StartArgs: Sized {
    /// Describes the arguments.
    fn shape(types: &mut Types) -> Shape;

    /// Writes the arguments.
    ///
    /// # Errors
    /// A part cannot be encoded.
    fn put<C: Codec>(self, out: &mut Out<'_, C>) -> Result<(), EncodeError>;

    /// Reads the arguments.
    ///
    /// # Errors
    /// The bytes are not the arguments.
    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError>;
}

/// The start arguments of a server of type `S`: the arguments of its `#[init]` as a tuple. `#[gen_server(remote =
/// "..")]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{S}` is not started with `{Self}`",
    label = "not the arguments of its `#[init]`",
    note = "give them as a tuple: `start::<Counter>((40,))`"
)]
pub trait ArgsOf<S, A> {
    /// Returns the arguments of the server's init.
    fn into_args(self) -> A;
}

/// A protocol that other nodes speak. `#[gen_server(remote = "shop.counter")]` and `#[protocol(remote = "kv")]`
/// implement it.
///
/// A method is identified by the [`tag`](crate::message::tag) of its name, and its arguments by their positions.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not known to other nodes",
    label = "has no name on the wire",
    note = "give it one: `#[gen_server(remote = \"shop.counter\")]` on the block of a server, `#[protocol(remote = \"kv\")]` on a trait, `#[message(name = \"shop.order\")]` on the message of a plain process"
)]
pub trait Remote: Protocol + Addressed {
    /// Its name on the wire.
    const REMOTE: &'static str = Self::ADDRESS;

    /// Returns its methods; the definitions behind them are added to `types`.
    fn interface(types: &mut Types) -> Interface;

    /// Returns the tag of the method that a call is for.
    fn call_tag(call: &Self::Call) -> u32;

    /// Returns the tag of the method that a cast is for.
    fn cast_tag(cast: &Self::Cast) -> u32;

    /// Writes the arguments of a call.
    ///
    /// # Errors
    /// An argument cannot be encoded.
    fn put_call<C: Codec>(call: &Self::Call, out: &mut Out<'_, C>) -> Result<(), EncodeError>;

    /// Writes the arguments of a cast.
    ///
    /// # Errors
    /// An argument cannot be encoded.
    fn put_cast<C: Codec>(cast: &Self::Cast, out: &mut Out<'_, C>) -> Result<(), EncodeError>;

    /// Extracts the part of a call that waits for its answer.
    fn waiting<C: Codec>(call: Self::Call) -> AnswerWaiter<C>;

    /// Reads the arguments of a call, all of `input`, and sends the call.
    ///
    /// # Errors
    /// The bytes are not the arguments of the method. Nothing was sent.
    fn take_call<C: Codec>(
        method: u32,
        input: In<'_, C>,
        asking: Asking<'_, Self, C>,
    ) -> Result<Answering, DecodeError>;

    /// Reads the arguments of a cast, all of `input`.
    ///
    /// # Errors
    /// The bytes are not the arguments of the method.
    fn take_cast<C: Codec>(method: u32, input: In<'_, C>) -> Result<Self::Cast, DecodeError>;
}

/// A protocol with a name on the wire. It is all that a schema needs; a separate trait, so that a server without a name
/// is one error where its handle is to be sent, and not one more for the schema of that handle.
#[doc(hidden)]
pub trait Addressed: 'static {
    /// The name.
    const ADDRESS: &'static str;
}
