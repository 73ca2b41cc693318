//! The phase of a slot: the progress of the answer, and the flags of both ends.
//!
//! Each step and each bit is added once; only [`WAITS`] can be removed. While the question is open each party may add
//! its own bits; once it is answered, only the caller's end may.

pub(super) const WRITING: u8 = 1;
pub(super) const ANSWERED: u8 = 2;
pub(super) const FAILED: u8 = 3;
pub(super) const STAGE: u8 = 3;
/// The caller has its answer, or has gone. Only the caller's end adds it.
pub(super) const CLOSED: u8 = 4;
/// The caller's waker is stored. Only the caller's end adds it, or removes it. The waker belongs to the end that
/// finishes the wait: to the answer, if it finds this bit and no CLOSED; to the caller's end, if it removes the bit or
/// closes before the answer.
pub(super) const WAITS: u8 = 8;
/// The destination of the question is known. Only the caller's end adds it.
pub(super) const SENT: u8 = 16;
/// The port was dropped without an answer. Only the port adds it. Of the two ends that add this bit and SENT, the
/// second one asks the server to decide the consequence.
pub(super) const ABANDONED: u8 = 32;
/// The locked part holds something to be released at the end. Added under the lock.
pub(super) const NOTED: u8 = 64;
