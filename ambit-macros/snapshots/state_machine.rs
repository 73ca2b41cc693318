use std::time::Duration;
use ambit::prelude::*;
/// A door with a code.
pub struct Door {
    code: u32,
    opened: u64,
}
#[allow(clippy::missing_const_for_fn)]
impl Door {
    /// A locked door.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn new(ctx: &mut ::ambit::Context<Self>, code: u32) -> Self {
        if code == 0 {
            ctx.start_in(DoorState::Open);
        }
        Self { code, opened: 0 }
    }
    /// Opens the door, if the code is right.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn unlock(&mut self, code: u32) -> (DoorUnlockTo, bool) {
        if code == self.code {
            (DoorUnlockTo::Open, true)
        } else {
            (DoorUnlockTo::Stay, false)
        }
    }
    /// How often it was opened.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub async fn opened(&mut self) -> u64 {
        self.opened
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn close(&mut self, hard: bool) {
        assert!(! hard, "not so hard");
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn fall(&mut self) {}
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn on_down(&mut self, _down: Down) {}
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn count(&mut self, ctx: &mut ::ambit::Context<Self>) {
        self.opened += 1;
        ctx.timeout(DoorTimeout::Creak, Duration::from_secs(1));
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    async fn leave(&mut self) {}
    /// Nobody leaves it open.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn lock_again(&mut self) {}
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn creak(&mut self, ctx: &mut ::ambit::Context<Self>) {
        ctx.next_event(DoorInternal::Fall);
    }
}
/// The states of `Door`.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::exhaustive_enums)]
#[derive(
    ::ambit::__private::core::clone::Clone,
    ::ambit::__private::core::marker::Copy,
    ::ambit::__private::core::fmt::Debug,
    ::ambit::__private::core::cmp::PartialEq,
    ::ambit::__private::core::cmp::Eq,
    ::ambit::__private::core::hash::Hash,
)]
pub enum DoorState {
    /// `Locked`, one of the states of `Door`.
    Locked,
    /// `Open`, one of the states of `Door`.
    Open,
    /// `Broken`, one of the states of `Door`.
    Broken,
}
/// The names of the timeouts of `Door`.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::exhaustive_enums)]
#[derive(
    ::ambit::__private::core::clone::Clone,
    ::ambit::__private::core::marker::Copy,
    ::ambit::__private::core::fmt::Debug,
    ::ambit::__private::core::cmp::PartialEq,
    ::ambit::__private::core::cmp::Eq,
    ::ambit::__private::core::hash::Hash,
)]
pub enum DoorTimeout {
    /// Set with `ctx.timeout(..)`, handled as `creak`.
    Creak,
}
/// The targets of `Door::unlock`.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::exhaustive_enums)]
#[derive(
    ::ambit::__private::core::clone::Clone,
    ::ambit::__private::core::marker::Copy,
    ::ambit::__private::core::fmt::Debug,
    ::ambit::__private::core::cmp::PartialEq,
    ::ambit::__private::core::cmp::Eq,
    ::ambit::__private::core::hash::Hash,
)]
pub enum DoorUnlockTo {
    /// Changes to `Open`.
    Open,
    /// Keeps the current state.
    Stay,
}
#[automatically_derived]
impl ::ambit::machine::Choice for DoorUnlockTo {
    type State = DoorState;
    fn next(self) -> ::ambit::machine::Next<DoorState> {
        match self {
            Self::Open => ::ambit::machine::Next::To(DoorState::Open),
            Self::Stay => ::ambit::machine::Next::Stay,
        }
    }
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::__private::core::convert::From<DoorCall>
for ::ambit::machine::StateEvent<Door>
where
    for<'__used> Door: ::ambit::StateMachine<Protocol = Door, Internal = DoorInternal>,
    for<'__used> Door: ::ambit::Protocol<Call = DoorCall, Cast = DoorCast>,
{
    fn from(__message: DoorCall) -> Self {
        Self::Call(__message)
    }
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::__private::core::convert::From<DoorCast>
for ::ambit::machine::StateEvent<Door>
where
    for<'__used> Door: ::ambit::StateMachine<Protocol = Door, Internal = DoorInternal>,
    for<'__used> Door: ::ambit::Protocol<Call = DoorCall, Cast = DoorCast>,
{
    fn from(__message: DoorCast) -> Self {
        Self::Cast(__message)
    }
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::__private::core::convert::From<DoorInternal>
for ::ambit::machine::StateEvent<Door>
where
    for<'__used> Door: ::ambit::StateMachine<Protocol = Door, Internal = DoorInternal>,
    for<'__used> Door: ::ambit::Protocol<Call = DoorCall, Cast = DoorCast>,
{
    fn from(__message: DoorInternal) -> Self {
        Self::Internal(__message)
    }
}
#[allow(deprecated)]
impl ::ambit::written::SentState<2029103937> for Door {}
#[allow(deprecated)]
impl ::ambit::written::Sent<Door, 2434247061> for Down {}
/// The calls `Door` answers.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum DoorCall {
    /// Sent by [`DoorSubject::unlock`].
    Unlock {
        /// The argument `code`.
        code: u32,
        /// Receives the reply.
        reply: ::ambit::ReplyTo<bool>,
    },
    /// Sent by [`DoorSubject::opened`].
    Opened {
        /// Receives the reply.
        reply: ::ambit::ReplyTo<u64>,
    },
}
::ambit::written::show_messages! {
    [< >] DoorCall, [] { [] Self::Unlock { ref code, .. } => Call "Unlock"["code" code]
    [] Self::Opened { .. } => Call "Opened"[] } []
}
/// The casts `Door` handles.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum DoorCast {
    /// Sent by [`DoorSubject::close`].
    Close {
        /// The argument `hard`.
        hard: bool,
    },
}
::ambit::written::show_messages! {
    [< >] DoorCast, [] { [] Self::Close { ref hard, } => Cast "Close"["hard" hard] } []
}
::ambit::written::clone_messages! {
    [< >] DoorCast, [where for < '__used > bool : ::ambit::__private::Clone,] { [] Close
    { hard } } []
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::Protocol for Door {
    type Call = DoorCall;
    type Cast = DoorCast;
    type Subject = DoorSubject;
    const NAME: &'static ::ambit::__private::core::primitive::str = "Door";
}
/// The handle of a running `Door`.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct DoorSubject(
    ::ambit::Subject<Door>,
)
where
    for<'__used> Door: ::ambit::Protocol;
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::impl_trait_in_params, clippy::same_name_method)]
impl DoorSubject
where
    for<'__used> Door: ::ambit::Protocol<
        Call = DoorCall,
        Cast = DoorCast,
        Subject = DoorSubject,
    >,
{
    /// Opens the door, if the code is right.
    pub fn unlock(&self, code: u32) -> ::ambit::Call<'_, Door, bool> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(
            &self.0,
            DoorCall::Unlock {
                code,
                reply: __reply,
            },
            __asked,
        )
    }
    /// How often it was opened.
    pub fn opened(&self) -> ::ambit::Call<'_, Door, u64> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::call_with_timeout(
            ::ambit::__private::ask(
                &self.0,
                DoorCall::Opened { reply: __reply },
                __asked,
            ),
            Duration::from_secs(1),
        )
    }
    /// Runs `Door::close`.
    pub fn close(&self, hard: bool) -> ::ambit::Cast<'_, Door> {
        ::ambit::Subject::send(&self.0, DoorCast::Close { hard })
    }
    ::ambit::written::handle_functions! {
        [[] send[] reserve[] named[] with_timeout[] when_available] [pub] Door, DoorCast
    }
    /// Narrows the handle to one type of info.
    pub fn recipient<__T>(&self) -> ::ambit::Recipient<__T>
    where
        for<'__used> Door: ::ambit::GenServer,
        __T: ::ambit::InfoOf<Door> + ::ambit::__private::Payload,
    {
        ::ambit::Subject::recipient(&self.0)
    }
    /// Refers to the process that the registry holds under the key when a message is sent.
    pub fn via<__T: ::ambit::Resolve<Door>>(
        __registry: &__T,
        __key: impl ::ambit::__private::Into<__T::Key>,
    ) -> Self {
        ::ambit::Subject::<Door>::via(__registry, __key)
    }
}
::ambit::written::handle! {
    [] DoorSubject, [where for < '__used > Door : ::ambit::Protocol,] [] __T :
    ::ambit::Subject < Door > => ::ambit::Process;
}
#[automatically_derived]
#[allow(deprecated)]
impl ::ambit::Message for DoorSubject
where
    for<'__used> Door: ::ambit::Protocol,
    for<'__used> DoorSubject: ::ambit::__private::Payload,
{}
::ambit::written::handle_encoding! {
    [< >] DoorSubject, [where for < '__used > Door : ::ambit::Protocol,] __T : Door;
}
/// The infos `Door` handles.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum DoorInfo {
    /// Runs `Door::on_down`.
    OnDown(Down),
}
::ambit::written::show_messages! {
    [< >] DoorInfo, [] { [] Self::OnDown(ref __info) => Info "OnDown"["" __info] } []
}
/// The events that `Door` sends to itself.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum DoorInternal {
    /// Runs `Door::fall`.
    Fall,
}
::ambit::written::show_messages! {
    [< >] DoorInternal, [] { [] Self::Fall => Cast "Fall"[] } []
}
#[automatically_derived]
#[allow(deprecated)]
impl ::ambit::Handles<Down> for Door
where
    for<'__used> Door: ::ambit::GenServer<Info = ::ambit::machine::StateInfo<Self>>,
{
    fn into_info(__message: Down) -> <Self as ::ambit::GenServer>::Info {
        ::ambit::machine::StateInfo::Message(DoorInfo::OnDown(__message))
    }
}
/// The arguments of `Door::start`, which move to the server.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct DoorArgs {
    code: u32,
}
::ambit::written::show_args! {
    [< >] DoorArgs, [] "DoorArgs"
}
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl Door {
    /// A locked door.
    pub fn start(code: u32) -> ::ambit::Start<Self>
    where
        for<'__used> Self: ::ambit::GenServer<Args = DoorArgs>,
    {
        ::ambit::__private::start(DoorArgs { code })
    }
    /// Returns a child specification for a supervisor; each start clones these arguments.
    pub fn child_spec(code: u32) -> ::ambit::ChildSpec<Self>
    where
        for<'__used> u32: ::ambit::__private::RestartArgs,
        for<'__used> Self: ::ambit::GenServer<Args = DoorArgs>,
    {
        ::ambit::__private::child_spec_of(
            (code,),
            |(code,)| ::ambit::__private::start(DoorArgs { code }),
        )
    }
}
#[allow(deprecated, unreachable_code, unreachable_patterns)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::GenServer for Door
where
    for<'__used> Door: ::ambit::written::SentState<2029103937>,
{
    type Protocol = Self;
    type Info = ::ambit::machine::StateInfo<Self>;
    type Continue = ::ambit::machine::StateStep<Self>;
    const OPTIONS: ::ambit::ServerOptions = ::ambit::ServerOptions::DEFAULT.mailbox(64);
    type Args = DoorArgs;
    fn init(
        __args: DoorArgs,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> impl ::ambit::__private::Future<
        Output = ::ambit::__private::Initial<Self>,
    > + ::ambit::__private::Send {
        ::ambit::Context::start_in(__ctx, DoorState::Locked);
        let __ctx: &mut dyn ::ambit::__private::Held<Self> = __ctx;
        ::ambit::__private::lazy(move || {
            let DoorArgs { code: arg_code } = __args;
            ::ambit::__private::IntoInit::<
                Self,
            >::into_init(Self::new(::ambit::__private::Held::context(__ctx), arg_code))
        })
    }
    fn handle_now(
        &mut self,
        __message: ::ambit::Incoming<Self>,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> ::ambit::__private::core::result::Result<
        ::ambit::Flow,
        ::ambit::Incoming<Self>,
    > {
        ::ambit::machine::handle_now(self, __message, __ctx)
    }
    fn handle_continue(
        &mut self,
        __step: ::ambit::machine::StateStep<Self>,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> impl ::ambit::__private::Future<
        Output = ::ambit::Flow,
    > + ::ambit::__private::Send {
        ::ambit::machine::handle_later(self, __step, __ctx)
    }
    fn method_of(
        __message: &::ambit::Incoming<Self>,
    ) -> &'static ::ambit::__private::core::primitive::str {
        let __call = |
            __message: &DoorCall,
        | -> &'static ::ambit::__private::core::primitive::str {
            match *__message {
                DoorCall::Unlock { .. } => "unlock",
                DoorCall::Opened { .. } => "opened",
                _ => "",
            }
        };
        let __cast = |
            __message: &DoorCast,
        | -> &'static ::ambit::__private::core::primitive::str {
            match *__message {
                DoorCast::Close { .. } => "close",
                _ => "",
            }
        };
        let __info = |
            __message: &DoorInfo,
        | -> &'static ::ambit::__private::core::primitive::str {
            match *__message {
                DoorInfo::OnDown(..) => "on_down",
                _ => "",
            }
        };
        let __own = |
            __message: &DoorInternal,
        | -> &'static ::ambit::__private::core::primitive::str {
            match *__message {
                DoorInternal::Fall { .. } => "fall",
                _ => "",
            }
        };
        match __message {
            ::ambit::Incoming::Call(__message) => __call(__message),
            ::ambit::Incoming::Cast(__message) => __cast(__message),
            ::ambit::Incoming::Info(::ambit::machine::StateInfo::Message(__message)) => {
                __info(__message)
            }
            ::ambit::Incoming::Info(_) => "timeout",
            ::ambit::Incoming::Continue(__step) => {
                match ::ambit::machine::StateStep::event(__step) {
                    ::ambit::__private::core::option::Option::Some(__event) => {
                        match __event {
                            ::ambit::machine::StateEvent::Call(__message) => {
                                __call(__message)
                            }
                            ::ambit::machine::StateEvent::Cast(__message) => {
                                __cast(__message)
                            }
                            ::ambit::machine::StateEvent::Info(__message) => {
                                __info(__message)
                            }
                            ::ambit::machine::StateEvent::Internal(__message) => {
                                __own(__message)
                            }
                            ::ambit::machine::StateEvent::Timeout(DoorTimeout::Creak) => {
                                "creak"
                            }
                            ::ambit::machine::StateEvent::StateTimeout => "state_timeout",
                            ::ambit::machine::StateEvent::EventTimeout => "event_timeout",
                            ::ambit::machine::StateEvent::Enter { .. } => "enter",
                            ::ambit::machine::StateEvent::Exit { .. } => "exit",
                            _ => "",
                        }
                    }
                    ::ambit::__private::core::option::Option::None => "",
                }
            }
        }
    }
    fn arguments_of(__message: &::ambit::Incoming<Self>) -> ::ambit::__private::Text {
        ::ambit::__private::text_of(
            match __message {
                ::ambit::Incoming::Call(__message) => __message,
                ::ambit::Incoming::Cast(__message) => __message,
                ::ambit::Incoming::Info(
                    ::ambit::machine::StateInfo::Message(__message),
                ) => __message,
                ::ambit::Incoming::Info(__timeout) => __timeout,
                ::ambit::Incoming::Continue(__step) => {
                    match ::ambit::machine::StateStep::event(__step) {
                        ::ambit::__private::core::option::Option::Some(
                            ::ambit::machine::StateEvent::Call(__message),
                        ) => __message,
                        ::ambit::__private::core::option::Option::Some(
                            ::ambit::machine::StateEvent::Cast(__message),
                        ) => __message,
                        ::ambit::__private::core::option::Option::Some(
                            ::ambit::machine::StateEvent::Info(__message),
                        ) => __message,
                        ::ambit::__private::core::option::Option::Some(
                            ::ambit::machine::StateEvent::Internal(__message),
                        ) => __message,
                        _ => __step,
                    }
                }
            },
        )
    }
    const TERMINATES: ::ambit::__private::core::primitive::bool = false;
}
#[allow(deprecated, unreachable_code, unreachable_patterns, unused_variables)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::StateMachine for Door
where
    for<'__used> Door: ::ambit::written::SentState<2029103937>,
{
    type State = DoorState;
    type Message = DoorInfo;
    type Internal = DoorInternal;
    type Timeout = DoorTimeout;
    fn handle_event(
        &mut self,
        __state: DoorState,
        __event: ::ambit::machine::StateEvent<Self>,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> ::ambit::__private::core::result::Result<
        ::ambit::machine::Next<DoorState>,
        ::ambit::machine::StateEvent<Self>,
    > {
        let __next = match (__state, __event) {
            (DoorState::Open, ::ambit::machine::StateEvent::Enter { .. }) => {
                ::ambit::Context::state_timeout(__ctx, Duration::from_secs(10));
                Self::count(self, __ctx);
                ::ambit::machine::Next::Stay
            }
            (
                DoorState::Locked,
                ::ambit::machine::StateEvent::Call(
                    DoorCall::Unlock { code: arg_code, reply: __reply },
                ),
            ) => {
                let (__to, __value): (DoorUnlockTo, _) = Self::unlock(self, arg_code);
                ::ambit::__private::answer(__value, __reply, __ctx);
                ::ambit::machine::Choice::next(__to)
            }
            (
                DoorState::Open | DoorState::Broken,
                ::ambit::machine::StateEvent::Call(DoorCall::Unlock { .. }),
            ) => ::ambit::machine::Next::Stay,
            (
                DoorState::Locked,
                ::ambit::machine::StateEvent::Cast(DoorCast::Close { .. }),
            ) => ::ambit::machine::Next::Stay,
            (
                DoorState::Open,
                ::ambit::machine::StateEvent::Cast(DoorCast::Close { hard: arg_hard }),
            ) => {
                Self::close(self, arg_hard);
                ::ambit::machine::Next::To(DoorState::Locked)
            }
            (
                DoorState::Broken,
                __event @ ::ambit::machine::StateEvent::Cast(DoorCast::Close { .. }),
            ) => {
                ::ambit::Context::postpone(__ctx, __event);
                ::ambit::machine::Next::Stay
            }
            (_, ::ambit::machine::StateEvent::Internal(DoorInternal::Fall {})) => {
                Self::fall(self);
                ::ambit::machine::Next::To(DoorState::Broken)
            }
            (_, ::ambit::machine::StateEvent::Info(DoorInfo::OnDown(..))) => {
                ::ambit::__private::refused("on_down", &__state)
            }
            (DoorState::Open, ::ambit::machine::StateEvent::StateTimeout) => {
                Self::lock_again(self);
                ::ambit::machine::Next::To(DoorState::Locked)
            }
            (_, ::ambit::machine::StateEvent::Timeout(DoorTimeout::Creak)) => {
                Self::creak(self, __ctx);
                ::ambit::machine::Next::Stay
            }
            (_, __event) => return ::ambit::__private::core::result::Result::Err(__event),
        };
        ::ambit::__private::core::result::Result::Ok(__next)
    }
    async fn handle_event_later(
        &mut self,
        __state: DoorState,
        __event: ::ambit::machine::StateEvent<Self>,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> ::ambit::machine::Next<DoorState> {
        match (__state, __event) {
            (
                _,
                ::ambit::machine::StateEvent::Call(DoorCall::Opened { reply: __reply }),
            ) => {
                let __value = Self::opened(self).await;
                ::ambit::__private::answer(__value, __reply, __ctx);
                ::ambit::machine::Next::Stay
            }
            (DoorState::Open, ::ambit::machine::StateEvent::Exit { .. }) => {
                Self::leave(self).await;
                ::ambit::machine::Next::Stay
            }
            (_, __event) => ::ambit::machine::unhandled(__event, __ctx),
        }
    }
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::machine::HasStateTimeout for Door
where
    for<'__used> Door: ::ambit::written::SentState<2029103937>,
{}
#[allow(deprecated)]
impl ::ambit::written::OneBlock<244657062307925333u64> for Door {}
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
        use ::ambit::cast as _;
        use ::ambit::internal as _;
        use ::ambit::info as _;
        use ::ambit::enter as _;
        use ::ambit::exit as _;
        use ::ambit::state_timeout as _;
        use ::ambit::timeout as _;
    };
};
