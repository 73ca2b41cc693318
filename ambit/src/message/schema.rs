//! Schemas of Rust types.

use std::any::{TypeId, type_name};
use std::collections::BTreeMap;

use crate::message::shape::{Body, Definition, Shape};
use crate::message::tag::tag;

/// A type with a schema, which describes its encoding on the wire.
///
/// Types of std implement it, and so do types of some common crates if the feature named after the crate is enabled.
/// For your own types, derive it with `#[derive(Message)]` and a name; put types of other crates in a wrapper with
/// `#[wire(..)]`.
///
/// ```
/// use ambit::message::{Leaf, Schema, Shape, Types};
///
/// let shape = Vec::<Option<u64>>::shape(&mut Types::default());
/// let item = Shape::Optional(Box::new(Shape::Leaf(Leaf::U64)));
/// assert_eq!(shape, Shape::List(Box::new(item)));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent to another node",
    label = "missing a schema",
    note = "derive `Message` on it with a name, `#[derive(Message)] #[message(name = \"shop.order\")]`, or wrap a foreign type: `#[wire(name = \"uuid.Uuid\")] struct Id(Uuid);`"
)]
pub trait Schema: 'static {
    /// Returns the shape of the type, and adds the definitions of all referenced types to `types`.
    fn shape(types: &mut Types) -> Shape;
}

/// A type with a stable name on the wire. `#[derive(Message)]` with a name and `#[wire(..)]` implement it. Write
/// `<Event as Named>::NAME`: every message also has the `NAME` of its [`Protocol`](crate::server::Protocol), as the
/// protocol of a plain process.
///
/// ```
/// use ambit::message::{Named, tag};
///
/// #[derive(ambit::Message)]
/// #[message(name = "shop.event", version = 2)]
/// enum Event { Paid { cents: u64 }, #[message(since = 2)] Refunded }
///
/// # fn main() {
/// assert_eq!((<Event as Named>::NAME, Event::VERSION), ("shop.event", 2));
/// assert_eq!(Event::TAGS.len(), 2);
/// # }
/// ```
pub trait Named: Schema {
    /// The name of the type on the wire.
    const NAME: &'static str;
    /// The version of the type, from 1.
    const VERSION: u32;
    /// The name and tag of each variant in source order; for a struct, the name and tag of each field.
    const TAGS: &'static [(&'static str, u32)];

    /// Returns the tag of its name. The derive includes parameters: the bytes of a `Page<u64>` are no `Page<String>`.
    #[doc(hidden)]
    fn message_tag() -> u32 {
        tag(Self::NAME)
    }
}

/// A collection of the definitions of named types.
///
/// Several Rust types may share a name if their definitions are equal, such as `Range<u64>` and `Range<usize>`. Two
/// wrappers with [`#[wire]`](crate::attribute::wire) may if they wrap the same type.
///
/// ```
/// use ambit::message::{Schema, Types};
///
/// #[derive(ambit::Message)]
/// #[message(name = "shop.price")]
/// struct Price { cents: u64 }
///
/// # fn main() -> Result<(), ambit::message::Clash> {
/// let mut types = Types::default();
/// assert_eq!(Vec::<Price>::shape(&mut types).to_string(), "list<shop.price>");
/// let definitions = types.into_definitions()?;
/// assert_eq!(definitions["shop.price"].version, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Types {
    by_name: BTreeMap<String, Candidates>,
}

/// The Rust types that have one name.
#[derive(Debug, Default)]
struct Candidates {
    /// Those that are defined, or being defined: a type may refer to itself.
    begun: Vec<TypeId>,
    defined: Vec<Candidate>,
}

/// One of them.
#[derive(Debug)]
struct Candidate {
    /// Its Rust name.
    of: &'static str,
    definition: Definition,
    /// The type inside a wrapper, whose parts are unknown.
    wraps: Option<TypeId>,
}

/// An error: two Rust types have the same name on the wire and different definitions.
///
/// ```
/// use ambit::message::fingerprint;
///
/// #[derive(ambit::Message)]
/// #[message(name = "shop.price")]
/// struct Price { cents: u64 }
///
/// mod old {
///     #[derive(ambit::Message)]
///     #[message(name = "shop.price")]
///     pub struct Price(f64);
/// }
///
/// # fn main() {
/// let clash = fingerprint::<(Price, old::Price)>().unwrap_err();
/// assert_eq!(clash.name, "shop.price");
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{first}` and `{of}` are both called `{name}` on the wire and have different definitions; give each a name of its own"
)]
pub struct Clash {
    /// The name on the wire.
    pub name: String,
    /// The Rust name of the first type.
    pub first: &'static str,
    /// The Rust name of the second type.
    pub of: &'static str,
}

impl Types {
    /// Returns the shape that refers to the type `T` as `name`. Calls `body` to define the type, unless its definition
    /// exists or is in progress: a type may refer to itself.
    pub fn define<T: 'static>(
        &mut self,
        name: String,
        version: u32,
        body: impl FnOnce(&mut Self) -> Body,
    ) -> Shape {
        self.define_as::<T>(name, version, None, body)
    }

    /// The same for a wrapper `T` of a foreign type `F`, whose parts are unknown.
    #[doc(hidden)]
    pub fn define_wrapper<T: 'static, F: 'static>(&mut self, name: String, version: u32) -> Shape {
        let wraps = Some(TypeId::of::<F>());
        self.define_as::<T>(name, version, wraps, |_| Body::Opaque)
    }

    fn define_as<T: 'static>(
        &mut self,
        name: String,
        version: u32,
        wraps: Option<TypeId>,
        body: impl FnOnce(&mut Self) -> Body,
    ) -> Shape {
        let itself = TypeId::of::<T>();
        let candidates = self.by_name.entry(name.clone()).or_default();
        if !candidates.begun.contains(&itself) {
            candidates.begun.push(itself);
            let body = body(self).sorted();
            let definition = Definition { version, body };
            let candidates = self.by_name.entry(name.clone()).or_default();
            candidates.defined.push(Candidate {
                of: type_name::<T>(),
                definition,
                wraps,
            });
        }
        Shape::Named(name)
    }

    /// Returns the definitions by the names of their types.
    ///
    /// # Errors
    /// - [`Clash`] if two types have one name on the wire and different definitions.
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
    /// Returns the definition that all candidates share. Named parts are compared by name, and the definition of each
    /// name is compared separately.
    fn agreed(self, name: &str) -> Result<Option<Definition>, Clash> {
        let mut defined = self.defined.into_iter();
        let Some(first) = defined.next() else {
            return Ok(None);
        };
        let mut wrapper = first.wraps.map(|wraps| (wraps, first.of));
        for Candidate {
            of,
            definition,
            wraps,
        } in defined
        {
            let other = match (wrapper, wraps) {
                _ if definition != first.definition => Some(first.of),
                (Some((known, wrapper)), Some(wraps)) if known != wraps => Some(wrapper),
                _ => None,
            };
            if let Some(first) = other {
                let name = name.to_owned();
                return Err(Clash { name, first, of });
            }
            wrapper = wrapper.or_else(|| wraps.map(|wraps| (wraps, of)));
        }
        Ok(Some(first.definition))
    }
}
