//! The relations of a process: links, monitors in both directions, observers, timers, tasks and names.

pub(crate) mod peers;

use std::any::Any;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use crate::engine::reply::{ExitObserver, OpenReply};
use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::dead_letter::LetterKind;
use crate::process::exit_observers::ExitObservers;
use crate::process::owned_task::OwnedTask;
use crate::process::relations_by_node::NodeRelations;
use crate::process::small_set::SmallSet;
use crate::signal::{MonitorRef, Watched};

/// Cleans up when a process ends, before its links and monitors are notified: names, registries, groups. A call removes
/// about as many entries as its limit allows and returns their number; while that reaches the limit, the hook is called
/// again.
pub(crate) type OnExit = Box<dyn FnMut(Pid, usize) -> usize + Send>;

/// An idle server keeps its memory, and most servers are idle: rarely used parts are boxed.
#[derive(Default)]
pub(crate) struct Relations {
    allocated: Option<Box<AllocatedRelations>>,
    pub(crate) trap_exits: bool,
    /// Its init returned `Ignore`.
    pub(crate) ignored: bool,
    /// Names, timers and tasks are already cleaned up: no more are accepted.
    pub(crate) cleaned: bool,
    /// Links and monitors have been notified.
    pub(crate) notified: bool,
    /// It is asked to stop because its whole system is.
    pub(crate) stops_with_system: bool,
    /// Its start failed before it ran.
    pub(crate) discarded: bool,
}

/// The relations of a process that has any, and its exit reason. Allocated on first use: most idle processes have none.
#[derive(Default)]
pub(crate) struct AllocatedRelations {
    links: SmallSet<Pid>,
    /// The process whose exit it obeys: its supervisor or linked starter.
    parent: Option<Pid>,
    observers: ExitObservers,
    /// Its exit reason; links and monitors are being notified, and no more are added.
    dead: Option<ExitReason>,
    label: Option<Arc<str>>,
    next_key: u64,
    /// The waker of the starter that waits for its init; boxed, because it is hardly ever used.
    starter: Option<Box<Waker>>,
    /// Allocated on first use: most processes never need it.
    rare: Option<Box<RareRelations>>,
}

