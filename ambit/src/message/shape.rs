//! Schemas as values: the shape of types on the wire.
//!
//! No variant has the name of a std type: otherwise, the compiler would print the full path of that type in the error
//! messages of all users.
//!
//! These values do not refer to Rust types. Two nodes, and a program and its `contract.lock`, compare them.

use std::fmt;

/// The shape of one value on the wire.
///
/// ```
/// use ambit::message::{Leaf, Schema, Shape, Types};
///
/// let shape = <(String, [u8; 4])>::shape(&mut Types::default());
/// assert_eq!(shape.to_string(), "(string, array<u8, 4>)");
/// let address = Shape::Array(Box::new(Shape::Leaf(Leaf::U8)), 4);
/// assert_eq!(shape, Shape::Tuple(vec![Shape::Leaf(Leaf::Text), address]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// A built-in type without parts.
    Leaf(Leaf),
    /// An optional value: an `Option`.
    Optional(Box<Self>),
    /// Any number of values of one shape.
    List(Box<Self>),
    /// Any number of different values of one shape, encoded as a list.
    Set(Box<Self>),
    /// A fixed number of values of one shape, and that number.
    Array(Box<Self>, u64),
    /// Any number of pairs of a key and a value.
    Map(Box<Self>, Box<Self>),
    /// Several values, identified by position.
    Tuple(Vec<Self>),
    /// A value or an error: a `Result`.
    Fallible(Box<Self>, Box<Self>),
    /// A named type, whose [`Definition`] is stored under this name. The name includes type parameters:
    /// `shop.page<u64>`.
    Named(String),
}

macro_rules! leaves {
    ($($variant:ident = $text:literal),* $(,)?) => {
        /// A built-in type without parts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[allow(missing_docs, reason = "each is called by its written name")]
        pub enum Leaf { $($variant),* }

        impl Leaf {
            /// All built-in types.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the keyword of the type in the text of a contract.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }
    };
}

leaves! {
    Unit = "unit", Bool = "bool", Char = "char", Text = "string", Bytes = "bytes",
    U8 = "u8", U16 = "u16", U32 = "u32", U64 = "u64", U128 = "u128",
    I8 = "i8", I16 = "i16", I32 = "i32", I64 = "i64", I128 = "i128",
    F32 = "f32", F64 = "f64",
    Interval = "duration", Time = "time",
    NonZeroU8 = "nonzero_u8", NonZeroU16 = "nonzero_u16", NonZeroU32 = "nonzero_u32", NonZeroU64 = "nonzero_u64", NonZeroU128 = "nonzero_u128",
    NonZeroI8 = "nonzero_i8", NonZeroI16 = "nonzero_i16", NonZeroI32 = "nonzero_i32", NonZeroI64 = "nonzero_i64", NonZeroI128 = "nonzero_i128",
    Ip = "ip", Ipv4 = "ipv4", Ipv6 = "ipv6", Socket = "socket", SocketV4 = "socket_v4", SocketV6 = "socket_v6",
}

/// The definition of a named type.
///
/// ```
/// use ambit::message::{Body, Schema, Types};
///
/// #[derive(ambit::Message)]
/// #[message(name = "shop.order", version = 2)]
/// enum Order { Tea, #[message(since = 2)] Coffee { sugar: bool } }
///
/// # fn main() -> Result<(), ambit::message::Clash> {
/// let mut types = Types::default();
/// Order::shape(&mut types);
/// let order = types.into_definitions()?.remove("shop.order").unwrap();
/// assert_eq!(order.version, 2);
/// assert!(matches!(order.body, Body::Enum(variants) if variants.len() == 2));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Definition {
    /// The version of the type: 1 at first, raised by its author when variants are added.
    pub version: u32,
    /// The parts of the type.
    pub body: Body,
}

/// The parts of a named type.
///
/// ```
/// use ambit::message::{Body, Contract};
///
/// let text = "ambit contract 1\nstruct shop.price version 1\n  cents: u64\n  tax?: option<u64>";
/// let contract: Contract = text.parse()?;
/// let Body::Struct(fields) = &contract.types["shop.price"].body else { panic!("it is a struct") };
/// assert_eq!((&*fields[0].name, fields[0].optional), ("cents", false));
/// assert_eq!((&*fields[1].name, fields[1].optional), ("tax", true));
/// # Ok::<(), ambit::message::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Body {
    /// A struct: its fields in wire order.
    Struct(Vec<Field>),
    /// An enum: its variants, sorted by name.
    Enum(Vec<Variant>),
    /// A foreign type, whose parts are unknown: only its name and version are compared.
    Opaque,
}

