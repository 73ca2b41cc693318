//! Introspection of a running system: its processes, the cost of their methods, crashes, and findings of lints. All
//! results are plain data; with the feature `json`, [`Snapshot`], [`ProcessInfo`], [`Finding`] and [`Tree`] have
//! `to_json()`. (Erlang: `observer`, `recon`, `msacc`.)
//!
//! [`snapshot`] reads the whole system once. Processes, queues, restarts, the last crashes and dead letters
//! are always available, without any cost between snapshots. Counts and times per method require measuring, which is
//! off by default: [`measure`] returns a guard, and while it exists, every message is counted and one in 64 is timed. A
//! server processes messages in batches, and counts them when the batch ends: when its queue is empty, or its task
//! yields. A [`Watcher`] measures, takes a snapshot every second, and reports the findings of all lints; see [`Lint`].
//!
//! ```
//! use ambit::inspect;
//! use ambit::prelude::*;
//!
//! struct Counter(u64);
//! #[gen_server]
//! impl Counter {
//!     #[call]
//!     fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 }
//! }
//!
//! #[ambit::main]
//! async fn main() {
//!     let _measuring = inspect::measure().unwrap();
//!     let counter = Counter(40).start().await.unwrap();
//!     counter.add(2).await.unwrap();
//!     let snapshot = inspect::snapshot();
//!     let add = &snapshot.methods[0];
//!     assert_eq!((add.type_name, add.method, add.handled), ("Counter", "add", 1));
//!     assert!(snapshot.lints.is_empty());
//! }
//! ```

mod cycle;
mod finding;
mod history;
#[cfg(feature = "json")]
mod json;
mod lints;
mod measuring;
mod methods;
mod process;
mod snapshot;
mod tree;
mod watcher;

pub use self::finding::{Finding, Lint};
pub use self::measuring::{Measuring, add_lag_source, measure, measure_every};
pub use self::methods::MethodStats;
pub(crate) use self::process::names_of;
pub use self::process::{ProcessInfo, Status, is_alive};
pub use self::snapshot::{Snapshot, process_info, processes, snapshot};
pub use self::tree::{Tree, tree};
pub use self::watcher::{FindingChange, Tick, Watcher, WatcherBuilder};
pub use crate::process::crashes::Crash;
pub use crate::process::histogram::{Range, Times};
pub use crate::process::lag_sources::{Lag, LagGuard};
pub use crate::process::meter::BlockingPoll;
pub use crate::supervisor::restart_stats::Restarts;
