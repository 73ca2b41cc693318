//! Modules without the prelude of Rust.

#[no_implicit_prelude]
mod no_prelude {
    use ::ambit::{ReplyTo, gen_server, state_machine, supervisor};

    struct Counter {
        value: u64,
    }

    struct Tick;

    #[gen_server]
    impl Counter {
        #[::ambit::init]
        fn new(ctx: &mut ::ambit::server::Context<Self>, value: u64) -> Self {
            ctx.label("bare");
            Self { value }
        }

        #[::ambit::call(timeout = ::std::time::Duration::from_secs(1), skip_expired)]
        fn get(&self) -> u64 {
            self.value
        }

        #[::ambit::call(deferred)]
        fn later(&mut self, reply: ReplyTo<u64>) {
            reply.send(self.value);
        }

        #[::ambit::call]
        async fn add(&mut self, by: ::std::option::Option<u64>) -> u64 {
            self.value += by.unwrap_or_default();
            self.value
        }

        #[::ambit::cast]
        fn set(&mut self, value: u64) -> ::std::result::Result<(), ::std::string::String> {
            self.value = value;
            ::std::result::Result::Ok(())
        }

        #[::ambit::info]
        fn on_tick(&mut self, _: Tick) {
            self.value += 1;
        }

        #[::ambit::continue_with]
        fn report(&self) {}

        #[::ambit::terminate]
        fn bye(&mut self, _: &::ambit::process::ExitReason) {}
    }

    struct Door;

    #[state_machine(states = [Locked, Open])]
    impl Door {
        #[::ambit::call(Locked => Open | stay, Open => refuse)]
        fn unlock(&mut self, code: u64) -> (DoorUnlockTo, bool) {
            if code == 4 {
                (DoorUnlockTo::Open, true)
            } else {
                (DoorUnlockTo::Stay, false)
            }
        }
    }

    struct App;

    #[supervisor]
    impl App {
        #[::ambit::child]
        fn counter(&self) -> ::ambit::supervisor::ChildSpec<Counter> {
            Counter::child_spec(5)
        }
    }

    #[::ambit::test]
    async fn nothing_of_the_prelude_is_needed() {
        let app = App.start().await.unwrap();
        let counter = app.counter();
        ::std::assert_eq!(counter.get().await.unwrap(), 5);
        ::std::assert_eq!(
            counter.add(::std::option::Option::Some(1)).await.unwrap(),
            6
        );
        ::std::assert_eq!(counter.later().await.unwrap(), 6);
        counter.set(1).await.unwrap();
        counter.recipient().send(Tick).await.unwrap();
        ::std::assert_eq!(counter.get().await.unwrap(), 2);
        let door = Door.start().await.unwrap();
        ::std::assert!(!door.unlock(3).await.unwrap());
        ::std::assert!(door.unlock(4).await.unwrap());
    }
}
