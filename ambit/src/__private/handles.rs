//! What the handles of the macros have in common, written once: a macro of this crate costs a program's build less than
//! the same text from the attribute, and is read here.

/// The traits of a newtype around a handle: a value, and a way to what it refers to. Written out, since deriving them
/// would ask the same of the user's type parameters.
///
/// `[<K, V>] Type<K, V> [where ..] [, PhantomData]: Inner => Deref's target;`
#[doc(hidden)]
#[macro_export]
macro_rules! __handle {
    ([$($generics:tt)*] $name:ty, [$($clause:tt)*] [$($rest:tt)*] $param:ident: $inner:ty => $target:ty;) => {
        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::__private::Clone for $name $($clause)* {
            fn clone(&self) -> Self {
                Self($crate::__private::Clone::clone(&self.0) $($rest)*)
            }
        }

        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::__private::fmt::Debug for $name $($clause)* {
            fn fmt(&self, formatter: &mut $crate::__private::fmt::Formatter<'_>) -> $crate::__private::fmt::Result {
                $crate::__private::fmt::Debug::fmt(&self.0, formatter)
            }
        }

        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::__private::PartialEq for $name $($clause)* {
            fn eq(&self, other: &Self) -> $crate::__private::core::primitive::bool {
                $crate::__private::PartialEq::eq(&self.0, &other.0)
            }
        }

        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::__private::Eq for $name $($clause)* {}

        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::__private::Hash for $name $($clause)* {
            fn hash<$param: $crate::__private::Hasher>(&self, state: &mut $param) {
                $crate::__private::Hash::hash(&self.0, state);
            }
        }

        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::__private::Deref for $name $($clause)* {
            type Target = $target;
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::__private::AsRef<$inner> for $name $($clause)* {
            fn as_ref(&self) -> &$inner {
                &self.0
            }
        }

        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::__private::From<$inner> for $name $($clause)* {
            fn from(inner: $inner) -> Self {
                Self(inner $($rest)*)
            }
        }

        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::__private::From<$name> for $inner $($clause)* {
            fn from(handle: $name) -> Self {
                handle.0
            }
        }

        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::Target for $name $($clause)* {
            fn __resolve(&self) -> $crate::__private::Resolved {
                $crate::Target::__resolve(&self.0)
            }
        }
    };
}

/// What every handle of a server can do and asks nothing for: the functions that are named, each under its `cfg`.
#[doc(hidden)]
#[macro_export]
macro_rules! __handle_functions {
    ([] $($about:tt)*) => {};
    ([[$($cfg:tt)*] $function:ident $($more:tt)*] $($about:tt)*) => {
        $crate::__handle_function! { $function [$($cfg)*] $($about)* }
        $crate::__handle_functions! { [$($more)*] $($about)* }
    };
}

/// One of them.
#[doc(hidden)]
#[macro_export]
macro_rules! __handle_function {
    (send [$($cfg:tt)*] [$($vis:tt)*] $server:ty, $cast:ty) => {
        /// Sends a cast that is at hand as a value.
        $($cfg)*
        $($vis)* fn send(&self, cast: $cast) -> $crate::Cast<'_, $server> {
            $crate::Subject::send(&self.0, cast)
        }
    };
    (reserve [$($cfg:tt)*] [$($vis:tt)*] $server:ty, $cast:ty) => {
        /// Waits for room in the mailbox, and keeps it for one message.
        $($cfg)*
        $($vis)* fn reserve(&self) -> $crate::Reserve<'_, $server> {
            $crate::Subject::reserve(&self.0)
        }
    };
    (named [$($cfg:tt)*] [$($vis:tt)*] $server:ty, $cast:ty) => {
        /// Refers to the process registered under the name when a message is sent.
        $($cfg)*
        $($vis)* fn named(name: &$crate::__private::core::primitive::str) -> Self {
            $crate::Subject::<$server>::named(name)
        }
    };
    (with_timeout [$($cfg:tt)*] [$($vis:tt)*] $server:ty, $cast:ty) => {
        /// Gives a handle whose calls and casts wait as long as this.
        $($cfg)*
        $($vis)* fn with_timeout(&self, timeout: $crate::__private::Duration) -> Self {
            $crate::Subject::with_timeout(&self.0, timeout)
        }
    };
    (when_available [$($cfg:tt)*] [$($vis:tt)*] $server:ty, $cast:ty) => {
        /// Gives a handle whose calls and casts wait, inside their deadline, for a holder of its name, instead of
        /// failing with `NoProcess`.
        $($cfg)*
        $($vis)* fn when_available(&self) -> Self {
            $crate::Subject::when_available(&self.0)
        }
    };
}
