//! Extension traits that add methods with the names of ambit's methods to every type, as `futures`, `tower` and others
//! do for their types.

mod futures_like {
    /// Like `FutureExt`, `StreamExt`, `SinkExt` and `ServiceExt`, but for every type.
    #[allow(dead_code, clippy::wrong_self_convention)]
    pub(super) trait Ext: Sized {
        fn next(self) -> &'static str {
            "mine"
        }
        fn call(self) -> &'static str {
            "mine"
        }
        fn boxed(self) -> &'static str {
            "mine"
        }
        fn answer(self) -> &'static str {
            "mine"
        }
        fn into_flow(self) -> &'static str {
            "mine"
        }
        fn into_init(self) -> &'static str {
            "mine"
        }
        fn into_info(self) -> &'static str {
            "mine"
        }
        fn clone_from_ref(&self) -> &'static str {
            "mine"
        }
        fn start(self) -> &'static str {
            "mine"
        }
        fn child_spec(self) -> &'static str {
            "mine"
        }
        fn init(self) -> &'static str {
            "mine"
        }
        fn from_reply(self) -> &'static str {
            "mine"
        }
        fn method_of(self) -> &'static str {
            "mine"
        }
    }

    impl<T> Ext for T {}

    /// Methods that a test macro or a mocking library adds.
    #[allow(dead_code)]
    pub(super) trait ByRef {
        fn handle_now(&self) {}
        fn handle_call(&self) {}
        fn handle_cast(&self) {}
        fn terminate(&self) {}
        fn recipient(&self) {}
        fn subject(&self) {}
        fn stop(&self) {}
        fn send(&self) {}
        fn timeout(&self) {}
        fn get(&self) {}
        fn reset(&self) {}
        fn now(&self) {}
        fn pid(&self) {}
        fn monitor(&self) {}
    }

    impl<T: ?Sized> ByRef for T {}
}

#[allow(unused_imports)]
use futures_like::*;

use ambit::prelude::*;

struct Counter(u64);

#[gen_server]
impl Counter {
    #[init]
    fn new(value: u64) -> Self {
        Self(value)
    }

    #[call]
    fn get(&self) -> u64 {
        self.0
    }

    #[call]
    async fn add(&mut self, by: u64) -> Result<u64, String> {
        self.0 += by;
        Ok(self.0)
    }

    #[call(deferred)]
    fn later(&mut self, reply: ReplyTo<u64>) {
        reply.send(self.0);
    }

    #[cast]
    async fn reset(&mut self, ctx: &mut Context<Self>) -> Result<(), String> {
        ctx.continue_with(CounterContinue::Again { value: 7 });
        Ok(())
    }

    #[continue_with]
    fn again(&mut self, value: u64) {
        self.0 = value;
    }

    #[info]
    fn on_number(&mut self, number: u64) -> Flow {
        self.0 = number;
        Flow::Continue
    }
}

#[ambit::test]
async fn extension_traits_on_every_type_take_nothing_away() {
    let counter = Counter::start(1).await.unwrap();
    assert_eq!(counter.get().await, Ok(1));
    assert_eq!(counter.add(1).await, Ok(Ok(2)));
    assert_eq!(counter.later().await, Ok(2));
    counter.reset().await.unwrap();
    assert_eq!(counter.get().await, Ok(7));
    counter.recipient::<u64>().send(3).await.unwrap();
    assert_eq!(counter.get().send().await, Ok(3));
    assert_eq!(1.boxed(), "mine");
    let shown = format!("{:?}", CounterContinue::Again { value: 1 });
    assert_eq!(shown, "Again { value: 1 }");
}
