//! What a process has to do with others: links, monitors from both sides, observers, timers, tasks and names.

use std::any::Any;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use crate::engine::reply::{Observer, Question};
use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::core::Core;
use crate::process::dead_letter::LetterKind;
use crate::process::few::Few;
use crate::process::node_index::NodeTies;
use crate::process::observers::Observers;
use crate::process::timer::Ticking;
use crate::rt::AbortHandle;
use crate::signal::{MonitorRef, Watched};

/// Cleans up when a process ends, before its links and monitors are told: names, registries, groups.
pub(crate) type OnExit = Box<dyn FnOnce(Pid) + Send>;

/// An idle server keeps its memory, and very many of them are idle: what is not always there stands in boxes.
#[derive(Default)]
pub(crate) struct Relations {
    ties: Option<Box<Ties>>,
    pub(crate) trap_exits: bool,
    /// Its init said that there is nothing to do.
    pub(crate) ignored: bool,
    /// Names, timers and tasks are already cleaned up: no more are accepted.
    pub(crate) cleaned: bool,
    /// Links and monitors have been told.
    pub(crate) told: bool,
}

/// What a supervised process has. Most others that do nothing have none of it.
#[derive(Default)]
pub(crate) struct Ties {
    links: Few<Pid>,
    /// Whose exit it obeys: its supervisor or linked starter.
    parent: Option<Pid>,
    observers: Observers,
    /// Why it has ended; links and monitors are being told, and no more are added.
    dead: Option<ExitReason>,
    label: Option<Arc<str>>,
    next_key: u64,
    /// Who waits for its init; in a box, because hardly ever anybody does.
    starter: Option<Box<Waker>>,
    /// Made when it is first needed: most processes never do.
    rare: Option<Box<Rare>>,
}

/// What a process shows to handles without being asked: a supervisor its children.
pub(crate) trait Shown: Any + Send + Sync {
    /// How long the process may take to end, if it is given `patience`.
    fn patience(&self, patience: Duration) -> Duration;
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

/// What most processes do not have.
#[derive(Default)]
pub(crate) struct Rare {
    /// How many of its links and monitors, from both sides, are with which other node.
    nodes: Option<Box<NodeTies>>,
    /// Whom it monitors.
    pub(crate) monitors: BTreeMap<MonitorRef, Monitored>,
    /// The monitors whose `Down` is queued and has not been taken. A queued `Down` that is not in here is void.
    pub(crate) downs: Few<MonitorRef>,
    /// Who monitors it.
    pub(crate) watchers: Few<(Pid, MonitorRef)>,
    pub(crate) timers: BTreeMap<u64, Arc<Ticking>>,
    pub(crate) tasks: BTreeMap<u64, AbortHandle>,
    pub(crate) on_exit: BTreeMap<u64, OnExit>,
    /// Its local names, by the numbers of their registrations.
    pub(crate) names: BTreeMap<u64, String>,
    pub(crate) shown: Option<Arc<dyn Shown>>,
    /// Where its queue goes when it ends, if that is kept; of the type of its mailbox.
    pub(crate) kept: Option<Arc<dyn Any + Send + Sync>>,
    /// What it was handling when it crashed; noted only if its queue is kept.
    pub(crate) crashed_in: Option<LetterKind>,
    /// It was killed by its supervisor and does not end.
    pub(crate) stuck: bool,
    /// The reason of the `stop()` whose turn has come, for a plain process that then returns.
    pub(crate) asked_to_stop: Option<ExitReason>,
    /// The methods it handled last, newest first, at most three; noted when it crashes.
    pub(crate) methods: Vec<&'static str>,
    pub(crate) arguments: Option<String>,
    /// Ports that it has dropped unanswered since this was last looked at.
    pub(crate) dropped: Vec<Arc<dyn Question>>,
    /// Requests that were dropped because their callers had gone (`skip_expired`).
    pub(crate) skipped: u64,
    /// Of a task: who asked for it, who asked for that one, and so on.
    pub(crate) callers: Option<Box<[Pid]>>,
    /// Its owner has killed it, which is no crash.
    pub(crate) put_down: bool,
}

impl Rare {
    const NONE: &'static Self = &Self {
        nodes: None,
        monitors: BTreeMap::new(),
        downs: Few::NONE,
        watchers: Few::NONE,
        timers: BTreeMap::new(),
        tasks: BTreeMap::new(),
        on_exit: BTreeMap::new(),
        names: BTreeMap::new(),
        shown: None,
        kept: None,
        crashed_in: None,
        stuck: false,
        asked_to_stop: None,
        methods: Vec::new(),
        arguments: None,
        dropped: Vec::new(),
        skipped: 0,
        callers: None,
        put_down: false,
    };
}

