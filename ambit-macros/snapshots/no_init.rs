use ambit::prelude::*;
/// Knows others of its kind.
#[derive(Clone)]
pub struct Node {
    /// The next one.
    pub next: Option<NodeSubject>,
}
impl Node {
    /// A copy of the state.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn state(&self) -> Self {
        self.clone()
    }
    /// Stops, instead of `Process::stop`.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn stop(&mut self, ctx: &mut Context<Self>) {
        ctx.stop(ExitReason::Normal);
    }
    /// Takes the place of the handle's own `send`.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn send(&mut self, text: String) {
        drop(text);
    }
}
/// The calls `Node` answers.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub enum NodeCall {
    /// A copy of the state.
    State { reply: ::ambit::ReplyTo<Node> },
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for NodeCall {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        use ::ambit::__private::{ShowDebug as _, ShowNothing as _};
        match *self {
            Self::State { .. } => {
                __formatter.debug_struct("State").finish_non_exhaustive()
            }
        }
    }
}
/// The casts `Node` takes.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub enum NodeCast {
    /// Stops, instead of `Process::stop`.
    Stop,
    /// Takes the place of the handle's own `send`.
    Send { text: String },
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for NodeCast {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        use ::ambit::__private::{ShowDebug as _, ShowNothing as _};
        match *self {
            Self::Stop => __formatter.write_str("Stop"),
            Self::Send { ref text } => {
                __formatter
                    .debug_struct("Send")
                    .field("text", (&::ambit::__private::Shown(text)).shown())
                    .finish()
            }
        }
    }
}
#[allow(clippy::trait_duplication_in_bounds)]
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::clone::Clone for NodeCast
where
    for<'__used> String: ::ambit::__private::core::clone::Clone,
{
    fn clone(&self) -> Self {
        match *self {
            Self::Stop => Self::Stop,
            Self::Send { ref text } => {
                Self::Send {
                    text: ::ambit::__private::core::clone::Clone::clone(text),
                }
            }
        }
    }
}
/// The infos `Node` handles.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub enum NodeInfo {}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for NodeInfo {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        match *self {}
    }
}
/// What `Node` can continue with.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::enum_variant_names)]
pub enum NodeContinue {}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for NodeContinue {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        match *self {}
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::Protocol for Node
where
    Node: ::ambit::__private::State,
    Node: ::ambit::__private::Payload,
    String: ::ambit::__private::Payload,
{
    type Call = NodeCall;
    type Cast = NodeCast;
    type Subject = NodeSubject;
    const NAME: &'static str = "Node";
}
/// The handle of a running `Node`.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct NodeSubject(
    ::ambit::Subject<Node>,
)
where
    for<'__used> Node: ::ambit::Protocol;
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl NodeSubject
where
    for<'__used> Node: ::ambit::Protocol<
        Call = NodeCall,
        Cast = NodeCast,
        Subject = NodeSubject,
    >,
    for<'__used> Node: ::ambit::__private::Payload,
{
    /// A copy of the state.
    pub fn state(&self) -> ::ambit::Call<'_, Node, Node> {
        ::ambit::Subject::call(&self.0, |reply| NodeCall::State { reply })
    }
    /// Stops, instead of `Process::stop`.
    pub fn stop(&self) -> ::ambit::Cast<'_, Node> {
        ::ambit::Subject::send(&self.0, NodeCast::Stop)
    }
    /// Takes the place of the handle's own `send`.
    pub fn send(&self, text: String) -> ::ambit::Cast<'_, Node> {
        ::ambit::Subject::send(&self.0, NodeCast::Send { text })
    }
    /// Waits for room in the mailbox, and keeps it for one message.
    pub fn reserve(&self) -> ::ambit::Reserve<'_, Node> {
        ::ambit::Subject::reserve(&self.0)
    }
    /// Narrows the handle to one type of info.
    pub fn recipient<__T>(&self) -> ::ambit::Recipient<__T>
    where
        for<'__used> Node: ::ambit::GenServer,
        __T: ::ambit::InfoOf<Node> + ::ambit::__private::Payload,
    {
        ::ambit::Subject::recipient(&self.0)
    }
    /// Refers to whoever holds the name when a message is sent.
    pub fn named(name: &str) -> Self {
        ::ambit::Subject::<Node>::named(name)
    }
    /// Refers to whoever the registry holds under the key when a message is sent.
    pub fn via<__T: ::ambit::Resolve<Node>>(
        registry: &__T,
        key: impl ::ambit::__private::core::convert::Into<__T::Key>,
    ) -> Self {
        ::ambit::Subject::<Node>::via(registry, key)
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
impl ::ambit::__private::core::clone::Clone for NodeSubject
where
    for<'__used> Node: ::ambit::Protocol,
{
    fn clone(&self) -> Self {
        Self(::ambit::__private::core::clone::Clone::clone(&self.0))
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::fmt::Debug for NodeSubject
where
    for<'__used> Node: ::ambit::Protocol,
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
impl ::ambit::__private::core::cmp::PartialEq for NodeSubject
where
    for<'__used> Node: ::ambit::Protocol,
{
    fn eq(&self, other: &Self) -> bool {
        ::ambit::__private::core::cmp::PartialEq::eq(&self.0, &other.0)
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::cmp::Eq for NodeSubject
where
    for<'__used> Node: ::ambit::Protocol,
{}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::hash::Hash for NodeSubject
where
    for<'__used> Node: ::ambit::Protocol,
{
    fn hash<__T: ::ambit::__private::core::hash::Hasher>(&self, state: &mut __T) {
        ::ambit::__private::core::hash::Hash::hash(&self.0, state);
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::ops::Deref for NodeSubject
where
    for<'__used> Node: ::ambit::Protocol,
{
    type Target = ::ambit::Process;
    fn deref(&self) -> &Self::Target {
        ::ambit::__private::core::ops::Deref::deref(&self.0)
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::convert::AsRef<::ambit::Subject<Node>> for NodeSubject
where
    for<'__used> Node: ::ambit::Protocol,
{
    fn as_ref(&self) -> &::ambit::Subject<Node> {
        &self.0
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::convert::From<::ambit::Subject<Node>> for NodeSubject
where
    for<'__used> Node: ::ambit::Protocol,
{
    fn from(subject: ::ambit::Subject<Node>) -> Self {
        Self(subject)
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::__private::core::convert::From<NodeSubject> for ::ambit::Subject<Node>
where
    for<'__used> Node: ::ambit::Protocol,
{
    fn from(handle: NodeSubject) -> Self {
        handle.0
    }
}
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::Target for NodeSubject
where
    for<'__used> Node: ::ambit::Protocol,
{
    fn __resolve(&self) -> ::ambit::__private::Resolved {
        ::ambit::__private::resolve_target(&self.0)
    }
}
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl Node {
    /// Starts a server with this value as its state.
    pub fn start(self) -> ::ambit::Start<Self>
    where
        for<'__used> Self: ::ambit::GenServer<Args = Self>,
    {
        ::ambit::__private::start(self)
    }
    /// Says how to start it under a supervisor; `make` is called for each start.
    pub fn child_spec(
        make: impl ::ambit::__private::core::ops::Fn(
        ) -> Self + ::ambit::__private::core::marker::Send + ::ambit::__private::core::marker::Sync + 'static,
    ) -> ::ambit::ChildSpec<Self>
    where
        for<'__used> Self: ::ambit::GenServer<Args = Self>,
    {
        ::ambit::ChildSpec::from_fn(move || ::ambit::__private::start(make()))
    }
}
#[allow(deprecated, unreachable_code, unreachable_patterns)]
#[automatically_derived]
#[allow(deprecated, clippy::used_underscore_binding)]
impl ::ambit::GenServer for Node
where
    Node: ::ambit::__private::State,
    Node: ::ambit::__private::Payload,
    String: ::ambit::__private::Payload,
{
    type Protocol = Self;
    type Info = NodeInfo;
    type Continue = NodeContinue;
    type Args = Self;
    fn init(
        __args: Self,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> impl ::ambit::__private::core::future::Future<
        Output = ::ambit::__private::core::result::Result<Self, ::ambit::ExitReason>,
    > + ::ambit::__private::core::marker::Send + use<> {
        ::ambit::__private::core::future::ready(
            ::ambit::__private::core::result::Result::Ok(__args),
        )
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
            ::ambit::Incoming::Call(NodeCall::State { reply }) => {
                let __value = Self::state(self);
                ::ambit::__private::answer(__ctx, reply, __value);
                ::ambit::Flow::Continue
            }
            ::ambit::Incoming::Cast(NodeCast::Stop) => {
                Self::stop(self, __ctx);
                ::ambit::Flow::Continue
            }
            ::ambit::Incoming::Cast(NodeCast::Send { text }) => {
                Self::send(self, text);
                ::ambit::Flow::Continue
            }
            __message => return ::ambit::__private::core::result::Result::Err(__message),
        };
        ::ambit::__private::core::result::Result::Ok(__flow)
    }
    fn method_of(__message: &::ambit::Incoming<Self>) -> &'static str {
        match __message {
            ::ambit::Incoming::Call(NodeCall::State { .. }) => "state",
            ::ambit::Incoming::Cast(NodeCast::Stop) => "stop",
            ::ambit::Incoming::Cast(NodeCast::Send { .. }) => "send",
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
    use ::ambit::call as _;
    #[cfg(rust_analyzer)]
    use ::ambit::cast as _;
    #[cfg(rust_analyzer)]
    use ::ambit::cast as _;
};
