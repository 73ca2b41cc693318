//! The paths that items had at the root of the crate before they were grouped: hidden, so that code written against
//! them compiles. New code takes the prelude, or the module of an item.

#[doc(hidden)]
pub use crate::api::agent::{Agent, AgentJob, AgentServer};
#[doc(hidden)]
pub use crate::api::application::{Application, ApplicationError, Applications};
#[cfg(feature = "config")]
#[doc(hidden)]
pub use crate::api::application::{Config, ConfigError, ConfigLoader};
#[doc(hidden)]
pub use crate::api::attribute::{
    call, cast, child, continue_with, ctx, enter, event_timeout, exit, info, init, internal, rpc,
    state_timeout, terminate, timeout, wire,
};
#[doc(hidden)]
pub use crate::api::breaker::{
    BreakerError, BreakerState, CircuitBreaker, CircuitBreakerBuilder, WithBreaker,
};
#[doc(hidden)]
pub use crate::api::group::{Group, GroupChange, GroupEvent, GroupMonitor, JoinError, NotJoined};
#[doc(hidden)]
pub use crate::api::pool::{
    Checkout, CheckoutError, CheckoutOrder, ClientFailure, Lease, Pool, PoolBuilder, PoolState,
    PoolStatus, PoolWorker, PoolWorkerState, Route,
};
#[doc(hidden)]
pub use crate::api::pubsub::{
    Lagged, PubSub, SubscribeOptions, Subscriber, Subscription, Topic, WhenFull,
};
#[doc(hidden)]
pub use crate::api::rate_limit::{Acquire, Rate, RateLimited, RateLimiter, RateStats};
#[doc(hidden)]
pub use crate::api::registry::{Lock, Registered, Registry, RegistryEvent, Resolve, WaitFor};
#[doc(hidden)]
pub use crate::api::state_machine as machine;
#[doc(hidden)]
pub use crate::api::state_machine::StateMachine;
#[doc(hidden)]
pub use crate::api::table::{CreateTableError, OrderedTable, Table, TableError, TableTransfer};
#[doc(hidden)]
pub use crate::api::task::{Ready, Task, TaskError, TaskSupervisor, TaskSupervisorBuilder};
#[doc(hidden)]
pub use crate::error::{
    CallError, CastError, ChildError, Detail, ErrorReport, Executed, Failure, LookupError,
    NotAProcess, PanicReport, RegisterError, StartError, StopError, UpdateError,
};
#[doc(hidden)]
pub use crate::inspect::{ProcessInfo, Status, Tree, is_alive, process_info, processes, tree};
#[doc(hidden)]
pub use crate::process::{
    CrashReport, DeadLetter, Down, Exit, ExitReason, Inbox, InboxEvent, IntoExit, LetterKind,
    Monitor, MonitorRef, Pid, Process, ProcessBody, Selector, Stop, Target, Timer, Undelivered,
    Watched, WithinDeadline,
};
#[doc(hidden)]
pub use crate::retry::{GaveUp, Jitter, Retry, RetryError, Retrying};
#[cfg(feature = "tower")]
#[doc(hidden)]
pub use crate::server::SubjectService;
#[doc(hidden)]
pub use crate::server::{
    AnswerOf, Call, Carried, Cast, Context, Deliver, Flow, GenServer, Handles, HandlesDown,
    HandlesExit, HandlesIdleTimeout, IdleTimeout, Ignore, InPlace, Incoming, InfoOf, IntoFlow,
    IntoInit, Overflow, Owned, Pending, PendingStart, PendingStartOwned, Permit, PlainRecipient,
    Protocol, Recipient, ReplyPort, ReplyTo, Reserve, Same, ServerOptions, Start, StartOwned,
    Startable, Subject, start,
};
#[cfg(feature = "stream")]
#[doc(hidden)]
pub use crate::server::{Attached, HandlesStreamEnd, StreamEnd, StreamRef};
#[doc(hidden)]
pub use crate::supervisor::{
    AdminRequest, AutoShutdown, Backoff, Child, ChildCounts, ChildInfo, ChildKind, ChildSpec,
    ChildState, DynamicSupervisor, DynamicSupervisorBuilder, PartitionSupervisor,
    PartitionSupervisorBuilder, PendingAdminRequest, Restart, RestartArgs, Shutdown, Strategy,
    Supervisor, SupervisorBuilder,
};
#[doc(hidden)]
pub use crate::system::{System, SystemBuilder, SystemGuard, TelemetryGuard};
