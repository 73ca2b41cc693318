use std::time::Duration;
use ambit::prelude::*;
use super::minimal::Counter;
/// The whole program.
pub struct App {
    first: u64,
}
#[allow(clippy::missing_const_for_fn)]
impl App {
    /// Sessions, started on demand.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn sessions(&self) -> ChildSpec<DynamicSupervisor> {
        DynamicSupervisor::child_spec()
    }
    /// Counts what happens.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn counter(&self) -> ChildSpec<Counter> {
        Counter::child_spec(self.first)
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    #[cfg(unix)]
    fn poller(&self, app: &AppSubject) -> Result<ChildSpec<Task<()>>, std::io::Error> {
        let counter = app.counter();
        let spec = ChildSpec::task(
            "poller",
            move || {
                let counter = counter.clone();
                async move { drop(counter.get().await) }
            },
        );
        Ok(spec)
    }
    /// No child.
    pub fn first(&self) -> u64 {
        self.first
    }
}
/// The handle of a running `App`.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct AppSubject(::ambit::Supervisor);
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl AppSubject {
    /// Sessions, started on demand.
    pub fn sessions(&self) -> <ChildSpec<DynamicSupervisor> as ::ambit::Child>::Handle
    where
        for<'__used> ChildSpec<DynamicSupervisor>: ::ambit::Child,
    {
        ::ambit::__private::child::<ChildSpec<DynamicSupervisor>>(&self.0, "sessions")
    }
    /// Counts what happens.
    pub fn counter(&self) -> <ChildSpec<Counter> as ::ambit::Child>::Handle
    where
        for<'__used> ChildSpec<Counter>: ::ambit::Child,
    {
        ::ambit::__private::child::<ChildSpec<Counter>>(&self.0, "counter")
    }
    #[cfg(unix)]
    /// The child `poller`, also after a restart.
    fn poller(
        &self,
    ) -> <Result<ChildSpec<Task<()>>, std::io::Error> as ::ambit::Child>::Handle
    where
        for<'__used> Result<ChildSpec<Task<()>>, std::io::Error>: ::ambit::Child,
    {
        ::ambit::__private::child::<
            Result<ChildSpec<Task<()>>, std::io::Error>,
        >(&self.0, "poller")
    }
    /// Refers to the supervisor registered under the name when a request is sent.
    pub fn named(__name: &::ambit::__private::core::primitive::str) -> Self {
        Self(::ambit::Supervisor::named(__name))
    }
}
::ambit::written::handle! {
    [] AppSubject, [] [] __T : ::ambit::Supervisor => ::ambit::Supervisor;
}
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl App {
    /// Starts a supervisor with this value, and its children in the order of their methods.
    pub fn start(self) -> ::ambit::Start<Self>
    where
        for<'__used> Self: ::ambit::Startable<Args = Self>,
    {
        ::ambit::__private::start(self)
    }
    /// Returns a child specification for a supervisor; the closure is called for each start.
    #[allow(clippy::impl_trait_in_params)]
    pub fn child_spec(
        __make: impl ::ambit::__private::core::ops::Fn(
        ) -> Self + ::ambit::__private::core::marker::Send + ::ambit::__private::core::marker::Sync + 'static,
    ) -> ::ambit::ChildSpec<Self>
    where
        for<'__used> Self: ::ambit::Startable<Args = Self>,
    {
        ::ambit::ChildSpec::from_fn(move || ::ambit::__private::start(__make()))
    }
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::Startable for App
where
    App: ::ambit::__private::State,
{
    type Handle = AppSubject;
    type Args = Self;
    const __KIND: ::ambit::ChildKind = ::ambit::ChildKind::Supervisor;
    const __OPEN: ::ambit::__private::core::primitive::bool = true;
    fn __launch(
        __args: Self,
        __settings: ::ambit::__private::Settings<Self>,
        _: ::ambit::__private::core::option::Option<
            &mut ::ambit::__private::core::task::Context<'_>,
        >,
    ) -> ::ambit::__private::Launch<Self> {
        ::ambit::__private::launch_tree(__args, __settings)
    }
    fn __follow(__child: ::ambit::__private::ChildRef) -> AppSubject {
        ::ambit::__private::core::convert::From::from(
            ::ambit::__private::follow_supervisor(__child),
        )
    }
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::Registered for App
where
    App: ::ambit::__private::State,
{
    type Handle = AppSubject;
    fn __found(
        __holder: &::ambit::__private::Found,
    ) -> ::ambit::__private::core::option::Option<AppSubject> {
        ::ambit::__private::core::option::Option::map(
            ::ambit::__private::found_as::<Self>(__holder),
            ::ambit::__private::core::convert::From::from,
        )
    }
}
#[allow(deprecated)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::__private::Tree for App
where
    App: ::ambit::__private::State,
{
    fn __options() -> ::ambit::__private::TreeOptions {
        ::ambit::__private::TreeOptions {
            strategy: ::ambit::Strategy::RestForOne,
            restarts: 3,
            within: Duration::from_secs(5),
            auto_shutdown: ::ambit::AutoShutdown::Any,
        }
    }
    fn __children(
        __tree: &::ambit::__private::Shared<Self>,
        __app: &AppSubject,
    ) -> ::ambit::__private::std::vec::Vec<::ambit::__private::TreeChild> {
        let mut __children = ::ambit::__private::std::vec::Vec::new();
        ::ambit::__private::std::vec::Vec::push(
            &mut __children,
            {
                let () = <ChildSpec<DynamicSupervisor> as ::ambit::Child>::__CHECK;
                let __tree = ::ambit::__private::core::clone::Clone::clone(__tree);
                ::ambit::__private::tree_child::<
                    ChildSpec<DynamicSupervisor>,
                >(
                    "sessions",
                    <::ambit::__private::ChildOptions as ::ambit::__private::core::default::Default>::default(),
                    move || ::ambit::__private::Shared::with(
                        &__tree,
                        |__tree| Self::sessions(__tree),
                    ),
                )
            },
        );
        ::ambit::__private::std::vec::Vec::push(
            &mut __children,
            {
                let () = <ChildSpec<Counter> as ::ambit::Child>::__CHECK;
                let __tree = ::ambit::__private::core::clone::Clone::clone(__tree);
                ::ambit::__private::tree_child::<
                    ChildSpec<Counter>,
                >(
                    "counter",
                    ::ambit::__private::ChildOptions {
                        restart: ::ambit::__private::core::option::Option::Some(
                            ::ambit::Restart::Transient,
                        ),
                        shutdown: ::ambit::__private::core::option::Option::Some(
                            ::ambit::__private::core::convert::Into::<
                                ::ambit::Shutdown,
                            >::into(Duration::from_secs(10)),
                        ),
                        significant: ::ambit::__private::core::option::Option::Some(true),
                    },
                    move || ::ambit::__private::Shared::with(
                        &__tree,
                        |__tree| Self::counter(__tree),
                    ),
                )
            },
        );
        #[cfg(unix)]
        ::ambit::__private::std::vec::Vec::push(
            &mut __children,
            {
                let () = <Result<
                    ChildSpec<Task<()>>,
                    std::io::Error,
                > as ::ambit::Child>::__CHECK;
                let __tree = ::ambit::__private::core::clone::Clone::clone(__tree);
                let __app = ::ambit::__private::core::clone::Clone::clone(__app);
                ::ambit::__private::tree_child::<
                    Result<ChildSpec<Task<()>>, std::io::Error>,
                >(
                    "poller",
                    ::ambit::__private::ChildOptions {
                        shutdown: ::ambit::__private::core::option::Option::Some(
                            ::ambit::Shutdown::Brutal,
                        ),
                        ..::ambit::__private::core::default::Default::default()
                    },
                    move || ::ambit::__private::Shared::with(
                        &__tree,
                        |__tree| Self::poller(__tree, &__app),
                    ),
                )
            },
        );
        __children
    }
}
#[allow(deprecated)]
impl ::ambit::written::OneBlock<244657062307925333u64> for App {}
#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    const _: () = {
        use ::ambit::child as _;
        use ::ambit::child as _;
        use ::ambit::child as _;
    };
};
