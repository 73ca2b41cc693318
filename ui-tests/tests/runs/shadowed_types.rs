//! The user's types, traits, modules and macros with the names of items that generated code needs.

mod own {
    use std::fmt::Debug;

    macro_rules! values {
        ($($name:ident)*) => { $(
            #[derive(Clone, Debug, PartialEq)]
            pub(super) struct $name(pub(super) u64);
        )* };
    }

    values! {
        Result Option Vec Box String Some Ok Err None R T S K V Fut Call Cast Info Subject Process Context Flow Incoming
        Down Duration Future Clone Arc GenServer Protocol Handles InfoOf Payload State Start Target Pid Self_
    }

    pub(super) trait Send {}
    pub(super) trait Sync {}
    pub(super) trait From {}
    pub(super) trait Into {}
    pub(super) trait Default {}
    pub(super) trait Fn {}
    pub(super) trait Iterator {}
    impl<T: Debug> Send for T {}
    impl<T: Debug> Sync for T {}
    impl<T: Debug> From for T {}
    impl<T: Debug> Into for T {}
    impl<T: Debug> Default for T {}
    impl<T: Debug> Fn for T {}
    impl<T: Debug> Iterator for T {}
    pub(super) fn has_all<T: Send + Sync + From + Into + Default + Fn + Iterator>() {}
}

mod types {
    use super::own::*;
    use ambit::gen_server;

    #[derive(Clone)]
    struct Server {
        value: u64,
    }

    #[gen_server]
    impl Server {
        #[ambit::init]
        fn new(
            ctx: &mut ambit::server::Context<Self>,
            first: Result,
            _second: Option,
            start: Start,
        ) -> Self {
            ctx.label("shadowed");
            own_traits();
            Self {
                value: first.0 + start.0,
            }
        }

        #[ambit::call]
        fn all(&self, r: R, t: T, s: S, vec: Vec, boxed: Box, string: String) -> (Result, Option) {
            (
                Result(r.0 + t.0 + s.0),
                Option(vec.0 + boxed.0 + string.0 + self.value),
            )
        }

        #[ambit::call]
        async fn later(&mut self, call: Call, subject: Subject, flow: Flow) -> Incoming {
            Incoming(call.0 + subject.0 + flow.0)
        }

        #[ambit::call(deferred)]
        fn deferred(&mut self, pid: Pid, reply: ambit::server::ReplyTo<Some>) {
            reply.send(Some(pid.0));
        }

        #[ambit::cast]
        fn add(&mut self, context: Context, process: Process, some: Some, none: None) {
            self.value += context.0 + process.0 + some.0 + none.0;
        }

        #[ambit::info]
        fn on_down(&mut self, down: Down) {
            self.value = down.0;
        }

        #[ambit::info]
        fn on_payload(&mut self, payload: Payload) {
            self.value = payload.0;
        }

        #[ambit::continue_with]
        fn more(&mut self, state: State, target: Target, handles: Handles, info: InfoOf) {
            self.value = state.0 + target.0 + handles.0 + info.0;
        }

        #[ambit::terminate]
        fn bye(&mut self, _: &ambit::process::ExitReason) {
            let _ = (
                Duration(1),
                Future(1),
                Clone(1),
                Arc(1),
                GenServer(1),
                Protocol(1),
                Fut(1),
            );
            let _ = (Ok(1), Err(1), K(1), V(1), Cast(1), Info(1), Self_(1));
        }
    }

    fn own_traits() {
        has_all::<u64>();
    }

    #[ambit::test]
    async fn types_and_traits_are_the_users() {
        let server = Server::start(Result(1), Option(2), Start(0)).await.unwrap();
        let all = server.all(R(1), T(1), S(1), Vec(2), Box(2), String(2));
        assert_eq!(all.await.unwrap(), (Result(3), Option(7)));
        let later = server.later(Call(1), Subject(2), Flow(3)).await;
        assert_eq!(later.unwrap(), Incoming(6));
        assert_eq!(server.deferred(Pid(3)).await.unwrap(), Some(3));
        server
            .add(Context(1), Process(1), Some(1), None(1))
            .await
            .unwrap();
        server.recipient().send(Down(0)).await.unwrap();
        server.recipient().send(Payload(4)).await.unwrap();
        let all = server.all(R(0), T(0), S(0), Vec(0), Box(0), String(0));
        assert_eq!(all.await.unwrap().1, Option(4));
        let clone = Server { value: 2 }.clone();
        clone.all(R(0), T(0), S(0), Vec(0), Box(0), String(0));
    }
}

