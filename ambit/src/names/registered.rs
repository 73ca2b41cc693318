//! What local names can be asked for, and what is found then.

use std::any::{Any, TypeId};
use std::sync::Arc;

use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::process::core::ProcRef;

/// What [`whereis`](crate::whereis) and [`wait_for`](crate::wait_for) look for: a protocol, which is a server type, `dyn` of
/// a `#[protocol]` or the message type of a plain process; or a kind of supervisor.
///
/// [`Supervisor`](crate::Supervisor) stands for every supervisor with children in an order: those of its builder, those of
/// `#[supervisor]`, and [`Partitioned`](crate::Partitioned) ones. Any other kind is found by its own type only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a protocol",
    note = "a protocol is a server type with `#[gen_server]` on its impl block, `dyn` of a trait with `#[protocol]`, or a message \
            type with `#[derive(Message)]`; supervisors are found by their own types"
)]
pub trait Registered {
    /// The handle of what is found.
    type Handle: Send + Sync;
    /// The handle of the holder of a name, if it is one of these.
    #[doc(hidden)]
    fn __found(holder: &Found) -> Option<Self::Handle>;
}

/// What a process was started as: supervisors of different kinds have one protocol.
#[derive(Clone, Copy)]
pub(crate) struct StartedAs {
    pub(crate) of: TypeId,
    pub(crate) is_open: bool,
}

/// A subject of a process of which it is known what it was started as.
struct Started<P: Protocol + ?Sized> {
    subject: Subject<P>,
    started: StartedAs,
}

/// What is kept under a name; most processes need no more than their subject.
pub(super) fn keep<P: Protocol + ?Sized>(
    subject: Subject<P>,
    started: Option<StartedAs>,
) -> Arc<dyn Any + Send + Sync> {
    match started {
        Some(started) => Arc::new(Started { subject, started }),
        None => Arc::new(subject),
    }
}

/// The subject that is [kept](keep) under a name, if it is one of `P`.
#[inline]
pub(super) fn subject<P: Protocol + ?Sized>(kept: &(dyn Any + Send + Sync)) -> Option<Subject<P>> {
    let plain = kept.downcast_ref::<Subject<P>>();
    let subject = plain.or_else(|| Some(&kept.downcast_ref::<Started<P>>()?.subject));
    subject.cloned()
}

/// The holder of a name.
#[doc(hidden)]
#[allow(missing_debug_implementations, reason = "never seen")]
pub struct Found {
    pub(super) process: ProcRef,
    pub(super) subject: Arc<dyn Any + Send + Sync>,
}

impl Found {
    /// The subject it was registered by, if that is one of `P`.
    pub(crate) fn subject<P: Protocol + ?Sized>(&self) -> Option<Subject<P>> {
        subject(&*self.subject)
    }

    /// What it was started as, if its protocol is `P` and this is known.
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
