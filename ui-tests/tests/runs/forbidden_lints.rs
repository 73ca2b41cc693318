//! A public interface in a crate that forbids undocumented items and unsafe code.

/// The interface.
pub mod interface {
    #![forbid(missing_docs, unsafe_code)]

    use std::time::Duration;

    use ambit::prelude::*;

    /// A number.
    #[derive(Clone, Debug, Message)]
    #[message(name = "forbidden_lints.number", version = 2)]
    pub enum Number {
        /// A known one.
        Known(u64),
        /// One with a name.
        #[message(since = 2)]
        Named {
            /// The name.
            name: String,
        },
    }

    /// A duration.
    #[wire(name = "forbidden_lints.duration")]
    #[derive(Debug)]
    pub struct Lasting(pub Duration);

    /// Counts.
    #[derive(Debug)]
    pub struct Counter(u64);

    #[gen_server(remote = "forbidden_lints.counter")]
    impl Counter {
        /// Starts at `value`.
        #[must_use]
        #[init]
        pub fn new(value: u64) -> Self {
            Self(value)
        }

        /// Adds a number.
        #[call(timeout = Duration::from_secs(1))]
        pub fn add(&mut self, by: u64) -> u64 {
            self.0 += by;
            self.0
        }

        #[call(deferred)]
        fn later(&mut self, number: Number, reply: ReplyTo<u64>) {
            let _ = (number, reply.send(self.0));
        }

        #[cast]
        fn set(&mut self, value: u64) {
            self.0 = value;
        }

        #[info]
        fn on_down(&mut self, ctx: &mut Context<Self>, _: Down) {
            ctx.continue_with(CounterContinue::Next { step: 1 });
        }

        #[continue_with]
        fn next(&mut self, step: u64) {
            self.0 += step;
        }
    }

    /// Values by key.
    #[protocol(remote = "forbidden_lints.kv")]
    pub trait Kv {
        /// The value of a key.
        #[call]
        fn get(&self, key: String) -> Option<u64>;
        /// Sets the value of a key.
        #[cast]
        fn put(&self, key: String, value: u64);
    }

    /// Values in memory.
    #[derive(Debug)]
    pub struct Memory;

    #[gen_server(protocol = Kv)]
    impl Memory {
        #[call]
        fn get(&self, key: String) -> Option<u64> {
            key.parse().ok()
        }

        #[cast]
        fn put(&self, _key: String, _value: u64) {}
    }

    /// A door.
    #[derive(Debug)]
    pub struct Door;

    #[state_machine(states = [Locked, Open])]
    impl Door {
        /// Opens the door.
        #[call(Locked => Open | stay, Open => refuse)]
        pub fn unlock(&mut self, code: u32) -> (DoorUnlockTo, bool) {
            match code {
                7 => (DoorUnlockTo::Open, true),
                _ => (DoorUnlockTo::Stay, false),
            }
        }
    }

    /// The tree.
    #[derive(Debug)]
    pub struct App;

    #[supervisor]
    impl App {
        /// The only counter.
        #[child]
        pub fn counter(&self) -> ChildSpec<Counter> {
            Counter::child_spec(1)
        }
    }

    /// Adds two numbers.
    #[ambit::rpc(name = "forbidden_lints.add")]
    pub async fn add(one: u64, other: u64) -> u64 {
        one + other
    }
}

#[ambit::test]
async fn documented_interfaces_compile() {
    let counter = interface::Counter::start(1).await.unwrap();
    assert_eq!(counter.add(2).await, Ok(3));
}
