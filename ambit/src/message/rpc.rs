//! Functions that other nodes may call.

use std::future::Future;
use std::time::Duration;

use crate::message::schema::Types;
use crate::message::shape::Method;
use crate::message::wire::Wire;

/// A request to a function that other nodes may call: its arguments. `#[rpc]` writes it.
///
/// (Erlang: what `erpc:call/4` is given. Here only what a node exposes can be called, and by its name on the wire.)
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no function that other nodes may call",
    label = "not an `#[rpc]` function",
    note = "write `#[rpc]` on a function, `#[rpc] async fn area(w: f64, h: f64) -> f64`, and name it here: `area`"
)]
pub trait Rpc: Wire + Send + 'static {
    /// Its name on the wire.
    const NAME: &'static str;
    /// How long a caller waits who says nothing else; 5 s unless the function says otherwise.
    const TIMEOUT: Duration;
    /// What it gives.
    type Output: Wire + Send + 'static;

    /// Calls it here.
    fn run(self) -> impl Future<Output = Self::Output> + Send;

    /// Its arguments and its answer; the definitions behind them go to `types`.
    fn method(types: &mut Types) -> Method;
}
