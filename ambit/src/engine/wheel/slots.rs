//! The slots of one shard: lists of deadlines, on levels of which each is 64 times as coarse as the one below.
//!
//! An entry is on the level of the highest digit in which its tick differs from the current tick. So all entries of a
//! lower level are earlier than those of a higher one, and the slots of a level are in time order: the first non-empty
//! slot contains the earliest deadline.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;

use crate::rt::Instant;

/// The action of a passed deadline. It runs in the time driver's task, so it must be short; the only user code in it
/// is the clone or the drop of a timer's message.
pub(crate) trait Expire: Send + Sync {
    fn expire(self: Arc<Self>, now: Instant);

    /// Called when the system of the deadline ends, so that the deadline never expires.
    fn system_ended(self: Arc<Self>) {}
}

/// The memory of this many deadlines is always kept. Memory beyond that is released as deadlines are removed: it is
/// limited to [`SPARE`] times the armed entries.
pub(super) const KEPT: usize = if cfg!(test) { 64 } else { 4096 };
pub(super) const SPARE: usize = 8;

/// A tick is 2^20 ns, about a millisecond.
const TICK: u32 = 20;

/// A level has 64 slots, the bits of a word.
const BITS: u32 = 6;
const WIDTH: usize = 1 << BITS;

/// Sufficient for times below 2^62.
const LEVELS: usize = 7;

/// The number of entries processed under one lock.
const STEP: usize = 256;

/// No entry.
const NONE: u32 = u32::MAX;

/// The "slot" of an entry that was due when its slot was scanned, and has not fired yet.
const HANDED: u16 = u16::MAX;

/// A due deadline, in firing order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DueDeadline {
    pub(super) at: u64,
    pub(super) stamp: u64,
    pub(super) shard: u32,
    pub(super) index: u32,
}

pub(super) struct WheelSlots {
    entries: Vec<WheelEntry>,
    /// The current index of entries that were moved since they were armed, by stamp.
    moved: BTreeMap<u64, u32>,
    /// The first of the unused entries, which are chained by `next`.
    unused: u32,
    armed: usize,
    /// With fewer armed entries the memory is too large.
    too_few: usize,
    stamps: u64,
    /// All levels in sequence; allocated with the first deadline.
    slots: Vec<WheelSlot>,
    /// A bit for each slot that is not empty.
    filled: [u64; LEVELS],
    /// The rest of the slot that is being scanned.
    opened: u32,
    /// The current tick.
    reached: u64,
    /// The next time at which the time driver checks by itself; `None` while it sleeps without a deadline.
    pub(super) looks_at: Option<u64>,
}

struct WheelEntry {
    what: Option<Arc<dyn Expire>>,
    at: u64,
    /// Distinguishes it from earlier entries at its index, and from others of the same time.
    stamp: u64,
    next: u32,
    previous: u32,
    slot: u16,
}

impl WheelEntry {
    const EMPTY: Self = Self {
        what: None,
        at: 0,
        stamp: 0,
        next: NONE,
        previous: NONE,
        slot: HANDED,
    };
}

#[derive(Clone, Copy)]
struct WheelSlot {
    first: u32,
    /// A lower bound for the entries of the slot; the earliest one may have been disarmed.
    not_before: u64,
}

/// Returns the number of armed entries below which this many entries are too many: a peak of a million timers may never
/// recur.
fn too_few(entries: usize) -> usize {
    if entries > KEPT { entries / SPARE } else { 0 }
}

impl Default for WheelSlots {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            moved: BTreeMap::new(),
            unused: NONE,
            armed: 0,
            too_few: 0,
            stamps: 0,
            slots: Vec::new(),
            filled: [0; LEVELS],
            opened: NONE,
            reached: 0,
            looks_at: None,
        }
    }
}

impl WheelSlots {
    /// Arms an entry; returns its index and its stamp.
    pub(super) fn arm(&mut self, at: u64, what: Arc<dyn Expire>) -> (u32, u64) {
        let stamp = self.stamps;
        self.stamps += 1;
        self.armed += 1;
        let mut index = self.unused;
        if index == NONE {
            index = self.entries.len() as u32;
            self.entries.push(WheelEntry::EMPTY);
            self.too_few = too_few(self.entries.len());
        }
        let entry = &mut self.entries[index as usize];
        self.unused = entry.next;
        entry.what = Some(what);
        entry.at = at;
        entry.stamp = stamp;
        entry.previous = NONE;
        self.link(index);
        (index, stamp)
    }

    pub(super) fn disarm(&mut self, index: u32, stamp: u64) -> Option<Arc<dyn Expire>> {
        let what = match self.entries.get_mut(index as usize) {
            Some(entry) if entry.stamp == stamp => entry.what.take()?,
            _ => return self.disarm_moved(stamp),
        };
        self.unlink(index);
        self.entries[index as usize].next = self.unused;
        self.unused = index;
        self.armed -= 1;
        if self.armed < self.too_few {
            self.compact();
        }
        Some(what)
    }

    /// Disarms an entry that was moved since it was armed, or does not exist any more.
    #[cold]
    fn disarm_moved(&mut self, stamp: u64) -> Option<Arc<dyn Expire>> {
        let index = self.moved.remove(&stamp)?;
        self.disarm(index, stamp)
    }

