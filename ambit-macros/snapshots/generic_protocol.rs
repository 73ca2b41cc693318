use ambit::prelude::*;
/**

# Handle and servers

[`StoreSubject`] has a method for each call and cast. A server implements it with `#[gen_server(protocol = Store)]`.*/
#[allow(dead_code, private_bounds)]
pub(crate) trait Store<K, V, const N: usize>: StoreHandlesFind + StoreHandlesClear
where
    V: Clone,
{}
/// The calls `Store` answers.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub(crate) enum StoreCall<K, V, const N: usize>
where
    V: Clone,
{
    /// Sent by [`StoreSubject::find`].
    Find {
        /// The argument `key`.
        key: K,
        /// Receives the reply.
        reply: ::ambit::ReplyTo<[V; N]>,
    },
}
::ambit::written::show_messages! {
    [< K, V, const N : usize >] StoreCall < K, V, N >, [where V : Clone,] { [] Self::Find
    { ref key, .. } => Call "Find"["key" key] } []
}
/// The casts `Store` handles.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub(crate) enum StoreCast<K, V, const N: usize>
where
    V: Clone,
{
    /// Sent by [`StoreSubject::clear`].
    Clear,
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
::ambit::written::show_messages! {
    [< K, V, const N : usize >] StoreCast < K, V, N >, [where V : Clone,] { []
    Self::Clear => Cast "Clear"[] } [Self::__Unused(ref __never, _) => match * __never
    {},]
}
::ambit::written::clone_messages! {
    [< K, V, const N : usize >] StoreCast < K, V, N >, [where V : Clone,] { [] Clear }
    [Self::__Unused(ref __never, _) => match * __never {},]
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl<K, V, const N: usize> ::ambit::Protocol for dyn Store<K, V, N>
where
    V: Clone,
    K: ::ambit::__private::Payload,
    V: ::ambit::__private::Payload,
    [V; N]: ::ambit::__private::Payload,
{
    type Call = StoreCall<K, V, N>;
    type Cast = StoreCast<K, V, N>;
    type Subject = StoreSubject<K, V, N>;
    const NAME: &'static ::ambit::__private::core::primitive::str = "Store";
}
/// The handle of a process of the protocol `Store`.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub(crate) struct StoreSubject<K, V, const N: usize>(
    ::ambit::Subject<dyn Store<K, V, N>>,
)
where
    V: Clone,
    for<'__used> dyn Store<K, V, N>: ::ambit::Protocol;
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::impl_trait_in_params, clippy::same_name_method)]
impl<K, V, const N: usize> StoreSubject<K, V, N>
where
    V: Clone,
    for<'__used> dyn Store<
        K,
        V,
        N,
    >: ::ambit::Protocol<
        Call = StoreCall<K, V, N>,
        Cast = StoreCast<K, V, N>,
        Subject = StoreSubject<K, V, N>,
    >,
    for<'__used> [V; N]: ::ambit::__private::Payload,
{
    /// Stands for `Store::find`.
    pub(crate) fn find(&self, key: K) -> ::ambit::Call<'_, dyn Store<K, V, N>, [V; N]> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(
            &self.0,
            StoreCall::Find {
                key,
                reply: __reply,
            },
            __asked,
        )
    }
    /// Stands for `Store::clear`.
    pub(crate) fn clear(&self) -> ::ambit::Cast<'_, dyn Store<K, V, N>> {
        ::ambit::Subject::send(&self.0, StoreCast::Clear)
    }
    ::ambit::written::handle_functions! {
        [[] send[] reserve[] named[] with_timeout[] when_available] [pub (crate)] dyn
        Store < K, V, N >, StoreCast < K, V, N >
    }
    /// Refers to the process that the registry holds under the key when a message is sent.
    pub(crate) fn via<__T: ::ambit::Resolve<dyn Store<K, V, N>>>(
        __registry: &__T,
        __key: impl ::ambit::__private::Into<__T::Key>,
    ) -> Self {
        ::ambit::Subject::<dyn Store<K, V, N>>::via(__registry, __key)
    }
}
::ambit::written::handle! {
    [< K, V, const N : usize >] StoreSubject < K, V, N >, [where V : Clone, for < '__used
    > dyn Store < K, V, N > : ::ambit::Protocol,] [] __T : ::ambit::Subject < dyn Store <
    K, V, N > > => ::ambit::Process;
}
#[automatically_derived]
#[allow(deprecated)]
impl<K, V, const N: usize> ::ambit::Message for StoreSubject<K, V, N>
where
    V: Clone,
    for<'__used> dyn Store<K, V, N>: ::ambit::Protocol,
    for<'__used> StoreSubject<K, V, N>: ::ambit::__private::Payload,
{}
::ambit::written::handle_encoding! {
    [< K, V, const N : usize >] StoreSubject < K, V, N >, [where V : Clone, for < '__used
    > dyn Store < K, V, N > : ::ambit::Protocol,] __T : dyn Store < K, V, N >;
}
#[allow(unreachable_patterns)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl<K, V, const N: usize> ::ambit::__private::MethodName for StoreCall<K, V, N>
where
    V: Clone,
{
    fn method_name(&self) -> &'static ::ambit::__private::core::primitive::str {
        match *self {
            Self::Find { .. } => "find",
            _ => "",
        }
    }
}
#[allow(unreachable_patterns)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl<K, V, const N: usize> ::ambit::__private::MethodName for StoreCast<K, V, N>
where
    V: Clone,
{
    fn method_name(&self) -> &'static ::ambit::__private::core::primitive::str {
        match *self {
            Self::Clear { .. } => "clear",
            _ => "",
        }
    }
}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `#[call] fn find(..)` of the protocol `Store`",
    label = "method `find` is missing, or has a different number of arguments",
    note = "add `#[call] fn find(&mut self, key: K) -> [V; N]` to its `#[gen_server]` block"
)]
pub(crate) trait StoreHandlesFind {}
#[diagnostic::do_not_recommend]
impl<
    __S: ::ambit::__private::Handled<12310348208284936474u64, 1usize>
        + ?::ambit::__private::core::marker::Sized,
