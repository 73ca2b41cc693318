//! A small number for each thread, so that threads can count without meeting.

use std::cell::Cell;

use parking_lot::Mutex;

/// So many threads at a time have a number of their own.
pub(crate) const OWN: usize = 32;

/// This thread has not asked yet.
const UNKNOWN: usize = usize::MAX;

/// Which numbers are taken, a bit each.
static TAKEN: Mutex<u32> = Mutex::new(0);

thread_local! {
    static NUMBER: Cell<usize> = const { Cell::new(UNKNOWN) };
    static LEASE: Lease = Lease::take();
}

/// The number of this thread, below [`OWN`] if no other thread that lives has it; else `OWN`, which it shares.
#[inline]
pub(crate) fn own() -> usize {
    let number = NUMBER.get();
    if number == UNKNOWN { ask() } else { number }
}

#[cold]
fn ask() -> usize {
    // A thread that is ending has given its number back and counts with the others.
    let number = LEASE.try_with(|lease| lease.0).unwrap_or(OWN);
    NUMBER.set(number);
    number
}

/// Gives the number back when its thread ends.
struct Lease(usize);

impl Lease {
    fn take() -> Self {
        let mut taken = TAKEN.lock();
        let free = (!*taken).trailing_zeros();
        if free < u32::BITS {
            *taken |= 1 << free;
        }
        Self(free as usize)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        NUMBER.set(OWN);
        if self.0 < OWN {
            *TAKEN.lock() &= !(1 << self.0);
        }
    }
}

const _: () = assert!(OWN == u32::BITS as usize);
