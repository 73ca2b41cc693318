//! Detects a second block for a type in another module: the constants are evaluated for the type itself, which the
//! macros only know by its name.

use core::marker::PhantomData;

/// A type with a block at this position.
pub trait OneBlock<const AT: u64> {
    /// False if the type has another block.
    const FIRST: bool = true;
    /// True; the evaluation fails if the type has another block.
    const ALLOWED: bool = true;
}

/// Requires that a constant is true.
pub trait Only<const TRUE: bool> {}

/// Whether a type has a block at a position: `BLOCK` of the type itself if it has one, otherwise that of [`NoBlock`].
#[derive(Debug)]
pub struct HasBlock<T: ?Sized, const AT: u64>(PhantomData<T>);

impl<T: ?Sized + OneBlock<AT>, const AT: u64> HasBlock<T, AT> {
    pub const BLOCK: bool = true;
}

pub trait NoBlock {
    const BLOCK: bool = false;
}

impl<T: ?Sized, const AT: u64> NoBlock for HasBlock<T, AT> {}

/// Fails the evaluation of a constant, at its caller.
#[track_caller]
pub const fn second_block(message: &'static str) -> ! {
    panic!("{}", message)
}
