//! Agents: a value in its own process, which callers read and change with closures.

use std::error::Error;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use crate::error::CallError;
use crate::exit_reason::ExitReason;
use crate::handle::call::Call;
use crate::handle::cast::Cast;
use crate::handle::process::Process;
use crate::handle::subject::Subject;
use crate::handle::target::Target;
use crate::process::resolved::Resolved;
use crate::server::start::Start;
use crate::server::sys;
use crate::supervisor::spec::ChildSpec;

mod server;
mod startable;

use server::Init;
pub use server::{AgentJob, AgentServer};

/// A value shared by several processes. The value lives in an agent process, which runs closures on it one after the
/// other. (Elixir: `Agent`.)
///
/// The methods are calls and casts like those of any server. They have a deadline, 5 s by default, can be sent now and
/// awaited later, and wait for capacity in the agent's mailbox, which holds 1024 messages. A failed call returns a
/// [`CallError`]. A panic in a closure crashes the agent.
///
/// Each call and cast boxes its closure, which costs one allocation that a method call of a `#[gen_server]` avoids. If
/// the value has invariants, write a `#[gen_server]` instead: its messages have names, and its handlers can validate
/// them.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::agent::Agent;
/// #[ambit::main]
/// async fn main() {
///     let hits = Agent::start(|| 0_u64).await.unwrap();
///     hits.update(|n| *n += 1).await.unwrap();
///     assert_eq!(hits.get(|n| *n).await, Ok(1));
///     assert_eq!(hits.get_and_update(|n| std::mem::take(n)).await, Ok(1));
///     hits.stop().await.unwrap();
/// }
/// ```
pub struct Agent<T: Send + 'static> {
    subject: Subject<AgentServer<T>>,
}

