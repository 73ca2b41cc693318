//! The process table: slots with generations, so that a pid is never reused.
//!
//! A slot is reused, but never given back, because it holds the next generation: 24 bytes for each process of the peak,
//! and 4 for the list of free slots.
//!
//! The table is sharded by slot, and starts use the shards in turn: starts, ends and look-ups of different processes
//! rarely contend for one lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::RwLock;

use crate::pid::Pid;

/// The number of shards: the low digits of a slot number are the number of its shard.
const SHARDS: u32 = 16;

pub(crate) struct ProcessTable<P: ?Sized> {
    node: u64,
    /// The shard of the next start.
    turn: AtomicU32,
    shards: [TableShard<P>; SHARDS as usize],
}

/// On cache lines of its own.
#[repr(align(128))]
struct TableShard<P: ?Sized>(RwLock<TableSlots<P>>);

struct TableSlots<P: ?Sized> {
    all: Vec<TableSlot<P>>,
    /// Indices of free slots in `all`.
    free: Vec<u32>,
}

struct TableSlot<P: ?Sized> {
    generation: u32,
    process: Option<Arc<P>>,
}

impl<P: ?Sized> TableShard<P> {
    fn new() -> Self {
        let (all, free) = (Vec::new(), Vec::new());
        Self(RwLock::new(TableSlots { all, free }))
    }
}

impl<P: ?Sized> TableSlot<P> {
    fn new() -> Self {
        Self {
            generation: 0,
            process: None,
        }
    }
}

impl<P: ?Sized> TableSlots<P> {
    fn get(&self, pid: Pid) -> Option<&Arc<P>> {
        let slot = self.all.get(index_of(pid))?;
        if slot.generation != pid.generation() {
            return None;
        }
        slot.process.as_ref()
    }
}

fn index_of(pid: Pid) -> usize {
    (pid.slot() / SHARDS) as usize
}

impl<P: ?Sized> ProcessTable<P> {
    pub(crate) fn new(node: u64) -> Self {
        Self {
            node,
            turn: AtomicU32::new(0),
            shards: std::array::from_fn(|_| TableShard::new()),
        }
    }

    /// Reserves a slot for a process that is about to be created.
    pub(crate) fn reserve(&self) -> Pid {
        let number = self.turn.fetch_add(1, Ordering::Relaxed) % SHARDS;
        let mut slots = self.shards[number as usize].0.write();
        let (index, generation) = match slots.free.pop() {
            Some(index) => (index, slots.all[index as usize].generation),
            None => {
                let index = u32::try_from(slots.all.len()).unwrap_or(u32::MAX);
                slots.all.push(TableSlot::new());
                (index, 0)
            }
        };
        Pid::new(
            self.node,
            index.saturating_mul(SHARDS).saturating_add(number),
            generation,
        )
    }

    /// Stores a process in the slot that was reserved for it.
    pub(crate) fn fill(&self, pid: Pid, process: Arc<P>) {
        if let Some(slot) = self.shard(pid).write().all.get_mut(index_of(pid)) {
            slot.process = Some(process);
        }
    }

    /// Returns a process of this system.
    pub(crate) fn get(&self, pid: Pid) -> Option<Arc<P>> {
        if pid.node() != self.node {
            return None;
        }
        self.shard(pid).read().get(pid).cloned()
    }

    /// Releases the slot; the pid is invalid from now on.
    pub(crate) fn release(&self, pid: Pid) {
        let mut slots = self.shard(pid).write();
        let Some(slot) = slots.all.get_mut(index_of(pid)) else {
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

    /// Runs `read` on all processes, shard after shard, each under its lock.
    pub(crate) fn each(&self, mut read: impl FnMut(&Arc<P>)) {
        for shard in &self.shards {
            let slots = shard.0.read();
            slots
                .all
                .iter()
                .filter_map(|slot| slot.process.as_ref())
                .for_each(&mut read);
        }
    }

    /// Runs `look` on a process under the lock, which `look` must not take again.
    pub(super) fn read<T>(&self, pid: Pid, look: impl FnOnce(&P) -> T) -> Option<T> {
        if pid.node() != self.node {
            return None;
        }
        let slots = self.shard(pid).read();
        let process = slots.get(pid)?;
        Some(look(process))
    }

    fn shard(&self, pid: Pid) -> &RwLock<TableSlots<P>> {
        &self.shards[(pid.slot() % SHARDS) as usize].0
    }
}
