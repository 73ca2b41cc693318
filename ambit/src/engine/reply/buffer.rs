//! The buffer of one answer.
#![allow(
    unsafe_code,
    reason = "what is in a slot is written and read without a lock, where the phase says whose it is"
)]

use std::mem::MaybeUninit;

use crate::rt::sync::UnsafeCell;

/// The buffer of one answer; a larger or more strictly aligned value is boxed.
pub(super) struct ReplyBuffer(UnsafeCell<Bytes>);

#[repr(align(16))]
struct Bytes {
    _room: [MaybeUninit<u8>; 64],
}

impl ReplyBuffer {
    pub(super) fn new() -> Self {
        let _room = [MaybeUninit::uninit(); 64];
        Self(UnsafeCell::new(Bytes { _room }))
    }

    pub(super) const fn fits<T>() -> bool {
        size_of::<T>() <= size_of::<Bytes>() && align_of::<T>() <= align_of::<Bytes>()
    }

    /// # Safety
    /// No other thread uses the buffer now. Its previous content is forgotten.
    #[inline]
    pub(super) unsafe fn put<T>(&self, value: T) {
        self.0.with_mut(|to| {
            if Self::fits::<T>() {
                // SAFETY: it fits and is aligned; the caller guarantees exclusive access.
                unsafe { to.cast::<T>().write(value) }
            } else {
                // SAFETY: as above, and a box always fits.
                unsafe { to.cast::<Box<T>>().write(Box::new(value)) }
            }
        });
    }

    /// # Safety
    /// No other thread uses the buffer now, the last stored value was a `T`, and it has not been taken.
    #[inline]
    pub(super) unsafe fn take<T>(&self) -> T {
        self.0.with(|from| {
            if Self::fits::<T>() {
                // SAFETY: `put` wrote it here, and the caller guarantees that it is still there.
                unsafe { from.cast::<T>().read() }
            } else {
                // SAFETY: as above, with the box.
                *unsafe { from.cast::<Box<T>>().read() }
            }
        })
    }
}
