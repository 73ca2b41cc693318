use std::time::Duration;
use ambit::prelude::*;
/// Keys and values.
/**

# How it is spoken

[`KvSubject`] has a method for each call and cast. A server speaks it with `#[gen_server(protocol = Kv)]`.*/
#[allow(dead_code, private_bounds)]
pub trait Kv: KvHandlesGet + KvHandlesLen + KvHandlesChanged + KvHandlesPut + KvHandlesSave {}
/// The calls `Kv` answers.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
#[allow(clippy::enum_variant_names)]
pub enum KvCall {
    /// What is kept under `key`.
    Get { key: String, reply: ::ambit::ReplyTo<Option<u64>> },
    /// Stands for `Kv::len`.
    Len { reply: ::ambit::ReplyTo<usize> },
    /// Answers at the next change.
    Changed { reply: ReplyTo<u64> },
}
#[automatically_derived]
impl ::ambit::__private::core::fmt::Debug for KvCall {
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
            Self::Len { .. } => __formatter.debug_struct("Len").finish_non_exhaustive(),
            Self::Changed { .. } => {
                __formatter.debug_struct("Changed").finish_non_exhaustive()
            }
        }
    }
}
/// The casts `Kv` takes.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
#[allow(clippy::enum_variant_names)]
pub enum KvCast {
    /// Keeps `value` under `key`.
    Put { key: String, value: u64 },
    #[cfg(feature = "backup")]
    /// Stands for `Kv::save`.
    Save,
}
#[automatically_derived]
impl ::ambit::__private::core::fmt::Debug for KvCast {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        use ::ambit::__private::{ShowDebug as _, ShowNothing as _};
        match *self {
            Self::Put { ref key, ref value } => {
                __formatter
                    .debug_struct("Put")
                    .field("key", (&::ambit::__private::Shown(key)).shown())
                    .field("value", (&::ambit::__private::Shown(value)).shown())
                    .finish()
            }
            #[cfg(feature = "backup")]
            Self::Save => __formatter.write_str("Save"),
        }
    }
}
#[automatically_derived]
impl ::ambit::__private::core::clone::Clone for KvCast
where
    for<'__used> String: ::ambit::__private::core::clone::Clone,
    for<'__used> u64: ::ambit::__private::core::clone::Clone,
{
    fn clone(&self) -> Self {
        match *self {
            Self::Put { ref key, ref value } => {
                Self::Put {
                    key: ::ambit::__private::core::clone::Clone::clone(key),
                    value: ::ambit::__private::core::clone::Clone::clone(value),
                }
            }
            #[cfg(feature = "backup")]
            Self::Save => Self::Save,
        }
    }
}
#[automatically_derived]
impl ::ambit::Protocol for dyn Kv
where
    String: ::ambit::__private::Payload,
    Option<u64>: ::ambit::__private::Payload,
    usize: ::ambit::__private::Payload,
    ReplyTo<u64>: ::ambit::__private::Payload,
    ReplyTo<u64>: ::ambit::__private::ReplyPort,
    u64: ::ambit::__private::Payload,
{
    type Call = KvCall;
    type Cast = KvCast;
    type Subject = KvSubject;
    const NAME: &'static str = "Kv";
}
/// The handle of a process that speaks `Kv`.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
pub struct KvSubject(
    ::ambit::Subject<dyn Kv>,
)
where
    for<'__used> dyn Kv: ::ambit::Protocol;
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
impl KvSubject
where
    for<'__used> dyn Kv: ::ambit::Protocol<
        Call = KvCall,
        Cast = KvCast,
        Subject = KvSubject,
    >,
    for<'__used> Option<u64>: ::ambit::__private::Payload,
    for<'__used> usize: ::ambit::__private::Payload,
    for<'__used> ReplyTo<u64>: ::ambit::__private::ReplyPort,
    for<'__used> <ReplyTo<
        u64,
    > as ::ambit::__private::ReplyPort>::Value: ::ambit::__private::Payload,
{
    /// What is kept under `key`.
    pub fn get(&self, key: String) -> ::ambit::Call<'_, dyn Kv, Option<u64>> {
        ::ambit::Subject::call(&self.0, |reply| KvCall::Get { key, reply })
    }
    /// Stands for `Kv::len`.
    pub fn len(&self) -> ::ambit::Call<'_, dyn Kv, usize> {
        ::ambit::__private::call_with_timeout(
            ::ambit::Subject::call(&self.0, |reply| KvCall::Len { reply }),
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
        ::ambit::Subject::call(
            &self.0,
            |reply| KvCall::Changed {
                reply: <ReplyTo<u64> as ::ambit::__private::ReplyPort>::from_reply(reply),
            },
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
    /// Sends a cast that is at hand as a value.
    pub fn send(&self, cast: KvCast) -> ::ambit::Cast<'_, dyn Kv> {
        ::ambit::Subject::send(&self.0, cast)
    }
    /// Waits for room in the mailbox, and keeps it for one message.
    pub fn reserve(&self) -> ::ambit::Reserve<'_, dyn Kv> {
        ::ambit::Subject::reserve(&self.0)
    }
    /// Refers to whoever holds the name when a message is sent.
    pub fn named(name: &str) -> Self {
        ::ambit::Subject::<dyn Kv>::named(name)
    }
    /// Refers to whoever the registry holds under the key when a message is sent.
    pub fn via<__T: ::ambit::Resolve<dyn Kv>>(
        registry: &__T,
        key: impl ::ambit::__private::core::convert::Into<__T::Key>,
    ) -> Self {
        ::ambit::Subject::<dyn Kv>::via(registry, key)
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
impl ::ambit::__private::core::clone::Clone for KvSubject
where
    for<'__used> dyn Kv: ::ambit::Protocol,
{
    fn clone(&self) -> Self {
        Self(::ambit::__private::core::clone::Clone::clone(&self.0))
    }
}
#[automatically_derived]
impl ::ambit::__private::core::fmt::Debug for KvSubject
where
    for<'__used> dyn Kv: ::ambit::Protocol,
{
    fn fmt(
        &self,
        formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        ::ambit::__private::core::fmt::Debug::fmt(&self.0, formatter)
    }
}
#[automatically_derived]
impl ::ambit::__private::core::cmp::PartialEq for KvSubject
where
    for<'__used> dyn Kv: ::ambit::Protocol,
{
    fn eq(&self, other: &Self) -> bool {
        ::ambit::__private::core::cmp::PartialEq::eq(&self.0, &other.0)
    }
}
#[automatically_derived]
impl ::ambit::__private::core::cmp::Eq for KvSubject
where
    for<'__used> dyn Kv: ::ambit::Protocol,
{}
#[automatically_derived]
impl ::ambit::__private::core::hash::Hash for KvSubject
where
    for<'__used> dyn Kv: ::ambit::Protocol,
{
    fn hash<__T: ::ambit::__private::core::hash::Hasher>(&self, state: &mut __T) {
        ::ambit::__private::core::hash::Hash::hash(&self.0, state);
    }
}
#[automatically_derived]
impl ::ambit::__private::core::ops::Deref for KvSubject
where
    for<'__used> dyn Kv: ::ambit::Protocol,
{
    type Target = ::ambit::Process;
    fn deref(&self) -> &Self::Target {
        ::ambit::__private::core::ops::Deref::deref(&self.0)
    }
}
#[automatically_derived]
impl ::ambit::__private::core::convert::AsRef<::ambit::Subject<dyn Kv>> for KvSubject
where
    for<'__used> dyn Kv: ::ambit::Protocol,
{
    fn as_ref(&self) -> &::ambit::Subject<dyn Kv> {
        &self.0
    }
}
#[automatically_derived]
impl ::ambit::__private::core::convert::From<::ambit::Subject<dyn Kv>> for KvSubject
where
    for<'__used> dyn Kv: ::ambit::Protocol,
{
    fn from(subject: ::ambit::Subject<dyn Kv>) -> Self {
        Self(subject)
    }
}
#[automatically_derived]
impl ::ambit::__private::core::convert::From<KvSubject> for ::ambit::Subject<dyn Kv>
where
    for<'__used> dyn Kv: ::ambit::Protocol,
{
    fn from(handle: KvSubject) -> Self {
        handle.0
    }
}
#[automatically_derived]
impl ::ambit::Target for KvSubject
where
    for<'__used> dyn Kv: ::ambit::Protocol,
{
    fn __resolve(&self) -> ::ambit::__private::Resolved {
        ::ambit::__private::resolve_target(&self.0)
    }
}
#[allow(unreachable_patterns)]
#[automatically_derived]
impl ::ambit::__private::MethodName for KvCall {
    fn method_name(&self) -> &'static str {
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
impl ::ambit::__private::MethodName for KvCast {
    fn method_name(&self) -> &'static str {
        match *self {
            Self::Put { .. } => "put",
            #[cfg(feature = "backup")]
            Self::Save { .. } => "save",
            _ => "",
        }
    }
}
#[doc(hidden)]
#[allow(dead_code)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `#[call] fn get(..)` of the protocol `Kv`",
    label = "lacks `get`, or an argument of it",
    note = "add `#[call] fn get(&mut self, key: String) -> Option<u64>` to its `#[gen_server]` block"
)]
pub trait KvHandlesGet {}
#[diagnostic::do_not_recommend]
impl<
    __S: ::ambit::__private::Handled<15339932239713171959u64, 1usize>
        + ?::ambit::__private::core::marker::Sized,
