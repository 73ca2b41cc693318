//! Supervisors behind local names: a look-up with another handle type than that of the start fails.

use std::any::TypeId;

use crate::handle::subject::Subject;
use crate::names::registered::{Found, Registered, StartedAs};
use crate::server::startable::Startable;
use crate::supervisor::admin::Admin;
use crate::supervisor::dynamic::DynamicSupervisor;
use crate::supervisor::handle::Supervisor;
use crate::supervisor::partition_supervisor::PartitionSupervisor;

fn found(holder: &Found, wanted: impl FnOnce(StartedAs) -> bool) -> Option<Subject<Admin>> {
    let subject = holder.subject::<Admin>()?;
    wanted(holder.started_as::<Admin>()?).then_some(subject)
}

/// Returns the supervisor behind a name, if it was started as a `C`.
#[doc(hidden)]
pub fn found_as<C: Startable>(holder: &Found) -> Option<Supervisor> {
    found(holder, |started| started.of == TypeId::of::<C>()).map(Supervisor::from)
}

impl Registered for Supervisor {
    type Handle = Self;

    fn __found(holder: &Found) -> Option<Self> {
        found(holder, |started| started.is_open).map(Self::from)
    }
}

impl Registered for DynamicSupervisor {
    type Handle = Self;

    fn __found(holder: &Found) -> Option<Self> {
        found_as::<Self>(holder).map(|found| found.subject.into())
    }
}

impl<C: Startable> Registered for PartitionSupervisor<C> {
    type Handle = Self;

    fn __found(holder: &Found) -> Option<Self> {
        found_as::<Self>(holder).map(Self::from)
    }
}
