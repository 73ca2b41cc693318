//! The paths that items had at the root of the crate before they were grouped: hidden, so that code written against
//! them compiles. New code takes the prelude, or the module of an item.

pub use crate::api::agent::*;
pub use crate::api::application::*;
pub use crate::api::attribute::*;
pub use crate::api::breaker::*;
pub use crate::api::group::*;
pub use crate::api::pool::*;
pub use crate::api::pubsub::*;
pub use crate::api::rate_limit::*;
pub use crate::api::registry::*;
pub use crate::api::state_machine as machine;
pub use crate::api::state_machine::StateMachine;
pub use crate::api::table::{CreateTableError, OrderedTable, Table, TableError, TableTransfer};
pub use crate::api::task::{Ready, Task, TaskError, TaskSupervisor, TaskSupervisorBuilder};
pub use crate::error::{
    CallError, CastError, ChildError, Detail, ErrorReport, Executed, Failure, LookupError,
    NotAProcess, PanicReport, RegisterError, StartError, StopError, UpdateError,
};
pub use crate::inspect::{ProcessInfo, Status, Tree, processes, tree};
pub use crate::process::{
    CrashReport, DeadLetter, Down, Exit, ExitReason, Inbox, InboxEvent, IntoExit, LetterKind,
    Monitor, MonitorRef, Pid, Process, ProcessBody, Selector, Stop, Target, Timer, Undelivered,
    Watched, WithinDeadline,
};
pub use crate::retry::{GaveUp, Jitter, Retry, RetryError, Retrying};
pub use crate::server::*;
pub use crate::supervisor::*;
pub use crate::system::{System, SystemBuilder, SystemGuard, TelemetryGuard};
