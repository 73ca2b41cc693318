use std::time::Duration;
use ambit::prelude::*;
/// Counts up to a limit.
pub struct Counter {
    value: u64,
    limit: u64,
    waiting: Vec<ReplyTo<u64>>,
}
/// No more.
#[derive(Debug)]
pub struct LimitReached;
/// Once a minute.
#[derive(Clone)]
pub struct Tick;
impl Counter {
    /// How long `add` may take.
    const TIMEOUT: Duration = Duration::from_secs(1);
    /// Starts at `value`.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub async fn new(
        ctx: &mut Context<Self>,
        value: u64,
        limit: u64,
    ) -> Result<Self, LimitReached> {
        ctx.send_every(Duration::from_secs(60), Tick);
        if value > limit {
            Err(LimitReached)
        } else {
            Ok(Self {
                value,
                limit,
                waiting: Vec::new(),
            })
        }
    }
    /// The current value.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn get(&self) -> u64 {
        self.value
    }
    /// Adds `by` and returns the new value.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub async fn add(
        &mut self,
        ctx: &mut Context<Self>,
        by: u64,
    ) -> Result<u64, LimitReached> {
        let next = self
            .value
            .checked_add(by)
            .filter(|next| *next <= self.limit)
            .ok_or(LimitReached)?;
        self.value = next;
        for reply in self.waiting.drain(..) {
            reply.send(next);
        }
        ctx.continue_with(CounterContinue::Report {
            added: by,
        });
        Ok(next)
    }
    /// Answers at the next change.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn changed(&mut self, reply: ReplyTo<u64>) {
        self.waiting.push(reply);
    }
    /// Back to zero.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    #[deprecated = "add the opposite"]
    pub fn reset(&mut self) {
        self.value = 0;
    }
    /// Counts the characters; a failure stops the server.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    async fn load(&mut self, text: String) -> Result<(), std::num::TryFromIntError> {
        self.value = text.chars().count().try_into()?;
        Ok(())
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn on_tick(&mut self, _: Tick) {
        self.value += 1;
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn on_down(&mut self, ctx: &mut Context<Self>, down: Down) {
        ctx.stop(down.reason);
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn report(&self, added: u64) {
        assert!(added <= self.value);
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    async fn bye(&mut self, _reason: &ExitReason) {
        self.waiting.clear();
    }
    /// Has no role.
    pub fn is_full(&self) -> bool {
        self.value == self.limit
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
    /// Adds `by` and returns the new value.
    Add { by: u64, reply: ::ambit::ReplyTo<Result<u64, LimitReached>> },
    /// Answers at the next change.
    Changed { reply: ReplyTo<u64> },
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
            Self::Add { ref by, .. } => {
                __formatter
                    .debug_struct("Add")
                    .field("by", (&::ambit::__private::Shown(by)).shown())
                    .finish_non_exhaustive()
            }
            Self::Changed { .. } => {
                __formatter.debug_struct("Changed").finish_non_exhaustive()
            }
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
    /// Counts the characters; a failure stops the server.
    Load { text: String },
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for CounterCast {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        use ::ambit::__private::{ShowDebug as _, ShowNothing as _};
        match *self {
            Self::Reset => __formatter.write_str("Reset"),
            Self::Load { ref text } => {
                __formatter
                    .debug_struct("Load")
                    .field("text", (&::ambit::__private::Shown(text)).shown())
                    .finish()
            }
        }
    }
}
#[allow(clippy::trait_duplication_in_bounds)]
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::clone::Clone for CounterCast
where
    for<'__used> String: ::ambit::__private::core::clone::Clone,
{
    fn clone(&self) -> Self {
        match *self {
            Self::Reset => Self::Reset,
            Self::Load { ref text } => {
                Self::Load {
                    text: ::ambit::__private::core::clone::Clone::clone(text),
                }
            }
        }
    }
}
/// The infos `Counter` handles.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub enum CounterInfo {
    /// Runs `Counter::on_tick`.
    OnTick(Tick),
    /// Runs `Counter::on_down`.
    OnDown(Down),
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for CounterInfo {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        use ::ambit::__private::{ShowDebug as _, ShowNothing as _};
        match *self {
            Self::OnTick(ref __info) => {
                __formatter
                    .debug_tuple("OnTick")
                    .field((&::ambit::__private::Shown(__info)).shown())
                    .finish()
            }
            Self::OnDown(ref __info) => {
                __formatter
                    .debug_tuple("OnDown")
                    .field((&::ambit::__private::Shown(__info)).shown())
                    .finish()
            }
        }
    }
}
/// What `Counter` can continue with.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub enum CounterContinue {
    /// Runs `Counter::report`.
    Report { added: u64 },
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for CounterContinue {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        use ::ambit::__private::{ShowDebug as _, ShowNothing as _};
        match *self {
            Self::Report { ref added } => {
                __formatter
                    .debug_struct("Report")
                    .field("added", (&::ambit::__private::Shown(added)).shown())
                    .finish()
            }
        }
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::Protocol for Counter
where
    Counter: ::ambit::__private::State,
    u64: ::ambit::__private::Payload,
    Result<u64, LimitReached>: ::ambit::__private::Payload,
    ReplyTo<u64>: ::ambit::__private::Payload,
    ReplyTo<u64>: ::ambit::__private::ReplyPort,
    String: ::ambit::__private::Payload,
    Result<(), std::num::TryFromIntError>: ::ambit::__private::IntoFlow,
    Tick: ::ambit::__private::Payload,
    Down: ::ambit::__private::Payload,
    Result<Counter, LimitReached>: ::ambit::__private::IntoInit<Counter>,
{
    type Call = CounterCall;
    type Cast = CounterCast;
    type Subject = CounterSubject;
    const NAME: &'static str = "Counter";
}
#[automatically_derived]
#[allow(deprecated)]
impl ::ambit::Handles<Tick> for Counter
where
    for<'__used> Counter: ::ambit::GenServer<Info = CounterInfo>,
{
    fn into_info(message: Tick) -> Self::Info {
        CounterInfo::OnTick(message)
    }
}
#[automatically_derived]
#[allow(deprecated)]
impl ::ambit::Handles<Down> for Counter
where
    for<'__used> Counter: ::ambit::GenServer<Info = CounterInfo>,
{
    fn into_info(message: Down) -> Self::Info {
        CounterInfo::OnDown(message)
    }
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
    for<'__used> Result<u64, LimitReached>: ::ambit::__private::Payload,
    for<'__used> ReplyTo<u64>: ::ambit::__private::ReplyPort,
    for<'__used> <ReplyTo<
        u64,
    > as ::ambit::__private::ReplyPort>::Value: ::ambit::__private::Payload,
{
    /// The current value.
    pub fn get(&self) -> ::ambit::Call<'_, Counter, u64> {
        ::ambit::Subject::call(&self.0, |reply| CounterCall::Get { reply })
    }
    /// Adds `by` and returns the new value.
    pub fn add(&self, by: u64) -> ::ambit::Call<'_, Counter, Result<u64, LimitReached>> {
        ::ambit::__private::call_with_timeout(
            ::ambit::Subject::call(&self.0, |reply| CounterCall::Add { by, reply }),
            <Counter>::TIMEOUT,
        )
    }
    /// Answers at the next change.
    pub fn changed(
        &self,
    ) -> ::ambit::Call<
        '_,
        Counter,
        <ReplyTo<u64> as ::ambit::__private::ReplyPort>::Value,
    > {
        ::ambit::Subject::call(
            &self.0,
            |reply| CounterCall::Changed {
                reply: <ReplyTo<u64> as ::ambit::__private::ReplyPort>::from_reply(reply),
            },
        )
    }
    /// Back to zero.
    #[deprecated = "add the opposite"]
    pub fn reset(&self) -> ::ambit::Cast<'_, Counter> {
        ::ambit::Subject::send(&self.0, CounterCast::Reset)
    }
    /// Counts the characters; a failure stops the server.
    fn load(&self, text: String) -> ::ambit::Cast<'_, Counter> {
        ::ambit::Subject::send(&self.0, CounterCast::Load { text })
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
    limit: u64,
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
    pub fn start(value: u64, limit: u64) -> ::ambit::Start<Self>
    where
        for<'__used> Self: ::ambit::GenServer<Args = CounterArgs>,
    {
        ::ambit::__private::start(CounterArgs { value, limit })
    }
    /// Says how to start it under a supervisor: with these arguments, cloned for each start.
    pub fn child_spec(value: u64, limit: u64) -> ::ambit::ChildSpec<Self>
    where
        for<'__used> u64: ::ambit::__private::RestartArgs,
        for<'__used> u64: ::ambit::__private::RestartArgs,
        for<'__used> Self: ::ambit::GenServer<Args = CounterArgs>,
    {
        ::ambit::__private::child_spec_of(
            (value, limit),
            |(value, limit)| ::ambit::__private::start(CounterArgs { value, limit }),
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
    Result<u64, LimitReached>: ::ambit::__private::Payload,
    ReplyTo<u64>: ::ambit::__private::Payload,
    ReplyTo<u64>: ::ambit::__private::ReplyPort,
    String: ::ambit::__private::Payload,
    Result<(), std::num::TryFromIntError>: ::ambit::__private::IntoFlow,
    Tick: ::ambit::__private::Payload,
    Down: ::ambit::__private::Payload,
    Result<Counter, LimitReached>: ::ambit::__private::IntoInit<Counter>,
{
    type Protocol = Self;
    type Info = CounterInfo;
    type Continue = CounterContinue;
    type Args = CounterArgs;
    async fn init(
        __args: Self::Args,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> ::ambit::__private::core::result::Result<Self, ::ambit::ExitReason> {
        let CounterArgs { value, limit } = __args;
        ::ambit::__private::IntoInit::<
            Self,
        >::into_init(Self::new(__ctx, value, limit).await)
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
            ::ambit::Incoming::Call(CounterCall::Changed { reply }) => {
                if ::ambit::__private::skip_expired(&reply, __ctx) {
                    ::ambit::Flow::Continue
                } else {
                    Self::changed(self, reply);
                    ::ambit::Flow::Continue
                }
            }
            ::ambit::Incoming::Cast(CounterCast::Reset) => {
                Self::reset(self);
                ::ambit::Flow::Continue
            }
            ::ambit::Incoming::Info(CounterInfo::OnTick(__info)) => {
                Self::on_tick(self, __info);
                ::ambit::Flow::Continue
            }
            ::ambit::Incoming::Info(CounterInfo::OnDown(__info)) => {
                Self::on_down(self, __ctx, __info);
                ::ambit::Flow::Continue
            }
            ::ambit::Incoming::Continue(CounterContinue::Report { added }) => {
                Self::report(self, added);
                ::ambit::Flow::Continue
            }
            __message => return ::ambit::__private::core::result::Result::Err(__message),
        };
        ::ambit::__private::core::result::Result::Ok(__flow)
    }
    async fn handle_call(
        &mut self,
        __message: CounterCall,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> ::ambit::Flow {
        match __message {
            CounterCall::Add { by, reply } => {
                let __value = Self::add(self, __ctx, by).await;
                ::ambit::__private::answer(__ctx, reply, __value);
                ::ambit::Flow::Continue
            }
            __message => {
                let __message = ::ambit::Incoming::Call(__message);
                match <Self as ::ambit::GenServer>::handle_now(self, __message, __ctx) {
                    ::ambit::__private::core::result::Result::Ok(__flow) => __flow,
                    ::ambit::__private::core::result::Result::Err(_) => {
                        ::ambit::Flow::Continue
                    }
                }
            }
        }
    }
    async fn handle_cast(
        &mut self,
        __message: CounterCast,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> ::ambit::Flow {
        match __message {
            CounterCast::Load { text } => {
                ::ambit::__private::IntoFlow::into_flow(Self::load(self, text).await)
            }
            __message => {
                let __message = ::ambit::Incoming::Cast(__message);
                match <Self as ::ambit::GenServer>::handle_now(self, __message, __ctx) {
                    ::ambit::__private::core::result::Result::Ok(__flow) => __flow,
                    ::ambit::__private::core::result::Result::Err(_) => {
                        ::ambit::Flow::Continue
                    }
                }
            }
        }
    }
    fn method_of(__message: &::ambit::Incoming<Self>) -> &'static str {
        match __message {
            ::ambit::Incoming::Call(CounterCall::Get { .. }) => "get",
            ::ambit::Incoming::Call(CounterCall::Add { .. }) => "add",
            ::ambit::Incoming::Call(CounterCall::Changed { .. }) => "changed",
            ::ambit::Incoming::Cast(CounterCast::Reset) => "reset",
            ::ambit::Incoming::Cast(CounterCast::Load { .. }) => "load",
            ::ambit::Incoming::Info(CounterInfo::OnTick(..)) => "on_tick",
            ::ambit::Incoming::Info(CounterInfo::OnDown(..)) => "on_down",
            ::ambit::Incoming::Continue(CounterContinue::Report { .. }) => "report",
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
    const TERMINATES_AFTER_PANIC: bool = false;
    async fn terminate(
        &mut self,
        __reason: &::ambit::ExitReason,
        __ctx: &mut ::ambit::Context<Self>,
    ) {
        Self::bye(self, __reason).await;
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
    use ::ambit::call as _;
    #[cfg(rust_analyzer)]
    use ::ambit::cast as _;
    #[cfg(rust_analyzer)]
    use ::ambit::cast as _;
    #[cfg(rust_analyzer)]
    use ::ambit::info as _;
    #[cfg(rust_analyzer)]
    use ::ambit::info as _;
    #[cfg(rust_analyzer)]
    use ::ambit::continue_with as _;
    #[cfg(rust_analyzer)]
    use ::ambit::terminate as _;
};
impl From<LimitReached> for Box<dyn std::error::Error + Send + Sync> {
    fn from(_: LimitReached) -> Self {
        "limit reached".into()
    }
}
