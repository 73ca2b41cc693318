//! The process table: slots with generations, so that a pid is never reused.
//!
//! It is sharded by slot, and starts use the shards in turn: starts, ends and look-ups of different processes rarely
//! contend for one lock.

use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::RwLock;

use crate::pid::Pid;
use crate::process::header::{ProcessHeader, ProcessRef, Stage};

/// The number of shards: the low digits of a slot number are the number of its shard.
const SHARDS: u32 = 16;

pub(crate) struct ProcessTable {
    node: u32,
    /// The shard of the next start.
    turn: AtomicU32,
    shards: [TableShard; SHARDS as usize],
}

/// On cache lines of its own.
#[derive(Default)]
#[repr(align(128))]
struct TableShard(RwLock<TableSlots>);

#[derive(Default)]
struct TableSlots {
    all: Vec<TableSlot>,
    /// Indices of free slots in `all`.
    free: Vec<u32>,
}

#[derive(Default)]
struct TableSlot {
    generation: u32,
    process: Option<ProcessRef>,
}

impl TableSlots {
    fn get(&self, pid: Pid) -> Option<&ProcessRef> {
        let slot = self.all.get(place(pid))?;
        if slot.generation != pid.generation() {
            return None;
        }
        slot.process.as_ref()
    }
}

fn place(pid: Pid) -> usize {
    (pid.slot() / SHARDS) as usize
}

impl ProcessTable {
    pub(crate) fn new(node: u32) -> Self {
        Self {
            node,
            turn: AtomicU32::new(0),
            shards: Default::default(),
        }
    }

    /// Reserves a slot for a process that is about to be created.
    pub(crate) fn reserve(&self) -> Pid {
        let number = self.turn.fetch_add(1, Ordering::Relaxed) % SHARDS;
        let mut slots = self.shards[number as usize].0.write();
        let (place, generation) = match slots.free.pop() {
            Some(place) => (place, slots.all[place as usize].generation),
            None => {
                let place = u32::try_from(slots.all.len()).unwrap_or(u32::MAX);
                slots.all.push(TableSlot::default());
                (place, 0)
            }
        };
        Pid::new(
            self.node,
            place.saturating_mul(SHARDS).saturating_add(number),
            generation,
        )
    }

    /// Stores a process in the slot that was reserved for it.
    pub(crate) fn fill(&self, pid: Pid, process: ProcessRef) {
        if let Some(slot) = self.shard(pid).write().all.get_mut(place(pid)) {
            slot.process = Some(process);
        }
    }

    pub(crate) fn get(&self, pid: Pid) -> Option<ProcessRef> {
        self.shard(pid).read().get(pid).cloned()
    }

    /// Runs `look` on a process under the lock, which `look` must not take again.
    pub(crate) fn with<T>(&self, pid: Pid, look: impl FnOnce(&ProcessHeader) -> T) -> Option<T> {
        let slots = self.shard(pid).read();
        let process = slots.get(pid)?;
        Some(look(process.core()))
    }

    /// Releases the slot; the pid is invalid from now on.
    pub(crate) fn release(&self, pid: Pid) {
        let mut slots = self.shard(pid).write();
        let Some(slot) = slots.all.get_mut(place(pid)) else {
            return;
        };
        if slot.generation != pid.generation() {
            return;
        }
        let process = slot.process.take();
        // A slot that has used up its generations is not reused.
        if let Some(next) = slot.generation.checked_add(1) {
            slot.generation = next;
            slots.free.push(pid.slot() / SHARDS);
        }
        drop(slots);
        drop(process);
    }

    /// Returns all processes in the table, in start order.
    pub(crate) fn all(&self) -> Vec<ProcessRef> {
        let mut all = Vec::new();
        for shard in &self.shards {
            let slots = shard.0.read();
            all.extend(slots.all.iter().filter_map(|slot| slot.process.clone()));
        }
        all.sort_by_key(|process| process.core().born);
        all
    }

    /// Returns the number of processes whose end has not been published: a process whose end was observed is not
    /// counted, though it leaves the table a moment later.
    pub(crate) fn count(&self) -> usize {
        let alive = |shard: &TableShard| {
            let slots = shard.0.read();
            let processes = slots.all.iter().filter_map(|slot| slot.process.as_ref());
            processes
                .filter(|process| process.core().stage() < Stage::Gone)
                .count()
        };
        self.shards.iter().map(alive).sum()
    }

    fn shard(&self, pid: Pid) -> &RwLock<TableSlots> {
        &self.shards[(pid.slot() % SHARDS) as usize].0
    }
}
