//! Impls that all generated message enums share, written once; `handles` gives the reason.

/// The `Debug` of messages, without a bound on their arguments.
///
/// `[<K, V>] Type<K, V>, [where ..] { pattern => Shape "Name" ["argument" argument] .. } [the arm of no message]`
#[doc(hidden)]
#[macro_export]
macro_rules! __show_messages {
    (
        [$($generics:tt)*] $name:ty, [$($clause:tt)*]
        { $([$($cfg:tt)*] $pattern:pat => $shape:ident $text:literal $arguments:tt)* }
        [$($unused:tt)*]
    ) => {
        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::__private::fmt::Debug for $name $($clause)* {
            #[allow(unused_imports)]
            fn fmt(&self, __formatter: &mut $crate::__private::fmt::Formatter<'_>) -> $crate::__private::fmt::Result {
                use $crate::__private::ShowNothing as _;
                match *self {
                    $($($cfg)* $pattern => $crate::__show_message!(__formatter $shape $text $arguments),)*
                    $($unused)*
                }
            }
        }
    };
}

/// One of them.
#[doc(hidden)]
#[macro_export]
macro_rules! __show_message {
    ($formatter:ident $shape:ident $text:literal []) => {
        $crate::__private::show_name($formatter, $crate::__private::Shape::$shape, $text)
    };
    ($formatter:ident $shape:ident $text:literal [$argument:literal $value:ident]) => {
        $crate::__private::show_one(
            $formatter,
            $crate::__private::Shape::$shape,
            $text,
            $argument,
            $crate::__private::Shown($value).__ambit_shown(),
        )
    };
    (
        $formatter:ident $shape:ident $text:literal
        [$first:literal $value:ident $second:literal $other:ident]
    ) => {
        $crate::__private::show_two(
            $formatter,
            $crate::__private::Shape::$shape,
            $text,
            $first,
            $crate::__private::Shown($value).__ambit_shown(),
            $second,
            $crate::__private::Shown($other).__ambit_shown(),
        )
    };
    ($formatter:ident $shape:ident $text:literal [$($argument:literal $value:ident)*]) => {
        $crate::__private::Shape::show(
            $crate::__private::Shape::$shape,
            $formatter,
            $text,
            &[$(($argument, $crate::__private::Shown($value).__ambit_shown())),*],
        )
    };
}

/// The `Debug` of the arguments of a start, which shows none of them.
///
/// `[<K, V>] Type<K, V>, [where ..] "Type"`
#[doc(hidden)]
#[macro_export]
macro_rules! __show_args {
    ([$($generics:tt)*] $name:ty, [$($clause:tt)*] $text:literal) => {
        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::__private::fmt::Debug for $name $($clause)* {
            fn fmt(&self, __formatter: &mut $crate::__private::fmt::Formatter<'_>) -> $crate::__private::fmt::Result {
                $crate::__private::show_name(__formatter, $crate::__private::Shape::Call, $text)
            }
        }
    };
}

/// The `Clone` of casts.
///
/// `[<K, V>] Type<K, V>, [where ..] { Variant argument .. } [the arm of no message]`
#[doc(hidden)]
#[macro_export]
macro_rules! __clone_messages {
    (
        [$($generics:tt)*] $name:ty, [$($clause:tt)*]
        { $([$($cfg:tt)*] $variant:ident $({ $($argument:ident)* })?)* }
        [$($unused:tt)*]
    ) => {
        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::__private::Clone for $name $($clause)* {
            fn clone(&self) -> Self {
                match *self {
                    $($($cfg)* Self::$variant $({ $(ref $argument),* })? => Self::$variant $({
                        $($argument: $crate::__private::Clone::clone($argument)),*
                    })?,)*
                    $($unused)*
                }
            }
        }
    };
}