/// Data that a process shares with handles, without a message: a supervisor its children.
pub(crate) trait Introspect: Any + Send + Sync {
    /// Returns the times of the processes that end with this one, which is given `patience`; `None` if there are none.
    fn end_times(&self, patience: Duration) -> Option<EndTimes>;
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

/// The parts of a process that end with it, such as the children of a supervisor.
pub(crate) struct EndTimes {
    pub(crate) parts: Vec<EndTime>,
    /// True if the parts end all at once, not one after the other.
    pub(crate) at_once: bool,
    /// The time that the process needs besides.
    pub(crate) extra: Duration,
}

/// The time of one part.
pub(crate) struct EndTime {
    pub(crate) fixed: Duration,
    /// The data of a process with parts of its own, whose times are added.
    pub(crate) introspection: Option<Arc<dyn Introspect>>,
}

/// A timer of the process.
pub(crate) trait Cancel: Send + Sync {
    fn cancel(&self);
}

/// The data that most processes do not have.
#[derive(Default)]
pub(crate) struct RareRelations {
    /// The number of its links and monitors, in both directions, with each other node.
    nodes: Option<Box<NodeRelations>>,
    /// The processes it monitors.
    pub(crate) monitors: BTreeMap<MonitorRef, Monitored>,
    /// The monitors whose `Down` is queued and has not been taken. A queued `Down` that is not in here is void.
    pub(crate) downs: SmallSet<MonitorRef>,
    /// The processes that monitor it.
    pub(crate) watchers: SmallSet<(Pid, MonitorRef)>,
    pub(crate) timers: BTreeMap<u64, Arc<dyn Cancel>>,
    pub(crate) tasks: BTreeMap<u64, OwnedTask>,
    pub(crate) on_exit: BTreeMap<u64, OnExit>,
    /// Its local names, by registration number.
    pub(crate) names: BTreeMap<u64, String>,
    pub(crate) introspection: Option<Arc<dyn Introspect>>,
    /// The destination of its queue at its end, if that is retained; of the type of its mailbox.
    pub(crate) kept: Option<Arc<dyn Any + Send + Sync>>,
    /// The kind of the message it crashed in; recorded only for a retained mailbox.
    pub(crate) crashed_in: Option<LetterKind>,
    /// Its supervisor has killed it and it does not end.
    pub(crate) stuck: bool,
    /// The reason of the `stop()` that it has reached, for a plain process that then returns.
    pub(crate) asked_to_stop: Option<ExitReason>,
    /// Up to three methods that it handled last, newest first; recorded when it crashes.
    pub(crate) methods: Vec<&'static str>,
    /// The first of these methods crashed.
    pub(crate) crashed_method: bool,
    pub(crate) arguments: Option<String>,
    /// Ports that it has dropped unanswered since the last check.
    pub(crate) dropped: Vec<Arc<dyn OpenReply>>,
    /// The number of requests dropped because their callers had gone (`skip_expired`).
    pub(crate) skipped: u64,
    /// For a task: the process that spawned it, the spawner of that one, and so on.
    pub(crate) callers: Option<Box<[Pid]>>,
    /// Its owner has killed it, which is no crash.
    pub(crate) put_down: bool,
    /// Another process reports the crash that ends this one.
    pub(crate) is_reported: bool,
}

impl RareRelations {
    const NONE: &'static Self = &Self {
        nodes: None,
        monitors: BTreeMap::new(),
        downs: SmallSet::NONE,
        watchers: SmallSet::NONE,
        timers: BTreeMap::new(),
        tasks: BTreeMap::new(),
        on_exit: BTreeMap::new(),
        names: BTreeMap::new(),
        introspection: None,
        kept: None,
        crashed_in: None,
        stuck: false,
        asked_to_stop: None,
        methods: Vec::new(),
        crashed_method: false,
        arguments: None,
        dropped: Vec::new(),
        skipped: 0,
        callers: None,
        put_down: false,
        is_reported: false,
    };
}

/// Reading needs no memory. Writing has two forms: [`Relations::rare`] returns `None` where nothing is allocated, and
/// [`Relations::make_rare`] allocates.
impl Deref for Relations {
    type Target = RareRelations;

    fn deref(&self) -> &RareRelations {
        let rare = self
            .allocated
            .as_ref()
            .and_then(|allocated| allocated.rare.as_deref());
        rare.unwrap_or(RareRelations::NONE)
    }
}

pub(crate) struct Monitored {
    pub(crate) pid: Pid,
    pub(crate) watched: Watched,
}

/// A part of an ending process that is stopped or run.
pub(crate) enum CleanUp {
    Timer(Arc<dyn Cancel>),
    Task(OwnedTask),
    Hook(OnExit),
}

impl Relations {
    /// Takes the waker of the starter: the init is done, or never will be. At the end of the process the starter is
    /// notified as an observer.
    pub(crate) fn take_starter(&mut self) -> Option<Waker> {
        self.allocated
            .as_mut()?
            .starter
            .take()
            .map(|starter| *starter)
    }

    /// Sets the waker of the starter; returns the previous one.
    pub(crate) fn await_start(&mut self, waker: Waker) -> Option<Waker> {
        let before = self.allocated().starter.replace(Box::new(waker));
        before.map(|waker| *waker)
    }

    /// Returns the relations, and allocates them if necessary.
    fn allocated(&mut self) -> &mut AllocatedRelations {
        self.allocated.get_or_insert_default()
    }

    /// Returns the rare data, and allocates it if necessary.
    pub(crate) fn make_rare(&mut self) -> &mut RareRelations {
        self.allocated().rare.get_or_insert_default()
    }

    /// Returns the rare data, if allocated.
    pub(crate) fn rare(&mut self) -> Option<&mut RareRelations> {
        self.allocated.as_mut()?.rare.as_deref_mut()
    }

    /// Returns true if it has not allocated yet.
    #[cfg(test)]
    pub(crate) fn is_small(&self) -> bool {
        self.allocated.is_none()
    }

