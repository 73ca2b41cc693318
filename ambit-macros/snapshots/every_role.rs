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
#[allow(clippy::missing_const_for_fn)]
impl Counter {
    /// How long `add` may take.
    const TIMEOUT: Duration = Duration::from_secs(1);
    /// Starts at `value`.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub async fn new(
        ctx: &mut ::ambit::Context<Self>,
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
        ctx: &mut ::ambit::Context<Self>,
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
    fn on_down(&mut self, ctx: &mut ::ambit::Context<Self>, down: Down) {
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
#[allow(deprecated)]
impl ::ambit::written::Sent<Counter, 559871422> for Result<u64, LimitReached> {}
#[allow(deprecated)]
impl ::ambit::written::Sent<Counter, 2212227416>
for <ReplyTo<u64> as ::ambit::__private::ReplyPort>::Value {}
#[allow(deprecated)]
impl ::ambit::written::SentState<3134072113> for Counter {}
#[allow(deprecated)]
impl ::ambit::written::Sent<Counter, 1678533976> for Tick {}
#[allow(deprecated)]
impl ::ambit::written::Sent<Counter, 2403124586> for Down {}
/// The calls `Counter` answers.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum CounterCall {
    /// Sent by [`CounterSubject::get`].
    Get {
        /// Receives the reply.
        reply: ::ambit::ReplyTo<u64>,
    },
    /// Sent by [`CounterSubject::add`].
    Add {
        /// The argument `by`.
        by: u64,
        /// Receives the reply.
        reply: ::ambit::ReplyTo<Result<u64, LimitReached>>,
    },
    /// Sent by [`CounterSubject::changed`].
    Changed {
        /// Receives the reply.
        reply: ReplyTo<u64>,
    },
}
::ambit::written::show_messages! {
    [< >] CounterCall, [] { [] Self::Get { .. } => Call "Get"[] [] Self::Add { ref by, ..
    } => Call "Add"["by" by] [] Self::Changed { .. } => Call "Changed"[] } []
}
/// The casts `Counter` handles.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum CounterCast {
    /// Sent by [`CounterSubject::reset`].
    Reset,
    /// Runs `Counter::load`.
    Load {
        /// The argument `text`.
        text: String,
    },
}
::ambit::written::show_messages! {
    [< >] CounterCast, [] { [] Self::Reset => Cast "Reset"[] [] Self::Load { ref text, }
    => Cast "Load"["text" text] } []
}
::ambit::written::clone_messages! {
    [< >] CounterCast, [where for < '__used > String : ::ambit::__private::Clone,] { []
    Reset[] Load { text } } []
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::Protocol for Counter
where
    for<'__used> Result<u64, LimitReached>: ::ambit::written::Sent<Counter, 559871422>,
    for<'__used> <ReplyTo<
        u64,
    > as ::ambit::__private::ReplyPort>::Value: ::ambit::written::Sent<
        Counter,
        2212227416,
    >,
    ReplyTo<u64>: ::ambit::__private::ReplyPort,
{
    type Call = CounterCall;
    type Cast = CounterCast;
    type Subject = CounterSubject;
    const NAME: &'static ::ambit::__private::core::primitive::str = "Counter";
}
/// The handle of a running `Counter`.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct CounterSubject(
    ::ambit::Subject<Counter>,
)
where
    for<'__used> Counter: ::ambit::Protocol;
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::impl_trait_in_params, clippy::same_name_method)]
impl CounterSubject
where
    for<'__used> Counter: ::ambit::Protocol<
        Call = CounterCall,
        Cast = CounterCast,
        Subject = CounterSubject,
    >,
    for<'__used> Result<u64, LimitReached>: ::ambit::written::Sent<Counter, 559871422>,
    for<'__used> ReplyTo<u64>: ::ambit::__private::ReplyPort,
    for<'__used> <ReplyTo<
        u64,
    > as ::ambit::__private::ReplyPort>::Value: ::ambit::written::Sent<
        Counter,
        2212227416,
    >,
{
    /// The current value.
    pub fn get(&self) -> ::ambit::Call<'_, Counter, u64> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(&self.0, CounterCall::Get { reply: __reply }, __asked)
    }
    /// Adds `by` and returns the new value.
    pub fn add(&self, by: u64) -> ::ambit::Call<'_, Counter, Result<u64, LimitReached>> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::call_with_timeout(
            ::ambit::__private::ask(
                &self.0,
                CounterCall::Add {
                    by,
                    reply: __reply,
                },
                __asked,
            ),
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
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(
            &self.0,
            CounterCall::Changed {
                reply: <ReplyTo<
                    u64,
                > as ::ambit::__private::ReplyPort>::from_reply(__reply),
            },
            __asked,
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
    ::ambit::written::handle_functions! {
        [[] send[] reserve[] named[] with_timeout[] when_available] [pub] Counter,
        CounterCast
    }
    /// Narrows the handle to one type of info.
    pub fn recipient<__T>(&self) -> ::ambit::Recipient<__T>
    where
        for<'__used> Counter: ::ambit::GenServer,
        __T: ::ambit::InfoOf<Counter> + ::ambit::__private::Payload,
    {
        ::ambit::Subject::recipient(&self.0)
    }
    /// Refers to the process that the registry holds under the key when a message is sent.
    pub fn via<__T: ::ambit::Resolve<Counter>>(
        __registry: &__T,
        __key: impl ::ambit::__private::Into<__T::Key>,
    ) -> Self {
        ::ambit::Subject::<Counter>::via(__registry, __key)
    }
}
::ambit::written::handle! {
    [] CounterSubject, [where for < '__used > Counter : ::ambit::Protocol,] [] __T :
    ::ambit::Subject < Counter > => ::ambit::Process;
}
#[automatically_derived]
#[allow(deprecated)]
impl ::ambit::Message for CounterSubject
where
    for<'__used> Counter: ::ambit::Protocol,
    for<'__used> CounterSubject: ::ambit::__private::Payload,
{}
::ambit::written::handle_encoding! {
    [< >] CounterSubject, [where for < '__used > Counter : ::ambit::Protocol,] __T :
    Counter;
}
/// The infos `Counter` handles.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum CounterInfo {
    /// Runs `Counter::on_tick`.
    OnTick(Tick),
    /// Runs `Counter::on_down`.
    OnDown(Down),
}
::ambit::written::show_messages! {
    [< >] CounterInfo, [] { [] Self::OnTick(ref __info) => Info "OnTick"["" __info] []
    Self::OnDown(ref __info) => Info "OnDown"["" __info] } []
}
/// What `Counter` can continue with.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum CounterContinue {
    /// Runs `Counter::report`.
    Report {
        /// The argument `added`.
        added: u64,
    },
}
::ambit::written::show_messages! {
    [< >] CounterContinue, [] { [] Self::Report { ref added, } => Cast "Report"["added"
    added] } []
}
#[automatically_derived]
#[allow(deprecated)]
impl ::ambit::Handles<Tick> for Counter
where
    for<'__used> Counter: ::ambit::GenServer<Info = CounterInfo>,
{
    fn into_info(__message: Tick) -> <Self as ::ambit::GenServer>::Info {
        CounterInfo::OnTick(__message)
    }
}
#[automatically_derived]
#[allow(deprecated)]
impl ::ambit::Handles<Down> for Counter
where
    for<'__used> Counter: ::ambit::GenServer<Info = CounterInfo>,
{
    fn into_info(__message: Down) -> <Self as ::ambit::GenServer>::Info {
        CounterInfo::OnDown(__message)
    }
}
/// The arguments of `Counter::start`, which move to the server.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct CounterArgs {
    value: u64,
    limit: u64,
}
::ambit::written::show_args! {
    [< >] CounterArgs, [] "CounterArgs"
}
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
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
    /// Returns a child specification for a supervisor; each start clones these arguments.
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
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::GenServer for Counter
where
    ReplyTo<u64>: ::ambit::__private::ReplyPort,
    for<'__used> Counter: ::ambit::written::SentState<3134072113>,
{
    type Protocol = Self;
    type Info = CounterInfo;
    type Continue = CounterContinue;
    type Args = CounterArgs;
    fn init(
        __args: CounterArgs,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> impl ::ambit::__private::Future<
        Output = ::ambit::__private::Initial<Self>,
    > + ::ambit::__private::Send {
        let __ctx: &mut dyn ::ambit::__private::Held<Self> = __ctx;
        async move {
            let CounterArgs { value: arg_value, limit: arg_limit } = __args;
            ::ambit::__private::IntoInit::<
                Self,
            >::into_init(
                Self::new(::ambit::__private::Held::context(__ctx), arg_value, arg_limit)
                    .await,
            )
        }
    }
    fn handle_now(
        &mut self,
        __message: ::ambit::Incoming<Self>,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> ::ambit::__private::HandledNow<Self> {
        ::ambit::__private::Ok(
            match __message {
                ::ambit::Incoming::Call(CounterCall::Get { reply: __reply }) => {
                    ::ambit::__private::answer(Self::get(self), __reply, __ctx)
                }
                ::ambit::Incoming::Call(CounterCall::Changed { reply: __reply }) => {
                    if ::ambit::__private::skip_expired(&__reply, __ctx) {
                        ::ambit::Flow::Continue
                    } else {
                        ::ambit::__private::done(Self::changed(self, __reply))
                    }
                }
                ::ambit::Incoming::Cast(CounterCast::Reset) => {
                    ::ambit::__private::done(Self::reset(self))
                }
                ::ambit::Incoming::Info(CounterInfo::OnTick(__info)) => {
                    ::ambit::__private::done(Self::on_tick(self, __info))
                }
                ::ambit::Incoming::Info(CounterInfo::OnDown(__info)) => {
                    ::ambit::__private::done(Self::on_down(self, __ctx, __info))
                }
                ::ambit::Incoming::Continue(
                    CounterContinue::Report { added: arg_added },
                ) => ::ambit::__private::done(Self::report(self, arg_added)),
                __message => return ::ambit::__private::Err(__message),
            },
        )
    }
    fn handle_call(
        &mut self,
        __message: CounterCall,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> impl ::ambit::__private::Future<
        Output = ::ambit::Flow,
    > + ::ambit::__private::Send {
        let __ctx: &mut dyn ::ambit::__private::Held<Self> = __ctx;
        async move {
            match __message {
                CounterCall::Add { by: arg_by, reply: __reply } => {
                    ::ambit::__private::answer(
                        Self::add(self, ::ambit::__private::Held::context(__ctx), arg_by)
                            .await,
                        __reply,
                        ::ambit::__private::Held::context(__ctx),
                    )
                }
                __message => {
                    ::ambit::__private::handled_now(
                        self,
                        ::ambit::Incoming::Call(__message),
                        ::ambit::__private::Held::context(__ctx),
                    )
                }
            }
        }
    }
    fn handle_cast(
        &mut self,
        __message: CounterCast,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> impl ::ambit::__private::Future<
        Output = ::ambit::Flow,
    > + ::ambit::__private::Send {
        let __ctx: &mut dyn ::ambit::__private::Held<Self> = __ctx;
        async move {
            match __message {
                CounterCast::Load { text: arg_text } => {
                    ::ambit::__private::IntoFlow::into_flow(
                        Self::load(self, arg_text).await,
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
    fn arguments_of(__message: &::ambit::Incoming<Self>) -> ::ambit::__private::Text {
        ::ambit::__private::shown_as(__message)
    }
    const TERMINATES_AFTER_PANIC: ::ambit::__private::core::primitive::bool = false;
    fn terminate(
        &mut self,
        __reason: &::ambit::ExitReason,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> impl ::ambit::__private::Future<Output = ()> + ::ambit::__private::Send {
        async move {
            Self::bye(self, __reason).await;
        }
    }
}
#[allow(deprecated)]
impl ::ambit::written::OneBlock<244657062307925333u64> for Counter {}
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
        use ::ambit::call as _;
        use ::ambit::cast as _;
        use ::ambit::cast as _;
        use ::ambit::info as _;
        use ::ambit::info as _;
        use ::ambit::continue_with as _;
        use ::ambit::terminate as _;
    };
};
impl From<LimitReached> for Box<dyn std::error::Error + Send + Sync> {
    fn from(_: LimitReached) -> Self {
        "limit reached".into()
    }
}
