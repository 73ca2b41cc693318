use ambit::prelude::*;
/// Counts.
pub struct Counter {
    value: u64,
}
impl Counter {
    /// Starts at `value`.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn new(value: u64) -> Self {
        Self { value }
    }
    /// The current value.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn get(&self) -> u64 {
        self.value
    }
    /// Back to zero.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn reset(&mut self) {
        self.value = 0;
    }
}
/// The calls `Counter` answers.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub enum CounterCall {
    /// The current value.
    Get { reply: ::ambit::ReplyTo<u64> },
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for CounterCall {
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
/// The casts `Counter` takes.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub enum CounterCast {
    /// Back to zero.
    Reset,
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for CounterCast {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        match *self {
            Self::Reset => __formatter.write_str("Reset"),
        }
    }
}
#[allow(clippy::trait_duplication_in_bounds)]
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::clone::Clone for CounterCast {
    fn clone(&self) -> Self {
        match *self {
            Self::Reset => Self::Reset,
        }
    }
}
/// The infos `Counter` handles.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub enum CounterInfo {}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for CounterInfo {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        match *self {}
    }
}
/// What `Counter` can continue with.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub enum CounterContinue {}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for CounterContinue {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        match *self {}
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::Protocol for Counter
where
    Counter: ::ambit::__private::State,
    u64: ::ambit::__private::Payload,
{
    type Call = CounterCall;
    type Cast = CounterCast;
    type Subject = CounterSubject;
    const NAME: &'static str = "Counter";
}
/// The handle of a running `Counter`.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct CounterSubject(
    ::ambit::Subject<Counter>,
)
where
    for<'__used> Counter: ::ambit::Protocol;
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl CounterSubject
where
    for<'__used> Counter: ::ambit::Protocol<
        Call = CounterCall,
        Cast = CounterCast,
        Subject = CounterSubject,
    >,
    for<'__used> u64: ::ambit::__private::Payload,
{
    /// The current value.
    pub fn get(&self) -> ::ambit::Call<'_, Counter, u64> {
        ::ambit::Subject::call(&self.0, |reply| CounterCall::Get { reply })
    }
    /// Back to zero.
    pub fn reset(&self) -> ::ambit::Cast<'_, Counter> {
        ::ambit::Subject::send(&self.0, CounterCast::Reset)
    }
    /// Sends a cast that is at hand as a value.
    pub fn send(&self, cast: CounterCast) -> ::ambit::Cast<'_, Counter> {
        ::ambit::Subject::send(&self.0, cast)
    }
    /// Waits for room in the mailbox, and keeps it for one message.
    pub fn reserve(&self) -> ::ambit::Reserve<'_, Counter> {
        ::ambit::Subject::reserve(&self.0)
    }
    /// Narrows the handle to one type of info.
    pub fn recipient<__T>(&self) -> ::ambit::Recipient<__T>
    where
        for<'__used> Counter: ::ambit::GenServer,
        __T: ::ambit::InfoOf<Counter> + ::ambit::__private::Payload,
    {
        ::ambit::Subject::recipient(&self.0)
    }
    /// Refers to whoever holds the name when a message is sent.
    pub fn named(name: &str) -> Self {
        ::ambit::Subject::<Counter>::named(name)
    }
    /// Refers to whoever the registry holds under the key when a message is sent.
    pub fn via<__T: ::ambit::Resolve<Counter>>(
        registry: &__T,
        key: impl ::ambit::__private::core::convert::Into<__T::Key>,
    ) -> Self {
        ::ambit::Subject::<Counter>::via(registry, key)
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
impl ::ambit::__private::core::clone::Clone for CounterSubject
where
    for<'__used> Counter: ::ambit::Protocol,
{
    fn clone(&self) -> Self {
        Self(::ambit::__private::core::clone::Clone::clone(&self.0))
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for CounterSubject
where
    for<'__used> Counter: ::ambit::Protocol,
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
impl ::ambit::__private::core::cmp::PartialEq for CounterSubject
where
    for<'__used> Counter: ::ambit::Protocol,
{
    fn eq(&self, other: &Self) -> bool {
        ::ambit::__private::core::cmp::PartialEq::eq(&self.0, &other.0)
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::cmp::Eq for CounterSubject
where
    for<'__used> Counter: ::ambit::Protocol,
{}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::hash::Hash for CounterSubject
where
    for<'__used> Counter: ::ambit::Protocol,
{
    fn hash<__T: ::ambit::__private::core::hash::Hasher>(&self, state: &mut __T) {
        ::ambit::__private::core::hash::Hash::hash(&self.0, state);
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::ops::Deref for CounterSubject
where
    for<'__used> Counter: ::ambit::Protocol,
{
    type Target = ::ambit::Process;
    fn deref(&self) -> &Self::Target {
        ::ambit::__private::core::ops::Deref::deref(&self.0)
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::convert::AsRef<::ambit::Subject<Counter>>
for CounterSubject
where
    for<'__used> Counter: ::ambit::Protocol,
{
    fn as_ref(&self) -> &::ambit::Subject<Counter> {
        &self.0
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::convert::From<::ambit::Subject<Counter>>
for CounterSubject
where
    for<'__used> Counter: ::ambit::Protocol,
{
    fn from(subject: ::ambit::Subject<Counter>) -> Self {
        Self(subject)
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::convert::From<CounterSubject>
for ::ambit::Subject<Counter>
where
    for<'__used> Counter: ::ambit::Protocol,
{
    fn from(handle: CounterSubject) -> Self {
        handle.0
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::Target for CounterSubject
where
    for<'__used> Counter: ::ambit::Protocol,
{
    fn __resolve(&self) -> ::ambit::__private::Resolved {
        ::ambit::__private::resolve_target(&self.0)
    }
}
/// The arguments of `Counter::start`, on their way to the server.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct CounterArgs {
    value: u64,
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for CounterArgs {
    fn fmt(
        &self,
        formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        formatter.debug_struct("CounterArgs").finish_non_exhaustive()
    }
}
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl Counter {
    /// Starts at `value`.
    pub fn start(value: u64) -> ::ambit::Start<Self>
    where
        for<'__used> Self: ::ambit::GenServer<Args = CounterArgs>,
    {
        ::ambit::__private::start(CounterArgs { value })
    }
    /// Says how to start it under a supervisor: with these arguments, cloned for each start.
    pub fn child_spec(value: u64) -> ::ambit::ChildSpec<Self>
    where
        for<'__used> u64: ::ambit::__private::RestartArgs,
        for<'__used> Self: ::ambit::GenServer<Args = CounterArgs>,
    {
        ::ambit::__private::child_spec_of(
            (value,),
            |(value,)| ::ambit::__private::start(CounterArgs { value }),
        )
    }
}
#[allow(deprecated, unreachable_code, unreachable_patterns)]
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::GenServer for Counter
where
    Counter: ::ambit::__private::State,
    u64: ::ambit::__private::Payload,
{
    type Protocol = Self;
    type Info = CounterInfo;
    type Continue = CounterContinue;
    type Args = CounterArgs;
    async fn init(
        __args: Self::Args,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> ::ambit::__private::core::result::Result<Self, ::ambit::ExitReason> {
        let CounterArgs { value } = __args;
        ::ambit::__private::IntoInit::<Self>::into_init(Self::new(value))
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
            ::ambit::Incoming::Call(CounterCall::Get { reply }) => {
                let __value = Self::get(self);
                ::ambit::__private::answer(__ctx, reply, __value);
                ::ambit::Flow::Continue
            }
            ::ambit::Incoming::Cast(CounterCast::Reset) => {
                Self::reset(self);
                ::ambit::Flow::Continue
            }
            __message => return ::ambit::__private::core::result::Result::Err(__message),
        };
        ::ambit::__private::core::result::Result::Ok(__flow)
    }
    fn method_of(__message: &::ambit::Incoming<Self>) -> &'static str {
        match __message {
            ::ambit::Incoming::Call(CounterCall::Get { .. }) => "get",
            ::ambit::Incoming::Cast(CounterCast::Reset) => "reset",
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
    use ::ambit::cast as _;
};
