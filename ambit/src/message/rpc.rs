//! Functions that other nodes can run.

use std::future::Future;
use std::time::Duration;

use crate::message::schema::Types;
use crate::message::shape::Method;
use crate::message::wire::Wire;

/// A request for a function that other nodes can run. [`#[rpc]`](macro@crate::rpc) writes it: the type is called as the
/// function, and the function makes a request. (Erlang: what `erpc:call/4` is given. Here only what a node exposes can be
/// called, and by its name on the wire.)
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
    message = "`{Self}` is no function that other nodes can run",
    label = "no request for a remote function",
    note = "write `#[rpc]` on the function; its name is then that of the type as well"
)]
pub trait Rpc: Wire + Send + 'static {
    /// The function's name on the wire.
    const NAME: &'static str;
    /// How long a caller waits unless it says otherwise; 5 s by default.
    const TIMEOUT: Duration;
    /// What the function returns.
    type Output: Wire + Send + 'static;

    /// Runs the function, here.
    ///
    /// # Panics
    /// If the function does.
    ///
    /// # Cancel safety
    /// Dropping the future drops that of the function, wherever it waits.
    fn run(self) -> impl Future<Output = Self::Output> + Send;

    /// What it takes and returns; the definitions behind it go to `types`.
    fn method(types: &mut Types) -> Method;
}
