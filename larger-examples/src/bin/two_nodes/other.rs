//! The other process.

use std::error::Error;
use std::net::SocketAddr;

use ambit_dist::{Auth, Node};

use crate::counter::Counter;

/// The name of the node, and the argument with which the program runs as it.
pub(crate) const NAME: &str = "b";

pub(crate) async fn run(address: SocketAddr) -> Result<(), Box<dyn Error>> {
    let node = Node::builder(NAME).auth(Auth::cookie(larger_examples::cookie()?));
    let node = node.listen(address).timeouts(larger_examples::impatient());
    let node = node.start().await?;
    // Other nodes can only start exposed servers.
    node.expose::<Counter>();
    println!("{}", node.local_addr());
    larger_examples::first_has_ended().await?;
    node.leave().await;
    Ok(())
}
