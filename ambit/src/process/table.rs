//! The process table: slots with generations, so that a pid is never used twice.

use parking_lot::RwLock;

use crate::pid::Pid;
use crate::process::core::{ProcRef, Stage};

pub(crate) struct Table {
    node: u32,
    slots: RwLock<Slots>,
}

#[derive(Default)]
struct Slots {
    all: Vec<Slot>,
    free: Vec<u32>,
}

#[derive(Default)]
struct Slot {
    generation: u32,
    process: Option<ProcRef>,
}

impl Table {
    pub(crate) fn new(node: u32) -> Self {
        Self {
            node,
            slots: RwLock::default(),
        }
    }

    /// Takes a slot for a process that is about to be made.
    pub(crate) fn reserve(&self) -> Pid {
        let mut slots = self.slots.write();
        if let Some(slot) = slots.free.pop() {
            return Pid::new(self.node, slot, slots.all[slot as usize].generation);
        }
        let slot = u32::try_from(slots.all.len()).unwrap_or(u32::MAX - 1);
        slots.all.push(Slot::default());
        Pid::new(self.node, slot, 0)
    }

    /// Puts a process into the slot that was reserved for it.
    pub(crate) fn fill(&self, pid: Pid, process: ProcRef) {
        if let Some(slot) = self.slots.write().all.get_mut(pid.slot() as usize) {
            slot.process = Some(process);
        }
    }

    pub(crate) fn get(&self, pid: Pid) -> Option<ProcRef> {
        let slots = self.slots.read();
        let slot = slots.all.get(pid.slot() as usize)?;
        slot.process
            .as_ref()
            .filter(|_| slot.generation == pid.generation())
            .cloned()
    }

    /// Frees the slot; the pid names nobody from now on.
    pub(crate) fn release(&self, pid: Pid) {
        let mut slots = self.slots.write();
        let Some(slot) = slots.all.get_mut(pid.slot() as usize) else {
            return;
        };
        if slot.generation != pid.generation() {
            return;
        }
        let process = slot.process.take();
        // A slot that has had all its generations is not used again.
        if let Some(next) = slot.generation.checked_add(1) {
            slot.generation = next;
            slots.free.push(pid.slot());
        }
        drop(slots);
        drop(process);
    }

    /// Everybody who is in the table now, by the order in which they were started.
    pub(crate) fn all(&self) -> Vec<ProcRef> {
        let slots = self.slots.read();
        let mut all: Vec<_> = slots
            .all
            .iter()
            .filter_map(|slot| slot.process.clone())
            .collect();
        drop(slots);
        all.sort_by_key(|process| process.core().born);
        all
    }

    /// How many there are whose end nobody has been told of: who has seen the end of a process finds it missing here,
    /// though it leaves the table a moment later.
    pub(crate) fn count(&self) -> usize {
        let slots = self.slots.read();
        let processes = slots.all.iter().filter_map(|slot| slot.process.as_ref());
        processes
            .filter(|process| process.core().stage() < Stage::Gone)
            .count()
    }
}
