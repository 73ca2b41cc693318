//! What travels between nodes looks like: the schema, as a value.
//!
//! No variant is called as a type of std is: the compiler would then print that type with its whole path in every message of
//! every user.
//!
//! Nothing here knows a Rust type. Two nodes, and a program and its `contract.lock`, compare these values.

use std::fmt;

/// What one value looks like on the wire.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// A built-in.
    Leaf(Leaf),
    /// Something or nothing.
    Optional(Box<Self>),
    /// Any number of values, in order or not.
    List(Box<Self>),
    /// So many values.
    Array(Box<Self>, u64),
    /// Pairs of key and value.
    Map(Box<Self>, Box<Self>),
    /// Several values by position.
    Tuple(Vec<Self>),
    /// A value or an error.
    Fallible(Box<Self>, Box<Self>),
    /// A type with a definition, by its name; with parameters: `shop.page<u64>`.
    Named(String),
}

macro_rules! leaves {
    ($($variant:ident = $text:literal),* $(,)?) => {
        /// A value without parts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[allow(missing_docs, reason = "each is called as it is written")]
        pub enum Leaf { $($variant),* }

        impl Leaf {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word for it in a contract.
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

/// A type with a name of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Definition {
    /// Counted up by its author when variants are added; 1 at first.
    pub version: u32,
    /// What it consists of.
    pub body: Body,
}

/// What a type with a name consists of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Body {
    /// A struct: its fields in the order in which they travel.
    Struct(Vec<Field>),
    /// An enum: its variants, sorted by tag.
    Enum(Vec<Variant>),
    /// Nothing is known but name and version: a foreign type behind `#[wire(..)]`.
    Opaque,
}

impl Body {
    /// The same with its variants in the order of their names.
    pub(crate) fn sorted(mut self) -> Self {
        if let Self::Enum(variants) = &mut self {
            variants.sort_by(|one, other| one.name.cmp(&other.name));
        }
        self
    }
}

/// A field, or an argument of a method.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// Its name on the wire; for one without a name its position, from `0`.
    pub name: String,
    /// What it holds.
    pub shape: Shape,
    /// Whether whoever reads can do without it.
    pub optional: bool,
}

/// A variant of an enum.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Variant {
    /// Its tag on the wire, as text.
    pub name: String,
    /// The version of the enum that added it.
    pub since: u32,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// What a protocol offers: its methods, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Interface {
    /// Its methods, sorted by name.
    pub methods: Vec<Method>,
}

/// A method of a protocol.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Method {
    /// Its name on the wire.
    pub name: String,
    /// What it takes. The names are those in the source; on the wire an argument is known by its position.
    pub args: Vec<Field>,
    /// What it answers: `None` for a cast.
    pub reply: Option<Shape>,
}

impl Method {
    /// `call` or `cast`, as a contract says it.
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
