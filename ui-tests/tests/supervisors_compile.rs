//! Supervisors that must compile, without a warning, under strict lints.

#![deny(
    warnings,
    missing_docs,
    unreachable_pub,
    elided_lifetimes_in_paths,
    unused_qualifications
)]
#![deny(missing_debug_implementations, unnameable_types)]

mod private_supervisor {
    use std::time::Duration;

    use ambit::prelude::*;

    struct App {
        limit: u64,
    }

    struct Counter {
        limit: u64,
    }

    #[gen_server]
    impl Counter {
        #[init]
        fn new(limit: u64, _names: Vec<String>) -> Self {
            Self { limit }
        }

        #[call]
        fn limit(&self) -> u64 {
            self.limit
        }
    }

    struct Api {
        counter: CounterSubject,
    }

    #[gen_server]
    impl Api {
        #[call]
        async fn limit(&mut self) -> Result<u64, CallError> {
            self.counter.limit().await
        }
    }

    const GRACE: Duration = Duration::from_secs(1);

    #[supervisor(strategy = RestForOne, restarts = 1 + 2, within = GRACE, auto_shutdown = All)]
    impl App {
        #[child]
        fn sessions(&self) -> ChildSpec<DynamicSupervisor> {
            let _ = Strategy::OneForOne;
            DynamicSupervisor::child_spec()
        }

        #[child(restart = Transient, shutdown = GRACE, significant = true)]
        fn counter(&self) -> ChildSpec<Counter> {
            Counter::child_spec(self.limit, Vec::new())
        }

        #[child(shutdown = Infinity)]
        fn api(&self, app: &AppSubject) -> ChildSpec<Api> {
            let counter = app.counter();
            Api::child_spec(move || Api {
                counter: counter.clone(),
            })
        }

        #[child(shutdown = Shutdown::Brutal, significant = false)]
        fn poller(&self, _: &AppSubject) -> Result<ChildSpec<Task<()>>, std::io::Error> {
            Ok(ChildSpec::task("poller", || async {}))
        }

        fn limit(&self) -> u64 {
            self.limit
        }
    }

    async fn use_it() -> Result<u64, Box<dyn std::error::Error>> {
        let app: AppSubject = App { limit: 1 }.start().name("app").await?;
        let counter: CounterSubject = app.counter();
        drop((app.sessions(), app.poller().pid(), app.pid()));
        drop(AppSubject::named("app").monitor());
        Ok(counter.limit().await? + app.api().limit().await??)
    }

    fn is_a_value<T: Send + Sync + Clone + std::fmt::Debug + Eq + std::hash::Hash>() {}

    #[test]
    fn callers_compile() {
        is_a_value::<AppSubject>();
        let _ = (use_it, App { limit: 1 }.limit());
    }
}

/// Options that begin with `self::`.
#[allow(unused_qualifications, reason = "a macro may write such a path")]
mod paths_from_here {
    use std::time::Duration;

    use ambit::prelude::*;

    const RESTARTS: u32 = 1;
    const GRACE: Duration = Duration::from_secs(1);

    struct App;

    #[supervisor(restarts = self::RESTARTS + 2, within = self::GRACE)]
    impl App {
        #[child(shutdown = Duration::saturating_add(self::GRACE, GRACE))]
        fn sessions(&self) -> ChildSpec<DynamicSupervisor> {
            DynamicSupervisor::child_spec()
        }
    }

    #[ambit::test]
    async fn a_supervisor_starts_with_them() {
        let app = App.start().await;
        assert!(app.is_ok_and(|app| app.sessions().is_alive()));
    }
}

mod nested_supervisors {
    use ambit::prelude::*;

    struct Room;

    #[gen_server]
    impl Room {}

    struct Rooms {
        first: String,
    }

    #[supervisor]
    impl Rooms {
        #[child]
        fn first(&self) -> ChildSpec<Room> {
            drop(self.first.clone());
            Room::child_spec(|| Room)
        }
    }

    struct App;

    #[supervisor(vis = pub(super))]
    impl App {
        #[child]
        pub(super) fn rooms(&self) -> ChildSpec<Rooms> {
            Rooms::child_spec(|| Rooms {
                first: String::new(),
            })
        }

        /// Started with the value itself, which cannot be created twice.
        #[child(restart = Temporary)]
        fn once(&self) -> ChildSpec<Rooms> {
            ChildSpec::once(
                Rooms {
                    first: String::new(),
                }
                .start(),
            )
        }
    }

    fn untyped(app: AppSubject) -> (RoomSubject, RoomsSubject, Supervisor) {
        (app.rooms().first(), app.once(), app.into())
    }

    #[test]
    fn callers_compile() {
        drop(App.start());
        let _ = untyped;
    }
}