> KvHandlesGet for __S {}
#[doc(hidden)]
#[allow(dead_code)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `#[call] fn len()` of the protocol `Kv`",
    label = "lacks `len`",
    note = "add `#[call] fn len(&mut self) -> usize` to its `#[gen_server]` block"
)]
pub trait KvHandlesLen {}
#[diagnostic::do_not_recommend]
impl<
    __S: ::ambit::__private::Handled<1329241496134363980u64, 0usize>
        + ?::ambit::__private::core::marker::Sized,
> KvHandlesLen for __S {}
#[doc(hidden)]
#[allow(dead_code)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `#[call(deferred)] fn changed()` of the protocol `Kv`",
    label = "lacks `changed`",
    note = "add `#[call(deferred)] fn changed(&mut self, reply: ReplyTo<u64>)` to its `#[gen_server]` block"
)]
pub trait KvHandlesChanged {}
#[diagnostic::do_not_recommend]
impl<
    __S: ::ambit::__private::Handled<16084755168776974459u64, 0usize>
        + ?::ambit::__private::core::marker::Sized,
> KvHandlesChanged for __S {}
#[doc(hidden)]
#[allow(dead_code)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `#[cast] fn put(..)` of the protocol `Kv`",
    label = "lacks `put`, or an argument of it",
    note = "add `#[cast] fn put(&mut self, key: String, value: u64)` to its `#[gen_server]` block"
)]
pub trait KvHandlesPut {}
#[diagnostic::do_not_recommend]
impl<
    __S: ::ambit::__private::Handled<8643375363983527406u64, 2usize>
        + ?::ambit::__private::core::marker::Sized,
