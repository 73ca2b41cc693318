//! The functions used by generated code.

use std::any::TypeId;
use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::remote::Remote;
use crate::message::schema::Types;
use crate::message::shape::{Field, Interface, Method, Shape};
use crate::message::tag::tag;
use crate::message::wire::Wire;

/// Returns the description of the argument `name` of type `T`, of a method, a function or a start.
pub fn argument<T: Wire>(types: &mut Types, name: &str) -> Field {
    Field {
        name: name.to_owned(),
        shape: T::shape(types),
        optional: T::missing().is_some(),
    }
}

/// Returns the description of a method: a call with the reply type `reply`, or a cast if it is `None`.
pub fn method<const N: usize>(name: &str, args: [Field; N], reply: Option<Shape>) -> Method {
    Method {
        name: name.to_owned(),
        args: args.into(),
        reply,
    }
}

/// Returns the interface with these methods, sorted by name.
pub fn interface(mut methods: Vec<Method>) -> Interface {
    methods.sort_by(|one, other| one.name.cmp(&other.name));
    Interface { methods }
}

thread_local! {
    /// The tags of generic types, because building the name of a type builds its whole schema.
    static TAGS: RefCell<BTreeMap<TypeId, u32>> = const { RefCell::new(BTreeMap::new()) };
}

/// Returns the tag of the name of a generic type `T`. Each thread calls `name` once for each type.
pub fn tag_of_type<T: 'static>(name: impl FnOnce() -> String) -> u32 {
    let of = TypeId::of::<T>();
    let known = TAGS.try_with(|tags| tags.borrow().get(&of).copied());
    if let Ok(Some(known)) = known {
        return known;
    }
    let tag = tag(&name());
    // Fails while the thread ends.
    TAGS.try_with(|tags| tags.borrow_mut().insert(of, tag)).ok();
    tag
}

/// Returns the error for a `tag` that no method of the protocol `of` has.
#[cold]
pub fn unknown_method(of: &'static str, tag: u32) -> DecodeError {
    DecodeError::UnknownMethod { of, tag }
}

/// The tag of the only method of a plain process, whose argument is the message.
pub const PLAIN: u32 = tag("message");

/// Returns the interface of a plain process with messages of type `M`.
pub fn plain_interface<M: Wire>(types: &mut Types) -> Interface {
    interface(vec![method(
        "message",
        [argument::<M>(types, "message")],
        None,
    )])
}

/// Writes a message that is sent to a plain process.
pub fn put_plain<C: Codec, M: Wire>(message: &M, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
    out.record(1)?;
    out.field(const { tag("0") }, message)
}

/// Reads a message that was sent to a plain process. The message must take up all of `input`.
pub fn take_plain<C: Codec, M: Wire + Remote>(
    method: u32,
    mut input: In<'_, C>,
) -> Result<M, DecodeError> {
    if method != PLAIN {
        return Err(unknown_method(M::REMOTE, method));
    }
    let mut args = input.record()?;
    let message = args.field("message", const { tag("0") })?;
    args.end();
    input.finish()?;
    Ok(message)
}
