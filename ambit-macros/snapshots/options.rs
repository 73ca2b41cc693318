use ambit::prelude::*;
const ROOM: usize = 64;
struct Private {
    value: u64,
}
#[allow(clippy::missing_const_for_fn)]
impl Private {
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn get(&self) -> u64 {
        self.value
    }
}
#[allow(deprecated)]
impl ::ambit::written::SentState<3571606296> for Private {}
/// The calls `Private` answers.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub(crate) enum PrivateCall {
    /// Runs `Private::get`.
    Get {
        /// Receives the reply.
        reply: ::ambit::ReplyTo<u64>,
    },
}
::ambit::written::show_messages! {
    [< >] PrivateCall, [] { [] Self::Get { .. } => Call "Get"[] } []
}
/// The casts `Private` handles.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub(crate) enum PrivateCast {}
::ambit::written::show_messages! {
    [< >] PrivateCast, [] {} []
}
::ambit::written::clone_messages! {
    [< >] PrivateCast, [where] {} []
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::Protocol for Private {
    type Call = PrivateCall;
    type Cast = PrivateCast;
    type Subject = PrivateSubject;
    const NAME: &'static ::ambit::__private::core::primitive::str = "Private";
}
/// The handle of a running `Private`.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub(crate) struct PrivateSubject(::ambit::Subject<Private>);
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::impl_trait_in_params, clippy::same_name_method)]
impl PrivateSubject
where
    for<'__used> Private: ::ambit::Protocol<
        Call = PrivateCall,
        Cast = PrivateCast,
        Subject = PrivateSubject,
    >,
{
    /// Runs `Private::get`.
    fn get(&self) -> ::ambit::Call<'_, Private, u64> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(&self.0, PrivateCall::Get { reply: __reply }, __asked)
    }
    ::ambit::written::handle_functions! {
        [[] send[] reserve[] named[] with_timeout[] when_available] [pub (crate)]
        Private, PrivateCast
    }
    /// Narrows the handle to one type of info.
    pub(crate) fn recipient<__T>(&self) -> ::ambit::Recipient<__T>
    where
        __T: ::ambit::InfoOf<Private> + ::ambit::__private::Payload,
    {
        ::ambit::Subject::recipient(&self.0)
    }
    /// Refers to the process that the registry holds under the key when a message is sent.
    pub(crate) fn via<__T: ::ambit::Resolve<Private>>(
        __registry: &__T,
        __key: impl ::ambit::__private::Into<__T::Key>,
    ) -> Self {
        ::ambit::Subject::<Private>::via(__registry, __key)
    }
}
::ambit::written::handle! {
    [] PrivateSubject, [where] [] __T : ::ambit::Subject < Private > => ::ambit::Process;
}
#[automatically_derived]
#[allow(deprecated)]
impl ::ambit::Message for PrivateSubject
where
    for<'__used> PrivateSubject: ::ambit::__private::Payload,
{}
::ambit::written::handle_encoding! {
    [< >] PrivateSubject, [where] __T : Private;
}
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl Private {
    /// Starts a server with this value as its state.
    pub(crate) fn start(self) -> ::ambit::Start<Self> {
        ::ambit::__private::start(self)
    }
    /// Returns a child specification for a supervisor; the closure is called for each start.
    #[allow(clippy::impl_trait_in_params)]
    pub(crate) fn child_spec(
        __make: impl ::ambit::__private::core::ops::Fn(
        ) -> Self + ::ambit::__private::core::marker::Send + ::ambit::__private::core::marker::Sync + 'static,
    ) -> ::ambit::ChildSpec<Self> {
        ::ambit::ChildSpec::from_fn(move || ::ambit::__private::start(__make()))
    }
}
#[allow(deprecated, unreachable_code, unreachable_patterns)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::GenServer for Private
where
    for<'__used> Private: ::ambit::written::SentState<3571606296>,
{
    type Protocol = Self;
    type Info = ::ambit::__private::core::convert::Infallible;
    type Continue = ::ambit::__private::core::convert::Infallible;
    const OPTIONS: ::ambit::ServerOptions = ::ambit::ServerOptions::DEFAULT
        .mailbox(ROOM)
        .overflow(::ambit::Overflow::DropOldest)
        .in_place(::ambit::InPlace::Never);
    type Args = Self;
    fn init(
        __args: Self,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> impl ::ambit::__private::core::future::Future<
        Output = ::ambit::__private::Initial<Self>,
    > + ::ambit::__private::core::marker::Send + use<> {
        ::ambit::__private::ready(::ambit::__private::Ok(__args))
    }
    fn handle_now(
        &mut self,
        __message: ::ambit::Incoming<Self>,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> ::ambit::__private::HandledNow<Self> {
        ::ambit::__private::Ok(
            match __message {
                ::ambit::Incoming::Call(PrivateCall::Get { reply: __reply }) => {
                    ::ambit::__private::answer(Self::get(self), __reply, __ctx)
                }
                __message => return ::ambit::__private::Err(__message),
            },
        )
    }
    fn method_of(
        __message: &::ambit::Incoming<Self>,
    ) -> &'static ::ambit::__private::core::primitive::str {
        match __message {
            ::ambit::Incoming::Call(PrivateCall::Get { .. }) => "get",
            _ => "",
        }
    }
    fn arguments_of(__message: &::ambit::Incoming<Self>) -> ::ambit::__private::Text {
        ::ambit::__private::shown_as(__message)
    }
    const TERMINATES: ::ambit::__private::core::primitive::bool = false;
}
#[allow(deprecated)]
impl ::ambit::written::OneBlock<244657062307925333u64> for Private {}
#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    const _: () = {
        use ::ambit::call as _;
    };
};
