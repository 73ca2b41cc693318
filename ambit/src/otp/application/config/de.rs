//! Deserializes the merged layers into the user's type. Reports the location of each error, and rejects keys that the
//! type does not have.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer,
    Unexpected, VariantAccess, Visitor,
};

use super::error::ConfigError;
use super::tree::{self, Node, Value};
use super::untyped;

/// Deserializes a value of the type from the root table.
pub(super) fn read<T: DeserializeOwned>(root: &Node) -> Result<T, ConfigError> {
    let reader = Reader {
        node: Cow::Borrowed(root),
        path: String::new(),
    };
    T::deserialize(reader).map_err(|fault| fault.into_error(root))
}

/// An error, with the location and the path of keys of the innermost value it belongs to.
#[derive(Debug)]
struct Fault {
    what: What,
    at: Option<(String, String)>,
}

#[derive(Debug)]
enum What {
    Invalid(String),
    Missing(&'static str),
    Unknown(String, Option<String>),
}

impl What {
    fn unknown(key: &str, known: &[&str]) -> Self {
        Self::Unknown(key.to_owned(), nearest(key, known))
    }
}

impl Fault {
    fn new(what: What) -> Self {
        Self { what, at: None }
    }

    fn into_error(self, root: &Node) -> ConfigError {
        let (place, path) = self
            .at
            .unwrap_or_else(|| (root.place.clone(), String::new()));
        match self.what {
            What::Missing(key) => ConfigError::Missing {
                key: joined(&path, key),
            },
            What::Unknown(key, nearest) => ConfigError::UnknownKey {
                place,
                key: joined(&path, &key),
                nearest,
            },
            What::Invalid(why) if path.is_empty() => ConfigError::Refused(why),
            What::Invalid(why) => ConfigError::Invalid {
                place,
                key: path,
                why,
            },
        }
    }
}

fn joined(path: &str, key: &str) -> String {
    let dot = if path.is_empty() { "" } else { "." };
    format!("{path}{dot}{key}")
}

/// Returns the first of `known` with the smallest edit distance to `word`, if it is close enough to be a typo.
fn nearest(word: &str, known: &[&str]) -> Option<String> {
    let limit = (word.chars().count() / 3).max(2);
    let distances = known
        .iter()
        .map(|one| (strsim::osa_distance(word, one), one));
    let (distance, best) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= limit).then(|| (*best).to_owned())
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Invalid(why) => f.write_str(why),
            What::Missing(key) => write!(f, "the key `{key}` is not set"),
            What::Unknown(key, _) => write!(f, "there is no key `{key}`"),
        }
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::new(What::Invalid(text.to_string()))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(What::Missing(field))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(What::unknown(field, expected))
    }
}

/// A value, and the keys that lead to it.
struct Reader<'a> {
    node: Cow<'a, Node>,
    path: String,
}

