//! Handles that follow a name: each use resolves the name anew.

use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crate::handle::process::{Follow, Process};
use crate::handle::protocol::{FollowPort, Protocol, ProtocolSink, SubjectTarget};
use crate::handle::subject::Subject;
use crate::pid::Pid;
use crate::process::clock::Clock;
use crate::process::current_system;
use crate::process::header::ProcessRef;
use crate::process::system_inner::{InSystem, SystemInner};
use crate::rt::BoxFuture;
use crate::signal::Watched;

/// The maximum number of names in a chain; a longer chain counts as broken.
const HOPS: usize = 8;

/// The interval at which a resolver without change notifications is asked again.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Resolves a key to a handle; implemented by registries and user-defined resolvers. (Elixir: the module in
/// `{:via, module, name}`.)
///
/// ```
/// use ambit::prelude::*;
/// use ambit::registry::Resolve;
/// /// Always the same process, whatever the key.
/// #[derive(Clone)]
/// struct Only(Subject<String>);
/// impl Resolve<String> for Only {
///     type Key = u8;
///     fn resolve(&self, _key: &u8) -> Option<Subject<String>> { Some(self.0.clone()) }
/// }
/// #[ambit::main]
/// async fn main() {
///     let echo = ambit::spawn(|mut inbox: Inbox<String>| async move { inbox.recv().await; });
///     Subject::<String>::via(&Only(echo), 7u8).send("hi".into()).await.unwrap();
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not resolve names of `{P}`",
    note = "use a `Registry<K, {P}>`, or implement `Resolve<{P}>`"
)]
pub trait Resolve<P: Protocol + ?Sized>: Clone + Send + Sync + 'static {
    /// The type of the keys.
    type Key: Eq + Hash + Send + Sync + 'static;

    /// Returns the current handle for `key`, or `None` if no process has it. Each use of a following handle calls this
    /// method, so it should be quick and must not block. If the returned handle follows another name, that name is
    /// resolved in turn, through up to 8 names; with a longer chain, calls and casts fail with `NoProcess`.
    fn resolve(&self, key: &Self::Key) -> Option<Subject<P>>;

    /// Returns a number that distinguishes resolvers of one type: two following handles are equal if their keys and
    /// these numbers are equal. Default: 0, so that all resolvers of the type are considered the same.
    fn identity(&self) -> usize {
        0
    }

    #[doc(hidden)]
    fn __changed(&self, _key: &Self::Key) -> Option<BoxFuture<'static, ()>> {
        None
    }

    /// Returns the system whose clock counts if the user of a handle has none.
    #[doc(hidden)]
    fn __system(&self) -> Option<InSystem> {
        None
    }

    #[doc(hidden)]
    fn __describe(_key: &Self::Key) -> Option<String> {
        None
    }

    #[doc(hidden)]
    fn __watched(_key: &Self::Key, holder: Pid) -> Watched {
        Watched::Process(holder)
    }
}

/// A key in a resolver.
pub(crate) struct Via<R: Resolve<P>, P: Protocol + ?Sized> {
    pub(crate) resolver: R,
    pub(crate) key: R::Key,
    pub(crate) protocol: PhantomData<fn() -> Box<P>>,
}

impl<R: Resolve<P>, P: Protocol + ?Sized> Follow for Via<R, P> {
    fn holder(&self) -> Option<ProcessRef> {
        let port: ProcessRef = self.port()?;
        Some(port)
    }

    fn watched(&self, holder: Pid) -> Watched {
        R::__watched(&self.key, holder)
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match R::__describe(&self.key) {
            Some(key) => write!(f, " {key}"),
            None => f.write_str(" via a key"),
        }
    }

    fn same(&self, other: &dyn Follow) -> bool {
        other.as_any().downcast_ref::<Self>().is_some_and(|other| {
            self.resolver.identity() == other.resolver.identity() && self.key == other.key
        })
    }

    fn digest(&self) -> u64 {
        BuildHasherDefault::<DefaultHasher>::default().hash_one(&self.key)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl<R: Resolve<P>, P: Protocol + ?Sized> FollowPort<P> for Via<R, P> {
    fn port(&self) -> Option<Arc<dyn ProtocolSink<P>>> {
        let mut subject = self.next()?;
        for _ in 0..HOPS {
            match subject.step() {
                Ok(port) => return Some(port),
                Err(next) => subject = next?,
            }
        }
        None
    }

    fn next(&self) -> Option<Subject<P>> {
        self.resolver.resolve(&self.key)
    }

    fn clock(&self) -> Option<Arc<SystemInner>> {
        let of_resolver = || self.resolver.__system().map(|system| system.0);
        current_system::current_or_new().or_else(of_resolver)
    }

    fn changed(&self, system: &Arc<SystemInner>) -> BoxFuture<'static, ()> {
        let Some(mut own) = self.resolver.__changed(&self.key) else {
            return look_again(system);
        };
        let follows = |next: Subject<P>| next.fixed_port().is_none();
        if !self.next().is_some_and(follows) {
            return own;
        }
        // The holder is a handle that follows another name, whose changes this resolver does not see.
        let mut again = look_again(system);
        Box::pin(poll_fn(move |cx| match own.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(()),
            Poll::Pending => again.as_mut().poll(cx),
        }))
    }
}

fn look_again(system: &Arc<SystemInner>) -> BoxFuture<'static, ()> {
    let clock = Clock::start(system, LOOK_AGAIN);
    Box::pin(poll_fn(move |cx| clock.poll(cx)))
}

impl<P: Protocol + ?Sized> Subject<P> {
    /// Returns a handle that resolves `key` in `registry` at each use. While no process is registered under the key,
    /// calls and casts return `NoProcess`. (Elixir: a `:via` tuple.)
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

    fn following(follow: Arc<dyn FollowPort<P>>) -> Self {
        let process = Process::following(follow.clone());
        Self {
            process,
            sink: SubjectTarget::Following(follow),
            timeout: None,
            when_available: false,
        }
    }
}
