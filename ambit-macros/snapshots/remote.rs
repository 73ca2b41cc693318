use ambit::prelude::*;
pub struct Counter {
    value: u64,
    waiting: Vec<ReplyTo<u64>>,
}
#[allow(clippy::missing_const_for_fn)]
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
#[allow(deprecated)]
impl ::ambit::written::Sent<Counter, 1510436782>
for <ReplyTo<u64> as ::ambit::__private::ReplyPort>::Value {}
/// The calls `Counter` answers.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum CounterCall {
    /// Sent by [`CounterSubject::add`].
    Add {
        /// The argument `by`.
        by: u64,
        /// Receives the reply.
        reply: ::ambit::ReplyTo<Result<u64, String>>,
    },
    /// Sent by [`CounterSubject::changed`].
    Changed {
        /// Receives the reply.
        reply: ReplyTo<u64>,
    },
}
::ambit::written::show_messages! {
    [< >] CounterCall, [] { [] Self::Add { ref by, .. } => Call "Add"["by" by] []
    Self::Changed { .. } => Call "Changed"[] } []
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
impl ::ambit::Protocol for Counter
where
    for<'__used> <ReplyTo<
        u64,
    > as ::ambit::__private::ReplyPort>::Value: ::ambit::written::Sent<
        Counter,
        1510436782,
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
    for<'__used> ReplyTo<u64>: ::ambit::__private::ReplyPort,
    for<'__used> <ReplyTo<
        u64,
    > as ::ambit::__private::ReplyPort>::Value: ::ambit::written::Sent<
        Counter,
        1510436782,
    >,
{
    /// Adds `by` and returns the new value.
    pub fn add(&self, by: u64) -> ::ambit::Call<'_, Counter, Result<u64, String>> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(
            &self.0,
            CounterCall::Add {
                by,
                reply: __reply,
            },
            __asked,
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
    /// Back to zero. It was called `clear` once.
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
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::__private::Addressed for Counter
where
    for<'__used> <ReplyTo<
        u64,
    > as ::ambit::__private::ReplyPort>::Value: ::ambit::written::Sent<
        Counter,
        1510436782,
    >,
    ReplyTo<u64>: ::ambit::__private::ReplyPort,
{
    const ADDRESS: &'static ::ambit::__private::core::primitive::str = "shop.counter";
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::message::Remote for Counter
where
    for<'__used> <ReplyTo<
        u64,
    > as ::ambit::__private::ReplyPort>::Value: ::ambit::written::Sent<
        Counter,
        1510436782,
    >,
    ReplyTo<u64>: ::ambit::__private::ReplyPort,
{
    fn interface(__types: &mut ::ambit::message::Types) -> ::ambit::message::Interface {
        let mut __methods = ::ambit::__private::std::vec::Vec::new();
        ::ambit::__private::std::vec::Vec::push(
            &mut __methods,
            ::ambit::__private::wire::method(
                "add",
                [<u64 as ::ambit::message::Wire>::field(__types, "by", false)],
                ::ambit::__private::std::option::Option::Some(
                    <Result<u64, String> as ::ambit::message::Wire>::answer(__types),
                ),
            ),
        );
        ::ambit::__private::std::vec::Vec::push(
            &mut __methods,
            ::ambit::__private::wire::method(
                "changed",
                [],
                ::ambit::__private::std::option::Option::Some(
                    <<ReplyTo<
                        u64,
                    > as ::ambit::__private::ReplyPort>::Value as ::ambit::message::Wire>::answer(
                        __types,
                    ),
                ),
            ),
        );
        ::ambit::__private::std::vec::Vec::push(
            &mut __methods,
            ::ambit::__private::wire::method(
                "clear",
                [],
                ::ambit::__private::std::option::Option::None,
            ),
        );
        ::ambit::__private::wire::interface(__methods)
    }
    fn call_tag(__call: &CounterCall) -> ::ambit::__private::core::primitive::u32 {
        match *__call {
            CounterCall::Add { .. } => 993596020,
            CounterCall::Changed { .. } => 1177151643,
        }
    }
    fn cast_tag(__cast: &CounterCast) -> ::ambit::__private::core::primitive::u32 {
        match *__cast {
            CounterCast::Reset { .. } => 1550717474,
        }
    }
    fn put_call<__T: ::ambit::message::Codec>(
        __message: &CounterCall,
        __out: &mut ::ambit::message::Out<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<(), ::ambit::message::EncodeError> {
        match *__message {
            CounterCall::Add { by: ref arg_by, .. } => {
                ::ambit::message::Out::record(__out, 1)?;
                <u64 as ::ambit::message::Wire>::put_field(arg_by, 890022063, __out)?;
                ::ambit::__private::core::result::Result::Ok(())
            }
            CounterCall::Changed { .. } => {
                ::ambit::message::Out::record(__out, 0)?;
                ::ambit::__private::core::result::Result::Ok(())
            }
        }
    }
    fn put_cast<__T: ::ambit::message::Codec>(
        __message: &CounterCast,
        __out: &mut ::ambit::message::Out<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<(), ::ambit::message::EncodeError> {
        match *__message {
            CounterCast::Reset { .. } => {
                ::ambit::message::Out::record(__out, 0)?;
                ::ambit::__private::core::result::Result::Ok(())
            }
        }
    }
    fn waiting<__T: ::ambit::message::Codec>(
        __call: CounterCall,
    ) -> ::ambit::message::AnswerWaiter<__T> {
        match __call {
            CounterCall::Add { reply: __reply, .. } => {
                <Result<
                    u64,
                    String,
                > as ::ambit::message::Wire>::waiting(
                    ::ambit::__private::ReplyPort::into_reply(__reply),
                )
            }
            CounterCall::Changed { reply: __reply, .. } => {
                <<ReplyTo<
                    u64,
                > as ::ambit::__private::ReplyPort>::Value as ::ambit::message::Wire>::waiting(
                    ::ambit::__private::ReplyPort::into_reply(__reply),
                )
            }
        }
    }
    #[allow(unused_mut, unused_variables)]
    fn take_call<__T: ::ambit::message::Codec>(
        __method: ::ambit::__private::core::primitive::u32,
        mut __input: ::ambit::message::In<'_, __T>,
        __asking: ::ambit::message::Asking<'_, Self, __T>,
    ) -> ::ambit::__private::core::result::Result<
        ::ambit::message::Answering,
        ::ambit::message::DecodeError,
    > {
        match __method {
            993596020 => {
                let mut __args = ::ambit::message::In::record(&mut __input)?;
                let arg_by = <u64 as ::ambit::message::Wire>::take_field(
                    "by",
                    890022063,
                    &mut __args,
                )?;
                ::ambit::message::Record::end(__args);
                ::ambit::message::In::finish(__input)?;
                ::ambit::__private::core::result::Result::Ok(
                    <Result<
                        u64,
                        String,
                    > as ::ambit::message::Wire>::ask(
                        __asking,
                        |__reply| CounterCall::Add {
                            by: arg_by,
                            reply: ::ambit::__private::ReplyPort::from_reply(__reply),
                        },
                    ),
                )
            }
            1177151643 => {
                let mut __args = ::ambit::message::In::record(&mut __input)?;
                ::ambit::message::Record::end(__args);
                ::ambit::message::In::finish(__input)?;
                ::ambit::__private::core::result::Result::Ok(
                    <<ReplyTo<
                        u64,
                    > as ::ambit::__private::ReplyPort>::Value as ::ambit::message::Wire>::ask(
                        __asking,
                        |__reply| CounterCall::Changed {
                            reply: ::ambit::__private::ReplyPort::from_reply(__reply),
                        },
                    ),
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
        __method: ::ambit::__private::core::primitive::u32,
        mut __input: ::ambit::message::In<'_, __T>,
    ) -> ::ambit::__private::core::result::Result<
        CounterCast,
        ::ambit::message::DecodeError,
    > {
        match __method {
            1550717474 => {
                let mut __args = ::ambit::message::In::record(&mut __input)?;
                ::ambit::message::Record::end(__args);
                ::ambit::message::In::finish(__input)?;
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
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::message::StartArgs for CounterArgs
where
    for<'__used> u64: ::ambit::message::Wire,
{
    fn fields(
        __types: &mut ::ambit::message::Types,
    ) -> ::ambit::__private::std::vec::Vec<::ambit::message::Field> {
        ::ambit::__private::core::convert::From::<
            [::ambit::message::Field; 1],
        >::from([::ambit::__private::wire::argument::<u64>(__types, "value")])
    }
    fn put<__C: ::ambit::message::Codec>(
        self,
        __out: &mut ::ambit::message::Out<'_, __C>,
    ) -> ::ambit::__private::core::result::Result<(), ::ambit::message::EncodeError> {
        let Self { value: arg_value, .. } = self;
        ::ambit::message::Out::record(__out, 1)?;
        <u64 as ::ambit::message::Wire>::put_field(&arg_value, 890022063, __out)?;
        ::ambit::__private::core::result::Result::Ok(())
    }
    #[allow(unused_mut)]
    fn take<__C: ::ambit::message::Codec>(
        __input: &mut ::ambit::message::In<'_, __C>,
    ) -> ::ambit::__private::core::result::Result<Self, ::ambit::message::DecodeError> {
        let mut __record = ::ambit::message::In::record(__input)?;
        let arg_value = <u64 as ::ambit::message::Wire>::take_field(
            "value",
            890022063,
            &mut __record,
        )?;
        ::ambit::message::Record::end(__record);
        ::ambit::__private::core::result::Result::Ok(Self { value: arg_value })
    }
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::message::ArgsOf<Counter, CounterArgs> for (u64,) {
    fn into_args(self) -> CounterArgs {
        let (value,) = self;
        CounterArgs { value }
    }
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
    /// Starts a server.
    pub fn start(value: u64) -> ::ambit::Start<Self>
    where
        for<'__used> Self: ::ambit::GenServer<Args = CounterArgs>,
    {
        ::ambit::__private::start(CounterArgs { value })
    }
    /// Returns a child specification for a supervisor; each start clones these arguments.
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
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::GenServer for Counter
where
    for<'__used> <ReplyTo<
        u64,
    > as ::ambit::__private::ReplyPort>::Value: ::ambit::written::Sent<
        Counter,
        1510436782,
    >,
    ReplyTo<u64>: ::ambit::__private::ReplyPort,
{
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
                ::ambit::Incoming::Call(
                    CounterCall::Add { by: arg_by, reply: __reply },
                ) => ::ambit::__private::answer(Self::add(self, arg_by), __reply, __ctx),
                ::ambit::Incoming::Call(CounterCall::Changed { reply: __reply }) => {
                    ::ambit::__private::done(Self::changed(self, __reply))
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
            ::ambit::Incoming::Call(CounterCall::Add { .. }) => "add",
            ::ambit::Incoming::Call(CounterCall::Changed { .. }) => "changed",
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
        use ::ambit::call as _;
        use ::ambit::cast as _;
    };
};
