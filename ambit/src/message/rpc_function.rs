//! Functions that other nodes can run.

use std::future::Future;
use std::time::Duration;

use crate::message::schema::Types;
use crate::message::shape::Method;
use crate::message::wire::Wire;

/// A request for a function that other nodes can run. [`#[rpc]`](macro@crate::rpc) implements it: the type has the name
/// of the function, and the function creates a request. (Erlang: the arguments of `erpc:call/4`. Here only functions
/// that a node exposes can be called, by their names on the wire.)
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
    /// The default timeout of a caller; 5 s unless set.
    const TIMEOUT: Duration;
    /// The return type of the function.
    type Output: Wire + Send + 'static;

    /// Runs the function on this node.
    ///
    /// # Panics
    /// Panics if the function panics.
    ///
    /// # Cancel safety
    /// Dropping the future drops that of the function, at any await point.
    fn run(self) -> impl Future<Output = Self::Output> + Send;

    /// Returns its arguments and its result; the definitions behind them are added to `types`.
    fn method(types: &mut Types) -> Method;
}
