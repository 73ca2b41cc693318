//! Processes: untyped handles, the inboxes of plain processes, and the signals between processes.
//!
//! A process has a [`Pid`], a mailbox, links and monitors. [`spawn`](crate::spawn) runs an async function as a process,
//! which receives messages through its [`Inbox`]. A [`link`](crate::link) propagates failure: when one process ends
//! abnormally, the other ends too, or receives an [`Exit`] if it traps exits. A [`Monitor`] only notifies: it yields
//! one [`Down`]. A [`Process`] is the untyped handle to a process; every subject dereferences to it.
//!
//! An accepted message that is not handled is never lost silently: a call returns an error to its caller, and any other
//! message is counted and reported as a [`DeadLetter`]. Only the messages of a process's own timers and tasks are
//! discarded without a report when the process ends. An abnormal end is reported as a [`CrashReport`].

pub(crate) mod adopt;
pub(crate) mod cell;
pub(crate) mod checked_poll;
pub(crate) mod clock;
pub(crate) mod control_lane;
pub(crate) mod counted_task;
pub(crate) mod crash;
pub(crate) mod crashes;
pub(crate) mod current;
pub(crate) mod current_request;
pub(crate) mod current_system;
pub(crate) mod dead_letter;
pub(crate) mod dropped_ports;
pub(crate) mod exit_hook;
pub(crate) mod exit_notices;
pub(crate) mod exit_observers;
pub(crate) mod exit_path;
pub(crate) mod exit_queue;
pub(crate) mod exit_task;
pub(crate) mod guard;
pub(crate) mod handler_span;
pub(crate) mod header;
pub(crate) mod histogram;
pub(crate) mod idle_tasks;
pub(crate) mod lag_sources;
pub(crate) mod link;
pub(crate) mod mailbox_item;
pub(crate) mod measure;
pub(crate) mod meter;
pub(crate) mod method_counters;
pub(crate) mod monitor;
#[cfg(feature = "json")]
pub(crate) mod nanos;
pub(crate) mod node_signal;
pub(crate) mod offer;
pub(crate) mod owned_task;
pub(crate) mod panic_hook;
pub(crate) mod patience;
pub(crate) mod poll_count;
pub(crate) mod process_task;
pub(crate) mod queue_scan;
pub(crate) mod queued_signals;
pub(crate) mod reaper;
pub(crate) mod relation;
pub(crate) mod relations_by_node;
pub(crate) mod resolved;
pub(crate) mod retained_mailbox;
pub(crate) mod route;
pub(crate) mod signal;
pub(crate) mod small_set;
pub(crate) mod stderr;
pub(crate) mod system_inner;
pub(crate) mod system_message;
pub(crate) mod system_settings;
pub(crate) mod table;
pub(crate) mod task_tracker;
pub(crate) mod telemetry;
pub(crate) mod terminating;
pub(crate) mod thread_shard;
pub(crate) mod time_driver;
pub(crate) mod timed_ticket;
pub(crate) mod timer;
pub(crate) mod wait_check;
pub(crate) mod wait_edge;
pub(crate) mod wait_graph;
pub(crate) mod wait_scope;

pub use crate::exit_reason::ExitReason;
pub use crate::handle::exits::{Monitor, Stop};
pub use crate::handle::process::Process;
pub use crate::handle::target::Target;
pub use crate::pid::Pid;
pub use crate::plain::inbox::Inbox;
pub use crate::plain::inbox_event::InboxEvent;
pub use crate::plain::into_exit::IntoExit;
pub use crate::plain::select::Selector;
pub use crate::plain::spawn::ProcessBody;
pub use crate::process::crash::CrashReport;
pub use crate::process::current_request::WithinDeadline;
pub use crate::process::dead_letter::{DeadLetter, LetterKind, Undelivered};
pub use crate::process::timer::Timer;
pub use crate::signal::{Down, Exit, MonitorRef, Watched};
