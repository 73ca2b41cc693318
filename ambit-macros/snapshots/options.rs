use ambit::prelude::*;
const ROOM: usize = 64;
struct Private {
    value: u64,
}
impl Private {
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn get(&self) -> u64 {
        self.value
    }
}
/// The calls `Private` answers.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub(crate) enum PrivateCall {
    /// Runs `Private::get`.
    Get { reply: ::ambit::ReplyTo<u64> },
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for PrivateCall {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        use ::ambit::__private::{ShowDebug as _, ShowNothing as _};
        match *self {
            Self::Get { .. } => __formatter.debug_struct("Get").finish_non_exhaustive(),
        }
    }
}
/// The casts `Private` takes.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub(crate) enum PrivateCast {}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for PrivateCast {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        match *self {}
    }
}
#[allow(clippy::trait_duplication_in_bounds)]
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::clone::Clone for PrivateCast {
    fn clone(&self) -> Self {
        match *self {}
    }
}
/// The infos `Private` handles.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub(crate) enum PrivateInfo {}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for PrivateInfo {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        match *self {}
    }
}
/// What `Private` can continue with.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub(crate) enum PrivateContinue {}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for PrivateContinue {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        match *self {}
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::Protocol for Private
where
    Private: ::ambit::__private::State,
    u64: ::ambit::__private::Payload,
{
    type Call = PrivateCall;
    type Cast = PrivateCast;
    type Subject = PrivateSubject;
    const NAME: &'static str = "Private";
}
/// The handle of a running `Private`.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub(crate) struct PrivateSubject(
    ::ambit::Subject<Private>,
)
where
    for<'__used> Private: ::ambit::Protocol;
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl PrivateSubject
where
    for<'__used> Private: ::ambit::Protocol<
        Call = PrivateCall,
        Cast = PrivateCast,
        Subject = PrivateSubject,
    >,
    for<'__used> u64: ::ambit::__private::Payload,
{
    /// Runs `Private::get`.
    fn get(&self) -> ::ambit::Call<'_, Private, u64> {
        ::ambit::Subject::call(&self.0, |reply| PrivateCall::Get { reply })
    }
    /// Sends a cast that is at hand as a value.
    pub(crate) fn send(&self, cast: PrivateCast) -> ::ambit::Cast<'_, Private> {
        ::ambit::Subject::send(&self.0, cast)
    }
    /// Waits for room in the mailbox, and keeps it for one message.
    pub(crate) fn reserve(&self) -> ::ambit::Reserve<'_, Private> {
        ::ambit::Subject::reserve(&self.0)
    }
    /// Narrows the handle to one type of info.
    pub(crate) fn recipient<__T>(&self) -> ::ambit::Recipient<__T>
    where
        for<'__used> Private: ::ambit::GenServer,
        __T: ::ambit::InfoOf<Private> + ::ambit::__private::Payload,
    {
        ::ambit::Subject::recipient(&self.0)
    }
    /// Refers to whoever holds the name when a message is sent.
    pub(crate) fn named(name: &str) -> Self {
        ::ambit::Subject::<Private>::named(name)
    }
    /// Refers to whoever the registry holds under the key when a message is sent.
    pub(crate) fn via<__T: ::ambit::Resolve<Private>>(
        registry: &__T,
        key: impl ::ambit::__private::core::convert::Into<__T::Key>,
    ) -> Self {
        ::ambit::Subject::<Private>::via(registry, key)
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
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::clone::Clone for PrivateSubject
where
    for<'__used> Private: ::ambit::Protocol,
{
    fn clone(&self) -> Self {
        Self(::ambit::__private::core::clone::Clone::clone(&self.0))
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for PrivateSubject
where
    for<'__used> Private: ::ambit::Protocol,
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
impl ::ambit::__private::core::cmp::PartialEq for PrivateSubject
where
    for<'__used> Private: ::ambit::Protocol,
{
    fn eq(&self, other: &Self) -> bool {
        ::ambit::__private::core::cmp::PartialEq::eq(&self.0, &other.0)
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::cmp::Eq for PrivateSubject
where
    for<'__used> Private: ::ambit::Protocol,
{}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::hash::Hash for PrivateSubject
where
    for<'__used> Private: ::ambit::Protocol,
{
    fn hash<__T: ::ambit::__private::core::hash::Hasher>(&self, state: &mut __T) {
        ::ambit::__private::core::hash::Hash::hash(&self.0, state);
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::ops::Deref for PrivateSubject
where
    for<'__used> Private: ::ambit::Protocol,
{
    type Target = ::ambit::Process;
    fn deref(&self) -> &Self::Target {
        ::ambit::__private::core::ops::Deref::deref(&self.0)
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::convert::AsRef<::ambit::Subject<Private>>
for PrivateSubject
where
    for<'__used> Private: ::ambit::Protocol,
{
    fn as_ref(&self) -> &::ambit::Subject<Private> {
        &self.0
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::convert::From<::ambit::Subject<Private>>
for PrivateSubject
where
    for<'__used> Private: ::ambit::Protocol,
{
    fn from(subject: ::ambit::Subject<Private>) -> Self {
        Self(subject)
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::convert::From<PrivateSubject>
for ::ambit::Subject<Private>
where
    for<'__used> Private: ::ambit::Protocol,
{
    fn from(handle: PrivateSubject) -> Self {
        handle.0
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::Target for PrivateSubject
where
    for<'__used> Private: ::ambit::Protocol,
{
    fn __resolve(&self) -> ::ambit::__private::Resolved {
        ::ambit::__private::resolve_target(&self.0)
    }
}
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl Private {
    /// Starts a server with this value as its state.
    pub(crate) fn start(self) -> ::ambit::Start<Self>
    where
        for<'__used> Self: ::ambit::GenServer<Args = Self>,
    {
        ::ambit::__private::start(self)
    }
    /// Says how to start it under a supervisor; `make` is called for each start.
    pub(crate) fn child_spec(
        make: impl ::ambit::__private::core::ops::Fn(
        ) -> Self + ::ambit::__private::core::marker::Send + ::ambit::__private::core::marker::Sync + 'static,
    ) -> ::ambit::ChildSpec<Self>
    where
        for<'__used> Self: ::ambit::GenServer<Args = Self>,
    {
        ::ambit::ChildSpec::from_fn(move || ::ambit::__private::start(make()))
    }
}
#[allow(deprecated, unreachable_code, unreachable_patterns)]
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::GenServer for Private
where
    Private: ::ambit::__private::State,
    u64: ::ambit::__private::Payload,
{
    type Protocol = Self;
    type Info = PrivateInfo;
    type Continue = PrivateContinue;
    const OPTIONS: ::ambit::ServerOptions = ::ambit::ServerOptions::DEFAULT
        .mailbox(ROOM)
        .overflow(::ambit::Overflow::DropOldest)
        .in_place(::ambit::InPlace::Never);
    type Args = Self;
    fn init(
        __args: Self,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> impl ::ambit::__private::core::future::Future<
        Output = ::ambit::__private::core::result::Result<Self, ::ambit::ExitReason>,
    > + ::ambit::__private::core::marker::Send + use<> {
        ::ambit::__private::core::future::ready(
            ::ambit::__private::core::result::Result::Ok(__args),
        )
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
            ::ambit::Incoming::Call(PrivateCall::Get { reply }) => {
                let __value = Self::get(self);
                ::ambit::__private::answer(__ctx, reply, __value);
                ::ambit::Flow::Continue
            }
            __message => return ::ambit::__private::core::result::Result::Err(__message),
        };
        ::ambit::__private::core::result::Result::Ok(__flow)
    }
    fn method_of(__message: &::ambit::Incoming<Self>) -> &'static str {
        match __message {
            ::ambit::Incoming::Call(PrivateCall::Get { .. }) => "get",
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
    use ::ambit::call as _;
};
