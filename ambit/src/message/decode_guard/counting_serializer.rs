//! The limits of a foreign value, counted before it is encoded: the guard of the reader would reject it, and the sender
//! gets the error first.
//!
//! The value is encoded once more, without output. It is counted like the `CountingDeserializer` does
//! during decoding: a level for each value with parts, an element for each part of a list or a map.

use std::fmt::{self, Display};

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use crate::message::error::EncodeError;

/// The levels and elements of a value.
#[derive(Debug)]
pub(in crate::message) struct CountingSerializer {
    depth: u32,
    max_depth: u32,
    elements: usize,
    too_deep: bool,
}

impl CountingSerializer {
    /// Returns the number of elements of a value at `depth`, which must be less deep than `max_depth`.
    ///
    /// A value that cannot be encoded is counted as far as possible: the codec reports the error.
    pub(in crate::message) fn elements<T: Serialize + ?Sized>(
        value: &T,
        depth: u32,
        max_depth: u32,
    ) -> Result<usize, EncodeError> {
        let mut count = Self {
            depth,
            max_depth,
            elements: 0,
            too_deep: false,
        };
        let _ = value.serialize(&mut count);
        match count.too_deep {
            true => Err(EncodeError::TooDeep { limit: max_depth }),
            false => Ok(count.elements),
        }
    }

    fn enter(&mut self) -> Result<(), fmt::Error> {
        if self.depth >= self.max_depth {
            self.too_deep = true;
            return Err(fmt::Error);
        }
        self.depth += 1;
        Ok(())
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        value.serialize(self)
    }

    fn inside<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.enter()?;
        self.value(value)?;
        self.depth -= 1;
        Ok(())
    }

    fn alone(&mut self) -> Result<(), fmt::Error> {
        self.enter()?;
        self.depth -= 1;
        Ok(())
    }

    fn nested(&mut self) -> Result<Nested<'_>, fmt::Error> {
        self.enter()?;
        Ok(Nested(self))
    }
}

/// A value with parts, one level deeper.
pub(in crate::message) struct Nested<'a>(&'a mut CountingSerializer);

impl Nested<'_> {
    fn end(self) {
        self.0.depth -= 1;
    }
}

macro_rules! leaves {
    ($($put:ident: $type:ty),* $(,)?) => {$(
        #[inline]
        fn $put(self, _: $type) -> Result<(), fmt::Error> {
            Ok(())
        }
    )*};
}

impl<'a> Serializer for &'a mut CountingSerializer {
    type Ok = ();
    type Error = fmt::Error;
    type SerializeSeq = Nested<'a>;
    type SerializeTuple = Nested<'a>;
    type SerializeTupleStruct = Nested<'a>;
    type SerializeTupleVariant = Nested<'a>;
    type SerializeMap = Nested<'a>;
    type SerializeStruct = Nested<'a>;
    type SerializeStructVariant = Nested<'a>;

    leaves! {
        serialize_bool: bool,
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128,
        serialize_f32: f32, serialize_f64: f64,
        serialize_char: char, serialize_str: &str, serialize_bytes: &[u8],
    }

    fn collect_str<T: Display + ?Sized>(self, _: &T) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_none(self) -> Result<(), fmt::Error> {
        self.alone()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), fmt::Error> {
        self.inside(value)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), fmt::Error> {
        self.alone()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<(), fmt::Error> {
        self.alone()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), fmt::Error> {
        self.inside(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), fmt::Error> {
        self.inside(value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Nested<'a>, fmt::Error> {
        self.nested()
    }

    fn serialize_tuple(self, _: usize) -> Result<Nested<'a>, fmt::Error> {
        self.nested()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Nested<'a>, fmt::Error> {
        self.nested()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Nested<'a>, fmt::Error> {
        self.nested()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Nested<'a>, fmt::Error> {
        self.nested()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Nested<'a>, fmt::Error> {
        self.nested()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Nested<'a>, fmt::Error> {
        self.nested()
    }

    // Like the binary codecs.
    fn is_human_readable(&self) -> bool {
        false
    }
}

impl SerializeSeq for Nested<'_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.0.elements += 1;
        self.0.value(value)
    }

    fn end(self) -> Result<(), fmt::Error> {
        Nested::end(self);
        Ok(())
    }
}

impl SerializeMap for Nested<'_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), fmt::Error> {
        self.0.elements += 1;
        self.0.value(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.0.value(value)
    }

    fn end(self) -> Result<(), fmt::Error> {
        Nested::end(self);
        Ok(())
    }
}

/// Parts whose number is part of the type.
macro_rules! parts {
    ($($part:ident: $put:ident($($name:ident: $type:ty)?)),* $(,)?) => {$(
        impl $part for Nested<'_> {
            type Ok = ();
            type Error = fmt::Error;

            fn $put<T: Serialize + ?Sized>(
                &mut self,
                $($name: $type,)?
                value: &T,
            ) -> Result<(), fmt::Error> {
                self.0.value(value)
            }

            fn end(self) -> Result<(), fmt::Error> {
                Nested::end(self);
                Ok(())
            }
        }
    )*};
}

parts! {
    SerializeTuple: serialize_element(),
    SerializeTupleStruct: serialize_field(),
    SerializeTupleVariant: serialize_field(),
    SerializeStruct: serialize_field(_name: &'static str),
    SerializeStructVariant: serialize_field(_name: &'static str),
}