> KvHandlesPut for __S {}
#[doc(hidden)]
#[allow(dead_code)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `#[cast] fn save()` of the protocol `Kv`",
    label = "lacks `save`",
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
    " A server for tests that speaks `Kv` as the test says: `MockKv::new().on_..(..).start()`.\n\n Clones are the same mock."]
    #[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
    #[allow(nonstandard_style)] #[allow(clippy::type_complexity)] pub struct MockKv { get
    : ::ambit::__private::Programmed < dyn ::ambit::__private::core::marker::Send +
    ::ambit::__private::core::ops::FnMut(String) -> Option < u64 > >, len :
    ::ambit::__private::Programmed < dyn ::ambit::__private::core::marker::Send +
    ::ambit::__private::core::ops::FnMut() -> usize >, changed :
    ::ambit::__private::Programmed < dyn ::ambit::__private::core::marker::Send +
    ::ambit::__private::core::ops::FnMut(ReplyTo < u64 >) >, put :
    ::ambit::__private::Programmed < dyn ::ambit::__private::core::marker::Send +
    ::ambit::__private::core::ops::FnMut(String, u64) >, #[cfg(feature = "backup")] save
    : ::ambit::__private::Programmed < dyn ::ambit::__private::core::marker::Send +
    ::ambit::__private::core::ops::FnMut() >, } #[allow(dead_code, deprecated,
    missing_docs, private_bounds, private_interfaces)] #[allow(nonstandard_style)] impl
    MockKv { #[doc =
    r" A mock that answers nothing yet: a call ends it with a panic, a cast is counted."]
    #[must_use] pub fn new() -> Self { Self { get :
    ::ambit::__private::Programmed::new("MockKv", "get"), len :
    ::ambit::__private::Programmed::new("MockKv", "len"), changed :
    ::ambit::__private::Programmed::new("MockKv", "changed"), put :
    ::ambit::__private::Programmed::new("MockKv", "put"), #[cfg(feature = "backup")] save
    : ::ambit::__private::Programmed::new("MockKv", "save"), } } #[doc =
    " Says what `get` answers from now on, instead of what was said before."] pub fn
    on_get(self, closure : impl ::ambit::__private::core::marker::Send + 'static +
    ::ambit::__private::core::ops::FnMut(String) -> Option < u64 >) -> Self { self.get
    .program(::ambit::__private::std::boxed::Box::new(closure)); self } #[doc =
    " Says what `len` answers from now on, instead of what was said before."] pub fn
    on_len(self, closure : impl ::ambit::__private::core::marker::Send + 'static +
    ::ambit::__private::core::ops::FnMut() -> usize) -> Self { self.len
    .program(::ambit::__private::std::boxed::Box::new(closure)); self } #[doc =
    " Says what `changed` does from now on, instead of what was said before."] pub fn
    on_changed(self, closure : impl ::ambit::__private::core::marker::Send + 'static +
    ::ambit::__private::core::ops::FnMut(ReplyTo < u64 >)) -> Self { self.changed
    .program(::ambit::__private::std::boxed::Box::new(closure)); self } #[doc =
    " Says what `put` does from now on, instead of what was said before."] pub fn
    on_put(self, closure : impl ::ambit::__private::core::marker::Send + 'static +
    ::ambit::__private::core::ops::FnMut(String, u64)) -> Self { self.put
    .program(::ambit::__private::std::boxed::Box::new(closure)); self } #[cfg(feature =
    "backup")] #[doc =
    " Says what `save` does from now on, instead of what was said before."] pub fn
    on_save(self, closure : impl ::ambit::__private::core::marker::Send + 'static +
    ::ambit::__private::core::ops::FnMut()) -> Self { self.save
    .program(::ambit::__private::std::boxed::Box::new(closure)); self } #[doc =
    r" How often each method was asked so far."] #[must_use] pub fn counts(& self) ->
    MockKvCounts { MockKvCounts { get : self.get.asked(), len : self.len.asked(), changed
    : self.changed.asked(), put : self.put.asked(), #[cfg(feature = "backup")] save :
    self.save.asked(), } } #[doc =
    r" Starts a server that does what this mock has been told, and will be."] pub fn
    start(& self) -> ::ambit::Start < Self > where for < '__used > Self :
    ::ambit::GenServer < Args = Self > {
    ::ambit::__private::start(::ambit::__private::core::clone::Clone::clone(self)) }
    #[doc = r" The same under a supervisor."] pub fn child_spec(& self) ->
    ::ambit::ChildSpec < Self > where for < '__used > Self : ::ambit::GenServer < Args =
    Self > { let __mock = ::ambit::__private::core::clone::Clone::clone(self);
    ::ambit::ChildSpec::from_fn(move || __mock.start()) } } #[automatically_derived] impl
    ::ambit::__private::core::clone::Clone for MockKv { fn clone(& self) -> Self { Self {
    get : ::ambit::__private::core::clone::Clone::clone(& self.get), len :
    ::ambit::__private::core::clone::Clone::clone(& self.len), changed :
    ::ambit::__private::core::clone::Clone::clone(& self.changed), put :
    ::ambit::__private::core::clone::Clone::clone(& self.put), #[cfg(feature = "backup")]
    save : ::ambit::__private::core::clone::Clone::clone(& self.save), } } }
    #[automatically_derived] impl ::ambit::__private::core::fmt::Debug for MockKv { fn
    fmt(& self, formatter : & mut ::ambit::__private::core::fmt::Formatter < '_ >) ->
    ::ambit::__private::core::fmt::Result { formatter.debug_struct("MockKv")
    .field("counts", & self.counts()).finish() } } #[automatically_derived] impl
    ::ambit::__private::core::default::Default for MockKv { fn default() -> Self {
    Self::new() } } #[doc = " How often each method of a `MockKv` was asked."]
    #[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
    #[allow(nonstandard_style)] #[derive(::ambit::__private::core::clone::Clone,
    ::ambit::__private::core::marker::Copy, ::ambit::__private::core::fmt::Debug,
    ::ambit::__private::core::default::Default, ::ambit::__private::core::cmp::PartialEq,
    ::ambit::__private::core::cmp::Eq,)] pub struct MockKvCounts { #[doc =
    " How often `get` was asked."] pub get : u64, #[doc = " How often `len` was asked."]
    pub len : u64, #[doc = " How often `changed` was asked."] pub changed : u64, #[doc =
    " How often `put` was asked."] pub put : u64, #[cfg(feature = "backup")] #[doc =
    " How often `save` was asked."] pub save : u64, } #[allow(deprecated,
    unreachable_code, unreachable_patterns)] #[automatically_derived] impl
    ::ambit::GenServer for MockKv where String : ::ambit::__private::Payload, Option <
    u64 > : ::ambit::__private::Payload, usize : ::ambit::__private::Payload, ReplyTo <
    u64 > : ::ambit::__private::Payload, ReplyTo < u64 > : ::ambit::__private::ReplyPort,
    u64 : ::ambit::__private::Payload, { type Protocol = dyn Kv; type Args = Self; type
    Info = ::ambit::__private::core::convert::Infallible; type Continue =
    ::ambit::__private::core::convert::Infallible; const TERMINATES : bool = false; async
    fn init(__args : Self, _ : & mut ::ambit::Context < Self >) ->
    ::ambit::__private::core::result::Result < Self, ::ambit::ExitReason > {
    ::ambit::__private::core::result::Result::Ok(__args) } fn handle_now(& mut self,
    __message : ::ambit::Incoming < Self >, __ctx : & mut ::ambit::Context < Self >,) ->
    ::ambit::__private::core::result::Result < ::ambit::Flow, ::ambit::Incoming < Self >>
    { match __message { ::ambit::Incoming::Call(KvCall::Get { key, reply }) => { let
    __value = self.get.call(| __run | __run(key)); ::ambit::__private::answer(__ctx,
    reply, __value); } ::ambit::Incoming::Call(KvCall::Len { reply }) => { let __value =
    self.len.call(| __run | __run()); ::ambit::__private::answer(__ctx, reply, __value);
    } ::ambit::Incoming::Call(KvCall::Changed { reply }) => { self.changed.call(| __run |
    __run(reply)); } ::ambit::Incoming::Cast(KvCast::Put { key, value }) => self.put
    .cast(| __run | __run(key, value)), #[cfg(feature = "backup")]
    ::ambit::Incoming::Cast(KvCast::Save {}) => self.save.cast(| __run | __run()),
    __message => return ::ambit::__private::core::result::Result::Err(__message), }
    ::ambit::__private::core::result::Result::Ok(::ambit::Flow::Continue) } fn
    method_of(__message : & ::ambit::Incoming < Self >) -> & 'static str { match
    __message { ::ambit::Incoming::Call(__message) =>
    ::ambit::__private::MethodName::method_name(__message),
    ::ambit::Incoming::Cast(__message) =>
    ::ambit::__private::MethodName::method_name(__message), _ => "", } } }
}
#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    use ::ambit::call as _;
    #[cfg(rust_analyzer)]
    use ::ambit::call as _;
    #[cfg(rust_analyzer)]
    use ::ambit::call as _;
    #[cfg(rust_analyzer)]
    use ::ambit::cast as _;
    #[cfg(rust_analyzer)]
    use ::ambit::cast as _;
};
