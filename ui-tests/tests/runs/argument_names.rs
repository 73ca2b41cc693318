//! Arguments with the names of variables in generated code, or that differ from each other only by an underscore.

use std::time::Duration;

use ambit::message::Rpc;
use ambit::prelude::*;

/// One server for each name.
macro_rules! servers {
    ($($server:ident($argument:ident))*) => {$(
        struct $server {
            n: u64,
        }

        #[gen_server(remote = "arguments.server")]
        impl $server {
            #[init]
            fn init(ctx: &mut Context<Self>, $argument: u64) -> Self {
                ctx.label("named");
                Self { n: $argument }
            }

            #[call]
            fn get(&self, $argument: u64) -> u64 {
                self.n + $argument
            }

            #[call(deferred, skip_expired)]
            fn later(&mut self, $argument: u64, reply: ReplyTo<u64>) {
                reply.send(self.n + $argument);
            }

            #[cast]
            async fn set(&mut self, ctx: &mut Context<Self>, $argument: u64) {
                ctx.label("set");
                self.n = $argument;
            }

            #[info]
            fn on_number(&mut self, $argument: u8) {
                self.n = $argument.into();
            }

            #[continue_with]
            fn next(&mut self, $argument: u8) {
                self.n = $argument.into();
            }

            #[terminate]
            fn bye(&mut self, $argument: &ExitReason) {
                assert!($argument.is_clean());
            }
        }
    )*};
}

servers! {
    A(__ctx) B(__message) C(__args) D(__asked) E(__out) F(__input) G(__asking) H(__reply) I(__reason) J(__call) K(__types) L(value)
    M(asked) N(this) O(ctx) P(input) Q(out) R(record) S(__info) T(__methods) U(formatter) V(__value) W(__run)
}

/// The same without a macro: the names then have the same hygiene as the generated ones.
struct Plain {
    n: u64,
}

#[gen_server(remote = "arguments.plain")]
impl Plain {
    #[init]
    fn init(ctx: &mut Context<Self>, __ctx: u64, __args: u64) -> Self {
        ctx.label("named");
        Self { n: __ctx + __args }
    }

    #[call]
    fn get(&self, __ctx: u64, __message: u64, __asked: u64, asked: u64, __args: u64) -> u64 {
        self.n + __ctx + __message + __asked + asked + __args
    }

    #[call]
    async fn wait(&mut self, ctx: &mut Context<Self>, __ctx: u64, __out: u64, __input: u64) -> u64 {
        ctx.label("wait");
        __ctx + __out + __input
    }

    #[call]
    fn echo(&self, __reply: u64) -> u64 {
        __reply
    }

    #[call(deferred)]
    fn later(&mut self, __reply: u64, reply: ReplyTo<u64>) {
        reply.send(__reply);
    }

    #[cast]
    fn set(&mut self, _n: u64, n: u64) {
        self.n = n;
    }
}

#[protocol(remote = "arguments.keys")]
trait Keys {
    #[call]
    fn get(&self, _k: u8, k: u8) -> u8;
    #[cast]
    fn set(&self, __ctx: u8, _k: u8, __k: u8);
    #[call]
    fn plain(&self, _key: u8) -> u8;
}

struct Store(u8);

#[gen_server(protocol = Keys)]
impl Store {
    #[call]
    fn get(&self, _k: u8, k: u8) -> u8 {
        self.0 + k
    }

    #[cast]
    fn set(&mut self, __ctx: u8, _k: u8, __k: u8) {
        self.0 = __ctx + __k;
    }

    #[call]
    fn plain(&self, key: u8) -> u8 {
        key
    }
}

#[ambit::test]
async fn an_argument_may_be_called_anything() {
    let server = A::start(1).await.unwrap();
    server.set(5).await.unwrap();
    assert_eq!(server.get(2).await, Ok(7));
    assert_eq!(server.later(3).await, Ok(8));
    let plain = Plain::start(1, 2).await.unwrap();
    assert_eq!(plain.get(1, 1, 1, 1, 1).await, Ok(8));
    assert_eq!(plain.wait(1, 2, 3).await, Ok(6));
    assert_eq!(plain.echo(4).await, Ok(4));
    assert_eq!(plain.later(5).await, Ok(5));
    plain.set(0, 9).await.unwrap();
    assert_eq!(plain.get(0, 0, 0, 0, 0).await, Ok(9));
    let store = Store(0).start().await.unwrap();
    store.set(1, 5, 2).await.unwrap();
    assert_eq!(store.get(100, 4).await, Ok(7));
    assert_eq!(store.plain(3).await, Ok(3));
    let mock = MockKeys::new().on_get(|first, second| first + second);
    assert_eq!(mock.start().await.unwrap().get(1, 2).await, Ok(3));
}

struct Renamed(Option<u64>);

#[gen_server(remote = "arguments.renamed")]
impl Renamed {
    #[call]
    fn put(&mut self, key: u64, #[message(rename = "ttl")] keep_for: Option<u64>) -> u64 {
        self.0 = keep_for;
        key
    }
}

#[ambit::rpc(name = "arguments.area")]
fn area(w: u64, #[message(rename = "height")] h: Option<u64>) -> u64 {
    w * h.unwrap_or(1)
}

#[ambit::test]
async fn an_argument_may_have_another_name_on_the_wire() {
    let listed = ambit::message::listed::<Renamed>();
    let contract = ambit::message::contract([listed]).unwrap();
    let put = contract.method("arguments.renamed", "put").unwrap();
    assert_eq!(put.args[1].name, "ttl");
    let server = Renamed(None).start().await.unwrap();
    assert_eq!(server.put(1, Some(2)).await, Ok(1));
    assert_eq!(area(2, Some(3)).run().await, 6);
    let method = <area as Rpc>::method(&mut ambit::message::Types::default());
    assert_eq!(method.args[1].name, "height");
}

struct Lints(u64);

#[gen_server(remote = "arguments.lints")]
impl Lints {
    #[init]
    fn new(
        #[allow(unused_variables)] unused: u64,
        #[allow(non_snake_case)] upperCase: u64,
    ) -> Self {
        Self(upperCase)
    }

    #[call]
    fn get(&self, #[allow(non_snake_case)] upperCase: u64) -> u64 {
        self.0 + upperCase
    }

    #[cast]
    fn set(&mut self, #[expect(unused_variables)] unused: u64, #[allow(unused_mut)] mut n: u64) {
        self.0 = n;
    }
}

#[ambit::test]
async fn lints_on_an_argument_hold_for_what_is_made_of_it() {
    let server = Lints::start(0, 1).await.unwrap();
    server.set(0, 5).await.unwrap();
    assert_eq!(server.get(1).await, Ok(6));
}

fn timeout() -> Duration {
    Duration::from_millis(10)
}

struct Timeouts;

#[gen_server]
impl Timeouts {
    #[call(timeout = timeout())]
    fn wait(&self, timeout: u64) -> u64 {
        timeout
    }

    #[call(timeout = timeout())]
    async fn never(&self, timeout: u64) -> u64 {
        std::future::pending::<()>().await;
        timeout
    }
}

#[ambit::test]
async fn a_timeout_does_not_see_the_arguments() {
    let server = Timeouts.start().await.unwrap();
    assert_eq!(server.wait(7).await, Ok(7));
    let late = server.never(7).await;
    assert!(matches!(late, Err(CallError::Timeout)), "{late:?}");
}
