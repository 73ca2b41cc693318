//! The limits of decoding values from other nodes.

use crate::message::error::DecodeError;

/// The remaining limits while a value is decoded. They prevent hostile bytes from overflowing the stack, from keeping a
/// processor busy with elements that take no bytes, and from filling the memory with large elements that take few.
///
/// ```
/// use ambit::message::{Budget, DecodeError};
///
/// let mut budget = Budget::new(1, 3);
/// budget.enter()?;
/// assert_eq!(budget.enter(), Err(DecodeError::TooDeep { limit: 1 }));
/// budget.leave();
/// budget.elements(2)?;
/// assert_eq!(budget.elements(2), Err(DecodeError::TooManyElements { limit: 3 }));
///
/// let mut budget = Budget::new(1, 3).limit_memory(100);
/// budget.memory(64)?;
/// assert_eq!(budget.memory(64), Err(DecodeError::TooMuchMemory { limit: 100 }));
/// # Ok::<(), DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    depth: u32,
    max_depth: u32,
    elements: usize,
    max_elements: usize,
    memory: usize,
    max_memory: usize,
    handles: usize,
}

impl Budget {
    /// The default limit for the nesting of values, in levels.
    pub const DEPTH: u32 = 128;
    /// The limit for the number of handles to processes in one message. The reader keeps a proxy of a few hundred bytes
    /// for each handle, while a handle may take only four bytes in the message.
    pub const HANDLES: usize = 16_384;
    /// The number of elements that a value may have in addition to one per byte.
    pub const FREE_ELEMENTS: usize = 65_536;
    /// The memory in bytes that the elements of a value may take for each byte of its encoding.
    pub const MEMORY_PER_BYTE: usize = 16;
    /// The memory in bytes that the elements of a value may take in addition to
    /// [`MEMORY_PER_BYTE`](Self::MEMORY_PER_BYTE): 16 MiB.
    pub const FREE_MEMORY: usize = 16 << 20;

    /// Returns the default budget for a value of `length` bytes: [`DEPTH`](Self::DEPTH) levels, `length` plus
    /// [`FREE_ELEMENTS`](Self::FREE_ELEMENTS) elements, and [`MEMORY_PER_BYTE`](Self::MEMORY_PER_BYTE) times `length`
    /// plus [`FREE_MEMORY`](Self::FREE_MEMORY) bytes of memory.
    #[must_use]
    pub fn for_bytes(length: usize) -> Self {
        Self::new(Self::DEPTH, length.saturating_add(Self::FREE_ELEMENTS))
            .limit_memory(Self::memory_for(length))
    }

    /// Creates a budget of `depth` levels of nesting and `elements` elements in total. It does not limit the memory.
    #[must_use]
    pub fn new(depth: u32, elements: usize) -> Self {
        Self {
            depth,
            max_depth: depth,
            elements,
            max_elements: elements,
            memory: usize::MAX,
            max_memory: usize::MAX,
            handles: Self::HANDLES,
        }
    }

    /// Limits the memory of all elements to `bytes` bytes in total.
    #[must_use]
    pub fn limit_memory(mut self, bytes: usize) -> Self {
        (self.memory, self.max_memory) = (bytes, bytes);
        self
    }

    /// Enters one level of nesting; [`leave`](Self::leave) leaves it.
    ///
    /// # Errors
    /// - [`DecodeError::TooDeep`] if no level is left.
    pub fn enter(&mut self) -> Result<(), DecodeError> {
        let limit = self.max_depth;
        self.depth = self
            .depth
            .checked_sub(1)
            .ok_or(DecodeError::TooDeep { limit })?;
        Ok(())
    }

    /// Leaves one level of nesting.
    pub fn leave(&mut self) {
        self.depth = self.depth.saturating_add(1).min(self.max_depth);
    }

    /// Counts `count` more elements.
    ///
    /// # Errors
    /// - [`DecodeError::TooManyElements`] if fewer than `count` elements are left.
    pub fn elements(&mut self, count: usize) -> Result<(), DecodeError> {
        let limit = self.max_elements;
        let left = self.elements.checked_sub(count);
        self.elements = left.ok_or(DecodeError::TooManyElements { limit })?;
        Ok(())
    }

    /// Counts `bytes` more bytes of memory: the size of an element of a list, a set or a map, or of the value in a
    /// `Box` or an `Arc`. What a container allocates in addition, such as free capacity, is not counted.
    ///
    /// # Errors
    /// - [`DecodeError::TooMuchMemory`] if fewer than `bytes` bytes are left.
    #[inline]
    pub fn memory(&mut self, bytes: usize) -> Result<(), DecodeError> {
        let limit = self.max_memory;
        let left = self.memory.checked_sub(bytes);
        self.memory = left.ok_or(DecodeError::TooMuchMemory { limit })?;
        Ok(())
    }
}

impl Budget {
    /// Returns the memory that the elements of a value of `length` bytes may take.
    pub(crate) fn memory_for(length: usize) -> usize {
        let paid = length.saturating_mul(Self::MEMORY_PER_BYTE);
        paid.saturating_add(Self::FREE_MEMORY)
    }

    /// Counts one more handle.
    pub(crate) fn handle(&mut self) -> Result<(), DecodeError> {
        let limit = Self::HANDLES;
        let left = self.handles.checked_sub(1);
        self.handles = left.ok_or(DecodeError::TooManyHandles { limit })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;
    use crate::message::error::DecodeError;

    #[test]
    fn depth_is_released_and_never_exceeds_the_initial_budget() {
        let mut budget = Budget::new(1, 0);
        budget.leave();
        assert_eq!(budget.enter(), Ok(()));
        assert_eq!(budget.enter(), Err(DecodeError::TooDeep { limit: 1 }));
        budget.leave();
        assert_eq!(budget.enter(), Ok(()));
    }

    #[test]
    fn elements_are_used_up() {
        let mut budget = Budget::for_bytes(1);
        assert_eq!(budget.elements(65_530), Ok(()));
        let limit = 65_537;
        let many = Err(DecodeError::TooManyElements { limit });
        assert_eq!(budget.elements(8), many);
        assert_eq!(budget.elements(7), Ok(()));
        assert_eq!(budget.elements(1), many);
    }

    #[test]
    fn memory_is_used_up() {
        let mut budget = Budget::for_bytes(2);
        let limit = (16 << 20) + 32;
        assert_eq!(budget.memory(limit), Ok(()));
        let much = Err(DecodeError::TooMuchMemory { limit });
        assert_eq!(budget.memory(1), much);
        assert_eq!(budget.memory(0), Ok(()));
        assert_eq!(Budget::new(0, 0).memory(usize::MAX), Ok(()));
        assert_eq!(Budget::memory_for(usize::MAX), usize::MAX);
    }
}
