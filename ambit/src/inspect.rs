//! Introspection of a running system: its processes, the cost of their methods, crashes, and findings of lints. All
//! results are plain data; with feature `json` each has `to_json()`. (Erlang: `observer`, `recon`, `msacc`.)
//!
//! [`snapshot`] reads the system once. The parts that need no preparation cost a running system nothing: processes,
//! queues, restarts, the last crashes, dead letters. Counts and times per method must be measured, which is off by
//! default: [`measure`] returns a guard, and while it exists every message is counted and one of 64 is timed. A message
//! is counted when its batch is done: when the queue is empty, or the task yields. A [`Watcher`] measures, takes a
//! snapshot every second, and reports its findings: see [`Lint`].
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
pub use crate::process::lag::{Lag, LagGuard};
pub use crate::process::meter::BlockingPoll;
pub use crate::supervisor::restart_stats::Restarts;
