//! What the macros' output leans on.

use crate::message::error::DecodeError;
use crate::message::schema::Types;
use crate::message::shape::{Field, Interface, Method, Shape};
use crate::message::wire::Wire;

/// An argument of a method.
pub fn argument<T: Wire>(types: &mut Types, name: &str) -> Field {
    Field {
        name: name.to_owned(),
        shape: T::shape(types),
        optional: T::missing().is_some(),
    }
}

/// A method; one without a reply is a cast.
pub fn method<const N: usize>(name: &str, args: [Field; N], reply: Option<Shape>) -> Method {
    Method {
        name: name.to_owned(),
        args: args.into(),
        reply,
    }
}

/// The methods of a protocol.
pub fn interface(mut methods: Vec<Method>) -> Interface {
    methods.sort_by(|one, other| one.name.cmp(&other.name));
    Interface { methods }
}

/// There is no method with this tag.
#[cold]
pub fn unknown_method(of: &'static str, tag: u32) -> DecodeError {
    DecodeError::UnknownMethod { of, tag }
}
