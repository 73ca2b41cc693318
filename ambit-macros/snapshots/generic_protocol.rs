use ambit::prelude::*;
/**

# How it is spoken

[`StoreSubject`] has a method for each call and cast. A server speaks it with `#[gen_server(protocol = Store)]`.*/
#[allow(dead_code, private_bounds)]
pub(crate) trait Store<K, V, const N: usize>: StoreHandlesFind + StoreHandlesClear
where
    V: Clone,
{}
/// The calls `Store` answers.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
#[allow(clippy::enum_variant_names)]
pub(crate) enum StoreCall<K, V, const N: usize>
where
    V: Clone,
{
    /// Stands for `Store::find`.
    Find { key: K, reply: ::ambit::ReplyTo<[V; N]> },
}
#[automatically_derived]
impl<K, V, const N: usize> ::ambit::__private::core::fmt::Debug for StoreCall<K, V, N>
where
    V: Clone,
{
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        use ::ambit::__private::{ShowDebug as _, ShowNothing as _};
        match *self {
            Self::Find { ref key, .. } => {
                __formatter
                    .debug_struct("Find")
                    .field("key", (&::ambit::__private::Shown(key)).shown())
                    .finish_non_exhaustive()
            }
        }
    }
}
/// The casts `Store` takes.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
#[allow(clippy::enum_variant_names)]
pub(crate) enum StoreCast<K, V, const N: usize>
where
    V: Clone,
{
    /// Stands for `Store::clear`.
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
#[automatically_derived]
impl<K, V, const N: usize> ::ambit::__private::core::fmt::Debug for StoreCast<K, V, N>
where
    V: Clone,
{
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        match *self {
            Self::Clear => __formatter.write_str("Clear"),
            Self::__Unused(ref never, _) => match *never {}
        }
    }
}
#[automatically_derived]
impl<K, V, const N: usize> ::ambit::__private::core::clone::Clone for StoreCast<K, V, N>
where
    V: Clone,
{
    fn clone(&self) -> Self {
        match *self {
            Self::Clear => Self::Clear,
            Self::__Unused(ref never, _) => match *never {}
        }
    }
}
#[automatically_derived]
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
    const NAME: &'static str = "Store";
}
/// The handle of a process that speaks `Store`.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
pub(crate) struct StoreSubject<K, V, const N: usize>(
    ::ambit::Subject<dyn Store<K, V, N>>,
)
where
    V: Clone,
    for<'__used> dyn Store<K, V, N>: ::ambit::Protocol;
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
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
        ::ambit::Subject::call(&self.0, |reply| StoreCall::Find { key, reply })
    }
    /// Stands for `Store::clear`.
    pub(crate) fn clear(&self) -> ::ambit::Cast<'_, dyn Store<K, V, N>> {
        ::ambit::Subject::send(&self.0, StoreCast::Clear)
    }
    /// Sends a cast that is at hand as a value.
    pub(crate) fn send(
        &self,
        cast: StoreCast<K, V, N>,
    ) -> ::ambit::Cast<'_, dyn Store<K, V, N>> {
        ::ambit::Subject::send(&self.0, cast)
    }
    /// Waits for room in the mailbox, and keeps it for one message.
    pub(crate) fn reserve(&self) -> ::ambit::Reserve<'_, dyn Store<K, V, N>> {
        ::ambit::Subject::reserve(&self.0)
    }
    /// Refers to whoever holds the name when a message is sent.
    pub(crate) fn named(name: &str) -> Self {
        ::ambit::Subject::<dyn Store<K, V, N>>::named(name)
    }
    /// Refers to whoever the registry holds under the key when a message is sent.
    pub(crate) fn via<__T: ::ambit::Resolve<dyn Store<K, V, N>>>(
        registry: &__T,
        key: impl ::ambit::__private::core::convert::Into<__T::Key>,
    ) -> Self {
        ::ambit::Subject::<dyn Store<K, V, N>>::via(registry, key)
    }
    /// Gives a handle whose calls and casts wait as long as this.
    pub(crate) fn with_timeout(
        &self,
        timeout: ::ambit::__private::core::time::Duration,
    ) -> Self {
        ::ambit::Subject::with_timeout(&self.0, timeout)
    }
    /// Gives a handle whose calls and casts wait, inside their deadline, for a holder of
    /// its name, instead of failing with `NoProcess`.
    pub(crate) fn patiently(&self) -> Self {
        ::ambit::Subject::patiently(&self.0)
    }
}
#[automatically_derived]
impl<K, V, const N: usize> ::ambit::__private::core::clone::Clone
for StoreSubject<K, V, N>
where
    V: Clone,
    for<'__used> dyn Store<K, V, N>: ::ambit::Protocol,
{
    fn clone(&self) -> Self {
        Self(::ambit::__private::core::clone::Clone::clone(&self.0))
    }
}
#[automatically_derived]
impl<K, V, const N: usize> ::ambit::__private::core::fmt::Debug for StoreSubject<K, V, N>
where
    V: Clone,
    for<'__used> dyn Store<K, V, N>: ::ambit::Protocol,
{
    fn fmt(
        &self,
        formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        ::ambit::__private::core::fmt::Debug::fmt(&self.0, formatter)
    }
}
#[automatically_derived]
impl<K, V, const N: usize> ::ambit::__private::core::cmp::PartialEq
for StoreSubject<K, V, N>
where
    V: Clone,
    for<'__used> dyn Store<K, V, N>: ::ambit::Protocol,
{
    fn eq(&self, other: &Self) -> bool {
        ::ambit::__private::core::cmp::PartialEq::eq(&self.0, &other.0)
    }
}
#[automatically_derived]
impl<K, V, const N: usize> ::ambit::__private::core::cmp::Eq for StoreSubject<K, V, N>
where
    V: Clone,
    for<'__used> dyn Store<K, V, N>: ::ambit::Protocol,
{}
#[automatically_derived]
impl<K, V, const N: usize> ::ambit::__private::core::hash::Hash for StoreSubject<K, V, N>
where
    V: Clone,
    for<'__used> dyn Store<K, V, N>: ::ambit::Protocol,
{
    fn hash<__T: ::ambit::__private::core::hash::Hasher>(&self, state: &mut __T) {
        ::ambit::__private::core::hash::Hash::hash(&self.0, state);
    }
}
#[automatically_derived]
impl<K, V, const N: usize> ::ambit::__private::core::ops::Deref for StoreSubject<K, V, N>
where
    V: Clone,
    for<'__used> dyn Store<K, V, N>: ::ambit::Protocol,
{
    type Target = ::ambit::Process;
    fn deref(&self) -> &Self::Target {
        ::ambit::__private::core::ops::Deref::deref(&self.0)
    }
}
#[automatically_derived]
impl<
    K,
    V,
    const N: usize,
