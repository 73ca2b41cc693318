//! Types of which a contract knows only the name: their parts are private to their crate, and this crate defines their
//! encoding, by version. Their names begin with `ambit.`, which is reserved: a user's wrapper of the same type has other bytes.

macro_rules! opaque {
    ($($type:ty = $name:literal),* $(,)?) => {$(
        impl $crate::handle::protocol::Message for $type {}

        impl $crate::message::schema::Schema for $type {
            fn shape(types: &mut $crate::message::schema::Types) -> $crate::message::shape::Shape {
                types.define::<Self>($name.to_owned(), 1, |_| $crate::message::shape::Body::Opaque)
            }
        }
    )*};
}
