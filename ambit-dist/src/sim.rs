//! Deterministic simulation: runs a whole cluster in one thread, on a virtual clock, from a seed.
//!
//! This module requires the feature `sim`. Enable it only in `[dev-dependencies]`, because it also enables
//! `ambit/test`.
//!
//! A [`Sim`] contains hosts and clients. They share a virtual clock and a network that loses, delays and reorders
//! datagrams. A script or a random source injects [faults](Fault). The hosts run your servers unchanged; sleeping for a
//! day takes no real time. All randomness derives from the seed, so a failed run can be reproduced.
//!
//! [`always!`] states an invariant; [`sometimes!`] states a condition that must be true in at least one run. A
//! [`Sweep`] runs many seeds in parallel, and some of them twice to check that they are deterministic. A [`Runner`]
//! turns scenarios into a command line program.
//!
//! ```
//! use std::time::Duration;
//! use ambit::prelude::*;
//! use ambit_dist::sim::{Chaos, Sweep, always, sometimes};
//!
//! struct Door { open: bool }
//! #[gen_server]
//! impl Door {
//!     #[call]
//!     async fn open_for(&mut self, time: Duration) -> bool {
//!         let was_open = std::mem::replace(&mut self.open, true);
//!         tokio::time::sleep(time).await;
//!         self.open = false;
//!         was_open
//!     }
//! }
//!
//! let report = Sweep::over(0..20).run(|sim| {
//!     sim.hosts(3, |host| async move {
//!         let door = Door { open: false }.start().await.unwrap();
//!         let mut rng = host.rng("visits");
//!         for _ in 0..50 {
//!             let time = Duration::from_secs(rng.below(10));
//!             let was_open = door.open_for(time).timeout(Duration::from_secs(30)).await.unwrap();
//!             always!(!was_open, "one visitor at a time");
//!             sometimes!(host.incarnation() > 1, "a visit after a crash");
//!         }
//!     });
//!     sim.chaos(Chaos::until(Duration::from_secs(4)).crashes(true));
//!     sim.tick(Duration::from_millis(10)).limit(Duration::from_secs(15));
//! });
//! report.assert_passed();
//! ```
//!
//! # Nodes
//!
//! [`Host::node`] builds a regular node with QUIC and TLS; its keys, its socket and its clock come from the run. The
//! example runs three nodes, one of which crashes:
//!
//! ```
//! use std::time::Duration;
//! use ambit_dist::sim::{Fault, Sim, always};
//!
//! const PORT: u16 = 9_000;
//! let mut sim = Sim::new(7);
//! sim.hosts(2, |host| async move {
//!     let node = host.node(PORT).start().await.unwrap();
//!     // The node runs until its last handle is dropped.
//!     std::future::pending::<()>().await;
//!     drop(node);
//! });
//! sim.client("web", |host| async move {
//!     let node = host.node(PORT).start().await.unwrap();
//!     let mut events = node.events();
//!     for peer in ["n1", "n2"] {
//!         node.connect(host.address_of(peer, PORT)).await.unwrap();
//!     }
//!     host.faults().crash("n1");
//!     while node.peer("n1").is_some() {
//!         events.next().await;
//!     }
//!     always!(node.peer("n2").is_some(), "the others stay");
//!     always!(host.now() < Duration::from_secs(10), "a crash is noticed");
//! });
//! sim.at(Duration::from_secs(30), Fault::Bounce("n1".into()));
//! sim.run().unwrap();
//! ```
//!
//! # Sources of nondeterminism
//!
//! Anything that does not derive from the seed makes two runs differ: `Instant::now` and `SystemTime::now` of the
//! standard library (use `tokio::time::Instant` and [`Host::wall_clock`]), `rand::rng()` (use [`Host::rng`]), the order
//! of a `HashMap`, a `select!` without `biased`, threads, and counters shared by the whole program, such as the numbers
//! in a pid. [`replay`] reports the first event that differs. It compares datagrams byte by byte.
#![allow(
    clippy::disallowed_methods,
    reason = "the simulator is what replaces the seam"
)]

mod asserts;
mod chaos;
mod cluster;
mod current_run;
mod driver;
mod fault;
mod host;
mod leak_check;
mod leftovers;
mod network;
mod node;
mod outcome;
mod rng;
mod runner;
mod secrets;
mod socket;
mod sweep;
mod trace;

pub use self::asserts::{always, note, sometimes};
#[doc(hidden)]
pub use self::asserts::{check_always, note_sometimes, note_text};
pub use self::chaos::Chaos;
pub use self::cluster::Sim;
pub use self::fault::{Fault, Faults};
pub use self::host::{Host, HostResult};
pub(crate) use self::leak_check::made;
pub(crate) use self::leftovers::{CheckedNode, Leftovers};
pub use self::outcome::{Cause, Outcome, SimError};
pub use self::rng::SimRng;
#[doc(hidden)]
pub use self::rng::SimRng as Dice;
pub use self::runner::{Runner, Scenario};
pub use self::sweep::{Progress, Sweep, SweepReport, replay};
#[doc(hidden)]
pub use self::trace::TraceKind as What;
pub use self::trace::{TraceEvent, TraceHash, TraceKind};
