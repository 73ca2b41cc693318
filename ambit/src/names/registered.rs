//! The types that local names can be looked up as, and the results.

use std::any::{Any, TypeId};
use std::sync::Arc;

use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::process::header::ProcessRef;

/// A type that [`whereis`](crate::whereis) and [`wait_for`](crate::wait_for) can look up: a protocol, an
/// [`Agent`](crate::agent::Agent), or a kind of supervisor. A protocol is a server type, `dyn Trait` for a trait with
/// `#[protocol]`, or the message type of a plain process. The macros of ambit implement the trait; it cannot be
/// implemented by hand.
///
/// [`Supervisor`](crate::Supervisor) matches every supervisor with ordered children: those started with its builder,
/// those of `#[supervisor]`, and every [`PartitionSupervisor`](crate::PartitionSupervisor). Look up a
/// [`DynamicSupervisor`](crate::DynamicSupervisor), a [`TaskSupervisor`](crate::TaskSupervisor) or a
/// [`Pool`](crate::pool::Pool) by its own type.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::registry::Registered;
/// fn is_registered<P: Registered>(name: &str) -> bool {
///     ambit::whereis::<P>(name).is_ok()
/// }
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     ambit::register("idle", &idle).unwrap();
///     assert!(is_registered::<u8>("idle"));
///     assert!(!is_registered::<String>("idle"), "its messages are of another type");
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a protocol",
    note = "a protocol is a server type with `#[gen_server]` on its impl block, `dyn` of a trait with \
            `#[protocol]`, or a message type with `#[derive(Message)]`; look up a supervisor by its own type"
)]
pub trait Registered {
    /// The handle that a look-up returns.
    type Handle: Send + Sync;
    /// Returns the handle to the process under a name, if it has this type.
    #[doc(hidden)]
    fn __found(holder: &Found) -> Option<Self::Handle>;
}

/// The type that a process was started as: supervisors of different kinds share one protocol.
#[derive(Clone, Copy)]
pub(crate) struct StartedAs {
    pub(crate) of: TypeId,
    pub(crate) is_open: bool,
}

/// The subject of a process with the type it was started as.
struct Started<P: Protocol + ?Sized> {
    subject: Subject<P>,
    started: StartedAs,
}

/// Returns the value stored under a name; most processes need only their subject.
pub(super) fn keep<P: Protocol + ?Sized>(
    subject: Subject<P>,
    started: Option<StartedAs>,
) -> Arc<dyn Any + Send + Sync> {
    match started {
        Some(started) => Arc::new(Started { subject, started }),
        None => Arc::new(subject),
    }
}

/// Returns the subject [stored](keep) under a name, if its protocol is `P`.
#[inline]
pub(super) fn subject<P: Protocol + ?Sized>(kept: &(dyn Any + Send + Sync)) -> Option<Subject<P>> {
    let plain = kept.downcast_ref::<Subject<P>>();
    let subject = plain.or_else(|| Some(&kept.downcast_ref::<Started<P>>()?.subject));
    subject.cloned()
}

/// A process that is registered under a name, and the subject it was registered with.
#[doc(hidden)]
#[allow(missing_debug_implementations, reason = "never seen")]
pub struct Found {
    pub(super) process: ProcessRef,
    pub(super) subject: Arc<dyn Any + Send + Sync>,
}

impl Found {
    /// Returns the subject it was registered with, if its protocol is `P`.
    pub(crate) fn subject<P: Protocol + ?Sized>(&self) -> Option<Subject<P>> {
        subject(&*self.subject)
    }

    /// Returns the type it was started as, if its protocol is `P` and the type is known.
    pub(crate) fn started_as<P: Protocol + ?Sized>(&self) -> Option<StartedAs> {
        self.started::<P>().map(|started| started.started)
    }

    fn started<P: Protocol + ?Sized>(&self) -> Option<&Started<P>> {
        self.subject.downcast_ref()
    }
}

impl<P: Protocol + ?Sized> Registered for P {
    type Handle = P::Subject;

    fn __found(holder: &Found) -> Option<P::Subject> {
        holder.subject::<P>().map(Into::into)
    }
}
