//! The typed handle of a process with a given protocol.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::reply::{self, ReplyTo};
use crate::handle::call::Call;
use crate::handle::cast::Cast;
use crate::handle::following::{FollowPort, Resolve, Via};
use crate::handle::process::Process;
use crate::handle::protocol::{Message, Protocol};
use crate::handle::recipient::Recipient;
use crate::handle::reserve::Reserve;
use crate::handle::sink::ProtocolSink;
use crate::process::header::ProcessRef;
use crate::process::resolved::Resolved;
use crate::process::system_inner::SystemInner;
use crate::rt::BoxFuture;

/// The typed handle of a process, its *subject*: it sends messages of protocol `P` to one process, or to the current
/// process under a name.
///
/// For a server prefer the handle that `#[gen_server]` generates, which has a method per message and derefs to
/// [`Process`] like this one.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let echo: Subject<String> = ambit::spawn(|mut inbox: Inbox<String>| async move {
///         while let Some(text) = inbox.recv().await {
///             println!("{text}");
///         }
///     });
///     echo.send("hi".into()).await.unwrap();
/// }
/// ```
pub struct Subject<P: Protocol + ?Sized> {
    process: Process,
    sink: SubjectTarget<P>,
    timeout: Option<Duration>,
    patient: bool,
}

enum SubjectTarget<P: Protocol + ?Sized> {
    Fixed(Arc<dyn ProtocolSink<P>>),
    Following(Arc<dyn FollowPort<P>>),
}

impl<P: Protocol + ?Sized> Subject<P> {
    pub(crate) fn fixed(port: Arc<dyn ProtocolSink<P>>) -> Self {
        let process: ProcessRef = port.clone();
        let sink = SubjectTarget::Fixed(port);
        Self {
            process: Process::fixed(process),
            sink,
            timeout: None,
            patient: false,
        }
    }

    fn following(follow: Arc<dyn FollowPort<P>>) -> Self {
        let process = Process::following(follow.clone());
        Self {
            process,
            sink: SubjectTarget::Following(follow),
            timeout: None,
            patient: false,
        }
    }

    /// Returns a handle that resolves `key` in `registry` at each send. (Elixir: a via tuple.)
    pub fn via<R: Resolve<P>>(registry: &R, key: impl Into<R::Key>) -> P::Subject {
        Self::following_key(registry.clone(), key.into()).into()
    }

    pub(crate) fn following_key<R: Resolve<P>>(resolver: R, key: R::Key) -> Self {
        Self::following(Arc::new(Via {
            resolver,
            key,
            protocol: PhantomData,
        }))
    }

    /// Sends a cast; for a plain process the message itself.
    pub fn send(&self, message: P::Cast) -> Cast<'_, P> {
        Cast::new(self, message)
    }

    /// Sends a call: `make` puts the reply port into the message.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// struct Clock(u64);
    /// #[gen_server]
    /// impl Clock { #[call] fn time(&self) -> u64 { self.0 } }
    /// #[ambit::main]
    /// async fn main() {
    ///     let clock = Clock(7).start().await.unwrap();
    ///     let subject: &Subject<Clock> = clock.as_ref();
    ///     assert_eq!(subject.call(|reply| ClockCall::Time { reply }).await, Ok(7));
    /// }
    /// ```
    pub fn call<R: Send + 'static>(
        &self,
        make: impl FnOnce(ReplyTo<R>) -> P::Call,
    ) -> Call<'_, P, R> {
        let (port, asked) = reply::question();
        Call::new(self, make(port), asked)
    }

    /// Reserves capacity in the mailbox, for a message that is then sent without waiting or failing.
    pub fn reserve(&self) -> Reserve<'_, P> {
        Reserve::new(self)
    }

    /// Returns the same handle with another default deadline for calls and casts.
    pub fn with_timeout(&self, timeout: Duration) -> P::Subject {
        Self {
            timeout: Some(timeout),
            ..self.clone()
        }
        .into()
    }

    /// Returns the same handle whose calls wait, within their deadline, until its name is registered, instead of
    /// failing with `NoProcess`.
    pub fn when_available(&self) -> P::Subject {
        Self {
            patient: true,
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

    /// Ready when a patient handle should resolve again, with the system whose clock counts until then; `None` if there
    /// is nothing to wait for.
    pub(crate) fn changed(&self) -> Option<(BoxFuture<'static, ()>, Arc<SystemInner>)> {
        if self.patient { self.followed() } else { None }
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

    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    pub(crate) fn resolve(&self) -> Resolved {
        self.process.resolve()
    }
}

impl<M: Message> Subject<M> {
    /// Like [`recipient`](crate::PlainRecipient::recipient), without a trait in scope.
    #[doc(hidden)]
    pub fn as_recipient(&self) -> Recipient<M> {
        Recipient::of_plain(self)
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
            patient: self.patient,
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
