//! The telemetry events of a system. Without a listener an event costs one relaxed load.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::RwLock;

use crate::error::StartError;
use crate::exit_reason::ExitReason;
use crate::panics;
use crate::pid::Pid;
use crate::process::crash::CrashReport;
use crate::process::dead_letter::DeadLetter;

/// An event in a system, passed to the listeners of [`System::on_event`](crate::System::on_event).
///
/// ```
/// # use ambit::prelude::*;
/// use ambit::system::System;
/// use ambit::telemetry::Event;
/// use std::sync::{Arc, Mutex};
/// #[ambit::main]
/// async fn main() {
///     let ended = Arc::new(Mutex::new(Vec::new()));
///     let list = ended.clone();
///     let _guard = System::current().unwrap().on_event(move |event| {
///         if let Event::Exited { pid, .. } = event { list.lock().unwrap().push(*pid) }
///     });
///     let job = ambit::spawn(|_: Inbox<u8>| async {});
///     job.closed().await;
///     assert_eq!(*ended.lock().unwrap(), [job.pid()]);
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A process has started.
    Started {
        /// The process.
        pid: Pid,
        /// The name of the process's type.
        type_name: &'static str,
    },
    /// A process has ended; its links and monitors are notified after this event.
    Exited {
        /// The process.
        pid: Pid,
        /// The name of the process's type.
        type_name: &'static str,
        /// The exit reason of the process.
        reason: &'a ExitReason,
    },
    /// A server has handled a message.
    Handled {
        /// The server.
        pid: Pid,
        /// The name of the server's type.
        type_name: &'static str,
        /// The name of the method that handled the message.
        method: &'static str,
        /// The duration of the handler.
        took: Duration,
    },
    /// A message was not delivered.
    DeadLetter(&'a DeadLetter),
    /// A supervisor has restarted a child.
    Restarted {
        /// The supervisor.
        supervisor: Pid,
        /// The child's id.
        child: &'a str,
        /// The previous process of the child.
        old: Pid,
        /// The new process of the child.
        new: Pid,
        /// The exit reason of the previous process.
        reason: &'a ExitReason,
    },
    /// A restart of a child failed; the supervisor will retry.
    RestartFailed {
        /// The supervisor.
        supervisor: Pid,
        /// The child's id.
        child: &'a str,
        /// The error of the failed start.
        error: &'a StartError,
    },
    /// A supervisor has exceeded its restart limit; it stops its children and ends.
    GaveUp {
        /// The supervisor.
        supervisor: Pid,
        /// The child that failed last.
        child: &'a str,
        /// The last exit reason of that child.
        reason: &'a ExitReason,
        /// The number of allowed restarts.
        restarts: u32,
        /// The length of the sliding window.
        within: Duration,
    },
    /// A child was killed and has not ended, because one of its handlers never suspends.
    Stuck {
        /// The supervisor.
        supervisor: Pid,
        /// The child's id.
        child: &'a str,
        /// The process of the child.
        pid: Pid,
    },
    /// A process has ended with an abnormal reason.
    Crashed(&'a CrashReport),
}

type Listener = Arc<dyn Fn(&Event<'_>) + Send + Sync>;

/// A listener, or the crash reports, need details of each message.
const MORE: u8 = 1;
/// Each message is counted.
const MEASURED: u8 = 1 << 1;

#[derive(Default)]
pub(crate) struct Telemetry {
    listening: AtomicBool,
    /// The required details of each message: [`MORE`], [`MEASURED`], or none.
    curious: AtomicU8,
    /// True if crash reports include the arguments.
    arguments: bool,
    /// In the order in which they were added.
    listeners: RwLock<BTreeMap<u64, Listener>>,
    next: AtomicU64,
    dead_letters: AtomicU64,
}

impl Telemetry {
    /// Creates telemetry without listeners. `arguments`: crash reports include them.
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
        // A listener holds user values: it is dropped without the lock.
        drop(listeners);
        drop(removed);
    }

    fn listen(&self, listening: bool) {
        self.listening.store(listening, Ordering::Release);
        self.want(MORE, listening || self.arguments);
    }

    /// Switches the counting of messages on or off.
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

    /// Returns true if details of each message are needed.
    #[inline]
    pub(crate) fn is_curious(&self) -> bool {
        self.curious.load(Ordering::Relaxed) & MORE != 0
    }

    /// Returns true if messages are counted.
    #[inline]
    pub(crate) fn is_measuring(&self) -> bool {
        self.curious.load(Ordering::Relaxed) & MEASURED != 0
    }

    /// Returns how many messages were not delivered so far.
    pub(crate) fn dead_letters(&self) -> u64 {
        self.dead_letters.load(Ordering::Relaxed)
    }

    /// Calls all listeners. A panic in one does not affect the others.
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

    pub(crate) fn dead_letter(&self, envelope: &DeadLetter) {
        self.dead_letters.fetch_add(1, Ordering::Relaxed);
        tracing::debug!(to = %envelope.to, to_type = envelope.to_type, kind = ?envelope.kind, why = ?envelope.why,
            content = envelope.content.type_name, "dead letter");
        self.emit(&Event::DeadLetter(envelope));
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry")
            .field("listening", &self.is_listening())
            .finish_non_exhaustive()
    }
}