impl<'de> IntoDeserializer<'de, Fault> for Reader<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl Reader<'_> {
    fn part<'a>(&self, key: &str, node: &'a Node) -> Reader<'a> {
        Reader {
            node: Cow::Borrowed(node),
            path: joined(&self.path, key),
        }
    }

    /// Returns the reader of a key, whose location is that of its value.
    fn key(&self, key: &str, node: &Node) -> Reader<'static> {
        let key = Node {
            place: node.place.clone(),
            value: Value::Key(key.to_owned()),
        };
        Reader {
            node: Cow::Owned(key),
            path: self.path.clone(),
        }
    }

    /// Sets the location of an error, unless an inner value has set it already.
    fn located(&self, mut fault: Fault) -> Fault {
        fault
            .at
            .get_or_insert_with(|| (self.node.place.clone(), self.path.clone()));
        fault
    }

    /// Passes a value on by its own type, without a hint from the visitor.
    fn value<'de, V: Visitor<'de>>(&self, value: &Value, visitor: V) -> Result<V::Value, Fault> {
        let read = match value {
            Value::Table(table) => {
                let parts = table.iter();
                let parts = parts.map(|(key, node)| (self.key(key, node), self.part(key, node)));
                visitor.visit_map(MapDeserializer::new(parts))
            }
            Value::List(list) => {
                let parts = list.iter().enumerate();
                let parts = parts.map(|(n, node)| self.part(&n.to_string(), node));
                visitor.visit_seq(SeqDeserializer::new(parts))
            }
            Value::Text(text) | Value::Key(text) => visitor.visit_str(text),
            Value::Integer(number) => match (i64::try_from(*number), u64::try_from(*number)) {
                (Ok(small), _) => visitor.visit_i64(small),
                (_, Ok(small)) => visitor.visit_u64(small),
                _ => visitor.visit_i128(*number),
            },
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Bool(yes) => visitor.visit_bool(*yes),
            Value::Variable(text) => {
                return self.value(&untyped::guess(&self.node.place, text), visitor);
            }
        };
        read.map_err(|fault| self.located(fault))
    }

    fn any<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.value(&self.node.value, visitor)
    }

    /// Passes a variable on as its text.
    fn text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Variable(text) => self.value(&Value::Text(text.clone()), visitor),
            value => self.value(value, visitor),
        }
    }

    /// Parses a variable or a key as a number if the visitor expects one. Text that is no number is passed on, and the
    /// type reports the error.
    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Variable(text) | Value::Key(text) => {
                self.value(&untyped::number(text.trim()), visitor)
            }
            value => self.value(value, visitor),
        }
    }

    fn boolean<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let (Value::Variable(text) | Value::Key(text)) = &self.node.value else {
            return self.value(&self.node.value, visitor);
        };
        let expected = "`true` or `false`";
        match text.trim().parse() {
            Ok(yes) => self.value(&Value::Bool(yes), visitor),
            Err(_) => {
                let fault = Fault::invalid_type(Unexpected::Str(text), &expected);
                Err(self.located(fault))
            }
        }
    }

    /// Parses a variable as a list or a table if the visitor expects one.
    fn structured<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.fields(None, visitor)
    }

    /// Also rejects keys that are not among the fields of a struct.
    fn fields<'de, V: Visitor<'de>>(
        self,
        fields: Option<&'static [&'static str]>,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let parsed;
        let value = match &self.node.value {
            Value::Variable(text) => {
                parsed = self.parsed(text)?;
                &parsed.value
            }
            value => value,
        };
        if let (Some(fields), Value::Table(table)) = (fields, value)
            && let Some((key, node)) = table.iter().find(|(key, _)| !fields.contains(&&***key))
        {
            let fault = Fault::new(What::unknown(key, fields));
            return Err(self.key(key, node).located(fault));
        }
        self.value(value, visitor)
    }

    /// Parses the text of a variable as TOML.
    fn parsed(&self, text: &str) -> Result<Node, Fault> {
        let invalid = |why| Fault::custom(format!("{why}: write it in TOML"));
        let node = tree::of_variable(&self.node.place, text);
        node.map_err(|why| self.located(invalid(why)))
    }
}

macro_rules! read {
    ($($way:ident: $($method:ident($($argument:ty),*))*;)*) => {
        $($(fn $method<V: Visitor<'de>>(self, $(_: $argument,)* visitor: V) -> Result<V::Value, Fault> {
            self.$way(visitor)
        })*)*
    };
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Fault;

    read! {
        any: deserialize_any() deserialize_unit() deserialize_unit_struct(&'static str) deserialize_ignored_any();
        boolean: deserialize_bool();
        number: deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128()
            deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
            deserialize_f32() deserialize_f64();
        text: deserialize_char() deserialize_str() deserialize_string() deserialize_bytes() deserialize_byte_buf()
            deserialize_identifier();
        structured: deserialize_seq() deserialize_tuple(usize) deserialize_tuple_struct(&'static str, usize)
            deserialize_map();
    }

    /// A key that is written is `Some`.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.fields(Some(fields), visitor)
    }

    /// Reads a variant: the name alone, or a table with one key, which is the name, and the content as its value. A
    /// variable that begins like a table is parsed as one.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let parsed;
        let value = match &self.node.value {
            Value::Variable(text) if text.trim_start().starts_with('{') => {
                parsed = self.parsed(text)?;
                &parsed.value
            }
            value => value,
        };
        let read = match value {
            Value::Text(text) | Value::Variable(text) | Value::Key(text) => {
                visitor.visit_enum(StrDeserializer::<Fault>::new(text))
            }
            Value::Table(table) => match (table.len(), table.first_key_value()) {
                (1, Some((name, node))) => {
                    let content = self.part(name, node);
                    visitor.visit_enum(Variant { name, content })
                }
                _ => Err(Fault::custom("expected the name of one variant")),
            },
            _ => Err(Fault::custom("expected the name of a variant")),
        };
        read.map_err(|fault| self.located(fault))
    }
}

/// A variant with content: a table with one key. By hand, because serde's own access to it does not distinguish the
/// fields of a struct variant.
struct Variant<'a> {
    name: &'a str,
    content: Reader<'a>,
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Fault;
    type Variant = Reader<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Reader<'a>), Fault> {
        let name = seed.deserialize(StrDeserializer::<Fault>::new(self.name))?;
        Ok((name, self.content))
    }
}

impl<'de> VariantAccess<'de> for Reader<'_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Err(self.located(Fault::custom("this variant has no content")))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.structured(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.fields(Some(fields), visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_is_recognised_and_another_word_is_not() {
        let known = ["port", "host", "timeout"];
        assert_eq!(nearest("prot", &known).as_deref(), Some("port"));
        assert_eq!(nearest("timeuot_s", &known).as_deref(), Some("timeout"));
        assert_eq!(nearest("colour", &known), None);
        assert_eq!(nearest("port", &[]), None);
    }
}
