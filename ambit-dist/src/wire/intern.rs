//! Interning of types and nodes: defined once in each stream, then referred to by a number.
//!
//! The numbers belong to one direction of one lane. There is no order between two streams, so a definition in one may
//! arrive after its use in another.

use std::collections::HashMap;
use std::hash::Hash;

use crate::wire::error::{WireError, bounded};
use crate::wire::limits::Limits;

/// A writer's reference to a type or node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interned {
    /// By this number, which the reader knows.
    Known(u32),
    /// By this number, after writing its definition immediately before.
    Define(u32),
}

/// The definitions written to a stream so far.
///
/// ```
/// use ambit_dist::wire::{Interned, Known, Limits};
/// let mut known = Known::new(&Limits::default());
/// assert_eq!(known.intern(&"shop.Counter", 300), Ok(Interned::Define(1)));
/// assert_eq!(known.intern(&"shop.Counter", 300), Ok(Interned::Known(1)));
/// ```
#[derive(Debug)]
pub struct InternTable<K> {
    /// Used only for lookups, so that its order is never observable.
    ids: HashMap<K, u32>,
    capacity: DefinitionCapacity,
}

impl<K: Eq + Hash + Clone> InternTable<K> {
    /// Creates the table of a new stream.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            ids: HashMap::new(),
            capacity: DefinitionCapacity::new(limits),
        }
    }

    /// Returns the number of `key`, whose definition has `bytes` bytes of name and contract.
    ///
    /// # Errors
    /// Fails with [`WireError::TooMany`] or [`WireError::TooLarge`] if the reader would refuse the definition. This
    /// message cannot be sent; messages of known types still can.
    pub fn intern(&mut self, key: &K, bytes: usize) -> Result<Interned, WireError> {
        if let Some(id) = self.ids.get(key) {
            return Ok(Interned::Known(*id));
        }
        let id = self.capacity.take(bytes)?;
        self.ids.insert(key.clone(), id);
        Ok(Interned::Define(id))
    }
}

/// The definitions read from a stream so far.
#[derive(Debug)]
pub struct Definitions<T> {
    entries: Vec<T>,
    contract: usize,
    name: usize,
    capacity: DefinitionCapacity,
}

impl<T> Definitions<T> {
    /// Creates the table of a new stream.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            entries: Vec::new(),
            contract: limits.contract,
            name: limits.name,
            capacity: DefinitionCapacity::new(limits),
        }
    }

    /// Adds the entry of a definition with this name and contract text, which is empty for nodes. `entry` runs only if
    /// all limits are met.
    ///
    /// # Errors
    /// - [`WireError::OutOfTurn`] if the number is not the next one.
    /// - [`WireError::TooLarge`] if the name, the contract or all definitions together exceed their limit.
    /// - [`WireError::TooMany`] if there are too many definitions.
    pub fn define(
        &mut self,
        id: u32,
        name: &str,
        contract: &[u8],
        entry: impl FnOnce() -> T,
    ) -> Result<(), WireError> {
        let next = self.capacity.next();
        if id != next {
            return Err(WireError::OutOfTurn { id, next });
        }
        bounded("a name", name.len(), self.name)?;
        bounded("the contract of a type", contract.len(), self.contract)?;
        self.capacity.take(name.len() + contract.len())?;
        self.entries.push(entry());
        Ok(())
    }

    /// Returns the entry of a number.
    ///
    /// # Errors
    /// Fails with [`WireError::Undefined`] if the number is not defined yet.
    pub fn get(&self, id: u32) -> Result<&T, WireError> {
        let index = usize::try_from(id).ok().and_then(|id| id.checked_sub(1));
        let entry = index.and_then(|index| self.entries.get(index));
        entry.ok_or(WireError::Undefined { id })
    }
}

/// The remaining capacity for definitions, counted identically on both sides.
#[derive(Debug)]
struct DefinitionCapacity {
    count: usize,
    bytes: usize,
    max_count: usize,
    max_bytes: usize,
}

impl DefinitionCapacity {
    fn new(limits: &Limits) -> Self {
        Self {
            count: 0,
            bytes: 0,
            // Numbers have 32 bits.
            max_count: limits.types.min(u32::MAX as usize - 1),
            max_bytes: limits.definition_bytes,
        }
    }

    fn next(&self) -> u32 {
        self.count as u32 + 1
    }

    fn take(&mut self, bytes: usize) -> Result<u32, WireError> {
        let limit = self.max_count;
        if self.count >= limit {
            let what = "definitions on one lane";
            return Err(WireError::TooMany { what, limit });
        }
        let together = self.bytes.saturating_add(bytes);
        bounded("all definitions of one lane", together, self.max_bytes)?;
        let id = self.next();
        self.bytes = together;
        self.count += 1;
        Ok(id)
    }
}
