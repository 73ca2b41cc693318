//! A cluster in one thread, on a virtual clock, from a seed.
//!
//! Behind feature `sim`, which belongs into `[dev-dependencies]` only: it brings `ambit/test` with it.
//!
//! A [`Sim`] holds hosts and clients. Each runs on a virtual clock and on a network that loses, delays and reorders what
//! is sent, and on which a script or chance puts [faults](Fault). The servers in it are yours, unchanged: a day of sleep
//! takes no time. All chance comes from the seed, so a run that failed fails again.
//!
//! What must hold is said with [`always!`], what must happen in some runs with [`sometimes!`]. A [`Sweep`] runs many
//! seeds side by side, some of them twice to see that they go the same way; a [`Runner`] makes a program of it.
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
//!         let mut dice = host.dice("visits");
//!         for _ in 0..50 {
//!             let time = Duration::from_secs(dice.below(10));
//!             let was_open = door.open_for(time).timeout(Duration::from_secs(30)).await.unwrap();
//!             always!(!was_open, "one visitor at a time");
//!             sometimes!(host.life() > 1, "somebody visits after a crash");
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
//! A host's [`node`](Host::node) is a node as everywhere, with QUIC and TLS; its keys, its socket and its clock come from the
//! run. Three of them, one of which crashes:
//!
//! ```
//! use std::time::Duration;
//! use ambit_dist::sim::{Fault, Sim, always};
//!
//! const PORT: u16 = 9_000;
//! let mut sim = Sim::new(7);
//! sim.hosts(2, |host| async move {
//!     let node = host.node(PORT).start().await.unwrap();
//!     // It stays for as long as somebody holds it.
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
//! # What makes two runs of a seed differ
//!
//! Whatever is not made from the seed: `Instant::now` and `SystemTime::now` of the standard library (use
//! `tokio::time::Instant` and [`Host::wall_clock`]), `rand::rng()` (use [`Host::dice`]), the order of a `HashMap`, a
//! `select!` without `biased`, threads, and numbers that a whole program counts, such as those in a pid. A replay says
//! which event was the first to differ. What nodes send is compared byte for byte.

mod asserts;
mod chaos;
mod cluster;
mod dice;
mod drive;
mod fault;
mod host;
mod leftovers;
mod network;
mod node;
mod outcome;
mod runner;
mod secrets;
mod socket;
mod stage;
mod sweep;
mod trace;

pub use self::asserts::{always, note, sometimes};
#[doc(hidden)]
pub use self::asserts::{check_always, note_sometimes, note_text};
pub use self::chaos::Chaos;
pub use self::cluster::Sim;
pub use self::dice::Dice;
pub use self::fault::{Fault, Faults};
pub use self::host::{Host, HostResult};
pub(crate) use self::leftovers::{Leftovers, made};
pub use self::outcome::{Cause, Outcome, SimError};
pub use self::runner::{Runner, Scenario};
pub use self::sweep::{Progress, Sweep, SweepReport, replay};
pub use self::trace::{TraceEvent, TraceHash, What};
