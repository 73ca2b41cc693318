//! The limits of a reader, which a writer counts: a value that a reader would reject is not sent.

use crate::message::codec::Codec;
use crate::message::error::EncodeError;
use crate::message::limits::Budget;
use crate::message::out::Out;

impl<C: Codec> Out<'_, C> {
    /// Appends an element of a list or a map, of `size` bytes in memory. The number of elements beyond that of bytes, and
    /// their memory, are limited as in a reader: see [`Budget`]. A foreign value may have as many elements as bytes, so
    /// none of these is left for itself as an element.
    pub(in crate::message) fn element(
        &mut self,
        size: usize,
        put: impl FnOnce(&mut Self) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let (bytes, paid) = (self.bytes.len(), self.paid_elements);
        put(self)?;
        match self.bytes.len() - bytes > self.paid_elements - paid {
            true => self.paid_elements += 1,
            false => self.free_elements += 1,
        }
        self.allocated(size)?;
        self.few_elements()
    }

    /// Counts memory that a reader allocates for the value that was appended last. Only the bytes so far are counted
    /// for it: a reader, which knows all of them, never allows less.
    pub(in crate::message) fn allocated(&mut self, size: usize) -> Result<(), EncodeError> {
        self.memory = self.memory.saturating_add(size);
        let limit = Budget::memory_for(self.bytes.len() - self.start);
        match self.memory > limit {
            true => Err(EncodeError::TooMuchMemory { limit }),
            false => Ok(()),
        }
    }

    /// Appends an element of an array, of which a reader counts only those without bytes.
    pub(in crate::message) fn element_of_array(
        &mut self,
        put: impl FnOnce(&mut Self) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let bytes = self.bytes.len();
        put(self)?;
        if self.bytes.len() == bytes {
            self.free_elements += 1;
        }
        self.few_elements()
    }

    pub(super) fn few_elements(&self) -> Result<(), EncodeError> {
        match self.free_elements > Budget::FREE_ELEMENTS {
            true => Err(EncodeError::TooManyElements {
                limit: Budget::FREE_ELEMENTS,
            }),
            false => Ok(()),
        }
    }

    pub(super) fn may_enter(&self) -> Result<(), EncodeError> {
        match self.depth < Budget::DEPTH {
            true => Ok(()),
            false => Err(EncodeError::TooDeep {
                limit: Budget::DEPTH,
            }),
        }
    }
}
