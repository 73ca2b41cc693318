//! The visitor of the guard, which forwards values from the format.

use std::fmt;

use serde::de::{Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};

use super::serde_wrappers::{CountedVariant, CountedVisitor, CountingDeserializer, Elements};

macro_rules! values {
    ($($visit:ident($($value:ident: $type:ty)?)),* $(,)?) => {$(
        #[inline]
        fn $visit<E: Error>(self $(, $value: $type)?) -> Result<V::Value, E> {
            self.visitor.$visit($($value)?)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for CountedVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(formatter)
    }

    values! {
        visit_bool(value: bool),
        visit_i8(value: i8), visit_i16(value: i16), visit_i32(value: i32),
        visit_i64(value: i64), visit_i128(value: i128),
        visit_u8(value: u8), visit_u16(value: u16), visit_u32(value: u32),
        visit_u64(value: u64), visit_u128(value: u128),
        visit_f32(value: f32), visit_f64(value: f64),
        visit_char(value: char),
        visit_str(value: &str), visit_borrowed_str(value: &'de str), visit_string(value: String),
        visit_bytes(value: &[u8]), visit_borrowed_bytes(value: &'de [u8]), visit_byte_buf(value: Vec<u8>),
        visit_none(), visit_unit(),
    }

    #[inline]
    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let limits = self.limits;
        self.visitor
            .visit_some(CountingDeserializer { inner, limits })
    }

    #[inline]
    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let limits = self.limits;
        self.visitor
            .visit_newtype_struct(CountingDeserializer { inner, limits })
    }

    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_seq(Elements {
            inner,
            limits: self.limits,
            counted: self.counted,
        })
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Elements {
            inner,
            limits: self.limits,
            counted: self.counted,
        })
    }

    #[inline]
    fn visit_enum<A: EnumAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(CountedVariant {
            inner,
            limits: self.limits,
        })
    }
}