    /// Returns the process whose exit it obeys: its supervisor or linked starter.
    pub(crate) fn parent(&self) -> Option<Pid> {
        self.allocated.as_ref()?.parent
    }

    pub(crate) fn obey(&mut self, parent: Pid) {
        self.allocated().parent = Some(parent);
    }

    /// Returns its exit reason; from then on links and monitors are being notified, and no more are added.
    pub(crate) fn dead(&self) -> Option<&ExitReason> {
        self.allocated.as_ref()?.dead.as_ref()
    }

    pub(crate) fn die(&mut self, reason: ExitReason) {
        self.allocated().dead = Some(reason);
    }

    /// Returns how long it may take to end when given `patience`, before the times of its parts are added.
    pub(crate) fn end_time(&self, patience: Duration) -> EndTime {
        let introspection = self.introspection.clone();
        let fixed = if introspection.is_none() {
            patience
        } else {
            Duration::ZERO
        };
        EndTime {
            fixed,
            introspection,
        }
    }

    pub(crate) fn label(&self) -> Option<&str> {
        self.allocated.as_ref()?.label.as_deref()
    }

    pub(crate) fn set_label(&mut self, label: Arc<str>) {
        self.allocated().label = Some(label);
    }

    pub(crate) fn next_key(&mut self) -> u64 {
        let allocated = self.allocated();
        allocated.next_key += 1;
        allocated.next_key
    }

    /// Returns the number of futures that wait for its end.
    #[cfg(any(test, feature = "test"))]
    pub(crate) fn observers(&self) -> usize {
        self.allocated
            .as_ref()
            .map_or(0, |allocated| allocated.observers.len())
    }

    pub(crate) fn observe(&mut self, observer: Arc<dyn ExitObserver>) -> u64 {
        let key = self.next_key();
        self.allocated().observers.add(key, observer);
        key
    }

    pub(crate) fn unobserve(&mut self, key: u64) -> Option<Arc<dyn ExitObserver>> {
        self.allocated.as_mut()?.observers.remove(key)
    }

    /// Takes the observer that has waited longest for the end, to be notified; and returns whether there are more. A
    /// later observer is answered at once.
    pub(crate) fn next_observer(&mut self) -> (Option<Arc<dyn ExitObserver>>, bool) {
        self.notified = true;
        let Some(allocated) = &mut self.allocated else {
            return (None, false);
        };
        (allocated.observers.next(), !allocated.observers.is_empty())
    }

    /// Takes all observers, where only the connection to the process has ended: later observers wait.
    #[cfg(feature = "remote")]
    pub(crate) fn take_observers_for_now(&mut self) -> ExitObservers {
        let observers = self
            .allocated
            .as_mut()
            .map(|allocated| std::mem::take(&mut allocated.observers));
        observers.unwrap_or_default()
    }

    /// Adds a hook that runs when the process ends, after earlier hooks; returns it if the end has begun.
    pub(crate) fn on_exit(&mut self, hook: OnExit) -> Result<u64, OnExit> {
        if self.cleaned {
            return Err(hook);
        }
        let key = self.next_key();
        self.make_rare().on_exit.insert(key, hook);
        Ok(key)
    }

    /// Takes the next part out: first the timers, then the tasks, then the hooks in the order in which they were added.
    /// No more are accepted. The others stay with the process: one that is no longer needed is removed there.
    pub(crate) fn next_clean_up(&mut self) -> Option<CleanUp> {
        self.cleaned = true;
        let rare = self.rare()?;
        if let Some((_, timer)) = rare.timers.pop_first() {
            return Some(CleanUp::Timer(timer));
        }
        if let Some((_, task)) = rare.tasks.pop_first() {
            return Some(CleanUp::Task(task));
        }
        let (_, hook) = rare.on_exit.pop_first()?;
        Some(CleanUp::Hook(hook))
    }

    /// Takes a hook back, to be dropped without a lock; `None` if it is running, or has run.
    pub(crate) fn take_hook(&mut self, key: u64) -> Option<OnExit> {
        self.rare()?.on_exit.remove(&key)
    }
}
