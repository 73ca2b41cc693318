//! Notices about the end of processes: the system messages [`Exit`] and [`Down`], and their parts.

use std::fmt;

use crate::exit_reason::ExitReason;
use crate::pid::Pid;

/// The identifier of a monitor whose `Down` is delivered to the mailbox of the monitoring process. Dropping this value
/// does not end the monitor. Each call of `monitor` creates a new reference. (Erlang: the reference that `monitor/2`
/// returns.)
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<()>) {
///     let idle = ambit::spawn(|_: Inbox<()>| std::future::pending::<()>());
///     let (first, second) = (inbox.monitor(&idle), inbox.monitor(&idle));
///     assert_ne!(first, second);
///     assert!(inbox.demonitor(first));
///     assert!(!inbox.demonitor(first), "the monitor has ended");
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MonitorRef(pub(crate) u64);

impl fmt::Debug for MonitorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MonitorRef({})", self.0)
    }
}

/// An exit signal received by a process that traps exits. (Erlang: `{'EXIT', From, Reason}`.)
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<()>) {
///     inbox.trap_exits(true);
///     let worker = inbox.spawn_link(|_: Inbox<()>| async { ExitReason::Shutdown }).unwrap();
///     let InboxEvent::Exit(exit) = inbox.next().await else { panic!("only an Exit can come") };
///     assert_eq!((exit.from, exit.reason), (worker.pid(), ExitReason::Shutdown));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The sender: the linked process that ended, the process that called `exit`, the supervisor that shuts this
    /// process down, or the target of a link that does not exist or cannot be reached. [`Pid::NOBODY`] if `exit` was
    /// called outside a process, or if the application or the system is stopping.
    pub from: Pid,
    /// The reason of the signal.
    pub reason: ExitReason,
}

/// The end of a monitored process; each monitor receives exactly one. (Erlang:
/// `{'DOWN', Ref, process, Target, Reason}`.)
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<()>) {
///     let worker = ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; });
///     let monitor = inbox.monitor(&worker);
///     worker.stop().await.unwrap();
///     let InboxEvent::Down(down) = inbox.next().await else { panic!("only a Down can come") };
///     assert_eq!((down.monitor, down.reason), (monitor, ExitReason::Normal));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Down {
    /// The monitor that this `Down` belongs to.
    pub monitor: MonitorRef,
    /// The monitored target, as it was specified when the monitor was created.
    pub target: Watched,
    /// The reason why the process ended; `NoProcess` if it did not exist when the monitor was created.
    pub reason: ExitReason,
}

/// The target of a monitor, as it was specified when the monitor was created.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::process::Watched;
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<()>) {
///     let worker = ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; });
///     ambit::register("worker", &worker).unwrap();
///     inbox.monitor("worker");
///     worker.send(1).await.unwrap();
///     let InboxEvent::Down(down) = inbox.next().await else { panic!("only a Down can come") };
///     assert_eq!(down.target, Watched::Name("worker".into()));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "json",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum Watched {
    /// A process, specified by a pid, or by a handle that does not follow a local name.
    Process(Pid),
    /// The process that was registered under this local name when the monitor was created, specified by the name or by
    /// a handle that follows it.
    Name(String),
}
