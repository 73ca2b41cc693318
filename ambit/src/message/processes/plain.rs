//! Plain processes whose messages are of a type from std, or of this crate. Types with parameters are excluded: a
//! protocol has one name, and `Vec<u64>` would share it with `Vec<String>`. Give such a message a name, with the
//! derive.

use std::time::{Duration, SystemTime};

use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::signal::{Down, Exit};

/// A plain process on another node can receive messages with a name.
///
/// `[<K, V>] Type<K, V>, [where ..] codec = name;`
#[doc(hidden)]
#[macro_export]
macro_rules! __message_encoding {
    ([$($generics:tt)*] $name:ty, [$($clause:tt)*] $codec:ident = $text:expr;) => {
        #[automatically_derived]
        #[allow(deprecated)]
        impl $($generics)* $crate::__private::Addressed for $name $($clause)* {
            const ADDRESS: &'static $crate::__private::core::primitive::str = $text;
        }

        #[automatically_derived]
        #[allow(deprecated)]
        impl $($generics)* $crate::message::Remote for $name $($clause)* {
            fn interface(__types: &mut $crate::message::Types) -> $crate::message::Interface {
                $crate::__private::wire::plain_interface::<Self>(__types)
            }

            fn call_tag(__call: &$crate::__private::core::convert::Infallible) -> $crate::__private::core::primitive::u32 {
                match *__call {}
            }

            fn cast_tag(_: &Self) -> $crate::__private::core::primitive::u32 {
                $crate::__private::wire::PLAIN
            }

            fn put_call<$codec: $crate::message::Codec>(
                __call: &$crate::__private::core::convert::Infallible,
                _: &mut $crate::message::Out<'_, $codec>,
            ) -> $crate::__private::Result<(), $crate::message::EncodeError> {
                match *__call {}
            }

            fn put_cast<$codec: $crate::message::Codec>(
                __message: &Self,
                __out: &mut $crate::message::Out<'_, $codec>,
            ) -> $crate::__private::Result<(), $crate::message::EncodeError> {
                $crate::__private::wire::put_plain(__message, __out)
            }

            fn waiting<$codec: $crate::message::Codec>(
                __call: $crate::__private::core::convert::Infallible,
            ) -> $crate::message::AnswerWaiter<$codec> {
                match __call {}
            }

            fn take_call<$codec: $crate::message::Codec>(
                __method: $crate::__private::core::primitive::u32,
                _: $crate::message::In<'_, $codec>,
                _: $crate::message::Asking<'_, Self, $codec>,
            ) -> $crate::__private::Result<$crate::message::Answering, $crate::message::DecodeError> {
                $crate::__private::Err($crate::__private::wire::unknown_method(<Self as $crate::message::Remote>::REMOTE, __method))
            }

            fn take_cast<$codec: $crate::message::Codec>(
                __method: $crate::__private::core::primitive::u32,
                __input: $crate::message::In<'_, $codec>,
            ) -> $crate::__private::Result<Self, $crate::message::DecodeError> {
                $crate::__private::wire::take_plain(__method, __input)
            }
        }
    };
}

macro_rules! plain {
    ($($type:ty = $name:literal),* $(,)?) => {
        $(crate::__message_encoding! { [] $type, [where] C = $name; })*
    };
}

plain! {
    () = "unit", bool = "bool", char = "char", String = "string",
    u8 = "u8", u16 = "u16", u32 = "u32", u64 = "u64", u128 = "u128", usize = "usize",
    i8 = "i8", i16 = "i16", i32 = "i32", i64 = "i64", i128 = "i128", isize = "isize",
    f32 = "f32", f64 = "f64",
    Duration = "duration", SystemTime = "time",
    Pid = "ambit.pid", ExitReason = "ambit.exit_reason", Exit = "ambit.exit", Down = "ambit.down",
}