    /// Compacts the armed entries and releases the remaining memory. The cost is proportional to the entries disarmed
    /// since the memory last had this size.
    #[cold]
    fn compact(&mut self) {
        let mut places = vec![NONE; self.entries.len()];
        let mut entries = Vec::with_capacity(self.armed * 2);
        let mut moved = BTreeMap::new();
        for (index, entry) in mem::take(&mut self.entries).into_iter().enumerate() {
            if entry.what.is_none() {
                continue;
            }
            let place = entries.len() as u32;
            places[index] = place;
            if place != index as u32 || self.moved.contains_key(&entry.stamp) {
                moved.insert(entry.stamp, place);
            }
            entries.push(entry);
        }
        let place = |index: u32| places.get(index as usize).copied().unwrap_or(NONE);
        for entry in &mut entries {
            (entry.next, entry.previous) = (place(entry.next), place(entry.previous));
        }
        for slot in &mut self.slots {
            slot.first = place(slot.first);
        }
        self.opened = place(self.opened);
        self.unused = NONE;
        self.too_few = too_few(entries.len());
        (self.entries, self.moved) = (entries, moved);
    }

    #[cfg(feature = "test")]
    pub(super) fn armed(&self) -> usize {
        self.armed
    }

    /// Returns how many entries fit into the allocated memory.
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.entries.capacity() + self.moved.len()
    }

    /// Returns a lower bound for the deadlines in the slots.
    pub(super) fn next_look(&self) -> Option<u64> {
        self.first().map(|slot| self.slots[slot].not_before)
    }

    /// Advances to `now`: collects due entries and moves near ones to finer slots. Returns true if it is not finished:
    /// the lock must be released in between.
    pub(super) fn turn(&mut self, now: u64, shard: u32, found: &mut Vec<DueDeadline>) -> bool {
        let tick = now >> TICK;
        for _ in 0..STEP {
            if self.opened == NONE && !self.open(now) {
                self.reached = self.reached.max(tick);
                return false;
            }
            let index = self.opened;
            let entry = &mut self.entries[index as usize];
            self.opened = entry.next;
            if entry.at > now {
                self.link(index);
            } else {
                entry.slot = HANDED;
                let (at, stamp) = (entry.at, entry.stamp);
                found.push(DueDeadline {
                    at,
                    stamp,
                    shard,
                    index,
                });
            }
            if self.opened != NONE {
                self.entries[self.opened as usize].previous = NONE;
            }
        }
        true
    }

    pub(super) fn clear(&mut self) -> impl Iterator<Item = Arc<dyn Expire>> + use<> {
        self.slots.clear();
        self.filled = [0; LEVELS];
        self.opened = NONE;
        self.armed = 0;
        self.forget_entries().into_iter().filter_map(|e| e.what)
    }

    /// The stamps continue, so a later entry is never mistaken for an earlier one.
    fn forget_entries(&mut self) -> Vec<WheelEntry> {
        self.unused = NONE;
        self.moved = BTreeMap::new();
        mem::take(&mut self.entries)
    }

    /// Opens the next slot that the time has reached.
    fn open(&mut self, now: u64) -> bool {
        let Some(slot) = self.first() else {
            return false;
        };
        let start = self.start(slot);
        if start > now >> TICK || (slot < WIDTH && self.slots[slot].not_before > now) {
            return false;
        }
        self.reached = start;
        self.filled[slot / WIDTH] &= !(1 << (slot % WIDTH));
        self.opened = mem::replace(&mut self.slots[slot].first, NONE);
        true
    }

    fn first(&self) -> Option<usize> {
        let level = self.filled.iter().position(|slots| *slots != 0)?;
        Some(level * WIDTH + self.filled[level].trailing_zeros() as usize)
    }

    /// Returns the first tick of a slot.
    fn start(&self, slot: usize) -> u64 {
        let shift = BITS * (slot / WIDTH) as u32;
        let above = self.reached >> shift >> BITS << BITS;
        (above | (slot % WIDTH) as u64) << shift
    }

    /// Returns the slot for a time; a past time is due at once.
    fn slot_for(&self, at: u64) -> usize {
        let tick = (at >> TICK).max(self.reached);
        let differs = (tick ^ self.reached) | (WIDTH as u64 - 1);
        let level = differs.ilog2() / BITS;
        level as usize * WIDTH + (tick >> (BITS * level)) as usize % WIDTH
    }

    /// Links an entry that is in no list: its `previous` must be none.
    #[inline(always)]
    fn link(&mut self, index: u32) {
        if self.slots.is_empty() {
            let empty = WheelSlot {
                first: NONE,
                not_before: 0,
            };
            self.slots = vec![empty; LEVELS * WIDTH];
        }
        let at = self.entries[index as usize].at;
        let number = self.slot_for(at);
        let slot = &mut self.slots[number];
        let second = mem::replace(&mut slot.first, index);
        if second == NONE {
            slot.not_before = at;
            self.filled[number / WIDTH] |= 1 << (number % WIDTH);
        } else {
            slot.not_before = slot.not_before.min(at);
            self.entries[second as usize].previous = index;
        }
        let entry = &mut self.entries[index as usize];
        entry.next = second;
        entry.slot = number as u16;
    }

    fn unlink(&mut self, index: u32) {
        let WheelEntry {
            next,
            previous,
            slot,
            ..
        } = self.entries[index as usize];
        if slot == HANDED {
            return;
        }
        if next != NONE {
            self.entries[next as usize].previous = previous;
        }
        if previous != NONE {
            self.entries[previous as usize].next = next;
            return;
        }
        if self.opened == index {
            self.opened = next;
            return;
        }
        let number = slot as usize;
        self.slots[number].first = next;
        if next == NONE {
            self.filled[number / WIDTH] &= !(1 << (number % WIDTH));
        }
    }
}