mod modules {
    #[allow(dead_code)]
    mod std {}
    #[allow(dead_code)]
    mod core {}
    #[allow(dead_code)]
    mod alloc {}
    #[allow(dead_code)]
    mod ambit {}
    #[allow(dead_code)]
    mod tokio {}

    #[allow(unused_macros)]
    macro_rules! format {
        () => {};
    }
    #[allow(unused_macros)]
    macro_rules! panic {
        () => {};
    }

    use ::ambit::prelude::*;

    struct Server(u64);

    #[gen_server]
    impl Server {
        #[call]
        fn get(&self) -> u64 {
            self.0
        }

        #[cast]
        fn set(&mut self, value: u64) {
            self.0 = value;
        }

        #[info]
        fn on_number(&mut self, number: u64) {
            self.0 = number;
        }
    }

    #[::ambit::test]
    async fn modules_and_macros_are_the_users() {
        let server = Server(1).start().await.unwrap();
        server.set(2).await.unwrap();
        server.recipient().send(3_u64).await.unwrap();
        assert_eq!(server.get().await, Ok(3));
    }
}

/// The prelude of ambit, next to servers with the names of its types.
mod servers {
    use ambit::prelude::*;

    macro_rules! servers {
        ($($name:ident $value:literal),*) => { $(
            mod $name {
                pub(super) struct $name(pub(super) u64);

                #[ambit::gen_server(vis = pub(super))]
                impl $name {
                    #[ambit::call]
                    pub(super) fn get(&self) -> u64 {
                        self.0
                    }
                }
            }
        )* };
    }

    mod made {
        #![allow(non_snake_case)]
        servers!(Call 1, Cast 2, Subject 3, Context 4, Process 5, Option 6, Result 7, Send 8, Box 9, Flow 10);

        #[ambit::test]
        async fn servers_are_called_as_types_of_the_prelude() {
            let call = Call::Call(1).start().await.unwrap();
            assert_eq!(call.get().await.unwrap(), 1);
            let cast = Cast::Cast(2).start().await.unwrap();
            assert_eq!(cast.get().await.unwrap(), 2);
            let subject = Subject::Subject(3).start().await.unwrap();
            assert_eq!(subject.get().await.unwrap(), 3);
            let context = Context::Context(4).start().await.unwrap();
            assert_eq!(context.get().await.unwrap(), 4);
            let process = Process::Process(5).start().await.unwrap();
            assert_eq!(process.get().await.unwrap(), 5);
            let option = Option::Option(6).start().await.unwrap();
            assert_eq!(option.get().await.unwrap(), 6);
            let result = Result::Result(7).start().await.unwrap();
            assert_eq!(result.get().await.unwrap(), 7);
            let send = Send::Send(8).start().await.unwrap();
            assert_eq!(send.get().await.unwrap(), 8);
            let boxed = Box::Box(9).start().await.unwrap();
            assert_eq!(boxed.get().await.unwrap(), 9);
            let flow = Flow::Flow(10).start().await.unwrap();
            assert_eq!(flow.get().await.unwrap(), 10);
        }
    }

    struct Registry(u64);

    #[gen_server]
    impl Registry {
        #[call]
        fn get(&self) -> u64 {
            self.0
        }
    }

    #[ambit::test]
    async fn a_server_hides_a_type_of_the_prelude() {
        let names: ambit::registry::Registry<&'static str, Registry> =
            ambit::registry::Registry::unique();
        let registry = Registry(1).start().await.unwrap();
        names.register("one", &registry).unwrap();
        assert_eq!(RegistrySubject::via(&names, "one").get().await, Ok(1));
    }
}

mod parameters {
    use ambit::prelude::*;

    struct Ticker<Instant> {
        last: Instant,
    }

    #[gen_server]
    impl<Instant: Clone> Ticker<Instant> {
        #[call]
        fn last(&self) -> Instant {
            self.last.clone()
        }

        #[call]
        fn all(&self) -> Vec<Option<Instant>> {
            vec![Some(self.last.clone())]
        }
    }

    #[ambit::test]
    async fn a_parameter_hides_a_type_of_std() {
        let ticker = Ticker { last: 7_u8 }.start().await.unwrap();
        assert_eq!(ticker.last().await, Ok(7));
        assert_eq!(ticker.all().await, Ok(vec![Some(7)]));
    }
}
