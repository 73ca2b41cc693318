//! A protocol that other nodes speak.

use crate::handle::protocol::Protocol;
use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::remote::{AnswerWaiter, Answering, Asking};
use crate::message::schema::Types;
use crate::message::shape::Interface;

/// A protocol that other nodes speak. `#[gen_server(remote = "shop.counter")]` and `#[protocol(remote = "kv")]`
/// implement it.
///
/// A method is identified by the [`tag`](crate::message::tag) of its name, and its arguments by their positions.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used from other nodes",
    label = "missing a wire name",
    note = "add a wire name: `#[gen_server(remote = \"shop.counter\")]` on the block of a server, \
            `#[protocol(remote = \"kv\")]` on a trait, `#[message(name = \"shop.order\")]` on the message of a \
            plain process"
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
    /// An [`EncodeError`] if an argument cannot be encoded.
    fn put_call<C: Codec>(call: &Self::Call, out: &mut Out<'_, C>) -> Result<(), EncodeError>;

    /// Writes the arguments of a cast.
    ///
    /// # Errors
    /// An [`EncodeError`] if an argument cannot be encoded.
    fn put_cast<C: Codec>(cast: &Self::Cast, out: &mut Out<'_, C>) -> Result<(), EncodeError>;

    /// Extracts the part of a call that waits for its answer.
    fn waiting<C: Codec>(call: Self::Call) -> AnswerWaiter<C>;

    /// Reads the arguments of a call, all of `input`, and sends the call.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes are not the arguments of the method. Nothing was sent then.
    fn take_call<C: Codec>(
        method: u32,
        input: In<'_, C>,
        asking: Asking<'_, Self, C>,
    ) -> Result<Answering, DecodeError>;

    /// Reads the arguments of a cast, all of `input`.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes are not the arguments of the method.
    fn take_cast<C: Codec>(method: u32, input: In<'_, C>) -> Result<Self::Cast, DecodeError>;
}

/// A protocol with a name on the wire. It is all that a schema needs; a separate trait, so that a server without a name
/// is one error where its handle is to be sent, and not one more for the schema of that handle.
#[doc(hidden)]
pub trait Addressed: 'static {
    /// The name.
    const ADDRESS: &'static str;
}
