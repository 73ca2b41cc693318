//! Types that are encoded as a tuple of their parts.

/// Implements the encoding as a tuple: how to create it from a value, and a value from it; with a text for the error if
/// the second can fail.
macro_rules! through {
    ($type:ty as $parts:ty, |$value:ident| $taken:expr, $made:expr) => {
        through!(@ $type, $parts, $value, $taken, |parts: $parts| {
            let make: fn($parts) -> Self = $made;
            Ok(make(parts))
        });
    };
    ($type:ty as $parts:ty, |$value:ident| $taken:expr, $invalid:literal, $made:expr) => {
        through!(@ $type, $parts, $value, $taken, |parts: $parts| {
            let make: fn($parts) -> Option<Self> = $made;
            make(parts).ok_or_else(|| $crate::message::error::DecodeError::Invalid($invalid.to_owned()))
        });
    };
    (@ $type:ty, $parts:ty, $value:ident, $taken:expr, $make:expr) => {
        impl $crate::message::wire::Wire for $type {
            fn put<C: $crate::message::codec::Codec>(
                &self,
                out: &mut $crate::message::out::Out<'_, C>,
            ) -> Result<(), $crate::message::error::EncodeError> {
                let $value = self;
                let parts: $parts = $taken;
                <$parts as $crate::message::wire::Wire>::put(&parts, out)
            }

            fn take<C: $crate::message::codec::Codec>(
                input: &mut $crate::message::process_encoding::In<'_, C>,
            ) -> Result<Self, $crate::message::error::DecodeError> {
                <$parts as $crate::message::wire::Wire>::take(input).and_then($make)
            }
        }
    };
}
