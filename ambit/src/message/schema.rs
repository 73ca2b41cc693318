//! From a Rust type to its schema.

use std::any::{TypeId, type_name};
use std::collections::BTreeMap;

use crate::message::shape::{Body, Definition, Shape};
use crate::message::tag::tag;

/// What a type looks like on the wire.
///
/// Std types have it, and those of some common crates behind the features of their names. Your own get it from
/// `#[derive(Message)]` with a name, and a foreign type inside a wrapper with `#[wire(..)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel to another node",
    label = "has no schema",
    note = "derive `Message` on it with a name, `#[derive(Message)] #[message(name = \"shop.order\")]`, or wrap a foreign type: `#[wire(name = \"uuid.Uuid\")] struct Id(Uuid);`"
)]
pub trait Schema: 'static {
    /// Its shape; the definitions behind it go to `types`.
    fn shape(types: &mut Types) -> Shape;
}

/// A type with a stable name: what `#[derive(Message)]` with a name writes besides. The derive makes the same three constants of
/// the type itself, so that `Event::NAME` needs no import.
pub trait Named: Schema {
    /// Its name on the wire.
    const NAME: &'static str;
    /// Its version, from 1.
    const VERSION: u32;
    /// The tags of its variants, in the order of the source; for a struct those of its fields.
    const TAGS: &'static [(&'static str, u32)];

    /// The number of its name. The derive counts parameters in: the bytes of a `Page<u64>` are no `Page<String>`.
    #[doc(hidden)]
    fn message_tag() -> u32 {
        tag(Self::NAME)
    }
}

/// Collects the definitions of the types with names that others mention.
#[derive(Debug, Default)]
pub struct Types {
    definitions: BTreeMap<String, (TypeId, Option<Definition>)>,
    clashes: Vec<Clash>,
}

/// Two Rust types that go by one name on the wire.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "two types are called `{name}` on the wire, one of them `{of}`; give each a name of its own"
)]
pub struct Clash {
    /// The name.
    pub name: String,
    /// The second of them, as Rust calls it.
    pub of: &'static str,
}

impl Types {
    /// Mentions the type `T`, called `name`, and defines it unless that is done, or has begun: a type may mention itself.
    pub fn define<T: 'static>(
        &mut self,
        name: String,
        version: u32,
        body: impl FnOnce(&mut Self) -> Body,
    ) -> Shape {
        let itself = TypeId::of::<T>();
        match self.definitions.get(&name) {
            Some((known, _)) if *known == itself => {}
            Some(_) => self.clashes.push(Clash {
                name: name.clone(),
                of: type_name::<T>(),
            }),
            None => {
                self.definitions.insert(name.clone(), (itself, None));
                let body = body(self);
                let definition = Definition { version, body };
                self.definitions
                    .insert(name.clone(), (itself, Some(definition)));
            }
        }
        Shape::Named(name)
    }

    /// The definitions, by name.
    ///
    /// # Errors
    /// Two types have one name.
    pub fn into_definitions(self) -> Result<BTreeMap<String, Definition>, Clash> {
        if let Some(clash) = self.clashes.into_iter().next() {
            return Err(clash);
        }
        let defined = self.definitions.into_iter();
        Ok(defined
            .filter_map(|(name, (_, definition))| Some((name, definition?)))
            .collect())
    }
}