> StoreHandlesFind for __S {}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `#[cast] fn clear()` of the protocol `Store`",
    label = "missing method `clear`",
    note = "add `#[cast] fn clear(&mut self)` to its `#[gen_server]` block"
)]
pub(crate) trait StoreHandlesClear {}
#[diagnostic::do_not_recommend]
impl<
    __S: ::ambit::__private::Handled<17668176133136912546u64, 0usize>
        + ?::ambit::__private::core::marker::Sized,
> StoreHandlesClear for __S {}
::ambit::__private::mock! {
    #[doc =
    " A mock server of `Store` for tests: `MockStore::new().on_..(..).start()`.\n\n Clones share one mock."]
    #[allow(dead_code, deprecated, private_bounds, private_interfaces)]
    #[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
    #[allow(clippy::used_underscore_binding)] #[allow(clippy::type_complexity)] pub
    (crate) struct MockStore < K, V, const N : usize > where V : Clone, { find :
    ::ambit::__private::Programmed < dyn ::ambit::__private::core::marker::Send +
    ::ambit::__private::core::ops::FnMut(K) -> [V; N] >, clear :
    ::ambit::__private::Programmed < dyn ::ambit::__private::core::marker::Send +
    ::ambit::__private::core::ops::FnMut() >, } #[allow(dead_code, deprecated,
    private_bounds, private_interfaces)] #[allow(nonstandard_style,
    clippy::too_many_arguments, clippy::type_complexity)]
    #[allow(clippy::used_underscore_binding)] impl < K, V, const N : usize > MockStore <
    K, V, N > where V : Clone, { #[doc =
    r" A mock that answers nothing yet: a call ends it with a panic, a cast is counted."]
    #[must_use] pub (crate) fn new() -> Self { Self { find :
    ::ambit::__private::Programmed::new("MockStore", "find"), clear :
    ::ambit::__private::Programmed::new("MockStore", "clear"), } } #[doc =
    " Sets what `find` returns from now on, and replaces the previous closure."]
    #[allow(clippy::impl_trait_in_params)] pub (crate) fn on_find(self, __closure : impl
    ::ambit::__private::core::marker::Send + 'static +
    ::ambit::__private::core::ops::FnMut(K) -> [V; N]) -> Self {
    ::ambit::__private::Programmed::program(& self.find,
    ::ambit::__private::std::boxed::Box::new(__closure)); self } #[doc =
    " Sets what `clear` does from now on, and replaces the previous closure."]
    #[allow(clippy::impl_trait_in_params)] pub (crate) fn on_clear(self, __closure : impl
    ::ambit::__private::core::marker::Send + 'static +
    ::ambit::__private::core::ops::FnMut()) -> Self {
    ::ambit::__private::Programmed::program(& self.clear,
    ::ambit::__private::std::boxed::Box::new(__closure)); self } #[doc =
    r" How often each method was asked so far."] #[must_use] pub (crate) fn counts(&
    self) -> MockStoreCounts { MockStoreCounts { find :
    ::ambit::__private::Programmed::asked(& self.find), clear :
    ::ambit::__private::Programmed::asked(& self.clear), } } #[doc =
    r" Starts a server that runs the functions of this mock, including those set later."]
    pub (crate) fn start(& self) -> ::ambit::Start < Self > where for < '__used > Self :
    ::ambit::GenServer < Args = Self >, {
    ::ambit::__private::start(::ambit::__private::core::clone::Clone::clone(self)) }
    #[doc = r" The same under a supervisor."] pub (crate) fn child_spec(& self) ->
    ::ambit::ChildSpec < Self > where for < '__used > Self : ::ambit::GenServer < Args =
    Self >, { let __mock = ::ambit::__private::core::clone::Clone::clone(self);
    ::ambit::ChildSpec::from_fn(move || Self::start(& __mock)) } }
    #[automatically_derived] #[allow(deprecated, nonstandard_style,
    clippy::used_underscore_binding)] impl < K, V, const N : usize >
    ::ambit::__private::core::clone::Clone for MockStore < K, V, N > where V : Clone, {
    fn clone(& self) -> Self { Self { find :
    ::ambit::__private::core::clone::Clone::clone(& self.find), clear :
    ::ambit::__private::core::clone::Clone::clone(& self.clear), } } }
    #[automatically_derived] #[allow(deprecated, nonstandard_style,
    clippy::used_underscore_binding)] impl < K, V, const N : usize >
    ::ambit::__private::core::fmt::Debug for MockStore < K, V, N > where V : Clone, { fn
    fmt(& self, __formatter : & mut ::ambit::__private::core::fmt::Formatter < '_ >) ->
    ::ambit::__private::core::fmt::Result {
    ::ambit::__private::core::fmt::DebugStruct::finish(::ambit::__private::core::fmt::DebugStruct::field(&
    mut ::ambit::__private::core::fmt::Formatter::debug_struct(__formatter, "MockStore"),
    "counts", & Self::counts(self),)) } } #[automatically_derived] #[allow(deprecated,
    nonstandard_style, clippy::used_underscore_binding)] impl < K, V, const N : usize >
    ::ambit::__private::core::default::Default for MockStore < K, V, N > where V : Clone,
    { fn default() -> Self { Self::new() } } #[doc =
    " How often each method of a `MockStore` was called."] #[allow(dead_code, deprecated,
    private_bounds, private_interfaces)] #[allow(nonstandard_style,
    clippy::too_many_arguments, clippy::type_complexity)]
    #[allow(clippy::used_underscore_binding)] #[allow(clippy::exhaustive_structs)]
    #[derive(::ambit::__private::core::clone::Clone,
    ::ambit::__private::core::marker::Copy, ::ambit::__private::core::fmt::Debug,
    ::ambit::__private::core::default::Default, ::ambit::__private::core::cmp::PartialEq,
    ::ambit::__private::core::cmp::Eq,)] pub (crate) struct MockStoreCounts { #[doc =
    " How often `find` was called."] pub (crate) find :
    ::ambit::__private::core::primitive::u64, #[doc = " How often `clear` was called."]
    pub (crate) clear : ::ambit::__private::core::primitive::u64, } #[allow(deprecated,
    unreachable_code, unreachable_patterns)] #[automatically_derived] #[allow(deprecated,
    nonstandard_style, clippy::used_underscore_binding)] impl < K, V, const N : usize >
    ::ambit::GenServer for MockStore < K, V, N > where V : Clone, K :
    ::ambit::__private::Payload, V : ::ambit::__private::Payload, [V; N] :
    ::ambit::__private::Payload, { type Protocol = dyn Store < K, V, N >; type Args =
    Self; type Info = ::ambit::__private::core::convert::Infallible; type Continue =
    ::ambit::__private::core::convert::Infallible; const TERMINATES :
    ::ambit::__private::core::primitive::bool = false; async fn init(__args : Self, _ : &
    mut ::ambit::Context < Self >) -> ::ambit::__private::core::result::Result < Self,
    ::ambit::ExitReason > { ::ambit::__private::core::result::Result::Ok(__args) } fn
    handle_now(& mut self, __message : ::ambit::Incoming < Self >, __ctx : & mut
    ::ambit::Context < Self >,) -> ::ambit::__private::core::result::Result <
    ::ambit::Flow, ::ambit::Incoming < Self >> { match __message {
    ::ambit::Incoming::Call(StoreCall::Find { key : arg_key, reply : __reply }) => { let
    __value = ::ambit::__private::Programmed::call(& self.find, | __run |
    __run(arg_key)); ::ambit::__private::answer(__value, __reply, __ctx); }
    ::ambit::Incoming::Cast(StoreCast::Clear {}) =>
    ::ambit::__private::Programmed::cast(& self.clear, | __run | __run()), __message =>
    return ::ambit::__private::core::result::Result::Err(__message), }
    ::ambit::__private::core::result::Result::Ok(::ambit::Flow::Continue) } fn
    method_of(__message : & ::ambit::Incoming < Self >) -> & 'static
    ::ambit::__private::core::primitive::str { match __message {
    ::ambit::Incoming::Call(__message) =>
    ::ambit::__private::MethodName::method_name(__message),
    ::ambit::Incoming::Cast(__message) =>
    ::ambit::__private::MethodName::method_name(__message), _ => "", } } }
}
#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    const _: () = {
        use ::ambit::call as _;
        use ::ambit::cast as _;
    };
};
