//! The typed handle to a process with a given protocol.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use crate::handle::process::Process;
use crate::handle::protocol::ProtocolSink;
pub use crate::handle::protocol::Subject;
use crate::handle::protocol::{Protocol, SubjectTarget};
use crate::handle::target::Target;
use crate::process::header::ProcessRef;
use crate::process::resolved::Resolved;
use crate::process::system_inner::SystemInner;
use crate::rt::BoxFuture;

impl<P: Protocol + ?Sized> Subject<P> {
    pub(crate) fn fixed(port: Arc<dyn ProtocolSink<P>>) -> Self {
        let process: ProcessRef = port.clone();
        let sink = SubjectTarget::Fixed(port);
        Self {
            process: Process::fixed(process),
            sink,
            timeout: None,
            when_available: false,
        }
    }

    /// Returns the same handle with `timeout` as the default for calls, casts and reservations, instead of 5 s. It
    /// overrides the timeout that a method declares; the timeout of a single call overrides both.
    #[must_use = "the handle itself is unchanged"]
    pub fn with_timeout(&self, timeout: Duration) -> P::Subject {
        Self {
            timeout: Some(timeout),
            ..self.clone()
        }
        .into()
    }

    /// Returns the same handle, changed to wait for its name: an awaited call or cast waits, within its deadline, until
    /// a process is registered under the name, instead of failing with `NoProcess` at once. It returns `NoProcess` at
    /// the deadline.
    ///
    /// A message that has reached the mailbox of a process is not sent to the next one. If the process ends while the
    /// message waits for capacity, a cast fails with `NoProcess`, and a call with `Exited`: it was not executed.
    ///
    /// `.send()`, `.now()` and `reserve()` do not wait for the name, nor does a [`Recipient`](crate::server::Recipient)
    /// created from the handle. A handle that does not follow a name is returned unchanged.
    #[must_use = "the handle itself is unchanged"]
    pub fn when_available(&self) -> P::Subject {
        Self {
            when_available: true,
            ..self.clone()
        }
        .into()
    }

    /// Returns the current process.
    pub(crate) fn port(&self) -> Option<Arc<dyn ProtocolSink<P>>> {
        match &self.sink {
            SubjectTarget::Fixed(port) => Some(port.clone()),
            SubjectTarget::Following(follow) => follow.port(),
        }
    }

    /// Returns a direct handle to the current process.
    #[doc(hidden)]
    pub fn __fixed(&self) -> Option<Self> {
        self.port().map(Self::fixed)
    }

    /// Returns the process of a direct handle.
    pub(crate) fn fixed_port(&self) -> Option<&Arc<dyn ProtocolSink<P>>> {
        match &self.sink {
            SubjectTarget::Fixed(port) => Some(port),
            SubjectTarget::Following(_) => None,
        }
    }

    /// Returns the process of a direct handle, or the next step along the names.
    pub(crate) fn step(self) -> Result<Arc<dyn ProtocolSink<P>>, Option<Self>> {
        match self.sink {
            SubjectTarget::Fixed(port) => Ok(port),
            SubjectTarget::Following(follow) => Err(follow.next()),
        }
    }

    /// Ready when a handle with `when_available` should resolve again, with the system whose clock counts until then;
    /// `None` if there is nothing to wait for.
    pub(crate) fn changed(&self) -> Option<(BoxFuture<'static, ()>, Arc<SystemInner>)> {
        if self.when_available {
            self.followed()
        } else {
            None
        }
    }

    /// Ready when this handle may lead to another process, with the system whose clock counts until then; `None` for a
    /// direct handle.
    pub(crate) fn followed(&self) -> Option<(BoxFuture<'static, ()>, Arc<SystemInner>)> {
        match &self.sink {
            SubjectTarget::Following(follow) => {
                let system = follow.clock()?;
                Some((follow.changed(&system), system))
            }
            SubjectTarget::Fixed(_) => None,
        }
    }

    /// Returns the system whose clock counts while a following handle waits; `None` for a direct handle.
    pub(crate) fn clock(&self) -> Option<Arc<SystemInner>> {
        match &self.sink {
            SubjectTarget::Following(follow) => follow.clock(),
            SubjectTarget::Fixed(_) => None,
        }
    }

    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    pub(crate) fn resolve(&self) -> Resolved {
        self.process.resolve()
    }
}

impl<P: Protocol + ?Sized> Clone for Subject<P> {
    fn clone(&self) -> Self {
        let sink = match &self.sink {
            SubjectTarget::Fixed(port) => SubjectTarget::Fixed(port.clone()),
            SubjectTarget::Following(follow) => SubjectTarget::Following(follow.clone()),
        };
        Self {
            process: self.process.clone(),
            sink,
            timeout: self.timeout,
            when_available: self.when_available,
        }
    }
}

impl<P: Protocol + ?Sized> Deref for Subject<P> {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl<P: Protocol + ?Sized> AsRef<Self> for Subject<P> {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl<P: Protocol + ?Sized> fmt::Debug for Subject<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.process.describe(P::NAME, f)
    }
}

impl<P: Protocol + ?Sized> PartialEq for Subject<P> {
    fn eq(&self, other: &Self) -> bool {
        self.process == other.process
    }
}

impl<P: Protocol + ?Sized> Eq for Subject<P> {}

impl<P: Protocol + ?Sized> Hash for Subject<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.process.hash(state);
    }
}

impl<P: Protocol + ?Sized> From<Subject<P>> for Process {
    fn from(subject: Subject<P>) -> Self {
        Self::clone(&subject)
    }
}

impl<P: Protocol + ?Sized> Target for Subject<P> {
    fn __resolve(&self) -> Resolved {
        self.resolve()
    }
}
