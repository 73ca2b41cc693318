//! What a system tells those who listen. Nobody listens: one relaxed load, no work.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::RwLock;

use crate::error::StartError;
use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::crash::CrashReport;
use crate::process::dead_letter::DeadLetter;
use crate::process::panics;

/// Something that happened in a system.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A process has started.
    Started {
        /// Who.
        pid: Pid,
        /// The name of its type.
        type_name: &'static str,
    },
    /// A process has ended; its links and monitors are told next.
    Exited {
        /// Who.
        pid: Pid,
        /// The name of its type.
        type_name: &'static str,
        /// Why.
        reason: &'a ExitReason,
    },
    /// A server has handled a message.
    Handled {
        /// Who.
        pid: Pid,
        /// The name of its type.
        type_name: &'static str,
        /// The method that handled it.
        method: &'static str,
        /// How long that took.
        took: Duration,
    },
    /// A message was not delivered.
    DeadLetter(&'a DeadLetter),
    /// A supervisor has started a child again.
    Restarted {
        /// The supervisor.
        supervisor: Pid,
        /// The child's id.
        child: &'a str,
        /// Who the child was.
        old: Pid,
        /// Who it is now.
        new: Pid,
        /// Why it was down.
        reason: &'a ExitReason,
    },
    /// A supervisor could not start a child again; it will try once more.
    RestartFailed {
        /// The supervisor.
        supervisor: Pid,
        /// The child's id.
        child: &'a str,
        /// Why.
        error: &'a StartError,
    },
    /// A supervisor has made as many restarts as it may; it stops its children and ends.
    GaveUp {
        /// The supervisor.
        supervisor: Pid,
        /// The child that ended once too often.
        child: &'a str,
        /// Why it ended the last time.
        reason: &'a ExitReason,
        /// How many restarts the supervisor may make,
        restarts: u32,
        /// in which time.
        within: Duration,
    },
    /// A child was killed and does not end: a handler of it never suspends.
    Stuck {
        /// The supervisor.
        supervisor: Pid,
        /// The child's id.
        child: &'a str,
        /// Who it is.
        pid: Pid,
    },
    /// A process has ended for an abnormal reason.
    Crashed(&'a CrashReport),
}

type Listener = Arc<dyn Fn(&Event<'_>) + Send + Sync>;

/// A listener, or the crash reports, want to know more of each message.
const MORE: u8 = 1;
/// Each message is counted.
const MEASURED: u8 = 1 << 1;

#[derive(Default)]
pub(crate) struct Telemetry {
    listening: AtomicBool,
    /// Somebody wants to know more of each message than that it is handled: [`MORE`], [`MEASURED`], or nobody.
    curious: AtomicU8,
    /// Crash reports show the arguments.
    arguments: bool,
    /// In the order in which they were added.
    listeners: RwLock<BTreeMap<u64, Listener>>,
    next: AtomicU64,
    dead_letters: AtomicU64,
}

impl Telemetry {
    /// `arguments`: crash reports show them.
    pub(crate) fn new(arguments: bool) -> Self {
        Self {
            curious: AtomicU8::new(if arguments { MORE } else { 0 }),
            arguments,
            ..Self::default()
        }
    }

    pub(crate) fn add(&self, listener: Listener) -> u64 {
        let key = self.next.fetch_add(1, Ordering::Relaxed);
        self.listeners.write().insert(key, listener);
        self.listen(true);
        key
    }

    pub(crate) fn remove(&self, key: u64) {
        let mut listeners = self.listeners.write();
        let removed = listeners.remove(&key);
        self.listen(!listeners.is_empty());
        // What a listener holds is the user's: it is dropped without the lock.
        drop(listeners);
        drop(removed);
    }

    fn listen(&self, listening: bool) {
        self.listening.store(listening, Ordering::Release);
        self.want(MORE, listening || self.arguments);
    }

    /// Each message is counted from here on, or none is.
    pub(crate) fn measure(&self, measured: bool) {
        self.want(MEASURED, measured);
    }

    fn want(&self, what: u8, wanted: bool) {
        if wanted {
            self.curious.fetch_or(what, Ordering::AcqRel);
        } else {
            self.curious.fetch_and(!what, Ordering::AcqRel);
        }
    }

    pub(crate) fn is_listening(&self) -> bool {
        self.listening.load(Ordering::Relaxed)
    }

    /// Whether anybody wants to know more of each message than that it is handled.
    #[inline]
    pub(crate) fn is_curious(&self) -> bool {
        self.curious.load(Ordering::Relaxed) & MORE != 0
    }

    /// Whether each message is counted.
    #[inline]
    pub(crate) fn is_measuring(&self) -> bool {
        self.curious.load(Ordering::Relaxed) & MEASURED != 0
    }

    /// How many messages were not delivered so far.
    pub(crate) fn dead_letters(&self) -> u64 {
        self.dead_letters.load(Ordering::Relaxed)
    }

    /// Tells everybody who listens. A listener that panics harms nobody.
    pub(crate) fn emit(&self, event: &Event<'_>) {
        if !self.is_listening() {
            return;
        }
        let listeners: Vec<Listener> = self.listeners.read().values().cloned().collect();
        for listener in listeners {
            if let Err(report) = panics::catch(|| listener(event)) {
                tracing::error!(%report, "a telemetry listener panicked");
            }
        }
    }

    pub(crate) fn dead_letter(&self, letter: &DeadLetter) {
        self.dead_letters.fetch_add(1, Ordering::Relaxed);
        tracing::debug!(to = %letter.to, to_type = letter.to_type, kind = ?letter.kind, why = ?letter.why,
            content = letter.content.type_name, "dead letter");
        self.emit(&Event::DeadLetter(letter));
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry")
            .field("listening", &self.is_listening())
            .finish_non_exhaustive()
    }
}