/// Reading needs no memory. To write, say which it is: [`Relations::rare`] finds nothing where there is none, and
/// [`Relations::make_rare`] allocates.
impl Deref for Relations {
    type Target = Rare;

    fn deref(&self) -> &Rare {
        let rare = self.ties.as_ref().and_then(|ties| ties.rare.as_deref());
        rare.unwrap_or(Rare::NONE)
    }
}

pub(crate) struct Monitored {
    pub(crate) pid: Pid,
    pub(crate) watched: Watched,
}

/// What a process that ends stops and runs.
pub(crate) struct Held {
    pub(crate) timers: BTreeMap<u64, Arc<Ticking>>,
    pub(crate) tasks: BTreeMap<u64, AbortHandle>,
    pub(crate) hooks: BTreeMap<u64, OnExit>,
}

impl Relations {
    /// Who waits for its init, which is done, or will not be: as an observer it is told of the end.
    pub(crate) fn take_starter(&mut self) -> Option<Waker> {
        self.ties.as_mut()?.starter.take().map(|starter| *starter)
    }

    /// The waker of who waits for its init; gives the one before.
    pub(crate) fn await_start(&mut self, waker: Waker) -> Option<Waker> {
        let before = self.ties().starter.replace(Box::new(waker));
        before.map(|waker| *waker)
    }

    /// Makes room for ties, if there were none.
    fn ties(&mut self) -> &mut Ties {
        self.ties.get_or_insert_default()
    }

    /// What is rare; made if there was none.
    pub(crate) fn make_rare(&mut self) -> &mut Rare {
        self.ties().rare.get_or_insert_default()
    }

    /// What is rare, if there is any.
    pub(crate) fn rare(&mut self) -> Option<&mut Rare> {
        self.ties.as_mut()?.rare.as_deref_mut()
    }

    /// Whether it has needed no memory of its own so far.
    #[cfg(test)]
    pub(crate) fn is_small(&self) -> bool {
        self.ties.is_none()
    }

