use std::time::Duration;
use ambit::prelude::*;
/// Keys and values.
/**

# Handle and servers

[`KvSubject`] has a method for each call and cast. A server implements it with `#[gen_server(protocol = Kv)]`.*/
#[allow(dead_code, private_bounds)]
pub trait Kv: KvHandlesGet + KvHandlesLen + KvHandlesChanged + KvHandlesPut + KvHandlesSave {}
#[allow(deprecated)]
impl ::ambit::written::Sent<dyn Kv, 1572380221>
for <ReplyTo<u64> as ::ambit::__private::ReplyPort>::Value {}
/// The calls `Kv` answers.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum KvCall {
    /// Sent by [`KvSubject::get`].
    Get {
        /// The argument `key`.
        key: String,
        /// Receives the reply.
        reply: ::ambit::ReplyTo<Option<u64>>,
    },
    /// Sent by [`KvSubject::len`].
    Len {
        /// Receives the reply.
        reply: ::ambit::ReplyTo<usize>,
    },
    /// Sent by [`KvSubject::changed`].
    Changed {
        /// Receives the reply.
        reply: ReplyTo<u64>,
    },
}
::ambit::written::show_messages! {
    [< >] KvCall, [] { [] Self::Get { ref key, .. } => Call "Get"["key" key] [] Self::Len
    { .. } => Call "Len"[] [] Self::Changed { .. } => Call "Changed"[] } []
}
/// The casts `Kv` handles.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum KvCast {
    /// Sent by [`KvSubject::put`].
    Put {
        /// The argument `key`.
        key: String,
        /// The argument `value`.
        value: u64,
    },
    #[cfg(feature = "backup")]
    /// Sent by [`KvSubject::save`].
    Save,
}
::ambit::written::show_messages! {
    [< >] KvCast, [] { [] Self::Put { ref key, ref value, } => Cast "Put"["key" key
    "value" value] [#[cfg(feature = "backup")]] Self::Save => Cast "Save"[] } []
}
::ambit::written::clone_messages! {
    [< >] KvCast, [where for < '__used > String : ::ambit::__private::Clone, for <
    '__used > u64 : ::ambit::__private::Clone,] { [] Put { key value } [#[cfg(feature =
    "backup")]] Save } []
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::Protocol for dyn Kv
where
    for<'__used> <ReplyTo<
        u64,
    > as ::ambit::__private::ReplyPort>::Value: ::ambit::written::Sent<
        dyn Kv,
        1572380221,
    >,
    ReplyTo<u64>: ::ambit::__private::ReplyPort,
{
    type Call = KvCall;
    type Cast = KvCast;
    type Subject = KvSubject;
    const NAME: &'static ::ambit::__private::core::primitive::str = "Kv";
}
/// The handle of a process of the protocol `Kv`.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct KvSubject(
    ::ambit::Subject<dyn Kv>,
)
where
    for<'__used> dyn Kv: ::ambit::Protocol;
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::impl_trait_in_params, clippy::same_name_method)]
impl KvSubject
where
    for<'__used> dyn Kv: ::ambit::Protocol<
        Call = KvCall,
        Cast = KvCast,
        Subject = KvSubject,
    >,
    for<'__used> ReplyTo<u64>: ::ambit::__private::ReplyPort,
    for<'__used> <ReplyTo<
        u64,
    > as ::ambit::__private::ReplyPort>::Value: ::ambit::written::Sent<
        dyn Kv,
        1572380221,
    >,
{
    /// What is kept under `key`.
    pub fn get(&self, key: String) -> ::ambit::Call<'_, dyn Kv, Option<u64>> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(&self.0, KvCall::Get { key, reply: __reply }, __asked)
    }
    /// Stands for `Kv::len`.
    pub fn len(&self) -> ::ambit::Call<'_, dyn Kv, usize> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::call_with_timeout(
            ::ambit::__private::ask(&self.0, KvCall::Len { reply: __reply }, __asked),
            Duration::from_secs(1),
        )
    }
    /// Answers at the next change.
    pub fn changed(
        &self,
    ) -> ::ambit::Call<
        '_,
        dyn Kv,
        <ReplyTo<u64> as ::ambit::__private::ReplyPort>::Value,
    > {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(
            &self.0,
            KvCall::Changed {
                reply: <ReplyTo<
                    u64,
                > as ::ambit::__private::ReplyPort>::from_reply(__reply),
            },
            __asked,
        )
    }
    /// Keeps `value` under `key`.
    pub fn put(&self, key: String, value: u64) -> ::ambit::Cast<'_, dyn Kv> {
        ::ambit::Subject::send(&self.0, KvCast::Put { key, value })
    }
    #[cfg(feature = "backup")]
    /// Stands for `Kv::save`.
    #[deprecated = "the disk does it"]
    pub fn save(&self) -> ::ambit::Cast<'_, dyn Kv> {
        ::ambit::Subject::send(&self.0, KvCast::Save)
    }
    ::ambit::written::handle_functions! {
        [[] send[] reserve[] named[] with_timeout[] when_available] [pub] dyn Kv, KvCast
    }
    /// Refers to the process that the registry holds under the key when a message is sent.
    pub fn via<__T: ::ambit::Resolve<dyn Kv>>(
        __registry: &__T,
        __key: impl ::ambit::__private::Into<__T::Key>,
    ) -> Self {
        ::ambit::Subject::<dyn Kv>::via(__registry, __key)
    }
}
::ambit::written::handle! {
    [] KvSubject, [where for < '__used > dyn Kv : ::ambit::Protocol,] [] __T :
    ::ambit::Subject < dyn Kv > => ::ambit::Process;
}
#[automatically_derived]
#[allow(deprecated)]
impl ::ambit::Message for KvSubject
where
    for<'__used> dyn Kv: ::ambit::Protocol,
    for<'__used> KvSubject: ::ambit::__private::Payload,
{}
::ambit::written::handle_encoding! {
    [< >] KvSubject, [where for < '__used > dyn Kv : ::ambit::Protocol,] __T : dyn Kv;
}
#[allow(unreachable_patterns)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::__private::MethodName for KvCall {
    fn method_name(&self) -> &'static ::ambit::__private::core::primitive::str {
        match *self {
            Self::Get { .. } => "get",
            Self::Len { .. } => "len",
            Self::Changed { .. } => "changed",
            _ => "",
        }
    }
}
#[allow(unreachable_patterns)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::__private::MethodName for KvCast {
    fn method_name(&self) -> &'static ::ambit::__private::core::primitive::str {
        match *self {
            Self::Put { .. } => "put",
            #[cfg(feature = "backup")]
            Self::Save { .. } => "save",
            _ => "",
        }
    }
}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `#[call] fn get(..)` of the protocol `Kv`",
    label = "method `get` is missing, or has a different number of arguments",
    note = "add `#[call] fn get(&mut self, key: String) -> Option<u64>` to its `#[gen_server]` block"
)]
pub trait KvHandlesGet {}
#[diagnostic::do_not_recommend]
impl<
    __S: ::ambit::__private::Handled<15339932239713171959u64, 1usize>
        + ?::ambit::__private::core::marker::Sized,
