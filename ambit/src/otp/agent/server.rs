//! The server inside an agent; its messages are closures.

use std::fmt;

use crate::engine::reply::ReplyTo;
use crate::exit_reason::ExitReason;
use crate::server::context::Context;
use crate::server::gen_server::{Flow, GenServer, Incoming};

/// The server inside an [`Agent`](crate::agent::Agent), which holds the agent's value. This type is also the protocol
/// of agents. Use it as the protocol of a [`Registry`](crate::Registry) of agents, and as the state type of
/// [`sys::state_of`](crate::sys::state_of).
///
/// ```
/// use ambit::prelude::*;
/// use ambit::agent::{Agent, AgentServer};
/// #[ambit::main]
/// async fn main() {
///     let carts: Registry<u64, AgentServer<Vec<String>>> = Registry::unique();
///     let cart = Agent::start(Vec::new).await.unwrap();
///     carts.register(7u64, &cart).unwrap();
///     carts.via(7u64).update(|cart| cart.push("tea".into())).await.unwrap();
///     assert_eq!(cart.get(Vec::len).await, Ok(1));
/// }
/// ```
#[derive(Clone, Debug)]
pub struct AgentServer<T>(pub T);

/// A closure sent to an agent: the call and cast message type of [`AgentServer`], which has an example.
pub struct AgentJob<T: Send + 'static> {
    name: &'static str,
    run: Run<T>,
}

/// Builds the initial value in the agent's process.
pub(super) type Init<T> = Box<dyn FnOnce() -> Result<T, ExitReason> + Send>;

type Run<T> = Box<dyn FnOnce(&mut T, &mut Context<AgentServer<T>>) + Send>;

impl<T: Send + 'static> AgentJob<T> {
    pub(super) fn call<R, F>(name: &'static str, reply: ReplyTo<R>, job: F) -> Self
    where
        R: Send + 'static,
        F: FnOnce(&mut T) -> R + Send + 'static,
    {
        let run: Run<T> = Box::new(|value, ctx| {
            let answer = job(value);
            ctx.answer_last(reply, answer);
        });
        Self { name, run }
    }

    pub(super) fn cast<F>(job: F) -> Self
    where
        F: FnOnce(&mut T) + Send + 'static,
    {
        Self {
            name: "cast",
            run: Box::new(|value, _| job(value)),
        }
    }
}

impl<T: Send + 'static> fmt::Debug for AgentJob<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgentJob({})", self.name)
    }
}

impl<T: Send + 'static> GenServer for AgentServer<T> {
    type Protocol = Self;
    type Args = Init<T>;
    type Info = ();
    type Continue = ();

    const TERMINATES: bool = false;

    async fn init(args: Self::Args, _: &mut Context<Self>) -> Result<Self, ExitReason> {
        args().map(Self)
    }

    fn handle_now(
        &mut self,
        message: Incoming<Self>,
        ctx: &mut Context<Self>,
    ) -> Result<Flow, Incoming<Self>> {
        match message {
            Incoming::Call(job) | Incoming::Cast(job) => {
                (job.run)(&mut self.0, ctx);
                Ok(Flow::Continue)
            }
            other => Err(other),
        }
    }

    fn method_of(message: &Incoming<Self>) -> &'static str {
        match message {
            Incoming::Call(job) | Incoming::Cast(job) => job.name,
            Incoming::Info(()) | Incoming::Continue(()) => "",
        }
    }
}
