//! A small number for each thread, so that threads can count without contention.

use std::cell::Cell;

use parking_lot::Mutex;

/// The number of threads that can have a number of their own at the same time.
pub(crate) const OWN: usize = 32;

/// The number of this thread is not known yet.
const UNKNOWN: usize = usize::MAX;

/// The numbers in use, a bit each.
static TAKEN: Mutex<u32> = Mutex::new(0);

thread_local! {
    static NUMBER: Cell<usize> = const { Cell::new(UNKNOWN) };
    static LEASE: ThreadNumber = ThreadNumber::take();
}

/// Returns the number of this thread: below [`OWN`] if it is exclusive, otherwise `OWN`, which several threads share.
#[inline]
pub(crate) fn own() -> usize {
    let number = NUMBER.get();
    if number == UNKNOWN { ask() } else { number }
}

#[cold]
fn ask() -> usize {
    // An ending thread has returned its number and counts with the shared one.
    let number = LEASE.try_with(|lease| lease.0).unwrap_or(OWN);
    NUMBER.set(number);
    number
}

/// Returns the number when its thread ends.
struct ThreadNumber(usize);

impl ThreadNumber {
    fn take() -> Self {
        let mut taken = TAKEN.lock();
        let free = (!*taken).trailing_zeros();
        if free < u32::BITS {
            *taken |= 1 << free;
        }
        Self(free as usize)
    }
}

impl Drop for ThreadNumber {
    fn drop(&mut self) {
        NUMBER.set(OWN);
        if self.0 < OWN {
            *TAKEN.lock() &= !(1 << self.0);
        }
    }
}

const _: () = assert!(OWN == u32::BITS as usize);
