//! Tuples: several values by position.

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::Shape;
use crate::message::wire::Wire;

macro_rules! tuples {
    ($($name:ident $at:tt)*) => {
        impl<$($name: Schema),*> Schema for ($($name,)*) {
            fn shape(types: &mut Types) -> Shape { Shape::Tuple(vec![$($name::shape(types)),*]) }
        }

        impl<$($name: Wire),*> Wire for ($($name,)*) {
            fn put<Z: Codec>(&self, out: &mut Out<'_, Z>) -> Result<(), EncodeError> {
                $(self.$at.put(out)?;)*
                Ok(())
            }

            fn take<Z: Codec>(input: &mut In<'_, Z>) -> Result<Self, DecodeError> {
                Ok(($($name::take(input)?,)*))
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0 B 1);
tuples!(A 0 B 1 C 2);
tuples!(A 0 B 1 C 2 D 3);
tuples!(A 0 B 1 C 2 D 3 E 4);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