mod in_a_function {
    use ambit::prelude::*;

    #[test]
    fn supervisor_in_a_function() {
        struct Local;

        #[gen_server]
        impl Local {}

        struct App;

        #[supervisor]
        impl App {
            #[child]
            fn local(&self, _app: &AppSubject) -> ChildSpec<Local> {
                Local::child_spec(Self::local_value)
            }

            fn local_value() -> Local {
                Local
            }
        }

        drop(App.start());
    }
}

mod generic_supervisors {
    use std::fmt::Debug;

    use ambit::prelude::*;

    struct Cell<T> {
        value: T,
    }

    #[gen_server]
    impl<T: Clone> Cell<T> {
        #[call]
        fn get(&self) -> T {
            self.value.clone()
        }
    }

    struct Pair<T, __T, const N: usize> {
        first: T,
        second: [__T; N],
    }

    #[supervisor(strategy = OneForAll)]
    impl<T: Clone + Send + Sync + 'static, __T: Clone + Send + Sync + 'static, const N: usize>
        Pair<T, __T, N>
    where
        T: Debug,
    {
        #[child]
        fn first(&self) -> ChildSpec<Cell<T>> {
            let value = self.first.clone();
            Cell::child_spec(move || Cell {
                value: value.clone(),
            })
        }

        #[child]
        fn second(&self, pair: &PairSubject<T, __T, N>) -> ChildSpec<Cell<CellSubject<T>>> {
            drop(self.second.clone());
            let value = pair.first();
            Cell::child_spec(move || Cell {
                value: value.clone(),
            })
        }
    }

    async fn use_it(pair: PairSubject<u64, (), 1>) -> Result<u64, CallError> {
        let first: CellSubject<u64> = pair.second().get().await?;
        first.get().await
    }

    async fn use_any<T>(pair: &PairSubject<T, T, 2>) -> Option<T>
    where
        T: Clone + Debug + Send + Sync + 'static,
    {
        pair.first().get().await.ok()
    }

    struct Special<T>(T);

    #[supervisor]
    impl Special<u64> {
        #[child]
        fn cell(&self) -> ChildSpec<Cell<u64>> {
            let value = self.0;
            Cell::child_spec(move || Cell { value })
        }
    }

    struct Unsized<T: ?Sized>(Box<T>);

    #[supervisor]
    impl<T: ?Sized + Send + 'static> Unsized<T> {
        fn value(&self) -> &T {
            &self.0
        }
    }

    #[test]
    fn callers_compile() {
        let _ = (use_it, use_any::<u64>);
        drop((
            Pair {
                first: 1,
                second: [2],
            }
            .start(),
            Special(1).start(),
        ));
        let text: Unsized<str> = Unsized("text".into());
        assert_eq!(text.value(), "text");
        drop(text.start());
    }
}

mod conditional {
    use ambit::prelude::*;

    struct App;

    #[supervisor]
    impl App {
        #[cfg(not(test))]
        #[child]
        fn missing(&self) -> ChildSpec<NoSuchType> {
            NoSuchType::child_spec()
        }

        #[cfg(not(test))]
        #[child(restart = Temporary)]
        fn poller(&self) -> ChildSpec<NoSuchType> {
            NoSuchType::child_spec()
        }

        #[cfg(test)]
        #[child]
        fn poller(&self) -> ChildSpec<Task<()>> {
            ChildSpec::task("poller", || async {})
        }

        #[cfg(not(test))]
        fn start(self) -> NoSuchType {}

        #[cfg(not(test))]
        fn poller(&self) -> NoSuchType {}

        #[cfg(not(test))]
        #[child]
        fn named(&self) -> ChildSpec<NoSuchType> {}
    }

    #[cfg(not(test))]
    #[supervisor]
    impl App {
        #[child]
        fn nothing(&self) -> ChildSpec<NoSuchType> {}
    }

    struct Server;

    #[gen_server]
    impl Server {
        #[cfg(not(test))]
        fn child_spec() -> NoSuchType {}
    }

    #[test]
    fn callers_compile() {
        drop((App.start(), Server::child_spec(|| Server)));
        let _ = (AppSubject::poller, AppSubject::named);
    }
}

mod beside_globs {
    #[allow(unused_imports)]
    use ::log::*;
    #[allow(unused_imports)]
    use anyhow::*;
    #[allow(unused_imports)]
    use tokio::test;
    #[allow(unused_imports)]
    use tracing::*;

    use ambit::prelude::*;

    struct Counter;

    #[gen_server]
    impl Counter {}

    struct App;

    #[supervisor(restarts = 1)]
    impl App {
        #[child]
        fn counter(&self) -> Result<ChildSpec<Counter>> {
            tracing::info!("counter");
            Ok(Counter::child_spec(|| Counter))
        }
    }

