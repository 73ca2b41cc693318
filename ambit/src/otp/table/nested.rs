//! User code that a table runs under a lock: closures on a value, comparisons of keys. A nested use of a table fails,
//! because it would wait for a lock that this thread holds.

use std::cell::Cell;

use super::error::TableError;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

struct UserCode {
    before: bool,
}

impl Drop for UserCode {
    fn drop(&mut self) {
        INSIDE.set(self.before);
    }
}

/// Runs user code.
pub(super) fn run<R>(function: impl FnOnce() -> R) -> R {
    let _inside = UserCode {
        before: INSIDE.replace(true),
    };
    function()
}

/// Fails inside user code.
pub(super) fn refuse() -> Result<(), TableError> {
    if INSIDE.get() {
        return Err(TableError::Nested);
    }
    Ok(())
}

mod sealed {
    #[expect(unnameable_types, reason = "the private module seals the trait")]
    pub trait Sealed {}
}

/// The number types that [`Table::add`](crate::Table::add) accepts: the integer types of up to 64 bits.
pub trait Number: sealed::Sealed + Copy + Send + Sync + 'static {
    #[doc(hidden)]
    fn zero() -> Self;
    #[doc(hidden)]
    fn plus(self, by: Self) -> Self;
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl sealed::Sealed for $number {}
        impl Number for $number {
            fn zero() -> Self {
                0
            }
            fn plus(self, by: Self) -> Self {
                self.saturating_add(by)
            }
        }
    )*};
}

numbers!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);
