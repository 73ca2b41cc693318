use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;
use ambit::prelude::*;
/// Remembers.
pub struct Cache<K, V, const N: usize> {
    entries: HashMap<K, V>,
}
#[allow(clippy::missing_const_for_fn)]
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
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum CacheCall<K: Hash + Eq, V: Clone, const N: usize>
where
    K: Display,
{
    /// Sent by [`CacheSubject::get`].
    Get {
        /// The argument `key`.
        key: K,
        /// Receives the reply.
        reply: ::ambit::ReplyTo<Option<V>>,
    },
    /// Sent by [`CacheSubject::later`].
    Later {
        /// The argument `key`.
        key: K,
        /// Receives the reply.
        reply: ReplyTo<Option<V>>,
    },
}
::ambit::written::show_messages! {
    [< K : Hash + Eq, V : Clone, const N : usize >] CacheCall < K, V, N >, [where K :
    Display,] { [] Self::Get { ref key, .. } => Call "Get"["key" key] [] Self::Later {
    ref key, .. } => Call "Later"["key" key] } []
}
/// The casts `Cache` handles.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum CacheCast<K: Hash + Eq, V: Clone, const N: usize>
where
    K: Display,
{
    /// Sent by [`CacheSubject::remove`].
    Remove {
        /// The argument `key`.
        key: K,
    },
    #[doc(hidden)]
    __Unused(
        ::ambit::__private::core::convert::Infallible,
        ::ambit::__private::core::marker::PhantomData<
            fn() -> (::ambit::__private::core::marker::PhantomData<V>,),
        >,
    ),
}
::ambit::written::show_messages! {
    [< K : Hash + Eq, V : Clone, const N : usize >] CacheCast < K, V, N >, [where K :
    Display,] { [] Self::Remove { ref key, } => Cast "Remove"["key" key] }
    [Self::__Unused(ref __never, _) => match * __never {},]
}
::ambit::written::clone_messages! {
    [< K : Hash + Eq, V : Clone, const N : usize >] CacheCast < K, V, N >, [where K :
    Display, for < '__used > K : ::ambit::__private::Clone,] { [] Remove { key } }
    [Self::__Unused(ref __never, _) => match * __never {},]
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> ::ambit::Protocol for Cache<K, V, N>
where
    K: Display,
    K: ::ambit::__private::Payload,
    V: ::ambit::__private::Payload,
    Option<V>: ::ambit::__private::Payload,
    ReplyTo<Option<V>>: ::ambit::__private::Payload,
    ReplyTo<Option<V>>: ::ambit::__private::ReplyPort<Value = Option<V>>,
{
    type Call = CacheCall<K, V, N>;
    type Cast = CacheCast<K, V, N>;
    type Subject = CacheSubject<K, V, N>;
    const NAME: &'static ::ambit::__private::core::primitive::str = "Cache";
}
/// The handle of a running `Cache`.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct CacheSubject<K: Hash + Eq, V: Clone, const N: usize>(
    ::ambit::Subject<Cache<K, V, N>>,
)
where
    K: Display,
    for<'__used> Cache<K, V, N>: ::ambit::Protocol;
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::impl_trait_in_params, clippy::same_name_method)]
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
    for<'__used> ReplyTo<Option<V>>: ::ambit::__private::ReplyPort<Value = Option<V>>,
    for<'__used> <ReplyTo<
        Option<V>,
    > as ::ambit::__private::ReplyPort>::Value: ::ambit::__private::Payload,
{
    /// What is remembered under the key.
    pub fn get(&self, key: K) -> ::ambit::Call<'_, Cache<K, V, N>, Option<V>> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(
            &self.0,
            CacheCall::Get {
                key,
                reply: __reply,
            },
            __asked,
        )
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
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(
            &self.0,
            CacheCall::Later {
                key,
                reply: <ReplyTo<
                    Option<V>,
                > as ::ambit::__private::ReplyPort>::from_reply(__reply),
            },
            __asked,
        )
    }
    /// Forgets a key.
    pub fn remove(&self, key: K) -> ::ambit::Cast<'_, Cache<K, V, N>> {
        ::ambit::Subject::send(&self.0, CacheCast::Remove { key })
    }
    ::ambit::written::handle_functions! {
        [[] send[] reserve[] named[] with_timeout[] when_available] [pub] Cache < K, V, N
        >, CacheCast < K, V, N >
    }
    /// Narrows the handle to one type of info.
    pub fn recipient<__T>(&self) -> ::ambit::Recipient<__T>
    where
        for<'__used> Cache<K, V, N>: ::ambit::GenServer,
        __T: ::ambit::InfoOf<Cache<K, V, N>> + ::ambit::__private::Payload,
    {
        ::ambit::Subject::recipient(&self.0)
    }
    /// Refers to the process that the registry holds under the key when a message is sent.
    pub fn via<__T: ::ambit::Resolve<Cache<K, V, N>>>(
        __registry: &__T,
        __key: impl ::ambit::__private::Into<__T::Key>,
    ) -> Self {
        ::ambit::Subject::<Cache<K, V, N>>::via(__registry, __key)
    }
}
::ambit::written::handle! {
    [< K : Hash + Eq, V : Clone, const N : usize >] CacheSubject < K, V, N >, [where K :
    Display, for < '__used > Cache < K, V, N > : ::ambit::Protocol,] [] __T :
    ::ambit::Subject < Cache < K, V, N > > => ::ambit::Process;
}
#[automatically_derived]
#[allow(deprecated)]
impl<K: Hash + Eq, V: Clone, const N: usize> ::ambit::Message for CacheSubject<K, V, N>
where
    K: Display,
    for<'__used> Cache<K, V, N>: ::ambit::Protocol,
    for<'__used> CacheSubject<K, V, N>: ::ambit::__private::Payload,
{}
::ambit::written::handle_encoding! {
    [< K : Hash + Eq, V : Clone, const N : usize >] CacheSubject < K, V, N >, [where K :
    Display, for < '__used > Cache < K, V, N > : ::ambit::Protocol,] __T : Cache < K, V,
    N >;
}
/// The arguments of `Cache::start`, which move to the server.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
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
::ambit::written::show_args! {
    [< K : Hash + Eq, V : Clone, const N : usize >] CacheArgs < K, V, N >, [where K :
    Display,] "CacheArgs"
}
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
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
    /// Returns a child specification for a supervisor; each start clones these arguments.
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
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl<K: Hash + Eq, V: Clone, const N: usize> ::ambit::GenServer for Cache<K, V, N>
where
    K: Display,
    K: ::ambit::__private::Payload,
    V: ::ambit::__private::Payload,
    Option<V>: ::ambit::__private::Payload,
    ReplyTo<Option<V>>: ::ambit::__private::Payload,
    ReplyTo<Option<V>>: ::ambit::__private::ReplyPort<Value = Option<V>>,
    Cache<K, V, N>: ::ambit::__private::State,
{
    type Protocol = Self;
    type Info = ::ambit::__private::core::convert::Infallible;
    type Continue = ::ambit::__private::core::convert::Infallible;
    type Args = CacheArgs<K, V, N>;
    fn init(
        __args: CacheArgs<K, V, N>,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> impl ::ambit::__private::Future<
        Output = ::ambit::__private::Initial<Self>,
    > + ::ambit::__private::Send {
        ::ambit::__private::lazy(move || {
            let CacheArgs { .. } = __args;
            ::ambit::__private::IntoInit::<Self>::into_init(Self::new())
        })
    }
    fn handle_now(
        &mut self,
        __message: ::ambit::Incoming<Self>,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> ::ambit::__private::HandledNow<Self> {
        ::ambit::__private::Ok(
            match __message {
                ::ambit::Incoming::Call(
                    CacheCall::Get { key: arg_key, reply: __reply },
                ) => ::ambit::__private::answer(Self::get(self, arg_key), __reply, __ctx),
                ::ambit::Incoming::Call(
                    CacheCall::Later { key: arg_key, reply: __reply },
                ) => ::ambit::__private::done(Self::later(self, arg_key, __reply)),
                ::ambit::Incoming::Cast(CacheCast::Remove { key: arg_key }) => {
                    ::ambit::__private::done(Self::remove(self, arg_key))
                }
                __message => return ::ambit::__private::Err(__message),
            },
        )
    }
    fn method_of(
        __message: &::ambit::Incoming<Self>,
    ) -> &'static ::ambit::__private::core::primitive::str {
        match __message {
            ::ambit::Incoming::Call(CacheCall::Get { .. }) => "get",
            ::ambit::Incoming::Call(CacheCall::Later { .. }) => "later",
            ::ambit::Incoming::Cast(CacheCast::Remove { .. }) => "remove",
            _ => "",
        }
    }
    fn arguments_of(__message: &::ambit::Incoming<Self>) -> ::ambit::__private::Text {
        ::ambit::__private::shown_as(__message)
    }
    const TERMINATES: ::ambit::__private::core::primitive::bool = false;
}
#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    const _: () = {
        use ::ambit::init as _;
        use ::ambit::call as _;
        use ::ambit::call as _;
        use ::ambit::cast as _;
    };
};