> ::ambit::__private::core::convert::AsRef<::ambit::Subject<dyn Store<K, V, N>>>
for StoreSubject<K, V, N>
where
    V: Clone,
    for<'__used> dyn Store<K, V, N>: ::ambit::Protocol,
{
    fn as_ref(&self) -> &::ambit::Subject<dyn Store<K, V, N>> {
        &self.0
    }
}
#[automatically_derived]
impl<
    K,
    V,
    const N: usize,
> ::ambit::__private::core::convert::From<::ambit::Subject<dyn Store<K, V, N>>>
for StoreSubject<K, V, N>
where
    V: Clone,
    for<'__used> dyn Store<K, V, N>: ::ambit::Protocol,
{
    fn from(subject: ::ambit::Subject<dyn Store<K, V, N>>) -> Self {
        Self(subject)
    }
}
#[automatically_derived]
impl<K, V, const N: usize> ::ambit::__private::core::convert::From<StoreSubject<K, V, N>>
for ::ambit::Subject<dyn Store<K, V, N>>
where
    V: Clone,
    for<'__used> dyn Store<K, V, N>: ::ambit::Protocol,
{
    fn from(handle: StoreSubject<K, V, N>) -> Self {
        handle.0
    }
}
#[automatically_derived]
impl<K, V, const N: usize> ::ambit::Target for StoreSubject<K, V, N>
where
    V: Clone,
    for<'__used> dyn Store<K, V, N>: ::ambit::Protocol,
{
    fn __resolve(&self) -> ::ambit::__private::Resolved {
        ::ambit::__private::resolve_target(&self.0)
    }
}
#[allow(unreachable_patterns)]
#[automatically_derived]
impl<K, V, const N: usize> ::ambit::__private::MethodName for StoreCall<K, V, N>
where
    V: Clone,
{
    fn method_name(&self) -> &'static str {
        match *self {
            Self::Find { .. } => "find",
            _ => "",
        }
    }
}
#[allow(unreachable_patterns)]
#[automatically_derived]
impl<K, V, const N: usize> ::ambit::__private::MethodName for StoreCast<K, V, N>
where
    V: Clone,
{
    fn method_name(&self) -> &'static str {
        match *self {
            Self::Clear { .. } => "clear",
            _ => "",
        }
    }
}
#[doc(hidden)]
#[allow(dead_code)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `#[call] fn find(..)` of the protocol `Store`",
    label = "lacks `find`, or an argument of it",
    note = "add `#[call] fn find(&mut self, key: K) -> [V; N]` to its `#[gen_server]` block"
)]
pub(crate) trait StoreHandlesFind {}
#[diagnostic::do_not_recommend]
impl<
    __S: ::ambit::__private::Handled<12310348208284936474u64, 1usize>
        + ?::ambit::__private::core::marker::Sized,
