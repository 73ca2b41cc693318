//! How much a value from elsewhere may ask for.

use crate::message::error::DecodeError;

/// What is still allowed while a value is decoded: hostile bytes shall neither overflow the stack nor keep a processor
/// busy with elements that take no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    depth: u32,
    max_depth: u32,
    elements: usize,
    max_elements: usize,
    handles: usize,
}

impl Budget {
    /// How deep values may be nested, unless said otherwise.
    pub const DEPTH: u32 = 128;
    /// How many handles on processes one message may have. The reader keeps a proxy of some hundred bytes for each, where the
    /// message needs four.
    pub const HANDLES: usize = 16_384;
    /// How many elements a value may have besides one per byte.
    pub const FREE_ELEMENTS: usize = 65_536;

    /// The usual one for a value of so many bytes.
    #[must_use]
    pub fn for_bytes(length: usize) -> Self {
        Self::new(Self::DEPTH, length.saturating_add(Self::FREE_ELEMENTS))
    }

    /// Allows `depth` levels, and `elements` in all.
    #[must_use]
    pub fn new(depth: u32, elements: usize) -> Self {
        Self {
            depth,
            max_depth: depth,
            elements,
            max_elements: elements,
            handles: Self::HANDLES,
        }
    }

    /// One level deeper.
    ///
    /// # Errors
    /// [`DecodeError::TooDeep`]
    pub fn enter(&mut self) -> Result<(), DecodeError> {
        let limit = self.max_depth;
        self.depth = self
            .depth
            .checked_sub(1)
            .ok_or(DecodeError::TooDeep { limit })?;
        Ok(())
    }

    /// Back from it.
    pub fn leave(&mut self) {
        self.depth = self.depth.saturating_add(1).min(self.max_depth);
    }

    /// So many elements more.
    ///
    /// # Errors
    /// [`DecodeError::TooManyElements`]
    pub fn elements(&mut self, count: usize) -> Result<(), DecodeError> {
        let limit = self.max_elements;
        let left = self.elements.checked_sub(count);
        self.elements = left.ok_or(DecodeError::TooManyElements { limit })?;
        Ok(())
    }
}

impl Budget {
    /// One handle more.
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
    fn depth_is_given_back_and_never_more_than_there_was() {
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
}
