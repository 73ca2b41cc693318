//! Groups of processes under a name: any process can be added, removed and watched.
//!
//! The pure [`store`] decides the effect of a join or an exit; this file holds the lock around it and notifies the
//! monitors outside that lock.

mod broadcast;
mod error;
mod event;
mod monitor_outbox;
mod scope;
mod store;
pub(crate) mod watch;

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use parking_lot::RwLock;

pub use self::error::{JoinError, NotJoined};
pub use self::event::{GroupChange, GroupEvent};
use self::monitor_outbox::{MonitorOutbox, Watch};
use self::scope::{Named, Scope};
use self::store::{Entry, Origin, Store};
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::pid::Pid;
use crate::process::exit_hook::ExitHooks;
use crate::process::header::ProcessRef;

/// A scope of named groups whose members all implement the protocol `P`. (Erlang: `pg`.)
///
/// Clones share the same scope; groups of different scopes are independent, even under the same name. A group exists
/// while it has members. A process may join a group several times and then has several memberships. Members are kept in
/// join order. A process that ends leaves all groups before its [`Down`](crate::Down) is delivered.
///
/// ```
/// use ambit::group::Group;
/// use ambit::prelude::*;
/// struct Worker { done: u32 }
/// #[gen_server]
/// impl Worker {
///     #[call] fn done(&self) -> u32 { self.done }
///     #[cast] fn work(&mut self, amount: u32) { self.done += amount; }
/// }
/// #[ambit::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let group: Group<Worker> = Group::new();
///     let (a, b) = (Worker { done: 0 }.start().await?, Worker { done: 0 }.start().await?);
///     group.join("workers", &a)?;
///     group.join("workers", &b)?;
///     assert_eq!(group.broadcast("workers", WorkerCast::Work { amount: 2 }), 2);
///     assert_eq!(a.done().await? + b.done().await?, 4);
///     group.leave("workers", &a)?;
///     assert_eq!(group.members("workers"), [b]);
///     Ok(())
/// }
/// ```
pub struct Group<P: Protocol + ?Sized> {
    inner: Arc<Inner<P>>,
}

type Members<P> = Store<Subject<P>, Watch>;

struct Inner<P: Protocol + ?Sized> {
    state: RwLock<State<P>>,
    news: MonitorOutbox<P>,
    /// Its name in the system, if it has one.
    named: Option<Named>,
}

struct State<P: Protocol + ?Sized> {
    store: Members<P>,
    /// The exit hooks of the processes in the store.
    hooks: ExitHooks,
    stopped: bool,
    /// True while its name keeps the scope alive without a handle.
    is_kept: bool,
}

impl<P: Protocol + ?Sized> Group<P> {
    /// Creates an unnamed scope, which exists until its last handle is dropped.
    pub fn new() -> Self {
        Self {
            inner: Arc::new(Inner::new(None)),
        }
    }

    /// Returns the scope called `name` in the current system, and creates it if necessary. The scope exists while it
    /// has a handle, a member or a monitor, and while it is stopped; after that, the next call creates a new scope.
    /// Each protocol has its own scopes. (Erlang: `pg:start_link/1`.)
    ///
    /// # Panics
    /// Panics outside a tokio runtime, where there is no current system.
    ///
    /// ```
    /// use ambit::group::Group;
    /// use ambit::prelude::*;
    /// #[ambit::main]
    /// async fn main() {
    ///     let reader = ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; });
    ///     Group::scope("chat").join("lobby", &reader).unwrap();
    ///     assert_eq!(Group::<u8>::scope("chat").members("lobby"), [reader]);
    ///     assert!(Group::<u8>::scope("game").groups().is_empty());
    /// }
    /// ```
    #[must_use]
    pub fn scope(name: &str) -> Self {
        let scope = scope::find_or_insert(name, TypeId::of::<P>(), |named| {
            Arc::new(Inner::<P>::new(Some(named)))
        });
        let inner = scope.downcast::<Inner<P>>();
        Self {
            inner: inner.expect("the key has the type"),
        }
    }