> StoreHandlesFind for __S {}
#[doc(hidden)]
#[allow(dead_code)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle `#[cast] fn clear()` of the protocol `Store`",
    label = "lacks `clear`",
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
    " A server for tests that speaks `Store` as the test says: `MockStore::new().on_..(..).start()`.\n\n Clones are the same mock."]
    #[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
    #[allow(nonstandard_style)] #[allow(clippy::type_complexity)] pub (crate) struct
    MockStore < K, V, const N : usize > where V : Clone, { find :
    ::ambit::__private::Programmed < dyn ::ambit::__private::core::marker::Send +
    ::ambit::__private::core::ops::FnMut(K) -> [V; N] >, clear :
    ::ambit::__private::Programmed < dyn ::ambit::__private::core::marker::Send +
    ::ambit::__private::core::ops::FnMut() >, } #[allow(dead_code, deprecated,
    missing_docs, private_bounds, private_interfaces)] #[allow(nonstandard_style)] impl <
    K, V, const N : usize > MockStore < K, V, N > where V : Clone, { #[doc =
    r" A mock that answers nothing yet: a call ends it with a panic, a cast is counted."]
    #[must_use] pub (crate) fn new() -> Self { Self { find :
    ::ambit::__private::Programmed::new("MockStore", "find"), clear :
    ::ambit::__private::Programmed::new("MockStore", "clear"), } } #[doc =
    " Says what `find` answers from now on, instead of what was said before."] pub
    (crate) fn on_find(self, closure : impl ::ambit::__private::core::marker::Send +
    'static + ::ambit::__private::core::ops::FnMut(K) -> [V; N]) -> Self { self.find
    .program(::ambit::__private::std::boxed::Box::new(closure)); self } #[doc =
    " Says what `clear` does from now on, instead of what was said before."] pub (crate)
    fn on_clear(self, closure : impl ::ambit::__private::core::marker::Send + 'static +
    ::ambit::__private::core::ops::FnMut()) -> Self { self.clear
    .program(::ambit::__private::std::boxed::Box::new(closure)); self } #[doc =
    r" How often each method was asked so far."] #[must_use] pub (crate) fn counts(&
    self) -> MockStoreCounts { MockStoreCounts { find : self.find.asked(), clear : self
    .clear.asked(), } } #[doc =
    r" Starts a server that does what this mock has been told, and will be."] pub (crate)
    fn start(& self) -> ::ambit::Start < Self > where for < '__used > Self :
    ::ambit::GenServer < Args = Self > {
    ::ambit::__private::start(::ambit::__private::core::clone::Clone::clone(self)) }
    #[doc = r" The same under a supervisor."] pub (crate) fn child_spec(& self) ->
    ::ambit::ChildSpec < Self > where for < '__used > Self : ::ambit::GenServer < Args =
    Self > { let __mock = ::ambit::__private::core::clone::Clone::clone(self);
    ::ambit::ChildSpec::from_fn(move || __mock.start()) } } #[automatically_derived] impl
    < K, V, const N : usize > ::ambit::__private::core::clone::Clone for MockStore < K,
    V, N > where V : Clone, { fn clone(& self) -> Self { Self { find :
    ::ambit::__private::core::clone::Clone::clone(& self.find), clear :
    ::ambit::__private::core::clone::Clone::clone(& self.clear), } } }
    #[automatically_derived] impl < K, V, const N : usize >
    ::ambit::__private::core::fmt::Debug for MockStore < K, V, N > where V : Clone, { fn
    fmt(& self, formatter : & mut ::ambit::__private::core::fmt::Formatter < '_ >) ->
    ::ambit::__private::core::fmt::Result { formatter.debug_struct("MockStore")
    .field("counts", & self.counts()).finish() } } #[automatically_derived] impl < K, V,
    const N : usize > ::ambit::__private::core::default::Default for MockStore < K, V, N
    > where V : Clone, { fn default() -> Self { Self::new() } } #[doc =
    " How often each method of a `MockStore` was asked."] #[allow(dead_code, deprecated,
    missing_docs, private_bounds, private_interfaces)] #[allow(nonstandard_style)]
    #[derive(::ambit::__private::core::clone::Clone,
    ::ambit::__private::core::marker::Copy, ::ambit::__private::core::fmt::Debug,
    ::ambit::__private::core::default::Default, ::ambit::__private::core::cmp::PartialEq,
    ::ambit::__private::core::cmp::Eq,)] pub (crate) struct MockStoreCounts { #[doc =
    " How often `find` was asked."] pub (crate) find : u64, #[doc =
    " How often `clear` was asked."] pub (crate) clear : u64, } #[allow(deprecated,
    unreachable_code, unreachable_patterns)] #[automatically_derived] impl < K, V, const
    N : usize > ::ambit::GenServer for MockStore < K, V, N > where V : Clone, K :
    ::ambit::__private::Payload, V : ::ambit::__private::Payload, [V; N] :
    ::ambit::__private::Payload, { type Protocol = dyn Store < K, V, N >; type Args =
    Self; type Info = ::ambit::__private::core::convert::Infallible; type Continue =
    ::ambit::__private::core::convert::Infallible; const TERMINATES : bool = false; async
    fn init(__args : Self, _ : & mut ::ambit::Context < Self >) ->
    ::ambit::__private::core::result::Result < Self, ::ambit::ExitReason > {
    ::ambit::__private::core::result::Result::Ok(__args) } fn handle_now(& mut self,
    __message : ::ambit::Incoming < Self >, __ctx : & mut ::ambit::Context < Self >,) ->
    ::ambit::__private::core::result::Result < ::ambit::Flow, ::ambit::Incoming < Self >>
    { match __message { ::ambit::Incoming::Call(StoreCall::Find { key, reply }) => { let
    __value = self.find.call(| __run | __run(key)); ::ambit::__private::answer(__ctx,
    reply, __value); } ::ambit::Incoming::Cast(StoreCast::Clear {}) => self.clear.cast(|
    __run | __run()), __message => return
    ::ambit::__private::core::result::Result::Err(__message), }
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
    use ::ambit::cast as _;
};
