//! A protocol that other nodes speak.

use crate::handle::protocol::Protocol;
use crate::message::schema::Types;
use crate::message::shape::Interface;

/// A protocol that other nodes speak. `#[gen_server(remote = "shop.counter")]` and `#[protocol(remote = "kv")]` write it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not known to other nodes",
    label = "has no name on the wire",
    note = "give it one: `#[gen_server(remote = \"shop.counter\")]` on its block, or `#[protocol(remote = \"kv\")]` on the trait"
)]
pub trait Remote: Protocol {
    /// Its name on the wire.
    const REMOTE: &'static str;

    /// Its methods; the definitions behind them go to `types`.
    fn interface(types: &mut Types) -> Interface;
}
