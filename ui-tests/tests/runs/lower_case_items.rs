//! Unit structs, constants and statics with the names of variables in generated code, which a pattern would refer to
//! instead of binding a variable.

#![allow(
    non_camel_case_types,
    non_upper_case_globals,
    reason = "that is what they are called"
)]
#![allow(dead_code, reason = "an item that is in the way is not used")]

use std::time::Duration;

use ambit::prelude::*;

macro_rules! in_the_way {
    (structs: $($structs:ident)*, constants: $($constants:ident)*, statics: $($statics:ident)*) => {
        $(struct $structs;)*
        $(const $constants: u64 = 1;)*
        $(static $statics: u64 = 1;)*
    };
}

in_the_way! {
    structs: tag types out message reply input record value asked formatter output,
    constants: args settings child holder inner wrapper never field0 field1 result,
    statics: other state handle subject call method event internal answer info name cast timeout registry key make closure
}

struct Counter {
    n: i64,
}

#[gen_server(remote = "lower_case.counter")]
impl Counter {
    #[init]
    fn new(n: i64) -> Self {
        Self { n }
    }

    #[call]
    fn get(&self, by: i64) -> i64 {
        self.n + by
    }

    #[call(timeout = Duration::from_secs(1), skip_expired)]
    async fn wait(&mut self, ctx: &mut Context<Self>, by: i64) -> i64 {
        ctx.label("waits");
        self.n + by
    }

    #[call(deferred)]
    fn later(&mut self, to: ReplyTo<i64>) {
        to.send(1);
    }

    #[cast]
    fn set(&mut self, n: i64) {
        self.n = n;
    }

    #[info]
    fn on_number(&mut self, n: i16) {
        self.n = n.into();
    }

    #[continue_with]
    fn next(&mut self, n: i16) {
        self.n = n.into();
    }

    #[terminate]
    fn bye(&mut self, _reason: &ExitReason) {}
}

struct Queue<T> {
    items: Vec<T>,
}

#[gen_server]
impl<T: Clone> Queue<T> {
    #[call]
    fn first(&self) -> Option<T> {
        self.items.first().cloned()
    }

    #[cast]
    fn clear(&mut self) {
        self.items.clear();
    }
}

#[protocol(remote = "lower_case.kv")]
trait Kv {
    #[call]
    fn get(&self, at: i64) -> i64;
    #[cast]
    fn set(&self, at: i64);
    #[call(deferred)]
    fn later(&self, to: ReplyTo<i64>);
}

struct Store;

#[gen_server(protocol = Kv)]
impl Store {
    #[call]
    fn get(&self, at: i64) -> i64 {
        at
    }

    #[cast]
    fn set(&mut self, _at: i64) {}

    #[call(deferred)]
    fn later(&mut self, to: ReplyTo<i64>) {
        to.send(1);
    }
}

#[derive(Message, Clone, Debug, PartialEq)]
#[message(name = "lower_case.event", version = 2)]
enum Event {
    A(i64, i64),
    B {
        x: Option<i64>,
        #[message(default)]
        y: i64,
    },
    #[message(since = 2)]
    C,
}

#[derive(Message)]
#[message(name = "lower_case.page")]
struct Page<T, const N: usize> {
    items: [T; N],
}

#[ambit::wire(name = "lower_case.wrapped")]
struct Wrapped(String);

#[ambit::rpc(name = "lower_case.double")]
async fn double(a: i64) -> i64 {
    a * 2
}

/// Its requests have the name of a crate, and of a module that it declares itself.
#[ambit::rpc(name = "lower_case.serde")]
async fn serde(serde: ::std::primitive::i64) -> Result<i64, String> {
    mod serde {
        pub(super) const ONE: i64 = 1;
    }
    let failed: Option<::serde::de::value::Error> = None;
    failed.map_or(Ok(serde + serde::ONE), |error| Err(error.to_string()))
}

/// It uses its requests.
#[ambit::rpc(name = "lower_case.spoken")]
fn spoken() -> String {
    let spoken: ::std::string::String = spoken::NAME.into();
    spoken
}

struct Door;

#[state_machine(states = [Open, Shut], remote = "lower_case.door")]
impl Door {
    #[cast(Open => Shut | stay, Shut => postpone)]
    fn shut(&mut self, n: i64) -> DoorShutTo {
        if n > 1 {
            DoorShutTo::Stay
        } else {
            DoorShutTo::Shut
        }
    }

    #[call(_ => stay, skip_expired)]
    fn peek(&self, n: u8) -> i64 {
        n.into()
    }

    #[call(deferred, _ => stay)]
    fn later(&mut self, to: ReplyTo<i64>) {
        to.send(1);
    }

    #[state_timeout(Shut => Open, after = Duration::from_secs(1))]
    fn open(&mut self) {}

    #[internal(_ => stay)]
    fn again(&mut self, n: u8) {
        let _ = n;
    }
}

struct App;

#[supervisor]
impl App {
    #[child]
    fn counter(&self) -> ChildSpec<Counter> {
        Counter::child_spec(1)
    }
}

#[ambit::test]
async fn no_item_is_taken_for_a_variable() {
    let app = App.start().await.unwrap();
    let counter = app.counter();
    counter.set(4).await.unwrap();
    assert_eq!(counter.get(1).await, Ok(5));
    assert_eq!(counter.wait(2).await, Ok(6));
    assert_eq!(counter.later().await, Ok(1));
    let queue = Queue { items: vec![3] }.start().await.unwrap();
    assert_eq!(queue.first().await, Ok(Some(3)));
    let store = Store.start().await.unwrap();
    store.set(1).await.unwrap();
    assert_eq!(store.later().await, Ok(1));
    let mock = MockKv::new().on_get(|at| at + 1);
    assert_eq!(mock.start().await.unwrap().get(1).await, Ok(2));
    assert_eq!(double(2).run().await, 4);
    assert_eq!(serde(2).run().await, Ok(3));
    assert_eq!(spoken().run().await, "lower_case.spoken");
    let door = Door.start().await.unwrap();
    door.shut(1).await.unwrap();
    assert_eq!(door.peek(2).await, Ok(2));
    assert_eq!(door.later().await, Ok(1));
    assert_ne!(Event::A(1, 2), Event::C);
    let page = Page { items: [1_i64; 3] };
    assert_eq!(page.items.iter().sum::<i64>(), 3);
    assert_eq!(Wrapped("a".to_owned()).0, "a");
}

/// States in lower case, alone in their rules.
struct Worker {
    done: u64,
}

#[state_machine(states = [idle, busy])]
impl Worker {
    #[cast(idle => busy, busy => postpone)]
    fn work(&mut self) {}

    #[enter(busy)]
    fn begin(&mut self) {
        self.done += 1;
    }

    #[call(idle, busy, skip_expired)]
    fn done(&self) -> u64 {
        self.done
    }

    #[state_timeout(busy => idle, after = Duration::from_secs(1))]
    fn end(&mut self) {}
}

#[ambit::test]
async fn a_state_in_lower_case_is_no_option() {
    let worker = Worker { done: 0 }.start().await.unwrap();
    worker.work().await.unwrap();
    assert_eq!(worker.done().await, Ok(1));
}
