use ambit::prelude::*;
/// Listens, where there is something to hear.
pub struct Listener;
#[allow(clippy::missing_const_for_fn)]
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
#[allow(deprecated)]
impl ::ambit::written::SentState<2764860145> for Listener {}
/// The calls `Listener` answers.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum ListenerCall {
    #[cfg(unix)]
    /// Sent by [`ListenerSubject::pid`].
    Pid {
        /// Receives the reply.
        reply: ::ambit::ReplyTo<u32>,
    },
    #[cfg(not(unix))]
    /// Sent by [`ListenerSubject::pid`].
    Pid {
        /// The argument `fallback`.
        fallback: u32,
        /// Receives the reply.
        reply: ::ambit::ReplyTo<u32>,
    },
}
::ambit::written::show_messages! {
    [< >] ListenerCall, [] { [#[cfg(unix)]] Self::Pid { .. } => Call "Pid"[]
    [#[cfg(not(unix))]] Self::Pid { ref fallback, .. } => Call "Pid"["fallback" fallback]
    } []
}
/// The casts `Listener` handles.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum ListenerCast {
    #[cfg(unix)]
    #[cfg(target_pointer_width = "64")]
    /// Sent by [`ListenerSubject::close`].
    Close,
}
::ambit::written::show_messages! {
    [< >] ListenerCast, [] { [#[cfg(unix)] #[cfg(target_pointer_width = "64")]]
    Self::Close => Cast "Close"[] } []
}
::ambit::written::clone_messages! {
    [< >] ListenerCast, [where] { [#[cfg(unix)] #[cfg(target_pointer_width = "64")]]
    Close } []
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::Protocol for Listener {
    type Call = ListenerCall;
    type Cast = ListenerCast;
    type Subject = ListenerSubject;
    const NAME: &'static ::ambit::__private::core::primitive::str = "Listener";
}
/// The handle of a running `Listener`.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct ListenerSubject(::ambit::Subject<Listener>);
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::impl_trait_in_params, clippy::same_name_method)]
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
    pub fn pid(&self) -> ::ambit::Call<'_, Listener, u32> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(
            &self.0,
            ListenerCall::Pid {
                reply: __reply,
            },
            __asked,
        )
    }
    #[cfg(not(unix))]
    /// Nothing to say.
    pub fn pid(&self, fallback: u32) -> ::ambit::Call<'_, Listener, u32> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(
            &self.0,
            ListenerCall::Pid {
                fallback,
                reply: __reply,
            },
            __asked,
        )
    }
    #[cfg(unix)]
    #[cfg(target_pointer_width = "64")]
    /// Runs `Listener::close`.
    pub fn close(&self) -> ::ambit::Cast<'_, Listener> {
        ::ambit::Subject::send(&self.0, ListenerCast::Close)
    }
    ::ambit::written::handle_functions! {
        [[] send[] reserve[] named[] with_timeout[] when_available] [pub] Listener,
        ListenerCast
    }
    /// Narrows the handle to one type of info.
    pub fn recipient<__T>(&self) -> ::ambit::Recipient<__T>
    where
        __T: ::ambit::InfoOf<Listener> + ::ambit::__private::Payload,
    {
        ::ambit::Subject::recipient(&self.0)
    }
    /// Refers to the process that the registry holds under the key when a message is sent.
    pub fn via<__T: ::ambit::Resolve<Listener>>(
        __registry: &__T,
        __key: impl ::ambit::__private::Into<__T::Key>,
    ) -> Self {
        ::ambit::Subject::<Listener>::via(__registry, __key)
    }
}
::ambit::written::handle! {
    [] ListenerSubject, [where] [] __T : ::ambit::Subject < Listener > =>
    ::ambit::Process;
}
#[automatically_derived]
#[allow(deprecated)]
impl ::ambit::Message for ListenerSubject
where
    for<'__used> ListenerSubject: ::ambit::__private::Payload,
{}
::ambit::written::handle_encoding! {
    [< >] ListenerSubject, [where] __T : Listener;
}
/// The infos `Listener` handles.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum ListenerInfo {
    #[cfg(unix)]
    /// Runs `Listener::on_down`.
    OnDown(Down),
}
::ambit::written::show_messages! {
    [< >] ListenerInfo, [] { [#[cfg(unix)]] Self::OnDown(ref __info) => Info "OnDown"[""
    __info] } []
}
#[cfg(unix)]
#[automatically_derived]
#[allow(deprecated)]
impl ::ambit::Handles<Down> for Listener {
    fn into_info(__message: Down) -> <Self as ::ambit::GenServer>::Info {
        ListenerInfo::OnDown(__message)
    }
}
#[cfg(unix)]
/// The arguments of `Listener::start`, which move to the server.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct ListenerArgs {
    path: String,
}
#[cfg(unix)]
::ambit::written::show_args! {
    [< >] ListenerArgs, [] "ListenerArgs"
}
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl Listener {
    #[cfg(unix)]
    /// Starts a server.
    pub fn start(path: String) -> ::ambit::Start<Self> {
        ::ambit::__private::start(ListenerArgs { path })
    }
    #[cfg(not(any(all(unix))))]
    /// Starts a server with this value as its state.
    pub fn start(self) -> ::ambit::Start<Self> {
        ::ambit::__private::start(self)
    }
    #[cfg(unix)]
    /// Returns a child specification for a supervisor; each start clones these arguments.
    pub fn child_spec(path: String) -> ::ambit::ChildSpec<Self>
    where
        for<'__used> String: ::ambit::__private::RestartArgs,
    {
        ::ambit::__private::child_spec_of(
            (path,),
            |(path,)| ::ambit::__private::start(ListenerArgs { path }),
        )
    }
    #[cfg(not(any(all(unix))))]
    /// Returns a child specification for a supervisor; the closure is called for each start.
    #[allow(clippy::impl_trait_in_params)]
    pub fn child_spec(
        __make: impl ::ambit::__private::core::ops::Fn(
        ) -> Self + ::ambit::__private::core::marker::Send + ::ambit::__private::core::marker::Sync + 'static,
    ) -> ::ambit::ChildSpec<Self> {
        ::ambit::ChildSpec::from_fn(move || ::ambit::__private::start(__make()))
    }
}
#[allow(deprecated, unreachable_code, unreachable_patterns)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::GenServer for Listener
where
    for<'__used> Listener: ::ambit::written::SentState<2764860145>,
{
    type Protocol = Self;
    type Info = ListenerInfo;
    type Continue = ::ambit::__private::core::convert::Infallible;
    #[cfg(unix)]
    type Args = ListenerArgs;
    #[cfg(unix)]
    fn init(
        __args: ListenerArgs,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> impl ::ambit::__private::Future<
        Output = ::ambit::__private::Initial<Self>,
    > + ::ambit::__private::Send {
        ::ambit::__private::lazy(move || {
            let ListenerArgs { path: arg_path } = __args;
            ::ambit::__private::IntoInit::<Self>::into_init(Self::new(arg_path))
        })
    }
    #[cfg(not(any(all(unix))))]
    type Args = Self;
    #[cfg(not(any(all(unix))))]
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
                #[cfg(unix)]
                ::ambit::Incoming::Call(ListenerCall::Pid { reply: __reply }) => {
                    ::ambit::__private::answer(Self::pid(self), __reply, __ctx)
                }
                #[cfg(not(unix))]
                ::ambit::Incoming::Call(
                    ListenerCall::Pid { fallback: arg_fallback, reply: __reply },
                ) => {
                    ::ambit::__private::answer(
                        Self::pid(self, arg_fallback),
                        __reply,
                        __ctx,
                    )
                }
                #[cfg(unix)]
                ::ambit::Incoming::Info(ListenerInfo::OnDown(__info)) => {
                    ::ambit::__private::done(Self::on_down(self, __info))
                }
                __message => return ::ambit::__private::Err(__message),
            },
        )
    }
    fn handle_cast(
        &mut self,
        __message: ListenerCast,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> impl ::ambit::__private::Future<
        Output = ::ambit::Flow,
    > + ::ambit::__private::Send {
        let __ctx: &mut dyn ::ambit::__private::Held<Self> = __ctx;
        async move {
            match __message {
                #[cfg(unix)]
                #[cfg(target_pointer_width = "64")]
                ListenerCast::Close => ::ambit::__private::done(Self::close(self).await),
            }
        }
    }
    fn method_of(
        __message: &::ambit::Incoming<Self>,
    ) -> &'static ::ambit::__private::core::primitive::str {
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
    fn arguments_of(__message: &::ambit::Incoming<Self>) -> ::ambit::__private::Text {
        ::ambit::__private::shown_as(__message)
    }
    #[cfg(not(any(all(unix))))]
    const TERMINATES: ::ambit::__private::core::primitive::bool = false;
    #[cfg(unix)]
    fn terminate(
        &mut self,
        __reason: &::ambit::ExitReason,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> impl ::ambit::__private::Future<Output = ()> + ::ambit::__private::Send {
        async move {
            Self::bye(self, __reason);
        }
    }
}
#[allow(deprecated)]
impl ::ambit::written::OneBlock<244657062307925333u64> for Listener {}
#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    const _: () = {
        use ::ambit::init as _;
        use ::ambit::call as _;
        use ::ambit::call as _;
        use ::ambit::cast as _;
        use ::ambit::info as _;
        use ::ambit::terminate as _;
    };
};
