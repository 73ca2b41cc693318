use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;
use ambit::prelude::*;
/// Remembers.
pub struct Cache<K, V, const N: usize> {
    entries: HashMap<K, V>,
}
impl<K: Hash + Eq, V: Clone, const N: usize> Cache<K, V, N>
where
    K: Display,
{
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn new() -> Self {
        Self {
            entries: HashMap::with_capacity(N),
        }
    }
    /// What is remembered under the key.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn get(&self, key: K) -> Option<V> {
        self.entries.get(&key).cloned()
    }
    /// Answers when it suits.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn later(&self, key: K, port: ReplyTo<Option<V>>) {
        port.send(self.entries.get(&key).cloned());
    }
    /// Forgets a key.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn remove(&mut self, key: K) {
        self.entries.remove(&key);
    }
}
/// The calls `Cache` answers.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub enum CacheCall<K: Hash + Eq, V: Clone, const N: usize>
where
    K: Display,
{
    /// What is remembered under the key.
    Get { key: K, reply: ::ambit::ReplyTo<Option<V>> },
    /// Answers when it suits.
    Later { key: K, reply: ReplyTo<Option<V>> },
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> ::ambit::__private::core::fmt::Debug
for CacheCall<K, V, N>
where
    K: Display,
{
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        use ::ambit::__private::{ShowDebug as _, ShowNothing as _};
        match *self {
            Self::Get { ref key, .. } => {
                __formatter
                    .debug_struct("Get")
                    .field("key", (&::ambit::__private::Shown(key)).shown())
                    .finish_non_exhaustive()
            }
            Self::Later { ref key, .. } => {
                __formatter
                    .debug_struct("Later")
                    .field("key", (&::ambit::__private::Shown(key)).shown())
                    .finish_non_exhaustive()
            }
        }
    }
}
/// The casts `Cache` takes.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub enum CacheCast<K: Hash + Eq, V: Clone, const N: usize>
where
    K: Display,
{
    /// Forgets a key.
    Remove { key: K },
    #[doc(hidden)]
    __Unused(
        ::ambit::__private::core::convert::Infallible,
        ::ambit::__private::core::marker::PhantomData<
            fn() -> (::ambit::__private::core::marker::PhantomData<V>,),
        >,
    ),
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> ::ambit::__private::core::fmt::Debug
for CacheCast<K, V, N>
where
    K: Display,
{
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        use ::ambit::__private::{ShowDebug as _, ShowNothing as _};
        match *self {
            Self::Remove { ref key } => {
                __formatter
                    .debug_struct("Remove")
                    .field("key", (&::ambit::__private::Shown(key)).shown())
                    .finish()
            }
            Self::__Unused(ref never, _) => match *never {}
        }
    }
}
#[allow(clippy::trait_duplication_in_bounds)]
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> ::ambit::__private::core::clone::Clone
for CacheCast<K, V, N>
where
    K: Display,
    for<'__used> K: ::ambit::__private::core::clone::Clone,
{
    fn clone(&self) -> Self {
        match *self {
            Self::Remove { ref key } => {
                Self::Remove {
                    key: ::ambit::__private::core::clone::Clone::clone(key),
                }
            }
            Self::__Unused(ref never, _) => match *never {}
        }
    }
}
/// The infos `Cache` handles.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub enum CacheInfo<K: Hash + Eq, V: Clone, const N: usize>
where
    K: Display,
{
    #[doc(hidden)]
    __Unused(
        ::ambit::__private::core::convert::Infallible,
        ::ambit::__private::core::marker::PhantomData<
            fn() -> (
                ::ambit::__private::core::marker::PhantomData<K>,
                ::ambit::__private::core::marker::PhantomData<V>,
            ),
        >,
    ),
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> ::ambit::__private::core::fmt::Debug
for CacheInfo<K, V, N>
where
    K: Display,
{
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        match *self {
            Self::__Unused(ref never, _) => match *never {}
        }
    }
}
/// What `Cache` can continue with.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub enum CacheContinue<K: Hash + Eq, V: Clone, const N: usize>
where
    K: Display,
{
    #[doc(hidden)]
    __Unused(
        ::ambit::__private::core::convert::Infallible,
        ::ambit::__private::core::marker::PhantomData<
            fn() -> (
                ::ambit::__private::core::marker::PhantomData<K>,
                ::ambit::__private::core::marker::PhantomData<V>,
            ),
        >,
    ),
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> ::ambit::__private::core::fmt::Debug
for CacheContinue<K, V, N>
where
    K: Display,
{
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        match *self {
            Self::__Unused(ref never, _) => match *never {}
        }
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> ::ambit::Protocol for Cache<K, V, N>
where
    K: Display,
    K: ::ambit::__private::Payload,
    V: ::ambit::__private::Payload,
    Cache<K, V, N>: ::ambit::__private::State,
    Option<V>: ::ambit::__private::Payload,
    ReplyTo<Option<V>>: ::ambit::__private::Payload,
    ReplyTo<Option<V>>: ::ambit::__private::ReplyPort,
{
    type Call = CacheCall<K, V, N>;
    type Cast = CacheCast<K, V, N>;
    type Subject = CacheSubject<K, V, N>;
    const NAME: &'static str = "Cache";
}
/// The handle of a running `Cache`.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct CacheSubject<K: Hash + Eq, V: Clone, const N: usize>(
    ::ambit::Subject<Cache<K, V, N>>,
)
where
    K: Display,
    for<'__used> Cache<K, V, N>: ::ambit::Protocol;
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> CacheSubject<K, V, N>
where
    K: Display,
    for<'__used> Cache<
        K,
        V,
        N,
    >: ::ambit::Protocol<
        Call = CacheCall<K, V, N>,
        Cast = CacheCast<K, V, N>,
        Subject = CacheSubject<K, V, N>,
    >,
    for<'__used> Option<V>: ::ambit::__private::Payload,
    for<'__used> ReplyTo<Option<V>>: ::ambit::__private::ReplyPort,
    for<'__used> <ReplyTo<
        Option<V>,
    > as ::ambit::__private::ReplyPort>::Value: ::ambit::__private::Payload,
{
    /// What is remembered under the key.
    pub fn get(&self, key: K) -> ::ambit::Call<'_, Cache<K, V, N>, Option<V>> {
        ::ambit::Subject::call(&self.0, |reply| CacheCall::Get { key, reply })
    }
    /// Answers when it suits.
    pub fn later(
        &self,
        key: K,
    ) -> ::ambit::Call<
        '_,
        Cache<K, V, N>,
        <ReplyTo<Option<V>> as ::ambit::__private::ReplyPort>::Value,
    > {
        ::ambit::Subject::call(
            &self.0,
            |reply| CacheCall::Later {
                key,
                reply: <ReplyTo<
                    Option<V>,
                > as ::ambit::__private::ReplyPort>::from_reply(reply),
            },
        )
    }
    /// Forgets a key.
    pub fn remove(&self, key: K) -> ::ambit::Cast<'_, Cache<K, V, N>> {
        ::ambit::Subject::send(&self.0, CacheCast::Remove { key })
    }
    /// Sends a cast that is at hand as a value.
    pub fn send(&self, cast: CacheCast<K, V, N>) -> ::ambit::Cast<'_, Cache<K, V, N>> {
        ::ambit::Subject::send(&self.0, cast)
    }
    /// Waits for room in the mailbox, and keeps it for one message.
    pub fn reserve(&self) -> ::ambit::Reserve<'_, Cache<K, V, N>> {
        ::ambit::Subject::reserve(&self.0)
    }
    /// Narrows the handle to one type of info.
    pub fn recipient<__T>(&self) -> ::ambit::Recipient<__T>
    where
        for<'__used> Cache<K, V, N>: ::ambit::GenServer,
        __T: ::ambit::InfoOf<Cache<K, V, N>> + ::ambit::__private::Payload,
    {
        ::ambit::Subject::recipient(&self.0)
    }
    /// Refers to whoever holds the name when a message is sent.
    pub fn named(name: &str) -> Self {
        ::ambit::Subject::<Cache<K, V, N>>::named(name)
    }
    /// Refers to whoever the registry holds under the key when a message is sent.
    pub fn via<__T: ::ambit::Resolve<Cache<K, V, N>>>(
        registry: &__T,
        key: impl ::ambit::__private::core::convert::Into<__T::Key>,
    ) -> Self {
        ::ambit::Subject::<Cache<K, V, N>>::via(registry, key)
    }
    /// Gives a handle whose calls and casts wait as long as this.
    pub fn with_timeout(
        &self,
        timeout: ::ambit::__private::core::time::Duration,
    ) -> Self {
        ::ambit::Subject::with_timeout(&self.0, timeout)
    }
    /// Gives a handle whose calls and casts wait, inside their deadline, for a holder of
    /// its name, instead of failing with `NoProcess`.
    pub fn patiently(&self) -> Self {
        ::ambit::Subject::patiently(&self.0)
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> ::ambit::__private::core::clone::Clone
for CacheSubject<K, V, N>
where
    K: Display,
    for<'__used> Cache<K, V, N>: ::ambit::Protocol,
{
    fn clone(&self) -> Self {
        Self(::ambit::__private::core::clone::Clone::clone(&self.0))
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> ::ambit::__private::core::fmt::Debug
for CacheSubject<K, V, N>
where
    K: Display,
    for<'__used> Cache<K, V, N>: ::ambit::Protocol,
{
    fn fmt(
        &self,
        formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        ::ambit::__private::core::fmt::Debug::fmt(&self.0, formatter)
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> ::ambit::__private::core::cmp::PartialEq
for CacheSubject<K, V, N>
where
    K: Display,
    for<'__used> Cache<K, V, N>: ::ambit::Protocol,
{
    fn eq(&self, other: &Self) -> bool {
        ::ambit::__private::core::cmp::PartialEq::eq(&self.0, &other.0)
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> ::ambit::__private::core::cmp::Eq
for CacheSubject<K, V, N>
where
    K: Display,
    for<'__used> Cache<K, V, N>: ::ambit::Protocol,
{}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> ::ambit::__private::core::hash::Hash
for CacheSubject<K, V, N>
where
    K: Display,
    for<'__used> Cache<K, V, N>: ::ambit::Protocol,
{
    fn hash<__T: ::ambit::__private::core::hash::Hasher>(&self, state: &mut __T) {
        ::ambit::__private::core::hash::Hash::hash(&self.0, state);
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> ::ambit::__private::core::ops::Deref
for CacheSubject<K, V, N>
where
    K: Display,
    for<'__used> Cache<K, V, N>: ::ambit::Protocol,
{
    type Target = ::ambit::Process;
    fn deref(&self) -> &Self::Target {
        ::ambit::__private::core::ops::Deref::deref(&self.0)
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl<
    K: Hash + Eq,
    V: Clone,
    const N: usize,
> ::ambit::__private::core::convert::AsRef<::ambit::Subject<Cache<K, V, N>>>
for CacheSubject<K, V, N>
where
    K: Display,
    for<'__used> Cache<K, V, N>: ::ambit::Protocol,
{
    fn as_ref(&self) -> &::ambit::Subject<Cache<K, V, N>> {
        &self.0
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl<
    K: Hash + Eq,
    V: Clone,
    const N: usize,
> ::ambit::__private::core::convert::From<::ambit::Subject<Cache<K, V, N>>>
for CacheSubject<K, V, N>
where
    K: Display,
    for<'__used> Cache<K, V, N>: ::ambit::Protocol,
{
    fn from(subject: ::ambit::Subject<Cache<K, V, N>>) -> Self {
        Self(subject)
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl<
    K: Hash + Eq,
    V: Clone,
    const N: usize,
> ::ambit::__private::core::convert::From<CacheSubject<K, V, N>>
for ::ambit::Subject<Cache<K, V, N>>
where
    K: Display,
    for<'__used> Cache<K, V, N>: ::ambit::Protocol,
{
    fn from(handle: CacheSubject<K, V, N>) -> Self {
        handle.0
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> ::ambit::Target for CacheSubject<K, V, N>
where
    K: Display,
    for<'__used> Cache<K, V, N>: ::ambit::Protocol,
{
    fn __resolve(&self) -> ::ambit::__private::Resolved {
        ::ambit::__private::resolve_target(&self.0)
    }
}
/// The arguments of `Cache::start`, on their way to the server.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct CacheArgs<K: Hash + Eq, V: Clone, const N: usize>
where
    K: Display,
{
    __params: ::ambit::__private::core::marker::PhantomData<
        fn() -> (
            ::ambit::__private::core::marker::PhantomData<K>,
            ::ambit::__private::core::marker::PhantomData<V>,
        ),
    >,
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> ::ambit::__private::core::fmt::Debug
for CacheArgs<K, V, N>
where
    K: Display,
{
    fn fmt(
        &self,
        formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        formatter.debug_struct("CacheArgs").finish_non_exhaustive()
    }
}
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> Cache<K, V, N>
where
    K: Display,
{
    /// Starts a server.
    pub fn start() -> ::ambit::Start<Self>
    where
        for<'__used> Self: ::ambit::GenServer<Args = CacheArgs<K, V, N>>,
    {
        ::ambit::__private::start(CacheArgs {
            __params: ::ambit::__private::core::marker::PhantomData,
        })
    }
    /// Says how to start it under a supervisor: with these arguments, cloned for each start.
    pub fn child_spec() -> ::ambit::ChildSpec<Self>
    where
        for<'__used> Self: ::ambit::GenServer<Args = CacheArgs<K, V, N>>,
    {
        ::ambit::__private::child_spec_of(
            (),
            |()| ::ambit::__private::start(CacheArgs {
                __params: ::ambit::__private::core::marker::PhantomData,
            }),
        )
    }
}
#[allow(deprecated, unreachable_code, unreachable_patterns)]
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> ::ambit::GenServer for Cache<K, V, N>
where
    K: Display,
    K: ::ambit::__private::Payload,
    V: ::ambit::__private::Payload,
    Cache<K, V, N>: ::ambit::__private::State,
    Option<V>: ::ambit::__private::Payload,
    ReplyTo<Option<V>>: ::ambit::__private::Payload,
    ReplyTo<Option<V>>: ::ambit::__private::ReplyPort,
{
    type Protocol = Self;
    type Info = CacheInfo<K, V, N>;
    type Continue = CacheContinue<K, V, N>;
    type Args = CacheArgs<K, V, N>;
    async fn init(
        __args: Self::Args,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> ::ambit::__private::core::result::Result<Self, ::ambit::ExitReason> {
        let CacheArgs { .. } = __args;
        ::ambit::__private::IntoInit::<Self>::into_init(Self::new())
    }
    fn handle_now(
        &mut self,
        __message: ::ambit::Incoming<Self>,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> ::ambit::__private::core::result::Result<
        ::ambit::Flow,
        ::ambit::Incoming<Self>,
    > {
        let __flow = match __message {
            ::ambit::Incoming::Call(CacheCall::Get { key, reply }) => {
                let __value = Self::get(self, key);
                ::ambit::__private::answer(__ctx, reply, __value);
                ::ambit::Flow::Continue
            }
            ::ambit::Incoming::Call(CacheCall::Later { key, reply }) => {
                Self::later(self, key, reply);
                ::ambit::Flow::Continue
            }
            ::ambit::Incoming::Cast(CacheCast::Remove { key }) => {
                Self::remove(self, key);
                ::ambit::Flow::Continue
            }
            __message => return ::ambit::__private::core::result::Result::Err(__message),
        };
        ::ambit::__private::core::result::Result::Ok(__flow)
    }
    fn method_of(__message: &::ambit::Incoming<Self>) -> &'static str {
        match __message {
            ::ambit::Incoming::Call(CacheCall::Get { .. }) => "get",
            ::ambit::Incoming::Call(CacheCall::Later { .. }) => "later",
            ::ambit::Incoming::Cast(CacheCast::Remove { .. }) => "remove",
            _ => "",
        }
    }
    fn arguments_of(
        __message: &::ambit::Incoming<Self>,
    ) -> ::ambit::__private::std::option::Option<
        ::ambit::__private::std::string::String,
    > {
        let __message: &dyn ::ambit::__private::std::fmt::Debug = match __message {
            ::ambit::Incoming::Call(__message) => __message,
            ::ambit::Incoming::Cast(__message) => __message,
            ::ambit::Incoming::Info(__message) => __message,
            ::ambit::Incoming::Continue(__message) => __message,
        };
        ::ambit::__private::std::option::Option::Some(
            ::ambit::__private::std::format!("{__message:?}"),
        )
    }
    const TERMINATES: bool = false;
}
#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    use ::ambit::init as _;
    #[cfg(rust_analyzer)]
    use ::ambit::call as _;
    #[cfg(rust_analyzer)]
    use ::ambit::call as _;
    #[cfg(rust_analyzer)]
    use ::ambit::cast as _;
};
