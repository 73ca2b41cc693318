//! The untyped handle.

use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::pid::Pid;
use crate::process::header::ProcessRef;
use crate::process::resolved::Resolved;
use crate::signal::Watched;

/// An untyped handle to a process, to monitor it, stop it or send it a signal.
///
/// Every typed handle dereferences to it. A handle does not keep the process running. A *following* handle (from
/// `named`, from `via`, or of a supervisor's child) resolves its name at each use.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let worker = ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; });
///     let handle: &ambit::process::Process = &worker;
///     assert!(handle.is_alive());
///     handle.stop().await.unwrap();
///     assert_eq!(handle.closed().await, ExitReason::Normal);
/// }
/// ```
#[derive(Clone)]
pub struct Process {
    holder: ProcessTarget,
}

#[derive(Clone)]
enum ProcessTarget {
    Fixed(ProcessRef),
    Following(Arc<dyn Follow>),
}

/// A name, untyped.
pub(crate) trait Follow: Send + Sync {
    fn holder(&self) -> Option<ProcessRef>;
    fn watched(&self, holder: Pid) -> Watched;
    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
    fn same(&self, other: &dyn Follow) -> bool;
    fn digest(&self) -> u64;
    fn as_any(&self) -> &dyn Any;
}

impl Process {
    pub(crate) fn fixed(process: ProcessRef) -> Self {
        Self {
            holder: ProcessTarget::Fixed(process),
        }
    }

    pub(crate) fn following(follow: Arc<dyn Follow>) -> Self {
        Self {
            holder: ProcessTarget::Following(follow),
        }
    }

    /// Returns the current process of the handle.
    pub(crate) fn current(&self) -> Option<ProcessRef> {
        match &self.holder {
            ProcessTarget::Fixed(process) => Some(process.clone()),
            ProcessTarget::Following(follow) => follow.holder(),
        }
    }

    /// Returns true if it follows a name.
    pub(crate) fn follows(&self) -> bool {
        matches!(self.holder, ProcessTarget::Following(_))
    }

    pub(crate) fn resolve(&self) -> Resolved {
        match (&self.holder, self.current()) {
            (ProcessTarget::Fixed(_), Some(process)) => Resolved::process(process),
            (ProcessTarget::Following(follow), Some(process)) => Resolved {
                watched: follow.watched(process.core().pid),
                ..Resolved::process(process)
            },
            (ProcessTarget::Following(follow), None) => {
                Resolved::nobody(follow.watched(Pid::NOBODY))
            }
            (ProcessTarget::Fixed(_), None) => Resolved::pid(Pid::NOBODY),
        }
    }

    /// Returns the pid of the process. For a following handle, returns the pid of the current process, or
    /// [`Pid::NOBODY`] if no process is registered.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.current()
            .map_or(Pid::NOBODY, |process| process.core().pid)
    }

    /// Returns true if the process exists and has not started to end. (Erlang: `is_process_alive/1`.)
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.current()
            .is_some_and(|process| process.core().is_alive())
    }

    /// Writes type, pid and name, for the `Debug` of handles.
    pub(crate) fn describe(&self, type_name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.holder {
            ProcessTarget::Fixed(process) => {
                let core = process.core();
                // The lock is released before anything is written: the writer is user code.
                let name = core.relations.lock().names.values().next().cloned();
                write!(f, "{}{}", core.type_name(), core.pid)?;
                match name {
                    Some(name) => write!(f, " {name:?}"),
                    None => Ok(()),
                }
            }
            ProcessTarget::Following(follow) => {
                f.write_str(type_name)?;
                follow.describe(f)
            }
        }
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe("Process", f)
    }
}

impl PartialEq for Process {
    fn eq(&self, other: &Self) -> bool {
        match (&self.holder, &other.holder) {
            (ProcessTarget::Fixed(one), ProcessTarget::Fixed(other)) => {
                one.core().pid == other.core().pid
            }
            (ProcessTarget::Following(one), ProcessTarget::Following(other)) => one.same(&**other),
            _ => false,
        }
    }
}

impl Eq for Process {}

impl Hash for Process {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.holder {
            ProcessTarget::Fixed(process) => process.core().pid.hash(state),
            ProcessTarget::Following(follow) => state.write_u64(follow.digest()),
        }
    }
}
