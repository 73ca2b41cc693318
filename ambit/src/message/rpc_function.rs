//! Functions that other nodes can run.

use std::future::Future;
use std::time::Duration;

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::Types;
use crate::message::shape::Method;
use crate::message::wire::Wire;

/// A request to run a function, which can be sent to another node. [`#[rpc]`](macro@crate::rpc) on a function generates
/// such a type with the name of the function, and calling the function creates a request. (Erlang: the arguments of
/// `erpc:call/4`; in ambit, a node runs only the functions that it exposes, by their names on the wire.)
///
/// ```
/// use ambit::message::Rpc;
///
/// /// Multiplies.
/// #[ambit::rpc(name = "geo.area")]
/// async fn area(w: f64, h: f64) -> f64 {
///     w * h
/// }
///
/// #[ambit::main]
/// async fn main() {
///     // Here, as any function; with `ambit-dist` on another node.
///     assert_eq!(area(2.0, 3.0).run().await, 6.0);
///     assert_eq!(area::NAME, "geo.area");
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a function that other nodes can run",
    label = "not a request for a remote function",
    note = "add `#[rpc]` to the function; it generates a type with the name of the function"
)]
pub trait Rpc: Wire + Send + 'static {
    /// The function's name on the wire.
    const NAME: &'static str;
    /// The default timeout of callers; 5 s unless `#[rpc(timeout = ..)]` sets it.
    const TIMEOUT: Duration;
    /// The return type of the function.
    type Output: Wire + Send + 'static;

    /// Runs the function on this node.
    ///
    /// # Panics
    /// Panics if the function panics.
    ///
    /// # Cancel safety
    /// Dropping the future drops the future of the function at its current await point.
    fn run(self) -> impl Future<Output = Self::Output> + Send;

    /// Returns the description of the function's arguments and result, and adds the definitions of all referenced types
    /// to `types`.
    fn method(types: &mut Types) -> Method;

    /// Writes the arguments, which are identified by their positions. As a value, a request is a struct, whose fields are
    /// identified by their names.
    #[doc(hidden)]
    fn put_arguments<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError>;

    /// Reads the arguments that [`put_arguments`](Self::put_arguments) wrote.
    #[doc(hidden)]
    fn take_arguments<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError>;
}
