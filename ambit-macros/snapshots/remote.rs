use ambit::prelude::*;
pub struct Counter {
    value: u64,
    waiting: Vec<ReplyTo<u64>>,
}
/// Other nodes speak to it.
impl Counter {
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn new(value: u64) -> Self {
        Self { value, waiting: Vec::new() }
    }
    /// Adds `by` and returns the new value.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn add(&mut self, by: u64) -> Result<u64, String> {
        self.value = self.value.checked_add(by).ok_or("too much")?;
        Ok(self.value)
    }
    /// Answers at the next change.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn changed(&mut self, reply: ReplyTo<u64>) {
        self.waiting.push(reply);
    }
    /// Back to zero. It was called `clear` once.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn reset(&mut self) {
        self.value = 0;
    }
}
/// The calls `Counter` answers.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
#[allow(clippy::enum_variant_names)]
pub enum CounterCall {
    /// Adds `by` and returns the new value.
    Add { by: u64, reply: ::ambit::ReplyTo<Result<u64, String>> },
    /// Answers at the next change.
    Changed { reply: ReplyTo<u64> },
}
#[automatically_derived]
impl ::ambit::__private::core::fmt::Debug for CounterCall {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        use ::ambit::__private::{ShowDebug as _, ShowNothing as _};
        match *self {
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
#[allow(nonstandard_style)]
#[allow(clippy::enum_variant_names)]
pub enum CounterCast {
    /// Back to zero. It was called `clear` once.
    Reset,
}
#[automatically_derived]
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
#[automatically_derived]
impl ::ambit::__private::core::clone::Clone for CounterCast {
    fn clone(&self) -> Self {
        match *self {
            Self::Reset => Self::Reset,
        }
    }
}
#[automatically_derived]
impl ::ambit::Protocol for Counter
where
    Counter: ::ambit::__private::State,
    u64: ::ambit::__private::Payload,
    Result<u64, String>: ::ambit::__private::Payload,
    ReplyTo<u64>: ::ambit::__private::Payload,
    ReplyTo<u64>: ::ambit::__private::ReplyPort,
{
    type Call = CounterCall;
    type Cast = CounterCast;
    type Subject = CounterSubject;
    const NAME: &'static str = "Counter";
}
/// The handle of a running `Counter`.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
pub struct CounterSubject(
    ::ambit::Subject<Counter>,
)
where
    for<'__used> Counter: ::ambit::Protocol;
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
impl CounterSubject
where
    for<'__used> Counter: ::ambit::Protocol<
        Call = CounterCall,
        Cast = CounterCast,
        Subject = CounterSubject,
    >,
    for<'__used> Result<u64, String>: ::ambit::__private::Payload,
    for<'__used> ReplyTo<u64>: ::ambit::__private::ReplyPort,
    for<'__used> <ReplyTo<
        u64,
    > as ::ambit::__private::ReplyPort>::Value: ::ambit::__private::Payload,
{
    /// Adds `by` and returns the new value.
    pub fn add(&self, by: u64) -> ::ambit::Call<'_, Counter, Result<u64, String>> {
        ::ambit::Subject::call(&self.0, |reply| CounterCall::Add { by, reply })
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
    /// Back to zero. It was called `clear` once.
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
impl ::ambit::__private::core::clone::Clone for CounterSubject
where
    for<'__used> Counter: ::ambit::Protocol,
{
    fn clone(&self) -> Self {
        Self(::ambit::__private::core::clone::Clone::clone(&self.0))
    }
}
#[automatically_derived]
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
impl ::ambit::__private::core::cmp::PartialEq for CounterSubject
where
    for<'__used> Counter: ::ambit::Protocol,
{
    fn eq(&self, other: &Self) -> bool {
        ::ambit::__private::core::cmp::PartialEq::eq(&self.0, &other.0)
    }
}
#[automatically_derived]
impl ::ambit::__private::core::cmp::Eq for CounterSubject
where
    for<'__used> Counter: ::ambit::Protocol,
{}
#[automatically_derived]
impl ::ambit::__private::core::hash::Hash for CounterSubject
where
    for<'__used> Counter: ::ambit::Protocol,
{
    fn hash<__T: ::ambit::__private::core::hash::Hasher>(&self, state: &mut __T) {
        ::ambit::__private::core::hash::Hash::hash(&self.0, state);
    }
}
#[automatically_derived]
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
impl ::ambit::Target for CounterSubject
where
    for<'__used> Counter: ::ambit::Protocol,
{
    fn __resolve(&self) -> ::ambit::__private::Resolved {
        ::ambit::__private::resolve_target(&self.0)
    }
}
#[automatically_derived]
impl ::ambit::message::Remote for Counter
where
    Counter: ::ambit::__private::State,
    u64: ::ambit::__private::Payload,
    Result<u64, String>: ::ambit::__private::Payload,
    ReplyTo<u64>: ::ambit::__private::Payload,
    ReplyTo<u64>: ::ambit::__private::ReplyPort,
    u64: ::ambit::message::Wire,
    Result<u64, String>: ::ambit::message::Wire,
    <ReplyTo<u64> as ::ambit::__private::ReplyPort>::Value: ::ambit::message::Wire,
{
    const REMOTE: &'static str = "shop.counter";
    fn interface(__types: &mut ::ambit::message::Types) -> ::ambit::message::Interface {
        let mut __methods = ::ambit::__private::std::vec::Vec::new();
        __methods
            .push(
                ::ambit::__private::wire::method(
                    "add",
                    [::ambit::__private::wire::argument::<u64>(__types, "by")],
                    ::ambit::__private::std::option::Option::Some(
                        <Result<u64, String> as ::ambit::message::Schema>::shape(__types),
                    ),
                ),
            );
        __methods
            .push(
                ::ambit::__private::wire::method(
                    "changed",
                    [],
                    ::ambit::__private::std::option::Option::Some(
                        <<ReplyTo<
                            u64,
                        > as ::ambit::__private::ReplyPort>::Value as ::ambit::message::Schema>::shape(
                            __types,
                        ),
                    ),
                ),
            );
        __methods
            .push(
                ::ambit::__private::wire::method(
                    "clear",
                    [],
                    ::ambit::__private::std::option::Option::None,
                ),
            );
        ::ambit::__private::wire::interface(__methods)
    }
    fn call_tag(__call: &Self::Call) -> u32 {
        match *__call {
            CounterCall::Add { .. } => 993596020,
            CounterCall::Changed { .. } => 1177151643,
        }
    }
    fn cast_tag(__cast: &Self::Cast) -> u32 {
        match *__cast {
            CounterCast::Reset { .. } => 1550717474,
        }
    }
    fn put_call<__T: ::ambit::message::Codec>(
        __message: &Self::Call,
        __out: &mut ::ambit::message::Out<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<(), ::ambit::message::EncodeError> {
        match *__message {
            CounterCall::Add { ref by, .. } => {
                __out.record(1)?;
                __out.field(890022063, by)?;
                ::ambit::__private::core::result::Result::Ok(())
            }
            CounterCall::Changed { .. } => {
                __out.record(0)?;
                ::ambit::__private::core::result::Result::Ok(())
            }
        }
    }
    fn put_cast<__T: ::ambit::message::Codec>(
        __message: &Self::Cast,
        __out: &mut ::ambit::message::Out<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<(), ::ambit::message::EncodeError> {
        match *__message {
            CounterCast::Reset { .. } => {
                __out.record(0)?;
                ::ambit::__private::core::result::Result::Ok(())
            }
        }
    }
    fn waiting<__T: ::ambit::message::Codec>(
        __call: Self::Call,
    ) -> ::ambit::message::Waiting<__T> {
        match __call {
            CounterCall::Add { reply, .. } => ::ambit::message::Waiting::of(reply),
            CounterCall::Changed { reply, .. } => {
                ::ambit::message::Waiting::of(
                    ::ambit::__private::ReplyPort::into_reply(reply),
                )
            }
        }
    }
    #[allow(unused_mut, unused_variables)]
    fn take_call<__T: ::ambit::message::Codec>(
        __method: u32,
        mut __input: ::ambit::message::In<'_, __T>,
        __asking: ::ambit::message::Asking<'_, Self>,
    ) -> ::ambit::__private::core::result::Result<
        ::ambit::message::Answering,
        ::ambit::message::DecodeError,
    > {
        match __method {
            993596020 => {
                let mut __args = __input.record()?;
                let by = __args.field("by", 890022063)?;
                __args.end();
                __input.finish()?;
                ::ambit::__private::core::result::Result::Ok(
                    __asking
                        .send::<
                            __T,
                            Result<u64, String>,
                        >(|__reply| CounterCall::Add {
                            by,
                            reply: __reply,
                        }),
                )
            }
            1177151643 => {
                let mut __args = __input.record()?;
                __args.end();
                __input.finish()?;
                ::ambit::__private::core::result::Result::Ok(
                    __asking
                        .send::<
                            __T,
                            <ReplyTo<u64> as ::ambit::__private::ReplyPort>::Value,
                        >(|__reply| CounterCall::Changed {
                            reply: ::ambit::__private::ReplyPort::from_reply(__reply),
                        }),
                )
            }
            __method => {
                ::ambit::__private::core::result::Result::Err(
                    ::ambit::__private::wire::unknown_method(
                        <Self as ::ambit::message::Remote>::REMOTE,
                        __method,
                    ),
                )
            }
        }
    }
    #[allow(unused_mut, unused_variables)]
    fn take_cast<__T: ::ambit::message::Codec>(
        __method: u32,
        mut __input: ::ambit::message::In<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<
        Self::Cast,
        ::ambit::message::DecodeError,
    > {
        match __method {
            1550717474 => {
                let mut __args = __input.record()?;
                __args.end();
                __input.finish()?;
                ::ambit::__private::core::result::Result::Ok(CounterCast::Reset {})
            }
            __method => {
                ::ambit::__private::core::result::Result::Err(
                    ::ambit::__private::wire::unknown_method(
                        <Self as ::ambit::message::Remote>::REMOTE,
                        __method,
                    ),
                )
            }
        }
    }
}
/// The infos `Counter` handles.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
#[allow(clippy::enum_variant_names)]
pub enum CounterInfo {}
#[automatically_derived]
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
#[allow(nonstandard_style)]
#[allow(clippy::enum_variant_names)]
pub enum CounterContinue {}
#[automatically_derived]
impl ::ambit::__private::core::fmt::Debug for CounterContinue {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        match *self {}
    }
}
/// The arguments of `Counter::start`, on their way to the server.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
pub struct CounterArgs {
    value: u64,
}
#[automatically_derived]
impl ::ambit::__private::core::fmt::Debug for CounterArgs {
    fn fmt(
        &self,
        formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        formatter.debug_struct("CounterArgs").finish_non_exhaustive()
    }
}
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
impl Counter {
    /// Starts a server.
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
impl ::ambit::GenServer for Counter
where
    Counter: ::ambit::__private::State,
    u64: ::ambit::__private::Payload,
    Result<u64, String>: ::ambit::__private::Payload,
    ReplyTo<u64>: ::ambit::__private::Payload,
    ReplyTo<u64>: ::ambit::__private::ReplyPort,
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
            ::ambit::Incoming::Call(CounterCall::Add { by, reply }) => {
                let __value = Self::add(self, by);
                ::ambit::__private::answer(__ctx, reply, __value);
                ::ambit::Flow::Continue
            }
            ::ambit::Incoming::Call(CounterCall::Changed { reply }) => {
                Self::changed(self, reply);
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
            ::ambit::Incoming::Call(CounterCall::Add { .. }) => "add",
            ::ambit::Incoming::Call(CounterCall::Changed { .. }) => "changed",
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
    use ::ambit::call as _;
    #[cfg(rust_analyzer)]
    use ::ambit::cast as _;
};
