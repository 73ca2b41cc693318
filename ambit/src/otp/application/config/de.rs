//! Deserializes the merged layers into the user's type. Reports the location of each error, and rejects keys that the
//! type does not have.

mod access;
mod fault;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Error, Unexpected, Visitor};

use self::access::{Fields, Items, Reader, Variant};
use self::fault::{Fault, What};
use super::error::ConfigError;
use super::nearest::nearest;
use super::tree::{self, Node, Value};

/// Deserializes a value of the type from the root table.
pub(super) fn read<T: DeserializeOwned>(root: &Node) -> Result<T, ConfigError> {
    T::deserialize(Reader(root)).map_err(|fault| fault.told(root))
}

impl<'a> Reader<'a> {
    /// Deserializes the node by its own type, without a hint from the visitor.
    fn any<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let node = self.0;
        match &node.value {
            Value::Table(table) => visitor.visit_map(Fields::new(table)),
            Value::List(list) => visitor.visit_seq(Items::new(list)),
            Value::Text(text) => visitor.visit_str(text),
            Value::Integer(number) => number_to(*number, visitor),
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Bool(yes) => visitor.visit_bool(*yes),
            Value::Variable(text) => guess(text, visitor),
        }
        .map_err(|fault| fault.at(node))
    }

    /// Parses a variable as a number if the visitor expects one. Text that is no number is passed on, and the type
    /// reports the error.
    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Value::Variable(text) = &self.0.value else {
            return self.any(visitor);
        };
        let text = text.trim();
        match (text.parse(), text.parse()) {
            (Ok(whole), _) => number_to(whole, visitor),
            (_, Ok(broken)) => visitor.visit_f64(broken),
            _ => visitor.visit_str(text),
        }
        .map_err(|fault: Fault| fault.at(self.0))
    }

    /// Parses a variable as a list or a table if the visitor expects one.
    fn structured<'de, V: Visitor<'de>>(
        self,
        visitor: V,
        fields: Option<&'static [&'static str]>,
    ) -> Result<V::Value, Fault> {
        let node = self.0;
        let parsed;
        let whole = match &node.value {
            Value::Variable(text) => {
                let error =
                    |why| Fault::new(What::Invalid(format!("{why}: write it in TOML"))).at(node);
                parsed = tree::of_variable(&node.place, text).map_err(error)?;
                &parsed
            }
            _ => node,
        };
        if let (Some(fields), Value::Table(table)) = (fields, &whole.value)
            && let Some((key, node)) = table.iter().find(|(key, _)| !fields.contains(&&***key))
        {
            let what = What::Unknown(key.clone(), nearest(key, fields));
            return Err(Fault::new(what).at(node));
        }
        Reader(whole).any(visitor)
    }
}

/// Guesses the type of a variable when the target type gives no hint.
fn guess<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, Fault> {
    if let Ok(number) = text.parse() {
        number_to(number, visitor)
    } else if let Ok(yes) = text.parse() {
        visitor.visit_bool(yes)
    } else if let Ok(number) = text.parse() {
        visitor.visit_f64(number)
    } else {
        visitor.visit_str(text)
    }
}

fn number_to<'de, V: Visitor<'de>>(number: i128, visitor: V) -> Result<V::Value, Fault> {
    if let Ok(small) = i64::try_from(number) {
        visitor.visit_i64(small)
    } else if let Ok(small) = u64::try_from(number) {
        visitor.visit_u64(small)
    } else {
        visitor.visit_i128(number)
    }
}

macro_rules! read_numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.number(visitor)
        })*
    };
}

macro_rules! read_texts {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            match &self.0.value {
                Value::Variable(text) => visitor.visit_str(text).map_err(|fault: Fault| fault.at(self.0)),
                _ => self.any(visitor),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Fault;

    read_numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    }

    read_texts! {
        deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf
        deserialize_identifier
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.any(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Value::Variable(text) = &self.0.value else {
            return self.any(visitor);
        };
        let read = match text.trim().parse() {
            Ok(yes) => visitor.visit_bool(yes),
            Err(_) => Err(Fault::invalid_type(
                Unexpected::Str(text),
                &"`true` or `false`",
            )),
        };
        read.map_err(|fault: Fault| fault.at(self.0))
    }

    /// A key that is written is `Some`.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.any(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.structured(visitor, None)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.structured(visitor, None)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.structured(visitor, None)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.structured(visitor, None)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.structured(visitor, Some(fields))
    }

    /// Reads a variant: the name alone, or a table with one key, which is the name, and the content as its value.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let node = self.0;
        let read = match &node.value {
            Value::Text(text) | Value::Variable(text) => {
                visitor.visit_enum(StrDeserializer::<Fault>::new(text))
            }
            Value::Table(table) => match (table.len(), table.first_key_value()) {
                (1, Some((name, content))) => visitor.visit_enum(Variant { name, content }),
                _ => Err(Fault::custom("expected the name of one variant")),
            },
            _ => Err(Fault::custom("expected the name of a variant")),
        };
        read.map_err(|fault| fault.at(node))
    }

    /// Skips a value of any type.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }
}