> KvHandlesGet for __S {}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `#[call] fn len()` of the protocol `Kv`",
    label = "missing method `len`",
    note = "add `#[call] fn len(&mut self) -> usize` to its `#[gen_server]` block"
)]
pub trait KvHandlesLen {}
#[diagnostic::do_not_recommend]
impl<
    __S: ::ambit::__private::Handled<1329241496134363980u64, 0usize>
        + ?::ambit::__private::core::marker::Sized,
> KvHandlesLen for __S {}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `#[call(deferred)] fn changed()` of the protocol `Kv`",
    label = "missing method `changed`",
    note = "add `#[call(deferred)] fn changed(&mut self, reply: ReplyTo<u64>)` to its `#[gen_server]` block"
)]
pub trait KvHandlesChanged {}
#[diagnostic::do_not_recommend]
impl<
    __S: ::ambit::__private::Handled<16084755168776974459u64, 0usize>
        + ?::ambit::__private::core::marker::Sized,
> KvHandlesChanged for __S {}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `#[cast] fn put(..)` of the protocol `Kv`",
    label = "method `put` is missing, or has a different number of arguments",
    note = "add `#[cast] fn put(&mut self, key: String, value: u64)` to its `#[gen_server]` block"
)]
pub trait KvHandlesPut {}
#[diagnostic::do_not_recommend]
impl<
    __S: ::ambit::__private::Handled<8643375363983527406u64, 2usize>
        + ?::ambit::__private::core::marker::Sized,
