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

/// A type with a stable name: what `#[derive(Message)]` with a name writes besides. With the trait in scope and no constant of the
/// type's own, `Event::NAME` is its name; `<Event as Named>::NAME` always is.
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
///
/// Several Rust types may have one name, as `Range<u64>` and `Range<usize>` have, as long as they look alike on the wire: what is
/// compared is their definitions.
#[derive(Debug, Default)]
pub struct Types {
    by_name: BTreeMap<String, Candidates>,
}

/// The Rust types that have one name.
#[derive(Debug, Default)]
struct Candidates {
    /// Those that have been defined, or have begun to be: a type may mention itself.
    begun: Vec<TypeId>,
    defined: Vec<(&'static str, Definition)>,
}

/// Two Rust types that have one name on the wire and are not alike there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{first}` and `{of}` are both called `{name}` on the wire and have different definitions; give each a name of its own"
)]
pub struct Clash {
    /// The name.
    pub name: String,
    /// The first of them, as Rust calls it.
    pub first: &'static str,
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
        let candidates = self.by_name.entry(name.clone()).or_default();
        if !candidates.begun.contains(&itself) {
            candidates.begun.push(itself);
            let body = body(self).sorted();
            let definition = Definition { version, body };
            let candidates = self.by_name.entry(name.clone()).or_default();
            candidates.defined.push((type_name::<T>(), definition));
        }
        Shape::Named(name)
    }

    /// The definitions, by name.
    ///
    /// # Errors
    /// Two types have one name and different definitions.
    pub fn into_definitions(self) -> Result<BTreeMap<String, Definition>, Clash> {
        let named = self.by_name.into_iter();
        let agreed = named.filter_map(|(name, candidates)| {
            let agreed = candidates.agreed(&name).transpose()?;
            Some(agreed.map(|definition| (name, definition)))
        });
        agreed.collect()
    }
}

impl Candidates {
    /// The one definition that all of them have. Parts with names are compared by these names, and what each name stands for is
    /// compared under it.
    fn agreed(self, name: &str) -> Result<Option<Definition>, Clash> {
        let mut defined = self.defined.into_iter();
        let Some((first, agreed)) = defined.next() else {
            return Ok(None);
        };
        match defined.find(|(_, definition)| *definition != agreed) {
            None => Ok(Some(agreed)),
            Some((of, _)) => Err(Clash {
                name: name.to_owned(),
                first,
                of,
            }),
        }
    }
}