    /// Adds the process behind `subject` to the group `name`. A process that is already a member gets another
    /// membership. If `subject` follows a name, the process currently registered under that name is added. (Erlang:
    /// `pg:join/2`.)
    ///
    /// Joining a process that has ended succeeds without adding it, because a process may just as well end right after
    /// it has joined.
    ///
    /// # Errors
    /// - `Stopped` if the scope is stopped.
    /// - `NoProcess` if `subject` follows a name that is not registered.
    /// - `Elsewhere` if the process runs on another node.
    ///
    /// After an error the group is unchanged.
    pub fn join(&self, name: &str, subject: &impl AsRef<Subject<P>>) -> Result<(), JoinError> {
        self.join_all(name, [subject])
    }

    /// Adds several processes to the group `name` at once, in the order of `subjects`. After an error none is added.
    /// Monitors receive one event for all of them. (Erlang: `pg:join/2` with a list.)
    ///
    /// # Errors
    /// The errors of [`join`](Self::join).
    pub fn join_all<S: AsRef<Subject<P>>>(
        &self,
        name: &str,
        subjects: impl IntoIterator<Item = S>,
    ) -> Result<(), JoinError> {
        let direct = subjects.into_iter().map(|subject| direct(subject.as_ref()));
        let direct: Option<Vec<(Subject<P>, ProcessRef)>> = direct.collect();
        let mut direct = direct.ok_or(JoinError::NoProcess)?;
        if direct.iter().any(|(_, process)| process.core().is_remote()) {
            return Err(JoinError::Elsewhere);
        }
        // The last handle to a process that has ended drops its error, which is user code: not under the lock.
        let mut ended = Vec::new();
        self.inner.change(|state| {
            if state.stopped {
                return Err(JoinError::Stopped);
            }
            let is_alive = |(_, process): &(_, ProcessRef)| {
                self.inner.sees_the_end_of(&mut state.hooks, process)
            };
            let (alive, gone): (Vec<_>, Vec<_>) = direct.drain(..).partition(is_alive);
            ended = gone;
            let joined = alive.into_iter().map(|(holder, process)| Entry {
                origin: Origin::HERE,
                pid: process.core().pid,
                holder,
            });
            let change = state.store.join(name, joined);
            self.inner.news.add(change);
            Ok(())
        })?;
        drop(ended);
        self.inner.news.tell();
        Ok(())
    }

    /// Removes the process behind `subject` from the group `name`. If the process joined several times, only its newest
    /// membership is removed. (Erlang: `pg:leave/2`.)
    ///
    /// # Errors
    /// [`NotJoined`] if the process is not a member of the group, or `subject` follows a name that is not registered.
    /// The group is then unchanged.
    pub fn leave(&self, name: &str, subject: &impl AsRef<Subject<P>>) -> Result<(), NotJoined> {
        let pid = subject.as_ref().pid();
        self.inner.change(|state| {
            let change = state.store.leave(name, pid, Origin::HERE);
            let change = change.ok_or(NotJoined)?;
            self.inner.news.add([change]);
            Ok(())
        })?;
        self.inner.news.tell();
        Ok(())
    }

    /// Returns the members of the group `name` in join order; a process that has joined twice appears twice. (Erlang:
    /// `pg:get_members/1`.)
    #[must_use]
    pub fn members(&self, name: &str) -> Vec<P::Subject> {
        let members = self.row(name);
        let members = members.iter().flat_map(|row| row.iter());
        members.map(|member| member.clone().into()).collect()
    }

    /// Returns the members of the group `name` that run on this node, in join order. In a `Group` these are all
    /// [`members`](Self::members), because its members are processes of this program. (Erlang:
    /// `pg:get_local_members/1`.)
    #[must_use]
    pub fn local_members(&self, name: &str) -> Vec<P::Subject> {
        let state = self.inner.state.read();
        let members = state.store.members_of(name, Origin::HERE);
        // The conversion is user code, so it runs without the lock.
        drop(state);
        members.into_iter().map(Into::into).collect()
    }

