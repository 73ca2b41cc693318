//! Blanket traits with methods named like ambit's, and types named like primitive types.

#![allow(non_camel_case_types, reason = "that is what they are called")]
#![allow(clippy::wrong_self_convention, reason = "that is what they are called")]
#![allow(dead_code, reason = "a trait that is in the way is not called")]

use std::time::Duration;

use ambit::prelude::*;

macro_rules! in_the_way {
    ($($name:ident)*) => {
        trait ByReference { $(fn $name(&self) {})* }
        impl<T: ?Sized> ByReference for T {}
    };
}

in_the_way! {
    push shown show record field end finish context map tag variant shape put take answer ask mailbox overflow in_place call cast
    asked program event postpone state_timeout start_in with from_fn debug_struct length element define index send_to named_by as_inner
}

struct bool;
struct char;
struct i32;
struct str;
struct u8;
struct u32;
struct u64;
struct usize;

struct Counter {
    n: i64,
}

#[gen_server(remote = "hostile.counter", mailbox = 4, overflow = reject, in_place = never)]
impl Counter {
    #[init]
    fn init(n: i64) -> Self {
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
    fn later(&mut self, reply: ReplyTo<i64>) {
        reply.send(1);
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

#[protocol(remote = "hostile.kv")]
trait Kv {
    #[call]
    fn get(&self, key: i64) -> i64;
    #[cast]
    fn set(&self, key: i64);
    #[call(deferred)]
    fn later(&self, reply: ReplyTo<i64>);
}

struct Store;

#[gen_server(protocol = Kv)]
impl Store {
    #[call]
    fn get(&self, key: i64) -> i64 {
        key
    }

    #[cast]
    fn set(&mut self, _key: i64) {}

    #[call(deferred)]
    fn later(&mut self, reply: ReplyTo<i64>) {
        reply.send(1);
    }
}

#[derive(Message, Clone, Debug, PartialEq)]
#[message(name = "hostile.event", version = 2)]
enum Event {
    A(i64),
    B {
        x: Option<i64>,
        #[message(default)]
        y: i64,
    },
    #[message(since = 2)]
    C,
}

#[derive(Message)]
#[message(name = "hostile.page")]
struct Page<T, const N: core::primitive::usize> {
    items: [T; N],
}

#[ambit::wire(name = "hostile.wrapped")]
struct Wrapped(String);

#[ambit::rpc(name = "hostile.double")]
async fn double(a: i64) -> i64 {
    a * 2
}

struct Door;

#[state_machine(states = [Open, Shut])]
impl Door {
    #[cast(Open => Shut | stay, Shut => postpone)]
    fn shut(&mut self, n: i64) -> DoorShutTo {
        if n > 1 {
            DoorShutTo::Stay
        } else {
            DoorShutTo::Shut
        }
    }

    #[call(_ => stay)]
    fn peek(&self) -> i64 {
        1
    }

    #[state_timeout(Shut => Open, after = Duration::from_secs(1))]
    fn open(&mut self) {}
}

struct App;

#[supervisor(restarts = 3, within = Duration::from_secs(1))]
impl App {
    #[child(restart = Transient)]
    fn counter(&self) -> ChildSpec<Counter> {
        Counter::child_spec(1)
    }
}

#[ambit::test]
async fn no_name_is_in_the_way() {
    let app = App.start().await.unwrap();
    let counter = app.counter();
    counter.set(4).await.unwrap();
    assert_eq!(counter.get(1).await, Ok(5));
    assert_eq!(counter.wait(2).await, Ok(6));
    assert_eq!(counter.later().await, Ok(1));
    assert_eq!(format!("{:?}", CounterCast::Set { n: 3 }), "Set { n: 3 }");
    let store = Store.start().await.unwrap();
    store.set(1).await.unwrap();
    assert_eq!(store.get(1).await, Ok(1));
    let mock = MockKv::new().on_get(|key| key + 1);
    assert_eq!(mock.start().await.unwrap().get(1).await, Ok(2));
    assert_eq!(double(2).run().await, 4);
    let door = Door.start().await.unwrap();
    door.shut(1).await.unwrap();
    assert_eq!(door.peek().await, Ok(1));
    assert_ne!(Event::A(1), Event::C);
    let page = Page { items: [1_i64; 3] };
    assert_eq!(page.items.iter().sum::<i64>(), 3);
    assert_eq!(Wrapped("a".to_owned()).0, "a");
}
