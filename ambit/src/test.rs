//! The test kit: `#[ambit::test]`, probes, fault injection, supervision in tests, and waiting until all processes are
//! idle.
//!
//! Requires the feature `test`; enable it in `[dev-dependencies]` only.
//!
//! ```
//! use ambit::prelude::*;
//! use ambit::test::{Probe, settle};
//! struct Bell { listener: Recipient<String> }
//! #[gen_server]
//! impl Bell {
//!     #[cast]
//!     fn ring(&mut self) { self.listener.send("ding".into()).now().ok(); }
//! }
//! #[ambit::test]
//! async fn a_bell_rings() {
//!     let mut probe = Probe::<String>::new();
//!     let bell = Bell { listener: probe.recipient() }.start().await.unwrap();
//!     bell.ring().await.unwrap();
//!     assert_eq!(probe.expect().await, "ding");
//!     settle().await;
//! }
//! # fn main() {}
//! ```

mod faults;
mod harness;
mod holdings;
pub(crate) mod ledger;
pub(crate) mod mock;
mod probe;
mod settle;
mod supervised;
mod watchdog;

pub use self::faults::{FullMailbox, crash, fill_mailbox, hang};
pub use self::harness::{TestOptions, run_test, seed};
pub use self::holdings::{Holdings, holdings, open_questions};
pub use self::ledger::{crashes, dead_letters, expect_crash, expect_dead_letters};
pub use self::probe::Probe;
pub use self::settle::settle;
#[doc(hidden)]
pub use self::supervised::expected_tree;
pub use self::supervised::{
    assert_restarted, assert_tree, await_restart, start_supervised, stop_supervised, tree_of,
};

/// Waits up to 5 s for the next event of a [`Probe`](crate::test::Probe), asserts that it is a `Down` whose reason
/// matches a pattern, and returns the `Down`. The pattern may have an `if` guard.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::test::{Probe, assert_down};
/// #[ambit::test]
/// async fn a_worker_shuts_down() {
///     let mut probe = Probe::<()>::new();
///     let worker = ambit::spawn(|_: Inbox<()>| async { ExitReason::Shutdown });
///     probe.monitor(&worker);
///     assert_down!(probe, ExitReason::Shutdown | ExitReason::NoProcess);
/// }
/// # fn main() {}
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! __assert_down {
    ($probe:expr, $reason:pat $(if $guard:expr)? $(,)?) => {
        match $probe.expect_event().await {
            $crate::InboxEvent::Down(down) => {
                match &down.reason {
                    $reason $(if $guard)? => {}
                    other => ::core::panic!(
                        "expected a Down with {}, found {other:?}",
                        ::core::stringify!($reason),
                    ),
                }
                down
            }
            $crate::InboxEvent::Exit(exit) => ::core::panic!("expected a Down, found {exit:?}"),
            $crate::InboxEvent::Message(_) => ::core::panic!("expected a Down, found a message"),
        }
    };
}

pub use crate::__assert_down as assert_down;
