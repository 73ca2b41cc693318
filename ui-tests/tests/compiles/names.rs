//! Programs with unusual names, which the generated code could collide with.

mod odd_names {
    use ambit::prelude::*;

    struct Named<R, __T>(R, __T);

    #[gen_server]
    impl<R: Clone, __T: Clone> Named<R, __T> {
        #[call]
        fn pair(&self) -> (R, __T) {
            (self.0.clone(), self.1.clone())
        }
    }

    struct Counter {
        value: u64,
    }

    #[gen_server]
    impl Counter {
        #[call]
        fn stop(&mut self, ctx: &mut Context<Self>) -> u64 {
            ctx.stop(ExitReason::Normal);
            self.value
        }

        #[call]
        fn pid(&self) -> u64 {
            self.value
        }

        #[cast]
        fn send(&mut self, value: u64) {
            self.value = value;
        }

        #[cast]
        fn reserve(&mut self, seats: u64) {
            self.value += seats;
        }

        #[call]
        fn r#match(&self, r#type: u64, message: u64, args: u64, handler: u64, ctx: u64) -> u64 {
            self.value + r#type + message + args + handler + ctx
        }

        #[cast]
        fn reply(&mut self, reply: u64) {
            self.value = reply;
        }

        #[call(deferred)]
        fn port(&mut self, port: ReplyTo<u64>) {
            port.send(self.value);
        }

        #[cast]
        fn _underscored(&mut self, _value: u64) {}
    }

    fn process(counter: &CounterSubject) {
        drop(Process::stop(counter));
        drop(Subject::send(
            counter.as_ref(),
            CounterCast::Send { value: 1 },
        ));
    }

    #[test]
    fn callers_compile() {
        let _ = (process, Named(1, 2).pair());
    }
}

mod own_functions {
    use ambit::prelude::*;

    struct Server;

    impl Server {
        fn handle_now(&self) {}
    }

    #[gen_server]
    impl Server {
        #[call]
        fn get(&self) -> u64 {
            self.handle_now();
            1
        }

        #[call]
        async fn later(&mut self) -> u64 {
            2
        }
    }

    #[test]
    fn callers_compile() {
        drop(Server.start());
    }
}

mod odd_style {
    use ambit::prelude::*;

    #[allow(non_camel_case_types)]
    struct word_count(u64);

    #[gen_server]
    #[allow(non_snake_case)]
    impl word_count {
        #[call]
        fn getURL(&self, baseURL: String) -> String {
            format!("{baseURL}/{}", self.0)
        }

        #[cast]
        fn setURL(&mut self, newURL: u64) {
            self.0 = newURL;
        }
    }

    #[test]
    fn callers_compile() {
        drop(word_count(1).start());
    }
}

mod shadowed_names {
    /// Each of these has the name of something that generated code uses.
    mod own {
        pub(super) struct Result;
        pub(super) struct Option;
        pub(super) struct String;
        pub(super) struct Flow;
        pub(super) struct Incoming;
        pub(super) struct Subject;
        pub(super) struct Call;
    }

    use ambit::gen_server;
    use own::{Call, Flow, Incoming, Option, Result, String, Subject};

    struct Server;

    #[gen_server]
    impl Server {
        #[ambit::init]
        fn new(_first: Result, _second: Option) -> Self {
            Self
        }

        #[ambit::call]
        fn all(&self, _flow: Flow, _incoming: Incoming) -> (Subject, Call) {
            (Subject, Call)
        }

        #[ambit::prelude::cast]
        async fn text(&mut self, _text: String) {}
    }

    #[test]
    fn are_constructed() {
        let _ = (Result, Option, Flow, Incoming, String);
    }
}

/// The attributes by the paths of their public module.
mod attributes_by_path {
    use ambit::supervisor::ChildSpec;
    use ambit::{Message, gen_server, protocol, state_machine, supervisor};

    #[derive(Message)]
    struct Tick;

    struct Counter(u64);

    type Ctx = ambit::server::Context<Counter>;

    #[gen_server]
    impl Counter {
        #[ambit::attribute::init]
        fn new(#[ambit::attribute::ctx] ctx: &mut Ctx, value: u64) -> Self {
            ctx.label("counter");
            Self(value)
        }

        #[ambit::attribute::call(timeout = std::time::Duration::from_secs(1))]
        fn get(&self) -> u64 {
            self.0
        }

        #[::ambit::attribute::cast]
        fn add(&mut self, by: u64) {
            self.0 += by;
        }

        #[ambit::attribute::info]
        fn on_tick(&mut self, _: Tick) {}
    }

    struct Door;

    #[state_machine(states = [Open, Closed])]
    impl Door {
        #[ambit::attribute::cast(Open => Closed, Closed => ignore)]
        fn close(&mut self) {}

        #[ambit::attribute::state_timeout(Closed => Open, after = std::time::Duration::from_secs(1))]
        fn opens(&mut self) {}

        #[ambit::attribute::enter(Closed)]
        fn closed(&mut self) {}
    }

    struct App;

    #[supervisor]
    impl App {
        #[ambit::attribute::child]
        fn counter(&self) -> ChildSpec<Counter> {
            Counter::child_spec(1)
        }
    }

    #[protocol]
    trait Shelf {
        #[ambit::attribute::call]
        fn put(&mut self, item: u64) -> bool;
    }

    #[test]
    fn callers_compile() {
        drop((Counter::start(1), Door.start(), App.start(), Tick));
        let _: fn(&ShelfSubject, u64) -> ambit::server::Call<'_, dyn Shelf, bool> =
            ShelfSubject::put;
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

    #[allow(unused_imports)]
    use ambit::prelude::*;

    struct Counter {
        value: u64,
    }

    #[gen_server]
    impl Counter {
        #[init]
        fn new(value: u64) -> Self {
            tracing::info!(value);
            Self { value }
        }

        #[call]
        fn get(&self) -> u64 {
            self.value
        }

        #[info]
        fn on_number(&mut self, number: u64) {
            self.value = number;
        }
    }

    #[test]
    async fn is_tokios() {}
}
