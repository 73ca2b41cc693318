//! Unusual signatures of handlers: an empty `where` clause, and handlers that never return.

use ambit::prelude::*;

struct Ends(u64);

#[gen_server(vis = pub(self))]
impl Ends {
    #[init]
    fn new() -> Self
where {
        Self(1)
    }

    #[call]
    #[rustfmt::skip]
    fn get(&self) -> u64 where {
        self.0
    }

    #[cast]
    fn end(&mut self) -> ! {
        panic!("ended by a cast")
    }

    #[cast]
    async fn end_later(&mut self) -> ! {
        std::future::ready(()).await;
        panic!("ended by an async cast")
    }

    #[info]
    fn on_text(&mut self, _text: String) -> ! {
        panic!("ended by an info")
    }

    #[continue_with]
    fn go_on(&mut self) -> ! {
        panic!("ended by a continuation")
    }

    #[terminate]
    fn bye(&mut self, _reason: &ExitReason) -> ! {
        panic!("ended while ending")
    }
}

#[ambit::test]
async fn handlers_may_never_return() {
    let ends = Ends::start().await.unwrap();
    assert_eq!(ends.get().await, Ok(1));
    ambit::test::expect_crash(&ends);
    ends.end().await.unwrap();
    assert!(ends.get().await.is_err());
    let ends = Ends::start().await.unwrap();
    ambit::test::expect_crash(&ends);
    ends.end_later().await.unwrap();
    assert!(ends.get().await.is_err());
    let ends = Ends::start().await.unwrap();
    ambit::test::expect_crash(&ends);
    ends.recipient::<String>()
        .send("x".to_owned())
        .await
        .unwrap();
    assert!(ends.get().await.is_err());
    let _ = EndsContinue::GoOn;
}
