//! The public modules that collect items from several internal ones. Each item has one public path.

/// Agents: a value owned by its own process; callers read and change it with closures. (Elixir: `Agent`.)
pub mod agent {
    pub use crate::otp::agent::{Agent, AgentJob, AgentServer};
}

/// Applications: parts of a program that start after their dependencies and stop before them. (Erlang: `application`.)
pub mod application {
    #[cfg(feature = "config")]
    pub use crate::otp::application::config::{Config, error::ConfigError, loader::ConfigLoader};
    pub use crate::otp::application::controller::Applications;
    pub use crate::otp::application::error::ApplicationError;
    pub use crate::otp::application::spec::Application;
}

/// The attributes of methods and arguments inside a `#[gen_server]`, `#[state_machine]` or `#[supervisor]` block, and
/// the attributes of messages between nodes, `#[rpc]` and `#[wire]`.
///
/// A block macro recognizes its attributes by name, so none of them needs an import. The [prelude](crate::prelude)
/// exports all of them except `info`, a name that other crates use too, and `ctx`: a handler that uses `ctx` without
/// taking it would get an error about the attribute. The exports let an editor explain and complete them.
pub mod attribute {
    pub use ambit_macros::{
        call, cast, child, continue_with, ctx, enter, event_timeout, exit, info, init, internal,
        rpc, state_timeout, terminate, timeout, wire,
    };
}

/// Circuit breakers: reject calls to a failing service, and retry it after a delay.
pub mod breaker {
    pub use crate::otp::breaker::with_breaker::WithBreaker;
    pub use crate::otp::breaker::{
        BreakerError, BreakerState, CircuitBreaker, CircuitBreakerBuilder,
    };
}

/// Named groups of processes, with join, leave and change notifications. (Erlang: `pg`.)
pub mod group {
    pub use crate::otp::group::watch::GroupMonitor;
    pub use crate::otp::group::{Group, GroupChange, GroupEvent, JoinError, NotJoined};
}

/// Pools: identical workers behind one handle, which routes messages to workers or checks a worker out. (Erlang:
/// `poolboy`, `worker_pool`.)
pub mod pool {
    pub use crate::otp::pool::Pool;
    pub use crate::otp::pool::builder::PoolBuilder;
    pub use crate::otp::pool::checkout::Checkout;
    pub use crate::otp::pool::error::CheckoutError;
    pub use crate::otp::pool::lease::Lease;
    pub use crate::otp::pool::policy::{CheckoutOrder, ClientFailure, Route};
    pub use crate::otp::pool::status::{PoolState, PoolStatus, PoolWorker, PoolWorkerState};
}

/// Topics: publish and subscribe, without publishers and subscribers knowing each other. (Elixir: `Phoenix.PubSub`.)
pub mod pubsub {
    pub use crate::otp::pubsub::{
        Lagged, PubSub, SubscribeOptions, Subscriber, Subscription, Topic, WhenFull,
    };
}

/// Rate limiters: token buckets that limit access to a resource.
pub mod rate_limit {
    pub use crate::otp::rate_limit::acquire::{Acquire, RateLimited};
    pub use crate::otp::rate_limit::{Rate, RateLimiter, RateStats};
}

/// Registries: processes registered under typed keys, and handles that follow a key. (Elixir: `Registry`.)
pub mod registry {
    pub use crate::handle::following::Resolve;
    pub use crate::names::lock::Lock;
    pub use crate::names::registered::Registered;
    pub use crate::names::registry::{Registry, RegistryEvent};
    pub use crate::names::wait::WaitFor;
}

/// State machines: the types behind `#[state_machine]`, and those for state machines written by hand. (Erlang:
/// `gen_statem`.)
pub mod state_machine {
    pub use crate::otp::state_machine::{
        Choice, Due, HasEventTimeout, HasStateTimeout, IntoNext, Next, StateEvent, StateInfo,
        StateMachine, StateStep, handle_later, handle_now, unhandled,
    };
}

/// Requests that every process serves without user code. (Erlang: `sys`.)
pub mod sys {
    pub use crate::server::sys::{replace_state, resume, state_of, suspend};
}

/// Tables: shared state owned by a process and read without sending it a message. (Erlang: `ets`.)
pub mod table {
    pub use crate::otp::table::{
        Access, CreateTableError, Finds, Hashed, Layout, Number, Ordered, OrderedTable, Table,
        TableBuilder, TableError, TableInfo, TableTransfer, tables,
    };
}

/// Tasks: futures that run as processes; the owner of a task awaits its value. (Elixir: `Task`.)
pub mod task {
    pub use crate::otp::task::error::TaskError;
    pub use crate::otp::task::handle::Task;
    pub use crate::otp::task::many::{AwaitMany, OnTimeout, YieldMany, await_many, yield_many};
    pub use crate::otp::task::owner_link::{callers, trap_exits};
    pub use crate::otp::task::ready::Ready;
    pub use crate::otp::task::spawn::SpawnTask;
    pub use crate::otp::task::stream::input::{FailedElement, InputStream};
    pub use crate::otp::task::stream::{TaskStream, stream};
    pub use crate::otp::task::supervisor::{TaskSupervisor, TaskSupervisorBuilder};
}

/// Telemetry events of a system, and trace contexts of requests.
pub mod telemetry {
    pub use crate::process::telemetry::Event;
    pub use crate::system::TelemetryGuard;
    pub use crate::trace::{InvalidTraceContext, TraceContext, WithinTrace};
}
