//! `smallvec`: encoded like other lists.

use ::smallvec::{Array, SmallVec};

use crate::handle::protocol::Message;
use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::Shape;
use crate::message::wire::Wire;

impl<A: Array<Item: Send> + 'static> Message for SmallVec<A> {}

impl<A: Array<Item: Schema> + 'static> Schema for SmallVec<A> {
    fn shape(types: &mut Types) -> Shape {
        <Vec<A::Item>>::shape(types)
    }
}

impl<A: Array<Item: Wire> + 'static> Wire for SmallVec<A> {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.length(self.len())?;
        <A::Item>::put_all(self, out)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        let length = input.length()?;
        if length > A::size() {
            return <A::Item>::take_all(length, input).map(Self::from_vec);
        }
        input.collect(length, Wire::take)
    }
}