    /// Returns the names of all groups that have members, sorted. (Erlang: `pg:which_groups/0`.)
    #[must_use]
    pub fn groups(&self) -> Vec<String> {
        let state = self.inner.state.read();
        state.store.groups().map(|name| (**name).into()).collect()
    }

    /// Stops the scope: all members leave, monitors are notified of that and remain active, and joins fail with
    /// `Stopped` until the scope is [started](Self::start) again. Stopping a stopped scope does nothing.
    pub fn stop(&self) {
        self.inner.change(|state| {
            state.stopped = true;
            let left = state.store.clear(Origin::HERE);
            self.inner.news.add(left);
        });
        self.inner.news.tell();
    }

    /// Starts a scope that was [stopped](Self::stop). The scope has no members until processes join again. Starting a
    /// scope that is running does nothing.
    pub fn start(&self) {
        self.inner.change(|state| state.stopped = false);
    }

    /// Returns the current members of a group; the allocation is shared until the next change.
    fn row(&self, name: &str) -> Option<Arc<[Subject<P>]>> {
        self.inner.state.read().store.members(name)
    }
}

impl<P: Protocol + ?Sized> Inner<P> {
    fn new(named: Option<Named>) -> Self {
        let state = State {
            store: Store::default(),
            hooks: ExitHooks::default(),
            stopped: false,
            is_kept: false,
        };
        Self {
            state: RwLock::new(state),
            news: MonitorOutbox::default(),
            named,
        }
    }

    /// Changes the state. While the scope has members or is stopped, its name keeps it alive.
    fn change<T>(self: &Arc<Self>, change: impl FnOnce(&mut State<P>) -> T) -> T {
        let (result, let_go) = {
            let mut state = self.state.write();
            let result = change(&mut state);
            let is_used = state.stopped || !state.store.is_empty();
            let changed = self.named.as_ref().filter(|_| is_used != state.is_kept);
            let let_go = changed.and_then(|named| {
                state.is_kept = is_used;
                named.keep(is_used.then(|| self.clone() as Scope))
            });
            (result, let_go)
        };
        drop(let_go);
        result
    }

    /// Registers a hook for the end of the process; returns false if it has ended. Called under the lock that the hook
    /// takes, so the hook finds whatever is stored meanwhile.
    fn sees_the_end_of(self: &Arc<Self>, hooks: &mut ExitHooks, process: &ProcessRef) -> bool {
        let inner = Arc::downgrade(self);
        hooks.add(process, move |pid, limit| {
            inner.upgrade().map_or(0, |inner| inner.ended(pid, limit))
        })
    }

    /// Removes about `limit` monitors and memberships of a process that has ended, and returns their number.
    fn ended(self: &Arc<Self>, pid: Pid, limit: usize) -> usize {
        let (count, monitors) = self.change(|state| {
            state.hooks.remove(pid);
            let ended = state.store.end(pid, limit);
            let count = ended.len();
            self.news.add(ended.left);
            (count, ended.monitors)
        });
        self.news.forget(&monitors);
        self.news.tell();
        count
    }
}

/// Returns a direct handle to the process, and the process; `None` if the name is not registered.
fn direct<P: Protocol + ?Sized>(subject: &Subject<P>) -> Option<(Subject<P>, ProcessRef)> {
    let port = subject.port()?;
    let direct = match subject.fixed_port() {
        Some(_) => subject.clone(),
        None => Subject::fixed(port.clone()),
    };
    Some((direct, port))
}

impl<P: Protocol + ?Sized> Clone for Group<P> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
        }
    }
}

impl<P: Protocol + ?Sized> Default for Group<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Protocol + ?Sized> fmt::Debug for Group<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The writer may be user code, so it runs without the lock.
        let groups = self.inner.state.read().store.groups().count();
        f.debug_struct("Group")
            .field("protocol", &P::NAME)
            .field("groups", &groups)
            .finish_non_exhaustive()
    }
}
