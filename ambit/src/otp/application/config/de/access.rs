//! Access to the parts of tables, lists and variants, one after the other.

use std::collections::{BTreeMap, btree_map};
use std::slice;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use super::fault::Fault;
use crate::otp::application::config::tree::Node;

/// Deserializes one node.
pub(super) struct Reader<'a>(pub(super) &'a Node);

/// The entries of a table.
pub(super) struct Fields<'a> {
    rest: btree_map::Iter<'a, String, Node>,
    next: Option<(&'a str, &'a Node)>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(table: &'a BTreeMap<String, Node>) -> Self {
        Self {
            rest: table.iter(),
            next: None,
        }
    }
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some((key, node)) = self.rest.next() else {
            return Ok(None);
        };
        self.next = Some((key, node));
        let read = seed.deserialize(StrDeserializer::<Fault>::new(key));
        read.map(Some).map_err(|fault| fault.at(node))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let Some((key, node)) = self.next.take() else {
            return Err(Fault::custom("a value was asked for before its key"));
        };
        let read = seed.deserialize(Reader(node));
        read.map_err(|fault| fault.at(node).under(key))
    }
}

/// The elements of a list.
pub(super) struct Items<'a>(std::iter::Enumerate<slice::Iter<'a, Node>>);

impl<'a> Items<'a> {
    pub(super) fn new(list: &'a [Node]) -> Self {
        Self(list.iter().enumerate())
    }
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some((n, node)) = self.0.next() else {
            return Ok(None);
        };
        let read = seed.deserialize(Reader(node)).map(Some);
        read.map_err(|fault| fault.at(node).under(&n.to_string()))
    }
}

/// A variant with content: a table with one key.
pub(super) struct Variant<'a> {
    pub(super) name: &'a str,
    pub(super) content: &'a Node,
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Fault;
    type Variant = Content<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Content<'a>), Fault> {
        let name: StrDeserializer<'_, Fault> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, Content(self)))
    }
}

/// The content of a variant.
pub(super) struct Content<'a>(Variant<'a>);

impl Content<'_> {
    fn told<T>(&self, read: Result<T, Fault>) -> Result<T, Fault> {
        read.map_err(|fault| fault.at(self.0.content).under(self.0.name))
    }
}

impl<'de> VariantAccess<'de> for Content<'_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        self.told(Err(Fault::custom("this variant has no content")))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        self.told(seed.deserialize(Reader(self.0.content)))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.told(Reader(self.0.content).structured(visitor, None))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.told(Reader(self.0.content).structured(visitor, Some(fields)))
    }
}
