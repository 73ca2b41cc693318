//! The remote form of generated handles and messages, written once; `handles` has the reason.

/// The form of a server's handle on the wire: that of the `Subject` in it. Every handle has it, and it is asked only
/// where it is used whether the server has a name there: so the answer is about the server.
///
/// `[<K, V>] Type<K, V>, [predicate, ..] codec: Server<K, V>;`
#[cfg(feature = "remote")]
#[doc(hidden)]
#[macro_export]
macro_rules! __handle_encoding {
    ([$($generics:tt)*] $name:ty, [$($clause:tt)*] $codec:ident: $server:ty;) => {
        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::message::Schema for $name
        $($clause)* for<'__used> $server: $crate::__private::Addressed, for<'__used> $name: $crate::__private::Payload
        {
            fn shape(__types: &mut $crate::message::Types) -> $crate::message::Shape {
                <$crate::Subject<$server> as $crate::message::Schema>::shape(__types)
            }
        }

        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::message::Wire for $name
        $($clause)* for<'__used> $server: $crate::message::Remote, for<'__used> $name: $crate::__private::Payload
        {
            fn put<$codec: $crate::message::Codec>(
                &self,
                __out: &mut $crate::message::Out<'_, $codec>,
            ) -> $crate::__private::Result<(), $crate::message::EncodeError> {
                <$crate::Subject<$server> as $crate::message::Wire>::put(&self.0, __out)
            }

            fn take<$codec: $crate::message::Codec>(
                __input: &mut $crate::message::In<'_, $codec>,
            ) -> $crate::__private::Result<Self, $crate::message::DecodeError> {
                let __subject = <$crate::Subject<$server> as $crate::message::Wire>::take(__input);
                $crate::__private::Result::map(__subject, Self)
            }
        }
    };
}

/// Nothing of that without the feature.
#[cfg(not(feature = "remote"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __handle_encoding {
    ($($about:tt)*) => {};
}
