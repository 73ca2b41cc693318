//! What handles and messages of the macros need to go to other nodes, written once; see `handles` for why.

/// The form of a server's handle on the wire: that of the `Subject` in it. Every handle has it, and it is asked only
/// where it is used whether the server has a name there: so the answer is about the server.
///
/// `[<K, V>] Type<K, V>, [predicate, ..] codec: Server<K, V>;`
#[cfg(feature = "remote")]
#[doc(hidden)]
#[macro_export]
macro_rules! __handle_abroad {
    ([$($generics:tt)*] $name:ty, [$($clause:tt)*] $codec:ident: $server:ty;) => {
        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::message::Schema for $name
        $($clause)* for<'__used> $server: $crate::__private::Addressed, for<'__used> $name: $crate::__private::Payload
        {
            fn shape(types: &mut $crate::message::Types) -> $crate::message::Shape {
                <$crate::Subject<$server> as $crate::message::Schema>::shape(types)
            }
        }

        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::message::Wire for $name
        $($clause)* for<'__used> $server: $crate::message::Remote, for<'__used> $name: $crate::__private::Payload
        {
            fn put<$codec: $crate::message::Codec>(
                &self,
                out: &mut $crate::message::Out<'_, $codec>,
            ) -> $crate::__private::Result<(), $crate::message::EncodeError> {
                <$crate::Subject<$server> as $crate::message::Wire>::put(&self.0, out)
            }

            fn take<$codec: $crate::message::Codec>(
                input: &mut $crate::message::In<'_, $codec>,
            ) -> $crate::__private::Result<Self, $crate::message::DecodeError> {
                let subject = <$crate::Subject<$server> as $crate::message::Wire>::take(input);
                $crate::__private::Result::map(subject, Self)
            }
        }
    };
}

/// Nothing of that without the feature.
#[cfg(not(feature = "remote"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __handle_abroad {
    ($($about:tt)*) => {};
}

/// A message with a name is what a plain process on another node can be sent.
///
/// `[<K, V>] Type<K, V>, [where ..] codec = name;`
#[cfg(feature = "remote")]
#[doc(hidden)]
#[macro_export]
macro_rules! __message_abroad {
    ([$($generics:tt)*] $name:ty, [$($clause:tt)*] $codec:ident = $text:expr;) => {
        #[automatically_derived]
        #[allow(deprecated)]
        impl $($generics)* $crate::__private::Addressed for $name $($clause)* {
            const ADDRESS: &'static $crate::__private::core::primitive::str = $text;
        }

        #[automatically_derived]
        #[allow(deprecated)]
        impl $($generics)* $crate::message::Remote for $name $($clause)* {
            fn interface(types: &mut $crate::message::Types) -> $crate::message::Interface {
                $crate::__private::wire::plain_interface::<Self>(types)
            }

            fn call_tag(call: &$crate::__private::core::convert::Infallible) -> $crate::__private::core::primitive::u32 {
                match *call {}
            }

            fn cast_tag(_: &Self) -> $crate::__private::core::primitive::u32 {
                $crate::__private::wire::PLAIN
            }

            fn put_call<$codec: $crate::message::Codec>(
                call: &$crate::__private::core::convert::Infallible,
                _: &mut $crate::message::Out<'_, $codec>,
            ) -> $crate::__private::Result<(), $crate::message::EncodeError> {
                match *call {}
            }

            fn put_cast<$codec: $crate::message::Codec>(
                message: &Self,
                out: &mut $crate::message::Out<'_, $codec>,
            ) -> $crate::__private::Result<(), $crate::message::EncodeError> {
                $crate::__private::wire::put_plain(message, out)
            }

            fn waiting<$codec: $crate::message::Codec>(
                call: $crate::__private::core::convert::Infallible,
            ) -> $crate::message::AnswerWaiter<$codec> {
                match call {}
            }

            fn take_call<$codec: $crate::message::Codec>(
                method: $crate::__private::core::primitive::u32,
                _: $crate::message::In<'_, $codec>,
                _: $crate::message::Asking<'_, Self, $codec>,
            ) -> $crate::__private::Result<$crate::message::Answering, $crate::message::DecodeError> {
                $crate::__private::Err($crate::__private::wire::unknown_method(<Self as $crate::message::Remote>::REMOTE, method))
            }

            fn take_cast<$codec: $crate::message::Codec>(
                method: $crate::__private::core::primitive::u32,
                input: $crate::message::In<'_, $codec>,
            ) -> $crate::__private::Result<Self, $crate::message::DecodeError> {
                $crate::__private::wire::take_plain(method, input)
            }
        }
    };
}