impl<T: Send + 'static> Agent<T> {
    /// Starts an agent. `init` runs in the agent's process and returns the initial value. (Elixir: `Agent.start/1`;
    /// with `.link()` `Agent.start_link/1`.)
    ///
    /// # Errors
    /// - [`StartError::Init`](crate::StartError::Init) if `init` panics. The name is released.
    /// - The errors of every [`Start`], such as `AlreadyRegistered` if the name is taken.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// #[ambit::main]
    /// async fn main() {
    ///     let hits = Agent::start(|| 1_u64).await.unwrap();
    ///     assert_eq!(hits.get(|n| *n).await, Ok(1));
    /// }
    /// ```
    pub fn start(init: impl FnOnce() -> T + Send + 'static) -> Start<Self> {
        let init: Init<T> = Box::new(|| Ok(init()));
        Start::new(init)
    }

    /// Starts an agent like [`start`](Self::start), with an `init` that can fail.
    ///
    /// # Errors
    /// - [`StartError::Init`](crate::StartError::Init) with the error that `init` returns.
    /// - The errors of [`start`](Self::start).
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::agent::Agent;
    /// #[ambit::main]
    /// async fn main() {
    ///     let limit = Agent::try_start(|| "12 requests".parse::<u32>()).await;
    ///     assert!(matches!(limit, Err(StartError::Init(ExitReason::Error(_)))));
    /// }
    /// ```
    pub fn try_start<E>(init: impl FnOnce() -> Result<T, E> + Send + 'static) -> Start<Self>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let init: Init<T> = Box::new(|| init().map_err(ExitReason::from_user));
        Start::new(init)
    }

    /// Returns the spec of an agent that runs under a supervisor. `init` returns the initial value at each start and
    /// restart. (Elixir: `{Agent, fn -> .. end}`.)
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::agent::Agent;
    /// #[ambit::main]
    /// async fn main() {
    ///     let spec = Agent::child_spec(Vec::<String>::new).name("notes");
    ///     let _supervisor = Supervisor::builder().child(spec).start().await.unwrap();
    ///     let notes = Agent::<Vec<String>>::named("notes");
    ///     assert_eq!(notes.get(Vec::len).await, Ok(0));
    /// }
    /// ```
    pub fn child_spec(init: impl Fn() -> T + Send + Sync + 'static) -> ChildSpec<Self> {
        let init = Arc::new(init);
        ChildSpec::from_fn(move || {
            let init = init.clone();
            Self::start(move || init())
        })
    }

    /// Returns a handle that follows the local name `name`: each use resolves the name again. For agents in a
    /// [`Registry`](crate::Registry), use [`AgentServer`] as the protocol of the registry.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// #[ambit::main]
    /// async fn main() {
    ///     let _hits = Agent::start(|| 1_u64).name("hits").await.unwrap();
    ///     let hits = Agent::<u64>::named("hits");
    ///     assert_eq!(hits.get(|n| *n).await, Ok(1));
    /// }
    /// ```
    pub fn named(name: &str) -> Self {
        Subject::<AgentServer<T>>::named(name)
    }

    /// Calls `look` with the value and returns its result. (Elixir: `Agent.get/2`.)
    ///
    /// ```
    /// use ambit::prelude::*;
    /// #[ambit::main]
    /// async fn main() {
    ///     let words = Agent::start(|| vec!["one", "two"]).await.unwrap();
    ///     assert_eq!(words.get(|words| words.len()).await, Ok(2));
    /// }
    /// ```
    pub fn get<R, F>(&self, look: F) -> Call<'_, AgentServer<T>, R>
    where
        R: Send + 'static,
        F: FnOnce(&T) -> R + Send + 'static,
    {
        self.ask("get", |value| look(value))
    }

    /// Changes the value with `change`, which runs in the agent's process. (Elixir: `Agent.update/2`.)
    ///
    /// The agent drops the result of `change`, so `|set| set.insert(7)` needs no semicolon. To receive the result, use
    /// [`get_and_update`](Self::get_and_update). A closure whose result borrows from the value does need a semicolon:
    /// `|map| { map.entry(key).or_insert(0); }`.
    ///
    /// After a `Timeout` the agent may still apply the change.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::agent::Agent;
    /// use std::collections::BTreeSet;
    /// #[ambit::main]
    /// async fn main() {
    ///     let seen = Agent::start(BTreeSet::new).await.unwrap();
    ///     seen.update(|seen| seen.insert(7)).await.unwrap();
    ///     seen.cast(|seen| seen.remove(&7)).await.unwrap();
    ///     assert_eq!(seen.get(BTreeSet::len).await, Ok(0));
    /// }
    /// ```
    pub fn update<F, R>(&self, change: F) -> Call<'_, AgentServer<T>, ()>
    where
        F: FnOnce(&mut T) -> R + Send + 'static,
    {
        self.ask("update", |value| drop(change(value)))
    }

    /// Changes the value with `change`, and returns the result of `change`. (Elixir: `Agent.get_and_update/2`.)
    ///
    /// After a `Timeout` the agent may still apply the change.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// #[ambit::main]
    /// async fn main() {
    ///     let words = Agent::start(|| vec!["one", "two"]).await.unwrap();
    ///     assert_eq!(words.get_and_update(|words| words.pop()).await, Ok(Some("two")));
    /// }
    /// ```
    pub fn get_and_update<R, F>(&self, change: F) -> Call<'_, AgentServer<T>, R>
    where
        R: Send + 'static,
        F: FnOnce(&mut T) -> R + Send + 'static,
    {
        self.ask("get_and_update", change)
    }

    /// Changes the value with `change`, without waiting until the agent has run it. The agent drops the result of
    /// `change`, as in [`update`](Self::update). (Elixir: `Agent.cast/2`.)
    ///
    /// ```
    /// use ambit::prelude::*;
    /// #[ambit::main]
    /// async fn main() {
    ///     let hits = Agent::start(|| 1_u64).await.unwrap();
    ///     hits.cast(|n| *n += 1).await.unwrap();
    ///     assert_eq!(hits.get(|n| *n).await, Ok(2));
    /// }
    /// ```
    pub fn cast<F, R>(&self, change: F) -> Cast<'_, AgentServer<T>>
    where
        F: FnOnce(&mut T) -> R + Send + 'static,
    {
        self.subject
            .send(AgentJob::cast(|value| drop(change(value))))
    }

    fn ask<R, F>(&self, name: &'static str, job: F) -> Call<'_, AgentServer<T>, R>
    where
        R: Send + 'static,
        F: FnOnce(&mut T) -> R + Send + 'static,
    {
        self.subject.call(|reply| AgentJob::call(name, reply, job))
    }

    /// Replaces the value with the result of `replace`. The replacement takes place between two closures, even while
    /// the agent is [suspended](crate::sys::suspend). A panic in `replace` leaves the value unchanged. (Erlang:
    /// `sys:replace_state/2`; Elixir: `:sys.replace_state/2`.)
    ///
    /// # Errors
    /// - `NoProcess` if the agent is not running. The value is not replaced.
    /// - `NoReply` if `replace` panicked. The value is unchanged.
    /// - `Exited` if the agent ended before it replied.
    /// - `Timeout` if the agent did not reply within 5 s, regardless of the handle's default deadline. The value is
    ///   still replaced once the running closure has returned.
    /// - `CallsItself` if the agent's own process makes the request.
    /// - `Unsendable` if the agent runs on another node. Replace the value on that node.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll sends nothing. Dropping it later only stops waiting for the reply: the
    /// value is still replaced.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// #[ambit::main]
    /// async fn main() {
    ///     let hits = Agent::start(|| 1_u64).await.unwrap();
    ///     ambit::sys::suspend(&hits).await.unwrap();
    ///     hits.replace_state(|n| n + 10).await.unwrap();
    ///     ambit::sys::resume(&hits).await.unwrap();
    ///     assert_eq!(hits.get(|n| *n).await, Ok(11));
    /// }
    /// ```
    pub async fn replace_state<F>(&self, replace: F) -> Result<(), CallError>
    where
        F: FnOnce(&T) -> T + Send + 'static,
    {
        let replace = |state: &AgentServer<T>| AgentServer(replace(&state.0));
        sys::replace_state(&self.subject, replace).await
    }

    /// Returns a handle to the same agent whose calls and casts have the default deadline `timeout`, instead of 5 s.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use std::time::Duration;
    /// #[ambit::main]
    /// async fn main() {
    ///     let hits = Agent::start(|| 1_u64).await.unwrap();
    ///     let patient = hits.with_timeout(Duration::from_secs(30));
    ///     assert_eq!(patient.get(|n| *n).await, Ok(1));
    /// }
    /// ```
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        self.subject.with_timeout(timeout)
    }

    /// Returns a handle to the same agent whose calls and casts, when awaited, wait within their deadline until an
    /// agent is registered under the name, instead of failing with `NoProcess` at once. At the deadline they fail with
    /// `NoProcess`. A handle that does not follow a name is unchanged.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// #[ambit::main]
    /// async fn main() {
    ///     let hits = Agent::<u64>::named("hits").when_available();
    ///     let read = Task::spawn(async move { hits.get(|n| *n).await });
    ///     let _hits = Agent::start(|| 1_u64).name("hits").await.unwrap();
    ///     assert_eq!(read.await.unwrap(), Ok(1));
    /// }
    /// ```
    #[must_use]
    pub fn when_available(&self) -> Self {
        self.subject.when_available()
    }
}

impl<T: Send + 'static> From<Subject<AgentServer<T>>> for Agent<T> {
    fn from(subject: Subject<AgentServer<T>>) -> Self {
        Self { subject }
    }
}

impl<T: Send + 'static> AsRef<Subject<AgentServer<T>>> for Agent<T> {
    fn as_ref(&self) -> &Subject<AgentServer<T>> {
        &self.subject
    }
}

impl<T: Send + 'static> Target for Agent<T> {
    fn __resolve(&self) -> Resolved {
        self.subject.resolve()
    }
}

impl<T: Send + 'static> Deref for Agent<T> {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.subject
    }
}

impl<T: Send + 'static> Clone for Agent<T> {
    fn clone(&self) -> Self {
        Self {
            subject: self.subject.clone(),
        }
    }
}

impl<T: Send + 'static> PartialEq for Agent<T> {
    fn eq(&self, other: &Self) -> bool {
        self.subject == other.subject
    }
}

impl<T: Send + 'static> Eq for Agent<T> {}

impl<T: Send + 'static> Hash for Agent<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.subject.hash(state);
    }
}

impl<T: Send + 'static> fmt::Debug for Agent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.subject.fmt(f)
    }
}