    #[test]
    async fn is_tokios() {
        drop(App.start());
    }
}

mod shadowed_names {
    /// Each of these has the name of something that generated code uses.
    mod own {
        pub(super) struct Result;
        pub(super) struct Option;
        pub(super) struct Supervisor;
        pub(super) struct Strategy;
        pub(super) struct Child;
        pub(super) struct Vec;
    }

    use ambit::supervisor;
    use ambit::supervisor::ChildSpec;
    use own::{Child, Option, Result, Strategy, Supervisor, Vec};

    struct Server;

    #[ambit::gen_server]
    impl Server {}

    struct App {
        tree: u64,
    }

    #[supervisor(strategy = OneForAll)]
    impl App {
        #[ambit::child]
        fn child(&self, subject: &AppSubject) -> ChildSpec<Server> {
            let _ = (self.tree, subject);
            Server::child_spec(|| Server)
        }

        #[ambit::prelude::child]
        fn r#match(&self) -> ChildSpec<Server> {
            Server::child_spec(|| Server)
        }

        #[ambit::child]
        fn named(&self) -> ChildSpec<Server> {
            Server::child_spec(|| Server)
        }

        #[ambit::child]
        fn which_children(&self) -> ChildSpec<Server> {
            Server::child_spec(|| Server)
        }
    }

    fn handles(app: &AppSubject) -> [ServerSubject; 4] {
        [
            app.child(),
            app.r#match(),
            app.named(),
            app.which_children(),
        ]
    }

    #[test]
    fn are_constructed() {
        let _ = (Result, Option, Supervisor, Strategy, Child, Vec, handles);
        drop(App { tree: 1 }.start());
    }
}

mod own_functions {
    use ambit::prelude::*;
    use ambit::server::Start;

    #[derive(Clone)]
    struct App {
        limit: u64,
    }

    #[supervisor]
    impl App {
        fn start(limit: u64) -> Start<Self> {
            ambit::start(Self { limit })
        }

        fn child_spec(limit: u64) -> ChildSpec<Self> {
            ChildSpec::from_fn(move || Self::start(limit)).restart(Restart::Transient)
        }
    }

    struct Server {
        limit: u64,
    }

    #[gen_server]
    impl Server {
        #[call]
        fn limit(&self) -> u64 {
            self.limit
        }

        fn child_spec(limit: u64) -> ChildSpec<Self> {
            ChildSpec::from_fn(move || Self { limit }.start())
        }
    }

    #[test]
    fn callers_compile() {
        drop((App::start(1), App::child_spec(1), Server::child_spec(1)));
        assert_eq!(App { limit: 1 }.clone().limit, 1);
    }
}

mod attributes {
    use ambit::prelude::*;

    struct App;

    #[supervisor]
    impl App {
        /// Documented.
        #[deprecated = "ask the `poller`"]
        #[child]
        fn old(&self) -> ChildSpec<Task<()>> {
            ChildSpec::task("old", || async {})
        }

        #[must_use = "a handle asks nothing by itself"]
        #[child]
        fn poller(&self) -> ChildSpec<Task<()>> {
            ChildSpec::task("poller", || async {})
        }

        #[expect(unused_variables)]
        #[rustfmt::skip]
        #[child]
        fn ignored(&self) -> ChildSpec<Task<()>> {
            let value = 1;
            ChildSpec::task("ignored", || async {})
        }

        #[doc(hidden)]
        #[child]
        fn hidden(&self) -> ChildSpec<Task<()>> {
            ChildSpec::task("hidden", || async {})
        }
    }

    mod renamed {
        pub(super) use ::ambit as runtime;

        use runtime::supervisor;

        struct Elsewhere;

        #[supervisor(crate = self::runtime, strategy = OneForAll)]
        impl Elsewhere {
            #[runtime::child]
            fn poller(&self) -> runtime::ChildSpec<runtime::Task<()>> {
                runtime::ChildSpec::task("poller", || async {})
            }
        }

        pub(super) fn start() {
            drop(Elsewhere.start());
        }
    }

    #[test]
    fn callers_compile() {
        drop(App.start());
        renamed::start();
    }
}

mod from_macros {
    use ambit::prelude::*;

    macro_rules! app {
        ($name:ident, $strategy:ident, $restarts:expr, $child:ident: $spec:ty = $make:expr) => {
            struct $name;

            #[supervisor(strategy = $strategy, restarts = $restarts)]
            impl $name {
                #[child]
                fn $child(&self) -> $spec {
                    $make
                }
            }
        };
    }

    app!(First, OneForAll, 3, poller: ChildSpec<Task<()>> = ChildSpec::task("poller", || async {}));

    #[test]
    fn callers_compile() {
        drop(First.start());
    }
}
