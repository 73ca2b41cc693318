//! A protocol that other nodes can use.

use crate::handle::protocol::Protocol;
use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::remote::{AnswerWaiter, Answering, Asking};
use crate::message::schema::Types;
use crate::message::shape::Interface;

/// A protocol that other nodes can use. `#[gen_server(remote = "shop.counter")]`, `#[protocol(remote = "kv")]` and
/// `#[derive(Message)]` with a name implement it.
///
/// A method is identified by the [`tag`](crate::message::tag) of its name, and its arguments by their positions.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::message::{Remote, Types};
///
/// struct Counter(u64);
/// #[gen_server(remote = "shop.counter")]
/// impl Counter { #[call] fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 } }
///
/// # fn main() {
/// let add = &Counter::interface(&mut Types::default()).methods[0];
/// assert_eq!((Counter::REMOTE, &*add.name, add.args.len()), ("shop.counter", "add", 1));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used from other nodes",
    label = "missing a wire name",
    note = "add a wire name: `#[gen_server(remote = \"shop.counter\")]` on the block of a server, \
            `#[protocol(remote = \"kv\")]` on a trait, `#[message(name = \"shop.order\")]` on the message of a \
            plain process"
)]
pub trait Remote: Protocol + Addressed {
    /// The name of the protocol on the wire.
    const REMOTE: &'static str = Self::ADDRESS;

    /// Returns the methods of the protocol, and adds the definitions of all referenced types to `types`.
    fn interface(types: &mut Types) -> Interface;

    /// Returns the tag of the method that `call` calls.
    fn call_tag(call: &Self::Call) -> u32;

    /// Returns the tag of the method that handles `cast`.
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

    /// Converts a call into the part that waits for its reply.
    fn waiting<C: Codec>(call: Self::Call) -> AnswerWaiter<C>;

    /// Reads all of `input` as the arguments of the call with the tag `method`, and sends the call as `asking`
    /// specifies.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes are not the arguments of the method; nothing is sent in that case.
    fn take_call<C: Codec>(
        method: u32,
        input: In<'_, C>,
        asking: Asking<'_, Self, C>,
    ) -> Result<Answering, DecodeError>;

    /// Reads all of `input` as the arguments of the cast with the tag `method`.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes are not the arguments of the method.
    fn take_cast<C: Codec>(method: u32, input: In<'_, C>) -> Result<Self::Cast, DecodeError>;
}

/// A protocol with a name on the wire, which is all that the schema of a handle requires. The trait is separate from
/// [`Remote`], so that sending the handle to a server without a name causes only one compile error.
#[doc(hidden)]
pub trait Addressed: 'static {
    /// The name of the protocol on the wire.
    const ADDRESS: &'static str;
}
