//! The wrappers of the guard: seeds, deserializers, visitors, and the parts of a value.

use serde::de;

use crate::message::error::DecodeError;
use crate::message::limits::Budget;

/// The remaining budget, and the first exceeded limit: a format may convert the guard's error into its own text.
#[derive(Debug)]
pub(super) struct GuardLimits {
    pub(super) budget: Budget,
    pub(super) passed: Option<DecodeError>,
}

impl GuardLimits {
    pub(super) fn check<E: de::Error>(&mut self, step: Result<(), DecodeError>) -> Result<(), E> {
        step.map_err(|limit| {
            let error = E::custom(&limit);
            self.passed.get_or_insert(limit);
            error
        })
    }
}

/// A serde seed that reads its value within a [`Budget`], from [`Budget::guard`].
#[derive(Debug)]
pub struct CountedSeed<'b, S> {
    pub(super) seed: S,
    pub(super) limits: &'b mut GuardLimits,
    /// Whether it is one of many parts whose number is encoded in the bytes.
    pub(super) counted: bool,
}

/// A deserializer that counts.
pub(super) struct CountingDeserializer<'b, D> {
    pub(super) inner: D,
    pub(super) limits: &'b mut GuardLimits,
}

/// The elements of a list, the entries of a map.
pub(super) struct Elements<'b, A> {
    pub(super) inner: A,
    pub(super) limits: &'b mut GuardLimits,
    pub(super) counted: bool,
}

/// The variant of an enum, and then its content.
pub(super) struct CountedVariant<'b, A> {
    pub(super) inner: A,
    pub(super) limits: &'b mut GuardLimits,
}

/// A visitor whose parts are counted.
pub(super) struct CountedVisitor<'b, V> {
    pub(super) visitor: V,
    pub(super) limits: &'b mut GuardLimits,
    /// Whether the number of the parts is encoded in the bytes, and not part of the type.
    pub(super) counted: bool,
}
