//! The handle of a supervisor with children in an order.

use std::fmt;
use std::hash::Hash;
use std::ops::Deref;

use crate::error::{CallError, ChildError};
use crate::handle::child::ChildRef;
use crate::handle::process::Process;
use crate::handle::subject::Subject;
use crate::handle::target::Target;
use crate::pid::Pid;
use crate::process::body::Body;
use crate::process::resolved::Resolved;
use crate::server::start::Startable;
use crate::supervisor::admin::{Admin, Ask, Request, Told, change, look};
use crate::supervisor::builder::SupervisorBuilder;
use crate::supervisor::core::Whom;
use crate::supervisor::policy::{ChildCounts, ChildInfo};
use crate::supervisor::recipe::Recipe;
use crate::supervisor::slot::{Slot, child_of};
use crate::supervisor::spec::ChildSpec;

/// A supervisor: starts its children in order, restarts those that crash, stops all in reverse order.
/// (Erlang: `supervisor`.)
///
/// It restarts at most three times in five seconds unless told otherwise; then it gives up: it stops its children and
/// ends with a `ShutdownWith` that names the child, the restarts and the last error, and its own supervisor decides. `#[supervisor]` on an impl block writes a typed one.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::{Strategy, Supervisor};
/// use std::time::Duration;
/// #[derive(Clone)]
/// struct Cache;
/// #[gen_server]
/// impl Cache {
///     #[call] fn get(&self) -> u8 { 7 }
///     #[cast] fn spoil(&mut self) { panic!("spoilt") }
/// }
/// #[ambit::main]
/// async fn main() {
///     let supervisor = Supervisor::builder()
///         .strategy(Strategy::OneForAll)
///         .restarts(3, Duration::from_secs(5))
///         .start()
///         .await
///         .unwrap();
///     let cache = supervisor.start_child(Cache::child_spec(|| Cache).id("cache")).await.unwrap();
///     let end = cache.monitor();
///     cache.spoil().await.unwrap();
///     end.await;
///     assert_eq!(cache.patiently().get().await, Ok(7), "by the next cache");
/// }
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Supervisor {
    pub(crate) subject: Subject<Admin>,
}

impl Supervisor {
    /// Children as data, in the order of their starts.
    pub fn builder() -> SupervisorBuilder {
        SupervisorBuilder::default()
    }

    /// Whoever holds this local name, at each use.
    pub fn named(name: &str) -> Self {
        Self {
            subject: Subject::<Admin>::named(name),
        }
    }

    /// Its children, in the order of their starts. (Erlang: `supervisor:which_children/1`.) Only the supervisor knows them,
    /// so it is asked.
    ///
    /// # Errors
    /// `NoProcess` or `Exited` if it has ended, `Timeout` if one was set.
    pub fn which_children(&self) -> Ask<Result<Vec<ChildInfo>, CallError>> {
        look(&self.subject, Request::Which)
    }

    /// How many children it has. (Erlang: `supervisor:count_children/1`.)
    ///
    /// # Errors
    /// As [`which_children`](Self::which_children).
    pub fn count_children(&self) -> Ask<Result<ChildCounts, CallError>> {
        look(&self.subject, Request::Count)
    }

    /// Stops a child as its spec says. Its spec stays, unless it is temporary. A restart that is under way is given
    /// up. (Erlang: `supervisor:terminate_child/2`.)
    ///
    /// # Errors
    /// `NotFound`; `Stuck` if it does not end; `NoProcess`.
    pub fn terminate_child(&self, id: &str) -> Ask<Result<(), ChildError>> {
        let whom = Whom::Id(id.to_owned());
        change(&self.subject, |port| Request::Terminate(whom, port), |_| ())
    }

    /// Starts a child that was stopped. (Erlang: `supervisor:restart_child/2`.)
    ///
    /// # Errors
    /// `NotFound`, `Running`, `Restarting`; `Start` if it does not start, and it stays stopped; `NoProcess`.
    pub fn restart_child(&self, id: &str) -> Ask<Result<Pid, ChildError>> {
        let id = id.to_owned();
        let pid = |pid: Option<Pid>| pid.unwrap_or(Pid::NOBODY);
        change(&self.subject, |port| Request::Restart(id, port), pid)
    }

    /// Removes a child that was stopped, with its spec. (Erlang: `supervisor:delete_child/2`.)
    ///
    /// # Errors
    /// `NotFound`, `Running`, `Restarting`, `NoProcess`.
    pub fn delete_child(&self, id: &str) -> Ask<Result<(), ChildError>> {
        let id = id.to_owned();
        change(&self.subject, |port| Request::Delete(id, port), |_| ())
    }

    /// Adds a child behind the others and starts it; the handle follows it through its restarts.
    /// (Erlang: `supervisor:start_child/2`.)
    ///
    /// # Errors
    /// `Running` or `AlreadyPresent` if the id is taken; `Start` if it does not start: it is not added then, but for one
    /// that answered `Ignored` and is not temporary; `BadSpec`, `NoProcess`.
    pub fn start_child<C: Startable>(
        &self,
        spec: ChildSpec<C>,
    ) -> Ask<Result<C::Handle, ChildError>> {
        let id = spec.own_id();
        let child = child_of(&self.subject, id.clone());
        let recipe: Box<dyn Recipe> = Box::new(spec);
        let request = |port| Request::Start(recipe, Slot::new(id), port);
        change(&self.subject, request, move |_| C::__follow(child))
    }
}

impl From<Subject<Admin>> for Supervisor {
    fn from(subject: Subject<Admin>) -> Self {
        Self { subject }
    }
}

impl Deref for Supervisor {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.subject
    }
}

impl Target for Supervisor {
    fn __resolve(&self) -> Resolved {
        self.subject.resolve()
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.subject.fmt(f)
    }
}

/// The supervisor that is this child, whichever process that is at the moment.
pub(crate) fn follow(child: ChildRef) -> Subject<Admin> {
    child.follow::<Admin, Body<Told>>()
}
