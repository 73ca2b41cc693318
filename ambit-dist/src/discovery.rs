//! Discovery: sources of candidate addresses at which a node can dial the other nodes of its cluster.
//!
//! Give a node one or more sources with [`NodeBuilder::discover`](crate::NodeBuilder::discover). The node dials every
//! address that a source lists like a [seed](crate::NodeBuilder::seeds): until a node answers, and again after a loss
//! of the connection. [`Node::discovery`](crate::Node::discovery) returns the current candidates and the last error of
//! each source.
//!
//! **Candidates are only dialled.** A source grants no rights: TLS and the [admit hook](crate::NodeBuilder::admit)
//! decide which nodes may connect. A forged DNS answer causes a failed dial and nothing else.
//!
//! | source | finds nodes by | feature |
//! |---|---|---|
//! | [`Seeds`] | a fixed list, or the environment variable `AMBIT_SEEDS` | |
//! | [`Dns`] | the A and AAAA records of a name, such as a headless service of Kubernetes | |
//! | `Srv` | SRV records, with the port of each node | `srv` |
//! | `MulticastDns` | multicast DNS in the local network | `mdns` |
//!
//! Implement [`Discovery`] for any other source.
//!
//! ```
//! use ambit_dist::Node;
//! use ambit_dist::discovery::{Dns, Seeds};
//! # use ambit_dist::transport::Memory;
//!
//! # #[ambit::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let network = Memory::new();
//! let node = Node::builder("a")
//! #   .transport(network.bind("10.0.0.1:9000".parse()?)?)
//!     .discover(Seeds::from_env()?)
//!     .discover(Dns::kubernetes("shop", "production", 9000));
//! # drop(node);
//! # Ok(())
//! # }
//! ```

mod dns;
mod error;
mod host_poll;
#[cfg(feature = "mdns")]
mod mdns;
#[cfg(feature = "mdns")]
mod mdns_announcement;
#[cfg(feature = "mdns")]
mod mdns_daemon;
mod poll_schedule;
mod resolve;
mod seed_address;
mod source;
#[cfg(feature = "srv")]
mod srv;
#[cfg(feature = "srv")]
mod srv_lookup;
mod static_seeds;
#[cfg(test)]
mod tests;

pub use self::dns::Dns;
pub use self::error::{DiscoveryError, InvalidSeed};
#[cfg(feature = "mdns")]
pub use self::mdns::MulticastDns;
pub use self::source::{Discovery, LocalNode, NextCandidates};
#[cfg(feature = "srv")]
pub use self::srv::Srv;
pub use self::static_seeds::Seeds;
