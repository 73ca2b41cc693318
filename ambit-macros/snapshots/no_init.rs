use ambit::prelude::*;
/// Knows others of its kind.
#[derive(Clone)]
pub struct Node {
    /// The next one.
    pub next: Option<NodeSubject>,
}
#[allow(clippy::missing_const_for_fn)]
impl Node {
    /// A copy of the state.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn state(&self) -> Self {
        self.clone()
    }
    /// Stops, instead of `Process::stop`.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn stop(&mut self, ctx: &mut ::ambit::Context<Self>) {
        ctx.stop(ExitReason::Normal);
    }
    /// Takes the place of the handle's own `send`.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn send(&mut self, text: String) {
        drop(text);
    }
}
#[allow(deprecated)]
impl ::ambit::written::Sent<Node, 2467923438> for Node {}
#[allow(deprecated)]
impl ::ambit::written::SentState<291923578> for Node {}
/// The calls `Node` answers.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum NodeCall {
    /// Sent by [`NodeSubject::state`].
    State {
        /// Receives the reply.
        reply: ::ambit::ReplyTo<Node>,
    },
}
::ambit::written::show_messages! {
    [< >] NodeCall, [] { [] Self::State { .. } => Call "State"[] } []
}
/// The casts `Node` handles.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum NodeCast {
    /// Sent by [`NodeSubject::stop`].
    Stop,
    /// Sent by [`NodeSubject::send`].
    Send {
        /// The argument `text`.
        text: String,
    },
}
::ambit::written::show_messages! {
    [< >] NodeCast, [] { [] Self::Stop => Cast "Stop"[] [] Self::Send { ref text, } =>
    Cast "Send"["text" text] } []
}
::ambit::written::clone_messages! {
    [< >] NodeCast, [where for < '__used > String : ::ambit::__private::Clone,] { []
    Stop[] Send { text } } []
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::Protocol for Node
where
    for<'__used> Node: ::ambit::written::Sent<Node, 2467923438>,
{
    type Call = NodeCall;
    type Cast = NodeCast;
    type Subject = NodeSubject;
    const NAME: &'static ::ambit::__private::core::primitive::str = "Node";
}
/// The handle of a running `Node`.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct NodeSubject(::ambit::Subject<Node>);
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::impl_trait_in_params, clippy::same_name_method)]
impl NodeSubject
where
    for<'__used> Node: ::ambit::Protocol<
        Call = NodeCall,
        Cast = NodeCast,
        Subject = NodeSubject,
    >,
    for<'__used> Node: ::ambit::written::Sent<Node, 2467923438>,
{
    /// A copy of the state.
    pub fn state(&self) -> ::ambit::Call<'_, Node, Node> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(&self.0, NodeCall::State { reply: __reply }, __asked)
    }
    /// Stops, instead of `Process::stop`.
    pub fn stop(&self) -> ::ambit::Cast<'_, Node> {
        ::ambit::Subject::send(&self.0, NodeCast::Stop)
    }
    /// Takes the place of the handle's own `send`.
    pub fn send(&self, text: String) -> ::ambit::Cast<'_, Node> {
        ::ambit::Subject::send(&self.0, NodeCast::Send { text })
    }
    ::ambit::written::handle_functions! {
        [[] reserve[] named[] with_timeout[] when_available] [pub] Node, NodeCast
    }
    /// Narrows the handle to one type of info.
    pub fn recipient<__T>(&self) -> ::ambit::Recipient<__T>
    where
        __T: ::ambit::InfoOf<Node> + ::ambit::__private::Payload,
    {
        ::ambit::Subject::recipient(&self.0)
    }
    /// Refers to the process that the registry holds under the key when a message is sent.
    pub fn via<__T: ::ambit::Resolve<Node>>(
        __registry: &__T,
        __key: impl ::ambit::__private::Into<__T::Key>,
    ) -> Self {
        ::ambit::Subject::<Node>::via(__registry, __key)
    }
}
::ambit::written::handle! {
    [] NodeSubject, [where] [] __T : ::ambit::Subject < Node > => ::ambit::Process;
}
#[automatically_derived]
#[allow(deprecated)]
impl ::ambit::Message for NodeSubject
where
    for<'__used> NodeSubject: ::ambit::__private::Payload,
{}
::ambit::written::handle_encoding! {
    [< >] NodeSubject, [where] __T : Node;
}
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl Node {
    /// Starts a server with this value as its state.
    pub fn start(self) -> ::ambit::Start<Self> {
        ::ambit::__private::start(self)
    }
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
impl ::ambit::GenServer for Node
where
    for<'__used> Node: ::ambit::written::Sent<Node, 2467923438>,
    for<'__used> Node: ::ambit::written::SentState<291923578>,
{
    type Protocol = Self;
    type Info = ::ambit::__private::core::convert::Infallible;
    type Continue = ::ambit::__private::core::convert::Infallible;
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
                ::ambit::Incoming::Call(NodeCall::State { reply: __reply }) => {
                    ::ambit::__private::answer(Self::state(self), __reply, __ctx)
                }
                ::ambit::Incoming::Cast(NodeCast::Stop) => {
                    ::ambit::__private::done(Self::stop(self, __ctx))
                }
                ::ambit::Incoming::Cast(NodeCast::Send { text: arg_text }) => {
                    ::ambit::__private::done(Self::send(self, arg_text))
                }
                __message => return ::ambit::__private::Err(__message),
            },
        )
    }
    fn method_of(
        __message: &::ambit::Incoming<Self>,
    ) -> &'static ::ambit::__private::core::primitive::str {
        match __message {
            ::ambit::Incoming::Call(NodeCall::State { .. }) => "state",
            ::ambit::Incoming::Cast(NodeCast::Stop) => "stop",
            ::ambit::Incoming::Cast(NodeCast::Send { .. }) => "send",
            _ => "",
        }
    }
    fn arguments_of(__message: &::ambit::Incoming<Self>) -> ::ambit::__private::Text {
        ::ambit::__private::shown_as(__message)
    }
    const TERMINATES: ::ambit::__private::core::primitive::bool = false;
}
#[allow(deprecated)]
impl ::ambit::written::OneBlock<244657062307925333u64> for Node {}
const _: () = {
    use Context as _;
};
#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    const _: () = {
        use ::ambit::call as _;
        use ::ambit::cast as _;
        use ::ambit::cast as _;
    };
};
