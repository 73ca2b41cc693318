//! The processes of an application: every process that one of its processes started, directly or indirectly, even if
//! the starter has ended. (Erlang: the group leader.)

use std::sync::Arc;

use parking_lot::Mutex;

use crate::process::current;
use crate::process::header::{ProcessRef, Stage};
use crate::process::system_inner::SystemInner;

/// A number that processes of one system inherit from the process that starts them. Processes outside applications have
/// 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Group(u8);

/// The numbers in use.
struct Groups(Mutex<[bool; 256]>);

impl Default for Groups {
    fn default() -> Self {
        let mut taken = [false; 256];
        taken[0] = true;
        Self(Mutex::new(taken))
    }
}

impl Group {
    /// Reserves a number; `None` if all are in use.
    pub(super) fn take(system: &SystemInner) -> Option<Self> {
        let groups = system.extension::<Groups>();
        let mut taken = groups.0.lock();
        let free = taken.iter().position(|taken| !taken)?;
        taken[free] = true;
        u8::try_from(free).ok().map(Self)
    }

    /// Releases the number: no process has it any more.
    pub(super) fn free(self, system: &SystemInner) {
        system.extension::<Groups>().0.lock()[usize::from(self.0)] = false;
    }

    /// Adds the calling process to the group.
    pub(super) fn enter(self) {
        if let Some(process) = current::current() {
            process.core().enter_group(self.0);
        }
    }

    /// Returns the processes of the group that have not ended, in start order.
    pub(super) fn members(self, system: &SystemInner) -> Vec<ProcessRef> {
        let mut all = system.table.all();
        all.retain(|one| one.core().group() == self.0 && one.core().stage() < Stage::Gone);
        all
    }
}

/// The system and the group of the calling process.
pub(super) struct Caller(Option<(Arc<SystemInner>, Group)>);

impl Caller {
    pub(super) fn current() -> Self {
        let process = current::current();
        Self(process.map(|process| (process.core().system.clone(), Group(process.core().group()))))
    }

    /// Returns the caller's group, if it is a process of `system`.
    pub(super) fn group_in(&self, system: &SystemInner) -> Option<Group> {
        let (own, group) = self.0.as_ref()?;
        std::ptr::eq(&**own, system).then_some(*group)
    }
}