> KvHandlesPut for __S {}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `#[cast] fn save()` of the protocol `Kv`",
    label = "missing method `save`",
    note = "add `#[cast] fn save(&mut self)` to its `#[gen_server]` block"
)]
pub trait KvHandlesSave {}
#[cfg(feature = "backup")]
#[diagnostic::do_not_recommend]
impl<
    __S: ::ambit::__private::Handled<678458154258103336u64, 0usize>
        + ?::ambit::__private::core::marker::Sized,
> KvHandlesSave for __S {}
#[cfg(not(any(all(feature = "backup"))))]
impl<__S: ?::ambit::__private::core::marker::Sized> KvHandlesSave for __S {}
::ambit::__private::mock! {
    #[doc =
    " A mock server of `Kv` for tests: `MockKv::new().on_..(..).start()`.\n\n Clones share one mock."]
    #[allow(dead_code, deprecated, private_bounds, private_interfaces)]
    #[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
    #[allow(clippy::used_underscore_binding)] #[allow(clippy::type_complexity)] pub
    struct MockKv < > { get : ::ambit::__private::Programmed < dyn
    ::ambit::__private::core::marker::Send + ::ambit::__private::core::ops::FnMut(String)
    -> Option < u64 > >, len : ::ambit::__private::Programmed < dyn
    ::ambit::__private::core::marker::Send + ::ambit::__private::core::ops::FnMut() ->
    usize >, changed : ::ambit::__private::Programmed < dyn
    ::ambit::__private::core::marker::Send + ::ambit::__private::core::ops::FnMut(ReplyTo
    < u64 >) >, put : ::ambit::__private::Programmed < dyn
    ::ambit::__private::core::marker::Send + ::ambit::__private::core::ops::FnMut(String,
    u64) >, #[cfg(feature = "backup")] save : ::ambit::__private::Programmed < dyn
    ::ambit::__private::core::marker::Send + ::ambit::__private::core::ops::FnMut() >, }
    #[allow(dead_code, deprecated, private_bounds, private_interfaces)]
    #[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
    #[allow(clippy::used_underscore_binding)] impl < > MockKv { #[doc =
    r" A mock that answers nothing yet: a call ends it with a panic, a cast is counted."]
    #[must_use] pub fn new() -> Self { Self { get :
    ::ambit::__private::Programmed::new("MockKv", "get"), len :
    ::ambit::__private::Programmed::new("MockKv", "len"), changed :
    ::ambit::__private::Programmed::new("MockKv", "changed"), put :
    ::ambit::__private::Programmed::new("MockKv", "put"), #[cfg(feature = "backup")] save
    : ::ambit::__private::Programmed::new("MockKv", "save"), } } #[doc =
    " Sets what `get` returns from now on, and replaces the previous closure."]
    #[allow(clippy::impl_trait_in_params)] pub fn on_get(self, __closure : impl
    ::ambit::__private::core::marker::Send + 'static +
    ::ambit::__private::core::ops::FnMut(String) -> Option < u64 >) -> Self {
    ::ambit::__private::Programmed::program(& self.get,
    ::ambit::__private::std::boxed::Box::new(__closure)); self } #[doc =
    " Sets what `len` returns from now on, and replaces the previous closure."]
    #[allow(clippy::impl_trait_in_params)] pub fn on_len(self, __closure : impl
    ::ambit::__private::core::marker::Send + 'static +
    ::ambit::__private::core::ops::FnMut() -> usize) -> Self {
    ::ambit::__private::Programmed::program(& self.len,
    ::ambit::__private::std::boxed::Box::new(__closure)); self } #[doc =
    " Sets what `changed` does from now on, and replaces the previous closure."]
    #[allow(clippy::impl_trait_in_params)] pub fn on_changed(self, __closure : impl
    ::ambit::__private::core::marker::Send + 'static +
    ::ambit::__private::core::ops::FnMut(ReplyTo < u64 >)) -> Self {
    ::ambit::__private::Programmed::program(& self.changed,
    ::ambit::__private::std::boxed::Box::new(__closure)); self } #[doc =
    " Sets what `put` does from now on, and replaces the previous closure."]
    #[allow(clippy::impl_trait_in_params)] pub fn on_put(self, __closure : impl
    ::ambit::__private::core::marker::Send + 'static +
    ::ambit::__private::core::ops::FnMut(String, u64)) -> Self {
    ::ambit::__private::Programmed::program(& self.put,
    ::ambit::__private::std::boxed::Box::new(__closure)); self } #[cfg(feature =
    "backup")] #[doc =
    " Sets what `save` does from now on, and replaces the previous closure."]
    #[allow(clippy::impl_trait_in_params)] pub fn on_save(self, __closure : impl
    ::ambit::__private::core::marker::Send + 'static +
    ::ambit::__private::core::ops::FnMut()) -> Self {
    ::ambit::__private::Programmed::program(& self.save,
    ::ambit::__private::std::boxed::Box::new(__closure)); self } #[doc =
    r" How often each method was asked so far."] #[must_use] pub fn counts(& self) ->
    MockKvCounts { MockKvCounts { get : ::ambit::__private::Programmed::asked(& self
    .get), len : ::ambit::__private::Programmed::asked(& self.len), changed :
    ::ambit::__private::Programmed::asked(& self.changed), put :
    ::ambit::__private::Programmed::asked(& self.put), #[cfg(feature = "backup")] save :
    ::ambit::__private::Programmed::asked(& self.save), } } #[doc =
    r" Starts a server that runs the functions of this mock, including those set later."]
    pub fn start(& self) -> ::ambit::Start < Self > where for < '__used > Self :
    ::ambit::GenServer < Args = Self >, {
    ::ambit::__private::start(::ambit::__private::core::clone::Clone::clone(self)) }
    #[doc = r" The same under a supervisor."] pub fn child_spec(& self) ->
    ::ambit::ChildSpec < Self > where for < '__used > Self : ::ambit::GenServer < Args =
    Self >, { let __mock = ::ambit::__private::core::clone::Clone::clone(self);
    ::ambit::ChildSpec::from_fn(move || Self::start(& __mock)) } }
    #[automatically_derived] #[allow(deprecated, nonstandard_style,
    clippy::used_underscore_binding)] impl ::ambit::__private::core::clone::Clone for
    MockKv { fn clone(& self) -> Self { Self { get :
    ::ambit::__private::core::clone::Clone::clone(& self.get), len :
    ::ambit::__private::core::clone::Clone::clone(& self.len), changed :
    ::ambit::__private::core::clone::Clone::clone(& self.changed), put :
    ::ambit::__private::core::clone::Clone::clone(& self.put), #[cfg(feature = "backup")]
    save : ::ambit::__private::core::clone::Clone::clone(& self.save), } } }
    #[automatically_derived] #[allow(deprecated, nonstandard_style,
    clippy::used_underscore_binding)] impl ::ambit::__private::core::fmt::Debug for
    MockKv { fn fmt(& self, __formatter : & mut ::ambit::__private::core::fmt::Formatter
    < '_ >) -> ::ambit::__private::core::fmt::Result {
    ::ambit::__private::core::fmt::DebugStruct::finish(::ambit::__private::core::fmt::DebugStruct::field(&
    mut ::ambit::__private::core::fmt::Formatter::debug_struct(__formatter, "MockKv"),
    "counts", & Self::counts(self),)) } } #[automatically_derived] #[allow(deprecated,
    nonstandard_style, clippy::used_underscore_binding)] impl
    ::ambit::__private::core::default::Default for MockKv { fn default() -> Self {
    Self::new() } } #[doc = " How often each method of a `MockKv` was called."]
    #[allow(dead_code, deprecated, private_bounds, private_interfaces)]
    #[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
    #[allow(clippy::used_underscore_binding)] #[allow(clippy::exhaustive_structs)]
    #[derive(::ambit::__private::core::clone::Clone,
    ::ambit::__private::core::marker::Copy, ::ambit::__private::core::fmt::Debug,
    ::ambit::__private::core::default::Default, ::ambit::__private::core::cmp::PartialEq,
    ::ambit::__private::core::cmp::Eq,)] pub struct MockKvCounts { #[doc =
    " How often `get` was called."] pub get : ::ambit::__private::core::primitive::u64,
    #[doc = " How often `len` was called."] pub len :
    ::ambit::__private::core::primitive::u64, #[doc = " How often `changed` was called."]
    pub changed : ::ambit::__private::core::primitive::u64, #[doc =
    " How often `put` was called."] pub put : ::ambit::__private::core::primitive::u64,
    #[cfg(feature = "backup")] #[doc = " How often `save` was called."] pub save :
    ::ambit::__private::core::primitive::u64, } #[allow(deprecated, unreachable_code,
    unreachable_patterns)] #[automatically_derived] #[allow(deprecated,
    nonstandard_style, clippy::used_underscore_binding)] impl ::ambit::GenServer for
    MockKv where for < '__used > < ReplyTo < u64 > as ::ambit::__private::ReplyPort >
    ::Value : ::ambit::written::Sent < dyn Kv, 1572380221 >, ReplyTo < u64 > :
    ::ambit::__private::ReplyPort, { type Protocol = dyn Kv; type Args = Self; type Info
    = ::ambit::__private::core::convert::Infallible; type Continue =
    ::ambit::__private::core::convert::Infallible; const TERMINATES :
    ::ambit::__private::core::primitive::bool = false; async fn init(__args : Self, _ : &
    mut ::ambit::Context < Self >) -> ::ambit::__private::core::result::Result < Self,
    ::ambit::ExitReason > { ::ambit::__private::core::result::Result::Ok(__args) } fn
    handle_now(& mut self, __message : ::ambit::Incoming < Self >, __ctx : & mut
    ::ambit::Context < Self >,) -> ::ambit::__private::core::result::Result <
    ::ambit::Flow, ::ambit::Incoming < Self >> { match __message {
    ::ambit::Incoming::Call(KvCall::Get { key : arg_key, reply : __reply }) => { let
    __value = ::ambit::__private::Programmed::call(& self.get, | __run | __run(arg_key));
    ::ambit::__private::answer(__value, __reply, __ctx); }
    ::ambit::Incoming::Call(KvCall::Len { reply : __reply }) => { let __value =
    ::ambit::__private::Programmed::call(& self.len, | __run | __run());
    ::ambit::__private::answer(__value, __reply, __ctx); }
    ::ambit::Incoming::Call(KvCall::Changed { reply : __reply }) => {
    ::ambit::__private::Programmed::call(& self.changed, | __run | __run(__reply)); }
    ::ambit::Incoming::Cast(KvCast::Put { key : arg_key, value : arg_value, }) =>
    ::ambit::__private::Programmed::cast(& self.put, | __run | __run(arg_key,
    arg_value)), #[cfg(feature = "backup")] ::ambit::Incoming::Cast(KvCast::Save {}) =>
    ::ambit::__private::Programmed::cast(& self.save, | __run | __run()), __message =>
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
        use ::ambit::call as _;
        use ::ambit::call as _;
        use ::ambit::cast as _;
        use ::ambit::cast as _;
    };
};
