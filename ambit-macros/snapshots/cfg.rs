use ambit::prelude::*;
/// Listens, where there is something to hear.
pub struct Listener;
impl Listener {
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    #[cfg(unix)]
    pub fn new(path: String) -> Self {
        drop(path);
        Self
    }
    /// The number of the process.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    #[cfg(unix)]
    pub fn pid(&self) -> u32 {
        std::process::id()
    }
    /// Nothing to say.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    #[cfg(not(unix))]
    pub fn pid(&self, fallback: u32) -> u32 {
        fallback
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    #[cfg(unix)]
    #[cfg(target_pointer_width = "64")]
    pub async fn close(&mut self) {}
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    #[cfg(unix)]
    fn on_down(&mut self, _down: Down) {}
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    #[cfg(unix)]
    fn bye(&mut self, _reason: &ExitReason) {}
}
/// The calls `Listener` answers.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub enum ListenerCall {
    #[cfg(unix)]
    /// The number of the process.
    Pid { reply: ::ambit::ReplyTo<u32> },
    #[cfg(not(unix))]
    /// Nothing to say.
    Pid { fallback: u32, reply: ::ambit::ReplyTo<u32> },
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for ListenerCall {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        use ::ambit::__private::{ShowDebug as _, ShowNothing as _};
        match *self {
            #[cfg(unix)]
            Self::Pid { .. } => __formatter.debug_struct("Pid").finish_non_exhaustive(),
            #[cfg(not(unix))]
            Self::Pid { ref fallback, .. } => {
                __formatter
                    .debug_struct("Pid")
                    .field("fallback", (&::ambit::__private::Shown(fallback)).shown())
                    .finish_non_exhaustive()
            }
        }
    }
}
/// The casts `Listener` takes.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub enum ListenerCast {
    #[cfg(unix)]
    #[cfg(target_pointer_width = "64")]
    /// Runs `Listener::close`.
    Close,
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for ListenerCast {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        match *self {
            #[cfg(unix)]
            #[cfg(target_pointer_width = "64")]
            Self::Close => __formatter.write_str("Close"),
        }
    }
}
#[allow(clippy::trait_duplication_in_bounds)]
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::clone::Clone for ListenerCast {
    fn clone(&self) -> Self {
        match *self {
            #[cfg(unix)]
            #[cfg(target_pointer_width = "64")]
            Self::Close => Self::Close,
        }
    }
}
/// The infos `Listener` handles.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub enum ListenerInfo {
    #[cfg(unix)]
    /// Runs `Listener::on_down`.
    OnDown(Down),
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for ListenerInfo {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        use ::ambit::__private::{ShowDebug as _, ShowNothing as _};
        match *self {
            #[cfg(unix)]
            Self::OnDown(ref __info) => {
                __formatter
                    .debug_tuple("OnDown")
                    .field((&::ambit::__private::Shown(__info)).shown())
                    .finish()
            }
        }
    }
}
/// What `Listener` can continue with.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub enum ListenerContinue {}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for ListenerContinue {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        match *self {}
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::Protocol for Listener
where
    Listener: ::ambit::__private::State,
{
    type Call = ListenerCall;
    type Cast = ListenerCast;
    type Subject = ListenerSubject;
    const NAME: &'static str = "Listener";
}
#[cfg(unix)]
#[automatically_derived]
#[allow(deprecated)]
impl ::ambit::Handles<Down> for Listener
where
    for<'__used> Listener: ::ambit::GenServer<Info = ListenerInfo>,
{
    fn into_info(message: Down) -> Self::Info {
        ListenerInfo::OnDown(message)
    }
}
/// The handle of a running `Listener`.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct ListenerSubject(
    ::ambit::Subject<Listener>,
)
where
    for<'__used> Listener: ::ambit::Protocol;
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl ListenerSubject
where
    for<'__used> Listener: ::ambit::Protocol<
        Call = ListenerCall,
        Cast = ListenerCast,
        Subject = ListenerSubject,
    >,
{
    #[cfg(unix)]
    /// The number of the process.
    pub fn pid(&self) -> ::ambit::Call<'_, Listener, u32>
    where
        for<'__used> u32: ::ambit::__private::Payload,
    {
        ::ambit::Subject::call(&self.0, |reply| ListenerCall::Pid { reply })
    }
    #[cfg(not(unix))]
    /// Nothing to say.
    pub fn pid(&self, fallback: u32) -> ::ambit::Call<'_, Listener, u32>
    where
        for<'__used> u32: ::ambit::__private::Payload,
    {
        ::ambit::Subject::call(
            &self.0,
            |reply| ListenerCall::Pid {
                fallback,
                reply,
            },
        )
    }
    #[cfg(unix)]
    #[cfg(target_pointer_width = "64")]
    /// Runs `Listener::close`.
    pub fn close(&self) -> ::ambit::Cast<'_, Listener> {
        ::ambit::Subject::send(&self.0, ListenerCast::Close)
    }
    /// Sends a cast that is at hand as a value.
    pub fn send(&self, cast: ListenerCast) -> ::ambit::Cast<'_, Listener> {
        ::ambit::Subject::send(&self.0, cast)
    }
    /// Waits for room in the mailbox, and keeps it for one message.
    pub fn reserve(&self) -> ::ambit::Reserve<'_, Listener> {
        ::ambit::Subject::reserve(&self.0)
    }
    /// Narrows the handle to one type of info.
    pub fn recipient<__T>(&self) -> ::ambit::Recipient<__T>
    where
        for<'__used> Listener: ::ambit::GenServer,
        __T: ::ambit::InfoOf<Listener> + ::ambit::__private::Payload,
    {
        ::ambit::Subject::recipient(&self.0)
    }
    /// Refers to whoever holds the name when a message is sent.
    pub fn named(name: &str) -> Self {
        ::ambit::Subject::<Listener>::named(name)
    }
    /// Refers to whoever the registry holds under the key when a message is sent.
    pub fn via<__T: ::ambit::Resolve<Listener>>(
        registry: &__T,
        key: impl ::ambit::__private::core::convert::Into<__T::Key>,
    ) -> Self {
        ::ambit::Subject::<Listener>::via(registry, key)
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
impl ::ambit::__private::core::clone::Clone for ListenerSubject
where
    for<'__used> Listener: ::ambit::Protocol,
{
    fn clone(&self) -> Self {
        Self(::ambit::__private::core::clone::Clone::clone(&self.0))
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for ListenerSubject
where
    for<'__used> Listener: ::ambit::Protocol,
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
impl ::ambit::__private::core::cmp::PartialEq for ListenerSubject
where
    for<'__used> Listener: ::ambit::Protocol,
{
    fn eq(&self, other: &Self) -> bool {
        ::ambit::__private::core::cmp::PartialEq::eq(&self.0, &other.0)
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::cmp::Eq for ListenerSubject
where
    for<'__used> Listener: ::ambit::Protocol,
{}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::hash::Hash for ListenerSubject
where
    for<'__used> Listener: ::ambit::Protocol,
{
    fn hash<__T: ::ambit::__private::core::hash::Hasher>(&self, state: &mut __T) {
        ::ambit::__private::core::hash::Hash::hash(&self.0, state);
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::ops::Deref for ListenerSubject
where
    for<'__used> Listener: ::ambit::Protocol,
{
    type Target = ::ambit::Process;
    fn deref(&self) -> &Self::Target {
        ::ambit::__private::core::ops::Deref::deref(&self.0)
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::convert::AsRef<::ambit::Subject<Listener>>
for ListenerSubject
where
    for<'__used> Listener: ::ambit::Protocol,
{
    fn as_ref(&self) -> &::ambit::Subject<Listener> {
        &self.0
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::convert::From<::ambit::Subject<Listener>>
for ListenerSubject
where
    for<'__used> Listener: ::ambit::Protocol,
{
    fn from(subject: ::ambit::Subject<Listener>) -> Self {
        Self(subject)
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::convert::From<ListenerSubject>
for ::ambit::Subject<Listener>
where
    for<'__used> Listener: ::ambit::Protocol,
{
    fn from(handle: ListenerSubject) -> Self {
        handle.0
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::Target for ListenerSubject
where
    for<'__used> Listener: ::ambit::Protocol,
{
    fn __resolve(&self) -> ::ambit::__private::Resolved {
        ::ambit::__private::resolve_target(&self.0)
    }
}
#[cfg(unix)]
/// The arguments of `Listener::start`, on their way to the server.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct ListenerArgs {
    path: String,
}
#[cfg(unix)]
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for ListenerArgs {
    fn fmt(
        &self,
        formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        formatter.debug_struct("ListenerArgs").finish_non_exhaustive()
    }
}
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl Listener {
    #[cfg(unix)]
    /// Starts a server.
    pub fn start(path: String) -> ::ambit::Start<Self>
    where
        for<'__used> Self: ::ambit::GenServer<Args = ListenerArgs>,
    {
        ::ambit::__private::start(ListenerArgs { path })
    }
    #[cfg(not(any(all(unix))))]
    /// Starts a server with this value as its state.
    pub fn start(self) -> ::ambit::Start<Self>
    where
        for<'__used> Self: ::ambit::GenServer<Args = Self>,
    {
        ::ambit::__private::start(self)
    }
    #[cfg(unix)]
    /// Says how to start it under a supervisor: with these arguments, cloned for each start.
    pub fn child_spec(path: String) -> ::ambit::ChildSpec<Self>
    where
        for<'__used> String: ::ambit::__private::RestartArgs,
        for<'__used> Self: ::ambit::GenServer<Args = ListenerArgs>,
    {
        ::ambit::__private::child_spec_of(
            (path,),
            |(path,)| ::ambit::__private::start(ListenerArgs { path }),
        )
    }
    #[cfg(not(any(all(unix))))]
    /// Says how to start it under a supervisor; `make` is called for each start.
    pub fn child_spec(
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
impl ::ambit::GenServer for Listener
where
    Listener: ::ambit::__private::State,
{
    type Protocol = Self;
    type Info = ListenerInfo;
    type Continue = ListenerContinue;
    #[cfg(unix)]
    type Args = ListenerArgs;
    #[cfg(unix)]
    async fn init(
        __args: Self::Args,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> ::ambit::__private::core::result::Result<Self, ::ambit::ExitReason> {
        let ListenerArgs { path } = __args;
        ::ambit::__private::IntoInit::<Self>::into_init(Self::new(path))
    }
    #[cfg(not(any(all(unix))))]
    type Args = Self;
    #[cfg(not(any(all(unix))))]
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
            #[cfg(unix)]
            ::ambit::Incoming::Call(ListenerCall::Pid { reply }) => {
                let __value = Self::pid(self);
                ::ambit::__private::answer(__ctx, reply, __value);
                ::ambit::Flow::Continue
            }
            #[cfg(not(unix))]
            ::ambit::Incoming::Call(ListenerCall::Pid { fallback, reply }) => {
                let __value = Self::pid(self, fallback);
                ::ambit::__private::answer(__ctx, reply, __value);
                ::ambit::Flow::Continue
            }
            #[cfg(unix)]
            ::ambit::Incoming::Info(ListenerInfo::OnDown(__info)) => {
                Self::on_down(self, __info);
                ::ambit::Flow::Continue
            }
            __message => return ::ambit::__private::core::result::Result::Err(__message),
        };
        ::ambit::__private::core::result::Result::Ok(__flow)
    }
    async fn handle_cast(
        &mut self,
        __message: ListenerCast,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> ::ambit::Flow {
        match __message {
            #[cfg(unix)]
            #[cfg(target_pointer_width = "64")]
            ListenerCast::Close => {
                Self::close(self).await;
                ::ambit::Flow::Continue
            }
        }
    }
    fn method_of(__message: &::ambit::Incoming<Self>) -> &'static str {
        match __message {
            #[cfg(unix)]
            ::ambit::Incoming::Call(ListenerCall::Pid { .. }) => "pid",
            #[cfg(not(unix))]
            ::ambit::Incoming::Call(ListenerCall::Pid { .. }) => "pid",
            #[cfg(unix)]
            #[cfg(target_pointer_width = "64")]
            ::ambit::Incoming::Cast(ListenerCast::Close) => "close",
            #[cfg(unix)]
            ::ambit::Incoming::Info(ListenerInfo::OnDown(..)) => "on_down",
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
    #[cfg(not(any(all(unix))))]
    const TERMINATES: bool = false;
    #[cfg(unix)]
    async fn terminate(
        &mut self,
        __reason: &::ambit::ExitReason,
        __ctx: &mut ::ambit::Context<Self>,
    ) {
        Self::bye(self, __reason);
    }
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
    #[cfg(rust_analyzer)]
    use ::ambit::info as _;
    #[cfg(rust_analyzer)]
    use ::ambit::terminate as _;
};
