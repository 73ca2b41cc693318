//! The clients of a run, spread over the members of a cluster.
//!
//! ```text
//! metrics access.log --cluster ADDRESS    the reader: reads the log, and prints the report
//! metrics serve --join ADDRESS            a member: counts the lines of its share of the clients
//! ```
//!
//! The hash of a client chooses its member (`reader`); the reader is a member too. The server of a client (`account`)
//! keeps its counts in memory. So the reader keeps all lines of all clients until the run ends (`spread`): when a
//! member is lost, its clients start on other members, and receive their lines again from the first one.
//!
//! Feature `cluster`; without it, both commands fail with the command that builds them.

#[cfg(not(feature = "cluster"))]
mod absent;
#[cfg(feature = "cluster")]
mod account;
#[cfg(feature = "cluster")]
mod credentials;
#[cfg(feature = "cluster")]
mod member;
#[cfg(feature = "cluster")]
mod reader;
#[cfg(feature = "cluster")]
mod spread;

#[cfg(not(feature = "cluster"))]
pub(crate) use self::absent::{Reader, Spread, join};
#[cfg(feature = "cluster")]
pub(crate) use self::{member::join, reader::Reader, spread::Spread};