    /// In ascending order.
    pub(crate) fn links(&self) -> impl Iterator<Item = Pid> + '_ {
        self.ties.iter().flat_map(|ties| ties.links.iter())
    }

    pub(crate) fn is_linked(&self, other: Pid) -> bool {
        self.ties
            .as_ref()
            .is_some_and(|ties| ties.links.contains(&other))
    }

    /// Links the process, whose core this is; false if they are linked already.
    pub(crate) fn link(&mut self, core: &Core, other: Pid) -> bool {
        let is_new = self.ties().links.insert(other);
        if is_new {
            self.relate(core, other);
        }
        is_new
    }

    /// False if they are not linked.
    pub(crate) fn unlink(&mut self, other: Pid) -> bool {
        let Some(ties) = &mut self.ties else {
            return false;
        };
        let was_linked = ties.links.remove(&other);
        if was_linked {
            self.part(other);
        }
        was_linked
    }

    /// The process, whose core this is, monitors another one.
    pub(crate) fn monitor(&mut self, core: &Core, monitor: MonitorRef, monitored: Monitored) {
        let pid = monitored.pid;
        self.make_rare().monitors.insert(monitor, monitored);
        self.relate(core, pid);
    }

    /// Another process monitors the one whose core this is.
    pub(crate) fn watch(&mut self, core: &Core, watcher: Pid, monitor: MonitorRef) {
        if self.make_rare().watchers.insert((watcher, monitor)) {
            self.relate(core, watcher);
        }
    }

    /// Another process monitors this one no more.
    pub(crate) fn unwatch(&mut self, watcher: Pid, monitor: MonitorRef) {
        let rare = self.rare();
        if rare.is_some_and(|rare| rare.watchers.remove(&(watcher, monitor))) {
            self.part(watcher);
        }
    }

    /// Processes of this node monitor this one no more.
    pub(crate) fn unwatch_all_of(&mut self, node: u32) {
        let Some(rare) = self.rare() else { return };
        let (watchers, ties) = (&mut rare.watchers, &mut rare.nodes);
        watchers.retain(|(watcher, _)| {
            let is_of_node = watcher.node() == node;
            if let Some(ties) = ties.as_mut().filter(|_| is_of_node) {
                ties.remove(node);
            }
            !is_of_node
        });
    }

    /// One more relation with a process, which may be of another node.
    #[inline]
    fn relate(&mut self, core: &Core, other: Pid) {
        if other.node() != core.pid.node() && other != Pid::NOBODY {
            self.relate_abroad(core, other.node());
        }
    }

    #[cold]
    fn relate_abroad(&mut self, core: &Core, node: u32) {
        let index = || NodeTies::new(core.pid, core.world.node_index.clone());
        let ties = self
            .make_rare()
            .nodes
            .get_or_insert_with(|| Box::new(index()));
        ties.add(node);
    }

    /// One relation less.
    #[inline]
    fn part(&mut self, other: Pid) {
        if let Some(nodes) = self.rare().and_then(|rare| rare.nodes.as_mut()) {
            nodes.remove(other.node());
        }
    }

    /// All relations are taken at once: the process ends.
    pub(crate) fn part_with_all_nodes(&mut self) {
        if let Some(rare) = self.rare() {
            rare.nodes = None;
        }
    }

    pub(crate) fn take_links(&mut self) -> Few<Pid> {
        self.ties
            .as_mut()
            .map(|ties| ties.links.take())
            .unwrap_or_default()
    }

    /// Takes a monitor of this process back; `None` if there is none.
    pub(crate) fn take_monitor(&mut self, monitor: MonitorRef) -> Option<Monitored> {
        let monitored = self.rare()?.monitors.remove(&monitor)?;
        self.part(monitored.pid);
        Some(monitored)
    }

    /// Turns a monitor into its `Down`, which is about to be queued; `None` if there is none.
    pub(crate) fn queue_down(&mut self, monitor: MonitorRef) -> Option<Monitored> {
        let monitored = self.take_monitor(monitor)?;
        self.make_rare().downs.insert(monitor);
        Some(monitored)
    }

    /// Takes a queued `Down`; false if it is void.
    pub(crate) fn take_down(&mut self, monitor: MonitorRef) -> bool {
        self.rare().is_some_and(|rare| rare.downs.remove(&monitor))
    }

    /// Whose exit it obeys: its supervisor or linked starter.
    pub(crate) fn parent(&self) -> Option<Pid> {
        self.ties.as_ref()?.parent
    }

    pub(crate) fn obey(&mut self, parent: Pid) {
        self.ties().parent = Some(parent);
    }

    /// Why it has ended; links and monitors are being told, and no more are added.
    pub(crate) fn dead(&self) -> Option<&ExitReason> {
        self.ties.as_ref()?.dead.as_ref()
    }

    pub(crate) fn die(&mut self, reason: ExitReason) {
        self.ties().dead = Some(reason);
    }

    pub(crate) fn label(&self) -> Option<&str> {
        self.ties.as_ref()?.label.as_deref()
    }

    pub(crate) fn set_label(&mut self, label: Arc<str>) {
        self.ties().label = Some(label);
    }

    pub(crate) fn next_key(&mut self) -> u64 {
        let ties = self.ties();
        ties.next_key += 1;
        ties.next_key
    }

    /// How many futures wait for its end.
    #[cfg(any(test, feature = "test"))]
    pub(crate) fn observers(&self) -> usize {
        self.ties.as_ref().map_or(0, |ties| ties.observers.len())
    }

    pub(crate) fn observe(&mut self, observer: Arc<dyn Observer>) -> u64 {
        let key = self.next_key();
        self.ties().observers.add(key, observer);
        key
    }

    pub(crate) fn unobserve(&mut self, key: u64) -> Option<Arc<dyn Observer>> {
        self.ties.as_mut()?.observers.remove(key)
    }

    /// Takes the observer that has waited longest for the end, to be notified; and whether there are more. One that comes
    /// from now on is answered at once.
    pub(crate) fn next_observer(&mut self) -> (Option<Arc<dyn Observer>>, bool) {
        self.told = true;
        let Some(ties) = &mut self.ties else {
            return (None, false);
        };
        (ties.observers.next(), !ties.observers.is_empty())
    }

    /// Takes all observers, where only the connection to the process has ended: one that comes from now on waits.
    #[cfg(feature = "remote")]
    pub(crate) fn take_observers_for_now(&mut self) -> Observers {
        let observers = self
            .ties
            .as_mut()
            .map(|ties| std::mem::take(&mut ties.observers));
        observers.unwrap_or_default()
    }

    /// Runs `hook` when the process ends, those that were there before it first; gives it back if that has begun.
    pub(crate) fn on_exit(&mut self, hook: OnExit) -> Result<u64, OnExit> {
        if self.cleaned {
            return Err(hook);
        }
        let key = self.next_key();
        self.make_rare().on_exit.insert(key, hook);
        Ok(key)
    }

    /// Takes the timers, tasks and hooks out, if there are any; no more are accepted.
    pub(crate) fn clean_up(&mut self) -> Option<Held> {
        self.cleaned = true;
        let rare = self.rare()?;
        Some(Held {
            timers: std::mem::take(&mut rare.timers),
            tasks: std::mem::take(&mut rare.tasks),
            hooks: std::mem::take(&mut rare.on_exit),
        })
    }

    /// Takes a hook back, to be dropped without a lock; `None` if it runs, or has run.
    pub(crate) fn take_hook(&mut self, key: u64) -> Option<OnExit> {
        self.rare()?.on_exit.remove(&key)
    }
}
