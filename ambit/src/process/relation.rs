//! What a process has to do with others: links, monitors from both sides, observers, timers, tasks and names.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use crate::engine::reply::Observer;
use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::dead_letter::LetterKind;
use crate::process::timer::Ticking;
use crate::rt::AbortHandle;
use crate::signal::{MonitorRef, Watched};

/// Cleans up when a process ends, before its links and monitors are told: names, registries, groups.
pub(crate) type OnExit = Box<dyn FnOnce(Pid) + Send>;

#[derive(Default)]
pub(crate) struct Relations {
    pub(crate) links: BTreeSet<Pid>,
    /// Futures that wait for its end: pending calls, `closed`, `stop`, `monitor` outside a process.
    /// By key, ascending: a list, because an idle server keeps its memory.
    observers: Vec<(u64, Arc<dyn Observer>)>,
    /// Whose exit it obeys: its supervisor or linked starter.
    pub(crate) parent: Option<Pid>,
    pub(crate) trap_exits: bool,
    /// Its init is done; a plain process has started when it is made.
    pub(crate) started: bool,
    /// Its init said that there is nothing to do.
    pub(crate) ignored: bool,
    /// Names, timers and tasks are already cleaned up: no more are accepted.
    pub(crate) cleaned: bool,
    /// Why it has ended; links and monitors are being told, and no more are added.
    pub(crate) dead: Option<ExitReason>,
    /// Links and monitors have been told.
    pub(crate) told: bool,
    next_key: u64,
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
    /// Whom it monitors.
    pub(crate) monitors: BTreeMap<MonitorRef, Monitored>,
    /// Who monitors it.
    pub(crate) watchers: BTreeSet<(Pid, MonitorRef)>,
    pub(crate) timers: BTreeMap<u64, Arc<Ticking>>,
    pub(crate) tasks: BTreeMap<u64, AbortHandle>,
    pub(crate) on_exit: Vec<OnExit>,
    pub(crate) names: Vec<String>,
    pub(crate) label: Option<String>,
    pub(crate) shown: Option<Arc<dyn Shown>>,
    /// Where its queue goes when it ends, if that is kept; of the type of its mailbox.
    pub(crate) kept: Option<Arc<dyn Any + Send + Sync>>,
    /// What it was handling when it crashed; noted only if its queue is kept.
    pub(crate) crashed_in: Option<LetterKind>,
    /// What its reason does not say: why a supervisor gave up.
    pub(crate) because: Option<String>,
    /// It was killed by its supervisor and does not end.
    pub(crate) stuck: bool,
    /// The reason of the `stop()` whose turn has come, for a plain process that then returns.
    pub(crate) asked_to_stop: Option<ExitReason>,
    /// The methods it handled last, newest first, at most three; noted when it crashes.
    pub(crate) methods: Vec<&'static str>,
    pub(crate) arguments: Option<String>,
}

impl Rare {
    const NONE: &'static Self = &Self {
        monitors: BTreeMap::new(),
        watchers: BTreeSet::new(),
        timers: BTreeMap::new(),
        tasks: BTreeMap::new(),
        on_exit: Vec::new(),
        names: Vec::new(),
        label: None,
        shown: None,
        kept: None,
        crashed_in: None,
        because: None,
        stuck: false,
        asked_to_stop: None,
        methods: Vec::new(),
        arguments: None,
    };
}

/// Reading needs nothing; writing makes what is rare.
impl Deref for Relations {
    type Target = Rare;

    fn deref(&self) -> &Rare {
        self.rare.as_deref().unwrap_or(Rare::NONE)
    }
}

impl DerefMut for Relations {
    fn deref_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }
}

pub(crate) struct Monitored {
    pub(crate) pid: Pid,
    pub(crate) watched: Watched,
}

impl Relations {
    /// How many futures wait for its end.
    #[cfg(feature = "test")]
    pub(crate) fn observers(&self) -> usize {
        self.observers.len()
    }

    /// What is rare, if there is any.
    pub(crate) fn rare(&mut self) -> Option<&mut Rare> {
        self.rare.as_deref_mut()
    }

    pub(crate) fn new(started: bool) -> Self {
        Self {
            started,
            ..Self::default()
        }
    }

    pub(crate) fn next_key(&mut self) -> u64 {
        self.next_key += 1;
        self.next_key
    }

    pub(crate) fn observe(&mut self, observer: Arc<dyn Observer>) -> u64 {
        let key = self.next_key();
        self.observers.push((key, observer));
        key
    }

    pub(crate) fn unobserve(&mut self, key: u64) -> Option<Arc<dyn Observer>> {
        let at = self
            .observers
            .binary_search_by_key(&key, |(known, _)| *known)
            .ok()?;
        Some(self.observers.remove(at).1)
    }

    /// Everybody who waits for the end, in the order in which they began to. Whoever comes now is answered at once.
    pub(crate) fn take_observers(&mut self) -> Vec<(u64, Arc<dyn Observer>)> {
        self.told = true;
        std::mem::take(&mut self.observers)
    }

    /// Runs `hook` when the process ends; gives it back if that has begun.
    pub(crate) fn on_exit(&mut self, hook: OnExit) -> Result<(), OnExit> {
        if self.cleaned {
            return Err(hook);
        }
        self.on_exit.push(hook);
        Ok(())
    }
}
