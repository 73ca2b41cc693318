use ambit::prelude::*;
/// Counts.
pub struct Counter {
    value: u64,
}
#[allow(clippy::missing_const_for_fn)]
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
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum CounterCall {
    /// Sent by [`CounterSubject::get`].
    Get {
        /// Receives the reply.
        reply: ::ambit::ReplyTo<u64>,
    },
}
::ambit::written::show_messages! {
    [< >] CounterCall, [] { [] Self::Get { .. } => Call "Get"[] } []
}
/// The casts `Counter` handles.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum CounterCast {
    /// Sent by [`CounterSubject::reset`].
    Reset,
}
::ambit::written::show_messages! {
    [< >] CounterCast, [] { [] Self::Reset => Cast "Reset"[] } []
}
::ambit::written::clone_messages! {
    [< >] CounterCast, [where] { [] Reset } []
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::Protocol for Counter {
    type Call = CounterCall;
    type Cast = CounterCast;
    type Subject = CounterSubject;
    const NAME: &'static ::ambit::__private::core::primitive::str = "Counter";
}
/// The handle of a running `Counter`.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct CounterSubject(::ambit::Subject<Counter>);
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
{
    /// The current value.
    pub fn get(&self) -> ::ambit::Call<'_, Counter, u64> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(&self.0, CounterCall::Get { reply: __reply }, __asked)
    }
    /// Back to zero.
    pub fn reset(&self) -> ::ambit::Cast<'_, Counter> {
        ::ambit::Subject::send(&self.0, CounterCast::Reset)
    }
    ::ambit::written::handle_functions! {
        [[] send[] reserve[] named[] with_timeout[] when_available] [pub] Counter,
        CounterCast
    }
    /// Narrows the handle to one type of info.
    pub fn recipient<__T>(&self) -> ::ambit::Recipient<__T>
    where
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
    [] CounterSubject, [where] [] __T : ::ambit::Subject < Counter > => ::ambit::Process;
}
#[automatically_derived]
#[allow(deprecated)]
impl ::ambit::Message for CounterSubject
where
    for<'__used> CounterSubject: ::ambit::__private::Payload,
{}
::ambit::written::handle_encoding! {
    [< >] CounterSubject, [where] __T : Counter;
}
/// The arguments of `Counter::start`, which move to the server.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct CounterArgs {
    value: u64,
}
::ambit::written::show_args! {
    [< >] CounterArgs, [] "CounterArgs"
}
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl Counter {
    /// Starts at `value`.
    pub fn start(value: u64) -> ::ambit::Start<Self> {
        ::ambit::__private::start(CounterArgs { value })
    }
    /// Returns a child specification for a supervisor; each start clones these arguments.
    pub fn child_spec(value: u64) -> ::ambit::ChildSpec<Self>
    where
        for<'__used> u64: ::ambit::__private::RestartArgs,
    {
        ::ambit::__private::child_spec_of(
            (value,),
            |(value,)| ::ambit::__private::start(CounterArgs { value }),
        )
    }
}
#[allow(deprecated, unreachable_code, unreachable_patterns)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::GenServer for Counter {
    type Protocol = Self;
    type Info = ::ambit::__private::core::convert::Infallible;
    type Continue = ::ambit::__private::core::convert::Infallible;
    type Args = CounterArgs;
    fn init(
        __args: CounterArgs,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> impl ::ambit::__private::Future<
        Output = ::ambit::__private::Initial<Self>,
    > + ::ambit::__private::Send {
        ::ambit::__private::lazy(move || {
            let CounterArgs { value: arg_value } = __args;
            ::ambit::__private::IntoInit::<Self>::into_init(Self::new(arg_value))
        })
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
                ::ambit::Incoming::Cast(CounterCast::Reset) => {
                    ::ambit::__private::done(Self::reset(self))
                }
                __message => return ::ambit::__private::Err(__message),
            },
        )
    }
    fn method_of(
        __message: &::ambit::Incoming<Self>,
    ) -> &'static ::ambit::__private::core::primitive::str {
        match __message {
            ::ambit::Incoming::Call(CounterCall::Get { .. }) => "get",
            ::ambit::Incoming::Cast(CounterCast::Reset) => "reset",
            _ => "",
        }
    }
    fn arguments_of(__message: &::ambit::Incoming<Self>) -> ::ambit::__private::Text {
        ::ambit::__private::shown_as(__message)
    }
    const TERMINATES: ::ambit::__private::core::primitive::bool = false;
}
#[allow(deprecated)]
impl ::ambit::written::OneBlock<244657062307925333u64> for Counter {}
#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    const _: () = {
        use ::ambit::init as _;
        use ::ambit::call as _;
        use ::ambit::cast as _;
    };
};
