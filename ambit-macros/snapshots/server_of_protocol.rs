use std::collections::HashMap;
use ambit::prelude::*;
/// Keeps everything in memory.
pub struct Memory<V> {
    values: HashMap<String, V>,
    waiting: Vec<ReplyTo<u64>>,
}
#[allow(clippy::missing_const_for_fn)]
impl<V: Clone> Memory<V> {
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn new() -> Self {
        Self {
            values: HashMap::new(),
            waiting: Vec::new(),
        }
    }
    /// What is kept under `key`.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn get(&mut self, key: String) -> Option<V> {
        self.values.get(&key).cloned()
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn changed(&mut self, reply: ReplyTo<u64>) {
        self.waiting.push(reply);
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    async fn put(
        &mut self,
        ctx: &mut ::ambit::Context<Self>,
        key: String,
        value: V,
    ) -> Result<(), String>
    where
        V: ::ambit::__private::Payload,
        Memory<V>: ::ambit::__private::State,
    {
        self.values.insert(key, value);
        ctx.continue_with(MemoryContinue::Tell);
        Ok(())
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    #[cfg(feature = "backup")]
    fn save(&mut self, _now: bool) {}
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn on_down(&mut self, down: Down) {
        drop(down);
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn tell(&mut self) {
        self.waiting.clear();
    }
}
#[allow(deprecated)]
impl<V: Clone> ::ambit::written::Sent<Memory<V>, 1424184603> for Down {}
/// The infos `Memory` handles.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum MemoryInfo<V: Clone> {
    /// Runs `Memory::on_down`.
    OnDown(Down),
    #[doc(hidden)]
    __Unused(
        ::ambit::__private::core::convert::Infallible,
        ::ambit::__private::core::marker::PhantomData<
            fn() -> (::ambit::__private::core::marker::PhantomData<V>,),
        >,
    ),
}
::ambit::written::show_messages! {
    [< V : Clone >] MemoryInfo < V >, [] { [] Self::OnDown(ref __info) => Info
    "OnDown"["" __info] } [Self::__Unused(ref __never, _) => match * __never {},]
}
/// What `Memory` can continue with.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum MemoryContinue<V: Clone> {
    /// Runs `Memory::tell`.
    Tell,
    #[doc(hidden)]
    __Unused(
        ::ambit::__private::core::convert::Infallible,
        ::ambit::__private::core::marker::PhantomData<
            fn() -> (::ambit::__private::core::marker::PhantomData<V>,),
        >,
    ),
}
::ambit::written::show_messages! {
    [< V : Clone >] MemoryContinue < V >, [] { [] Self::Tell => Cast "Tell"[] }
    [Self::__Unused(ref __never, _) => match * __never {},]
}
#[automatically_derived]
#[allow(deprecated)]
impl<V: Clone> ::ambit::Handles<Down> for Memory<V>
where
    for<'__used> Memory<V>: ::ambit::GenServer<Info = MemoryInfo<V>>,
{
    fn into_info(__message: Down) -> <Self as ::ambit::GenServer>::Info {
        MemoryInfo::OnDown(__message)
    }
}
/// The arguments of `Memory::start`, which move to the server.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct MemoryArgs<V: Clone> {
    __params: ::ambit::__private::core::marker::PhantomData<
        fn() -> (::ambit::__private::core::marker::PhantomData<V>,),
    >,
}
::ambit::written::show_args! {
    [< V : Clone >] MemoryArgs < V >, [] "MemoryArgs"
}
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl<V: Clone> Memory<V> {
    /// Starts a server.
    pub fn start() -> ::ambit::Start<Self>
    where
        for<'__used> Self: ::ambit::GenServer<Args = MemoryArgs<V>>,
    {
        ::ambit::__private::start(MemoryArgs {
            __params: ::ambit::__private::core::marker::PhantomData,
        })
    }
    /// Returns a child specification for a supervisor; each start clones these arguments.
    pub fn child_spec() -> ::ambit::ChildSpec<Self>
    where
        for<'__used> Self: ::ambit::GenServer<Args = MemoryArgs<V>>,
    {
        ::ambit::__private::child_spec_of(
            (),
            |()| ::ambit::__private::start(MemoryArgs {
                __params: ::ambit::__private::core::marker::PhantomData,
            }),
        )
    }
}
#[allow(unused_imports)]
const _: () = {
    use store::{Kv as __Protocol, KvCall as __Call, KvCast as __Cast};
    #[automatically_derived]
    #[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
    impl<V: Clone> ::ambit::__private::Handled<15339932239713171959u64, 0usize>
    for Memory<V> {}
    #[automatically_derived]
    #[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
    impl<V: Clone> ::ambit::__private::Handled<15339932239713171959u64, 1usize>
    for Memory<V> {}
    #[automatically_derived]
    #[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
    impl<V: Clone> ::ambit::__private::Handled<16084755168776974459u64, 0usize>
    for Memory<V> {}
    #[automatically_derived]
    #[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
    impl<V: Clone> ::ambit::__private::Handled<8643375363983527406u64, 0usize>
    for Memory<V> {}
    #[automatically_derived]
    #[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
    impl<V: Clone> ::ambit::__private::Handled<8643375363983527406u64, 1usize>
    for Memory<V> {}
    #[automatically_derived]
    #[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
    impl<V: Clone> ::ambit::__private::Handled<8643375363983527406u64, 2usize>
    for Memory<V> {}
    #[cfg(feature = "backup")]
    #[automatically_derived]
    #[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
    impl<V: Clone> ::ambit::__private::Handled<678458154258103336u64, 0usize>
    for Memory<V> {}
    #[cfg(feature = "backup")]
    #[automatically_derived]
    #[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
    impl<V: Clone> ::ambit::__private::Handled<678458154258103336u64, 1usize>
    for Memory<V> {}
    #[automatically_derived]
    #[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
    impl<V: Clone> __Protocol<V> for Memory<V> {}
    #[allow(deprecated, unreachable_code, unreachable_patterns)]
    #[automatically_derived]
    #[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
    impl<V: Clone> ::ambit::GenServer for Memory<V>
    where
        V: ::ambit::__private::Payload,
        Memory<V>: ::ambit::__private::State,
    {
        type Protocol = dyn __Protocol<V>;
        type Info = MemoryInfo<V>;
        type Continue = MemoryContinue<V>;
        const OPTIONS: ::ambit::ServerOptions = ::ambit::ServerOptions::DEFAULT
            .mailbox(64);
        type Args = MemoryArgs<V>;
        fn init(
            __args: MemoryArgs<V>,
            __ctx: &mut ::ambit::Context<Self>,
        ) -> impl ::ambit::__private::Future<
            Output = ::ambit::__private::Initial<Self>,
        > + ::ambit::__private::Send {
            ::ambit::__private::lazy(move || {
                let MemoryArgs { .. } = __args;
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
                        __Call::Get { key: arg_key, reply: __reply, .. },
                    ) => {
                        let __value = Self::get(
                            self,
                            ::ambit::Carried::<String>::carried(arg_key),
                        );
                        let __value = ::ambit::AnswerOf::<
                            Option<V>,
                        >::answer_of(&__reply, __value);
                        ::ambit::__private::answer(__value, __reply, __ctx)
                    }
                    ::ambit::Incoming::Call(__Call::Changed { reply: __reply, .. }) => {
                        if ::ambit::__private::skip_expired(&__reply, __ctx) {
                            ::ambit::Flow::Continue
                        } else {
                            ::ambit::__private::done(
                                Self::changed(
                                    self,
                                    ::ambit::Carried::<ReplyTo<u64>>::carried(__reply),
                                ),
                            )
                        }
                    }
                    #[cfg(feature = "backup")]
                    ::ambit::Incoming::Cast(__Cast::Save { now: arg_now, .. }) => {
                        ::ambit::__private::done(
                            Self::save(self, ::ambit::Carried::<bool>::carried(arg_now)),
                        )
                    }
                    ::ambit::Incoming::Info(MemoryInfo::OnDown(__info)) => {
                        ::ambit::__private::done(Self::on_down(self, __info))
                    }
                    ::ambit::Incoming::Continue(MemoryContinue::Tell) => {
                        ::ambit::__private::done(Self::tell(self))
                    }
                    __message => return ::ambit::__private::Err(__message),
                },
            )
        }
        fn handle_cast(
            &mut self,
            __message: <dyn __Protocol<V> as ::ambit::Protocol>::Cast,
            __ctx: &mut ::ambit::Context<Self>,
        ) -> impl ::ambit::__private::Future<
            Output = ::ambit::Flow,
        > + ::ambit::__private::Send {
            let __ctx: &mut dyn ::ambit::__private::Held<Self> = __ctx;
            async move {
                match __message {
                    __Cast::Put { key: arg_key, value: arg_value, .. } => {
                        ::ambit::__private::IntoFlow::into_flow(
                            Self::put(
                                    self,
                                    ::ambit::__private::Held::context(__ctx),
                                    ::ambit::Carried::<String>::carried(arg_key),
                                    ::ambit::Carried::<V>::carried(arg_value),
                                )
                                .await,
                        )
                    }
                    __message => {
                        ::ambit::__private::handled_now(
                            self,
                            ::ambit::Incoming::Cast(__message),
                            ::ambit::__private::Held::context(__ctx),
                        )
                    }
                }
            }
        }
        fn method_of(
            __message: &::ambit::Incoming<Self>,
        ) -> &'static ::ambit::__private::core::primitive::str {
            match __message {
                ::ambit::Incoming::Call(__message) => {
                    ::ambit::__private::MethodName::method_name(__message)
                }
                ::ambit::Incoming::Cast(__message) => {
                    ::ambit::__private::MethodName::method_name(__message)
                }
                ::ambit::Incoming::Info(MemoryInfo::OnDown(..)) => "on_down",
                ::ambit::Incoming::Continue(MemoryContinue::Tell) => "tell",
                _ => "",
            }
        }
        fn arguments_of(
            __message: &::ambit::Incoming<Self>,
        ) -> ::ambit::__private::Text {
            ::ambit::__private::shown_as(__message)
        }
        const TERMINATES: ::ambit::__private::core::primitive::bool = false;
    }
};
const _: () = {
    use Context as _;
};
#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    const _: () = {
        use ::ambit::init as _;
        use ::ambit::call as _;
        use ::ambit::call as _;
        use ::ambit::cast as _;
        use ::ambit::cast as _;
        use ::ambit::info as _;
        use ::ambit::continue_with as _;
    };
};
