//! The parts that all generated handles have in common, as macros of this crate. The compiler reads them here once,
//! while text from the attribute costs each program compile time.

/// Implements the traits of a newtype around a handle. They are not derived, because a derive requires the same traits
/// of the user's type parameters.
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
            fn fmt(&self, __formatter: &mut $crate::__private::fmt::Formatter<'_>) -> $crate::__private::fmt::Result {
                $crate::__private::fmt::Debug::fmt(&self.0, __formatter)
            }
        }

        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::__private::PartialEq for $name $($clause)* {
            fn eq(&self, __other: &Self) -> $crate::__private::core::primitive::bool {
                $crate::__private::PartialEq::eq(&self.0, &__other.0)
            }
        }

        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::__private::Eq for $name $($clause)* {}

        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::__private::Hash for $name $($clause)* {
            fn hash<$param: $crate::__private::Hasher>(&self, __state: &mut $param) {
                $crate::__private::Hash::hash(&self.0, __state);
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
            fn from(__inner: $inner) -> Self {
                Self(__inner $($rest)*)
            }
        }

        #[automatically_derived]
        #[allow(deprecated, clippy::trait_duplication_in_bounds)]
        impl $($generics)* $crate::__private::From<$name> for $inner $($clause)* {
            fn from(__handle: $name) -> Self {
                __handle.0
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

/// Writes the listed functions of a server's handle that need no bounds, each with its `cfg`.
#[doc(hidden)]
#[macro_export]
macro_rules! __handle_functions {
    ([] $($about:tt)*) => {};
    ([[$($cfg:tt)*] $function:ident $($more:tt)*] $($about:tt)*) => {
        $crate::__handle_function! { $function [$($cfg)*] $($about)* }
        $crate::__handle_functions! { [$($more)*] $($about)* }
    };
}

/// Writes one function of a handle.
#[doc(hidden)]
#[macro_export]
macro_rules! __handle_function {
    (send [$($cfg:tt)*] [$($vis:tt)*] $server:ty, $cast:ty) => {
        /// Sends a cast that was created as a value of the cast enum.
        $($cfg)*
        $($vis)* fn send(&self, __cast: $cast) -> $crate::Cast<'_, $server> {
            $crate::Subject::send(&self.0, __cast)
        }
    };
    (reserve [$($cfg:tt)*] [$($vis:tt)*] $server:ty, $cast:ty) => {
        /// Waits until the mailbox has capacity, and reserves a slot for one message.
        $($cfg)*
        $($vis)* fn reserve(&self) -> $crate::Reserve<'_, $server> {
            $crate::Subject::reserve(&self.0)
        }
    };
    (named [$($cfg:tt)*] [$($vis:tt)*] $server:ty, $cast:ty) => {
        /// Returns a handle that follows the name: each message goes to the process that is registered under it at that
        /// time.
        $($cfg)*
        $($vis)* fn named(__name: &$crate::__private::core::primitive::str) -> Self {
            $crate::Subject::<$server>::named(__name)
        }
    };
    (with_timeout [$($cfg:tt)*] [$($vis:tt)*] $server:ty, $cast:ty) => {
        /// Returns the same handle with this timeout as the default for calls, casts and reservations, instead of 5 s.
        $($cfg)*
        #[must_use = "the handle itself is unchanged"]
        $($vis)* fn with_timeout(&self, __timeout: $crate::__private::Duration) -> Self {
            $crate::Subject::with_timeout(&self.0, __timeout)
        }
    };
    (when_available [$($cfg:tt)*] [$($vis:tt)*] $server:ty, $cast:ty) => {
        /// Returns the same handle, changed to wait for its name: an awaited call or cast waits, within its deadline,
        /// until a process is registered under the name, instead of failing with `NoProcess` at once.
        $($cfg)*
        #[must_use = "the handle itself is unchanged"]
        $($vis)* fn when_available(&self) -> Self {
            $crate::Subject::when_available(&self.0)
        }
    };
}
