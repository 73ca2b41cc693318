//! Limits for every format: the depth of a foreign value, the number of its elements, and their memory.
//!
//! The types of this crate count during decoding. A foreign type reads itself through its `Deserialize`, which is
//! opaque; so every deserializer that it reads from is wrapped. The guard works with any format: a value below the
//! limits is read as without the guard, a value above them ends with a typed error, and nothing is allocated for a
//! length that is only claimed.

pub(super) mod counting_serializer;
mod serde_access;
mod serde_wrappers;
mod visitor;

use serde::de::{DeserializeSeed, Deserializer, Visitor};

pub use self::serde_wrappers::CountedSeed;
use self::serde_wrappers::{CountedVisitor, CountingDeserializer, GuardLimits};
use crate::message::error::DecodeError;
use crate::message::limits::Budget;

impl Budget {
    /// Reads a foreign value within this budget: counts its depth and its elements, and stops reading when the budget
    /// is exceeded. `read` must deserialize the seed that it is given, which wraps `seed`, from its format. `refused`
    /// converts an error of the format.
    ///
    /// ```
    /// use std::marker::PhantomData;
    ///
    /// use ambit::message::{Budget, DecodeError};
    /// use serde::de::DeserializeSeed;
    ///
    /// let read = |text: &str| {
    ///     Budget::new(128, 3).guard(
    ///         PhantomData::<Vec<u32>>,
    ///         |seed| seed.deserialize(&mut serde_json::Deserializer::from_str(text)),
    ///         |error| DecodeError::Invalid(error.to_string()),
    ///     )
    /// };
    /// assert_eq!(read("[1, 2, 3]"), Ok(vec![1, 2, 3]));
    /// assert_eq!(read("[1, 2, 3, 4]"), Err(DecodeError::TooManyElements { limit: 3 }));
    /// ```
    ///
    /// # Errors
    /// [`DecodeError::TooDeep`], [`DecodeError::TooManyElements`] or [`DecodeError::TooMuchMemory`] if the value exceeds
    /// the budget, and otherwise the result of `refused` if `read` fails.
    ///
    /// # Panics
    /// Panics if the value's `Deserialize`, which is foreign code, panics.
    pub fn guard<S, R, E>(
        &mut self,
        seed: S,
        read: impl FnOnce(CountedSeed<'_, S>) -> Result<R, E>,
        refused: impl FnOnce(E) -> DecodeError,
    ) -> Result<R, DecodeError> {
        let mut limits = GuardLimits {
            budget: *self,
            passed: None,
        };
        let result = read(CountedSeed {
            seed,
            limits: &mut limits,
            counted: false,
        });
        *self = limits.budget;
        match limits.passed {
            Some(limit) => Err(limit),
            None => result.map_err(refused),
        }
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for CountedSeed<'_, S> {
    type Value = S::Value;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        if self.counted {
            let budget = &mut self.limits.budget;
            let counted = budget
                .elements(1)
                .and_then(|()| budget.memory(size_of::<S::Value>()));
            self.limits.check(counted)?;
        }
        self.seed.deserialize(CountingDeserializer {
            inner,
            limits: self.limits,
        })
    }
}

impl<'de, D: Deserializer<'de>> CountingDeserializer<'_, D> {
    /// Reads a value that may contain others: one level deeper.
    #[inline]
    fn nested<V: Visitor<'de>>(
        self,
        visitor: V,
        counted: bool,
        read: impl FnOnce(D, CountedVisitor<'_, V>) -> Result<V::Value, D::Error>,
    ) -> Result<V::Value, D::Error> {
        let entered = self.limits.budget.enter();
        self.limits.check(entered)?;
        let watched = CountedVisitor {
            visitor,
            limits: &mut *self.limits,
            counted,
        };
        let value = read(self.inner, watched);
        self.limits.budget.leave();
        value
    }
}

/// Methods for values without parts.
macro_rules! leaves {
    ($($asked:ident as $read:ident),* $(,)?) => {$(
        #[inline]
        fn $asked<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$read(CountedVisitor { visitor, limits: self.limits, counted: true })
        }
    )*};
}

/// Methods for values with parts; `counted` if the number of the parts is encoded in the bytes.
macro_rules! nested {
    ($($asked:ident ($($name:ident: $type:ty),*) counted $counted:literal),* $(,)?) => {$(
        #[inline]
        fn $asked<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.nested(visitor, $counted, |inner, visitor| inner.$asked($($name,)* visitor))
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for CountingDeserializer<'_, D> {
    type Error = D::Error;

    leaves! {
        deserialize_bool as deserialize_bool,
        deserialize_i8 as deserialize_i8,
        deserialize_i16 as deserialize_i16,
        deserialize_i32 as deserialize_i32,
        deserialize_i64 as deserialize_i64,
        deserialize_i128 as deserialize_i128,
        deserialize_u8 as deserialize_u8,
        deserialize_u16 as deserialize_u16,
        deserialize_u32 as deserialize_u32,
        deserialize_u64 as deserialize_u64,
        deserialize_u128 as deserialize_u128,
        deserialize_f32 as deserialize_f32,
        deserialize_f64 as deserialize_f64,
        deserialize_char as deserialize_char,
        deserialize_unit as deserialize_unit,
        deserialize_identifier as deserialize_identifier,
        deserialize_str as deserialize_str,
        deserialize_bytes as deserialize_bytes,
        // For an owned text, bincode allocates the length that the bytes claim; for a borrowed one, it first checks
        // whether the bytes are present. Both have the same encoding, and every visitor of one accepts the other.
        deserialize_string as deserialize_str,
        deserialize_byte_buf as deserialize_bytes,
    }

    nested! {
        deserialize_any() counted true,
        deserialize_ignored_any() counted true,
        deserialize_option() counted true,
        deserialize_unit_struct(name: &'static str) counted true,
        deserialize_newtype_struct(name: &'static str) counted true,
        deserialize_seq() counted true,
        deserialize_map() counted true,
        deserialize_tuple(length: usize) counted false,
        deserialize_tuple_struct(name: &'static str, length: usize) counted false,
        deserialize_struct(name: &'static str, fields: &'static [&'static str]) counted false,
        deserialize_enum(name: &'static str, variants: &'static [&'static str]) counted false,
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}
