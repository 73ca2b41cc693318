//! Interns types and nodes: each is defined once per stream, and then referred to by a number.
//!
//! The numbers belong to one direction of one lane. The order between two lanes is undefined, so a definition in one
//! lane may arrive after a use of the number in another.

use std::collections::HashMap;
use std::hash::Hash;

use crate::wire::error::{WireError, bounded};
use crate::wire::limits::Limits;

/// The number by which a writer refers to a type or node.
///
/// ```
/// use ambit_dist::wire::{Frame, InternTable, Interned, Limits};
///
/// let mut types = InternTable::new(&Limits::default());
/// let (name, contract) = ("shop.counter", b"");
/// let mut out = bytes::BytesMut::new();
/// let mut number_of = || match types.intern(&name, name.len() + contract.len()).unwrap() {
///     Interned::Known(id) => id,
///     Interned::Define(id) => {
///         Frame::TypeDef { id, name, fingerprint: 9, contract }.encode(&mut out);
///         id
///     }
/// };
/// assert_eq!((number_of(), number_of()), (1, 1));
/// assert_eq!(out[4], 0x01, "the definition was written once");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interned {
    /// The number is already defined in the stream.
    Known(u32),
    /// The number is new: write its definition immediately before the frame that uses it.
    Define(u32),
}

/// The types or nodes that a stream has defined so far, on the writing side. `K` identifies a type or node.
///
/// ```
/// use ambit_dist::wire::{InternTable, Interned, Limits};
/// let mut known = InternTable::new(&Limits::default());
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
    /// Creates the table for a new stream.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            ids: HashMap::new(),
            capacity: DefinitionCapacity::new(limits),
        }
    }

    /// Returns the number of `key`, and assigns the next number if `key` is new. `bytes` is the total length of the
    /// name and contract in the definition.
    ///
    /// # Errors
    /// Fails with [`WireError::TooMany`] or [`WireError::TooLarge`] if the reader would refuse the definition. The
    /// message that needs it cannot be sent; messages of types that are already defined still can.
    pub fn intern(&mut self, key: &K, bytes: usize) -> Result<Interned, WireError> {
        if let Some(id) = self.ids.get(key) {
            return Ok(Interned::Known(*id));
        }
        let id = self.capacity.take(bytes)?;
        self.ids.insert(key.clone(), id);
        Ok(Interned::Define(id))
    }
}

/// The types or nodes that a stream has defined so far, on the reading side. `T` is the entry stored for each number.
///
/// ```
/// use ambit_dist::wire::{Definitions, Limits, WireError};
///
/// let mut types = Definitions::new(&Limits::default());
/// types.define(1, "shop.counter", b"", || "counter")?;
/// assert_eq!(types.get(1), Ok(&"counter"));
/// assert_eq!(types.get(2), Err(WireError::Undefined { id: 2 }));
/// let skipped = types.define(3, "shop.cart", b"", || "cart");
/// assert_eq!(skipped, Err(WireError::OutOfTurn { id: 3, next: 2 }));
/// # Ok::<(), WireError>(())
/// ```
#[derive(Debug)]
pub struct Definitions<T> {
    entries: Vec<T>,
    contract: usize,
    name: usize,
    capacity: DefinitionCapacity,
}

impl<T> Definitions<T> {
    /// Creates the table for a new stream.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            entries: Vec::new(),
            contract: limits.contract,
            name: limits.name,
            capacity: DefinitionCapacity::new(limits),
        }
    }

    /// Adds the definition of the number `id` with this name and contract text; the contract of a node is empty. Calls
    /// `entry` to create the stored entry, but only if all limits are met.
    ///
    /// # Errors
    /// - [`WireError::OutOfTurn`] if `id` is not the next number of the sequence.
    /// - [`WireError::TooLarge`] if the name, the contract or all definitions of the stream together exceed their
    ///   limit.
    /// - [`WireError::TooMany`] if the stream already has [`Limits::types`] definitions.
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

    /// Returns the entry stored for a number.
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
