//! A protocol that other nodes speak: its messages encoded as bytes.
//!
//! One node encodes a message ([`Remote::put_call`]); the other decodes it, hands it to the process
//! ([`Remote::take_call`]), and encodes the answer ([`Answering`]); the first node decodes that ([`AnswerWaiter`]). The
//! transport of the bytes is not part of this module.

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
use crate::message::shape::Shape;

/// The start arguments of a server, sent from another node. `#[gen_server(remote = "..")]` implements it, if all of
/// them can be sent.
#[diagnostic::on_unimplemented(
    message = "this server cannot be started from another node",
    label = "missing a wire name, or an `#[init]`",
    note = "give the server a wire name, `#[gen_server(remote = \"shop.counter\")]`, and an `#[init]`; only the \
            arguments of `#[init]` are sent, not the state"
)]
pub trait StartArgs: Sized {
    /// Describes the arguments.
    fn shape(types: &mut Types) -> Shape;

    /// Writes the arguments.
    ///
    /// # Errors
    /// An [`EncodeError`] if an argument cannot be encoded.
    fn put<C: Codec>(self, out: &mut Out<'_, C>) -> Result<(), EncodeError>;

    /// Reads the arguments.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes are not the arguments.
    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError>;
}

/// The start arguments of a server of type `S`: the arguments of its `#[init]` as a tuple. `#[gen_server(remote =
/// "..")]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{S}` cannot be started with `{Self}`",
    label = "expected the arguments of its `#[init]`",
    note = "pass the arguments as a tuple: `start::<Counter>((40,))`"
)]
pub trait ArgsOf<S, A> {
    /// Returns the arguments of the server's init.
    fn into_args(self) -> A;
}