impl Body {
    /// Returns it with its variants sorted by name.
    pub(crate) fn sorted(mut self) -> Self {
        if let Self::Enum(variants) = &mut self {
            variants.sort_by(|one, other| one.name.cmp(&other.name));
        }
        self
    }
}

/// A field of a struct or variant, or an argument of a method.
///
/// [`Body`] has an example.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// The name on the wire; for an unnamed field its position, from `0`.
    pub name: String,
    /// The shape of the value.
    pub shape: Shape,
    /// True if a reader accepts a value without this field: it is an `Option` or has a default.
    pub optional: bool,
}

/// A variant of an enum.
///
/// ```
/// use ambit::message::{Body, Contract};
///
/// let text = "ambit contract 1\nenum shop.order version 2\n  coffee since 2\n    sugar: bool\n  tea";
/// let contract: Contract = text.parse()?;
/// let Body::Enum(variants) = &contract.types["shop.order"].body else { panic!("it is an enum") };
/// let coffee = &variants[0];
/// assert_eq!((&*coffee.name, coffee.since, coffee.fields.len()), ("coffee", 2, 1));
/// # Ok::<(), ambit::message::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Variant {
    /// The tag of the variant on the wire, as text.
    pub name: String,
    /// The version of the enum that added the variant.
    pub since: u32,
    /// The fields of the variant.
    pub fields: Vec<Field>,
}

/// The interface of a protocol: its methods, sorted by name.
///
/// ```
/// use ambit::message::Contract;
///
/// let kv: Contract = "ambit contract 1\nprotocol kv\n  call get(key: string) -> u64\n  cast clear()".parse()?;
/// let methods: Vec<_> = kv.protocols["kv"].methods.iter().map(|method| &*method.name).collect();
/// assert_eq!(methods, ["clear", "get"]);
/// # Ok::<(), ambit::message::ParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Interface {
    /// The methods, sorted by name.
    pub methods: Vec<Method>,
}

/// A method of a protocol.
///
/// ```
/// use ambit::message::Contract;
///
/// let kv: Contract = "ambit contract 1\nprotocol kv\n  call get(key: string) -> u64\n  cast clear()".parse()?;
/// let get = kv.method("kv", "get").unwrap();
/// assert_eq!((get.kind(), &*get.args[0].name), ("call", "key"));
/// let clear = kv.method("kv", "clear").unwrap();
/// assert_eq!((clear.kind(), &clear.reply), ("cast", &None));
/// # Ok::<(), ambit::message::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Method {
    /// The name of the method on the wire.
    pub name: String,
    /// The arguments, with their names in the source. On the wire, an argument is identified by its position.
    pub args: Vec<Field>,
    /// The shape of the reply; `None` for a cast.
    pub reply: Option<Shape>,
}

impl Method {
    /// Returns the kind of the method as in the text of a contract: `call`, or `cast` for a method without a reply.
    pub fn kind(&self) -> &'static str {
        if self.reply.is_some() { "call" } else { "cast" }
    }
}

impl fmt::Display for Leaf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leaf(leaf) => leaf.fmt(formatter),
            Self::Optional(some) => write!(formatter, "option<{some}>"),
            Self::List(item) => write!(formatter, "list<{item}>"),
            Self::Set(item) => write!(formatter, "set<{item}>"),
            Self::Array(item, length) => write!(formatter, "array<{item}, {length}>"),
            Self::Map(key, value) => write!(formatter, "map<{key}, {value}>"),
            Self::Fallible(value, error) => write!(formatter, "result<{value}, {error}>"),
            Self::Named(name) => formatter.write_str(name),
            Self::Tuple(parts) => {
                formatter.write_str("(")?;
                for (position, part) in parts.iter().enumerate() {
                    let comma = if position == 0 { "" } else { ", " };
                    write!(formatter, "{comma}{part}")?;
                }
                formatter.write_str(")")
            }
        }
    }
}
