use std::fmt::Display;
use std::hash::Hash;
use ambit::prelude::*;
use super::generics::Cache;
/// Two of a kind.
pub struct Pair<T, const N: usize> {
    first: T,
}
#[allow(clippy::missing_const_for_fn)]
impl<T: Clone + Hash + Eq + Send + 'static, const N: usize> Pair<T, N>
where
    T: Display,
{
    /// The first value.
    pub fn first(&self) -> &T {
        &self.first
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn one(&self) -> ChildSpec<Cache<T, u64, N>> {
        Cache::child_spec()
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn other(&self, pair: &PairSubject<T, N>) -> ChildSpec<Cache<u64, T, N>> {
        drop(pair.one());
        Cache::child_spec()
    }
}
/// The handle of a running `Pair`.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct PairSubject<T: Clone + Hash + Eq + Send + 'static, const N: usize>(
    ::ambit::Supervisor,
    ::ambit::__private::core::marker::PhantomData<
        fn() -> (::ambit::__private::core::marker::PhantomData<T>,),
    >,
)
where
    T: Display;
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl<T: Clone + Hash + Eq + Send + 'static, const N: usize> PairSubject<T, N>
where
    T: Display,
    for<'__used> T: ::ambit::__private::Payload,
{
    /// The child `one`, also after a restart.
    pub fn one(&self) -> <ChildSpec<Cache<T, u64, N>> as ::ambit::Child>::Handle
    where
        for<'__used> ChildSpec<Cache<T, u64, N>>: ::ambit::Child,
    {
        ::ambit::__private::child::<ChildSpec<Cache<T, u64, N>>>(&self.0, "one")
    }
    /// The child `other`, also after a restart.
    pub fn other(&self) -> <ChildSpec<Cache<u64, T, N>> as ::ambit::Child>::Handle
    where
        for<'__used> ChildSpec<Cache<u64, T, N>>: ::ambit::Child,
    {
        ::ambit::__private::child::<ChildSpec<Cache<u64, T, N>>>(&self.0, "other")
    }
    /// Refers to the supervisor registered under the name when a request is sent.
    pub fn named(__name: &::ambit::__private::core::primitive::str) -> Self {
        Self(
            ::ambit::Supervisor::named(__name),
            ::ambit::__private::core::marker::PhantomData,
        )
    }
}
::ambit::written::handle! {
    [< T : Clone + Hash + Eq + Send + 'static, const N : usize >] PairSubject < T, N >,
    [where T : Display,] [, ::ambit::__private::core::marker::PhantomData] __T :
    ::ambit::Supervisor => ::ambit::Supervisor;
}
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl<T: Clone + Hash + Eq + Send + 'static, const N: usize> Pair<T, N>
where
    T: Display,
{
    /// Starts a supervisor with this value, and its children in the order of their methods.
    pub fn start(self) -> ::ambit::Start<Self>
    where
        for<'__used> Self: ::ambit::Startable<Args = Self>,
    {
        ::ambit::__private::start(self)
    }
    /// Returns a child specification for a supervisor; the closure is called for each start.
    #[allow(clippy::impl_trait_in_params)]
    pub fn child_spec(
        __make: impl ::ambit::__private::core::ops::Fn(
        ) -> Self + ::ambit::__private::core::marker::Send + ::ambit::__private::core::marker::Sync + 'static,
    ) -> ::ambit::ChildSpec<Self>
    where
        for<'__used> Self: ::ambit::Startable<Args = Self>,
    {
        ::ambit::ChildSpec::from_fn(move || ::ambit::__private::start(__make()))
    }
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl<T: Clone + Hash + Eq + Send + 'static, const N: usize> ::ambit::Startable
for Pair<T, N>
where
    T: Display,
    T: ::ambit::__private::Payload,
    Pair<T, N>: ::ambit::__private::State,
    ChildSpec<Cache<T, u64, N>>: ::ambit::Child,
    ChildSpec<Cache<u64, T, N>>: ::ambit::Child,
{
    type Handle = PairSubject<T, N>;
    type Args = Self;
    const __KIND: ::ambit::ChildKind = ::ambit::ChildKind::Supervisor;
    const __OPEN: ::ambit::__private::core::primitive::bool = true;
    fn __launch(
        __args: Self,
        __settings: ::ambit::__private::Settings<Self>,
        _: ::ambit::__private::core::option::Option<
            &mut ::ambit::__private::core::task::Context<'_>,
        >,
    ) -> ::ambit::__private::Launch<Self> {
        ::ambit::__private::launch_tree(__args, __settings)
    }
    fn __follow(__child: ::ambit::__private::ChildRef) -> PairSubject<T, N> {
        ::ambit::__private::core::convert::From::from(
            ::ambit::__private::follow_supervisor(__child),
        )
    }
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl<T: Clone + Hash + Eq + Send + 'static, const N: usize> ::ambit::Registered
for Pair<T, N>
where
    T: Display,
    T: ::ambit::__private::Payload,
    Pair<T, N>: ::ambit::__private::State,
    ChildSpec<Cache<T, u64, N>>: ::ambit::Child,
    ChildSpec<Cache<u64, T, N>>: ::ambit::Child,
{
    type Handle = PairSubject<T, N>;
    fn __found(
        __holder: &::ambit::__private::Found,
    ) -> ::ambit::__private::core::option::Option<PairSubject<T, N>> {
        ::ambit::__private::core::option::Option::map(
            ::ambit::__private::found_as::<Self>(__holder),
            ::ambit::__private::core::convert::From::from,
        )
    }
}
#[allow(deprecated)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl<T: Clone + Hash + Eq + Send + 'static, const N: usize> ::ambit::__private::Tree
for Pair<T, N>
where
    T: Display,
    T: ::ambit::__private::Payload,
    Pair<T, N>: ::ambit::__private::State,
    ChildSpec<Cache<T, u64, N>>: ::ambit::Child,
    ChildSpec<Cache<u64, T, N>>: ::ambit::Child,
{
    fn __options() -> ::ambit::__private::TreeOptions {
        <::ambit::__private::TreeOptions as ::ambit::__private::core::default::Default>::default()
    }
    fn __children(
        __tree: &::ambit::__private::Shared<Self>,
        __app: &PairSubject<T, N>,
    ) -> ::ambit::__private::std::vec::Vec<::ambit::__private::TreeChild> {
        let mut __children = ::ambit::__private::std::vec::Vec::new();
        ::ambit::__private::std::vec::Vec::push(
            &mut __children,
            {
                let __tree = ::ambit::__private::core::clone::Clone::clone(__tree);
                ::ambit::__private::tree_child::<
                    ChildSpec<Cache<T, u64, N>>,
                >(
                    "one",
                    <::ambit::__private::ChildOptions as ::ambit::__private::core::default::Default>::default(),
                    move || ::ambit::__private::Shared::with(
                        &__tree,
                        |__tree| Self::one(__tree),
                    ),
                )
            },
        );
        ::ambit::__private::std::vec::Vec::push(
            &mut __children,
            {
                let __tree = ::ambit::__private::core::clone::Clone::clone(__tree);
                let __app = ::ambit::__private::core::clone::Clone::clone(__app);
                ::ambit::__private::tree_child::<
                    ChildSpec<Cache<u64, T, N>>,
                >(
                    "other",
                    ::ambit::__private::ChildOptions {
                        restart: ::ambit::__private::core::option::Option::Some(
                            ::ambit::Restart::Temporary,
                        ),
                        ..::ambit::__private::core::default::Default::default()
                    },
                    move || ::ambit::__private::Shared::with(
                        &__tree,
                        |__tree| Self::other(__tree, &__app),
                    ),
                )
            },
        );
        __children
    }
}
#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    const _: () = {
        use ::ambit::child as _;
        use ::ambit::child as _;
    };
};
