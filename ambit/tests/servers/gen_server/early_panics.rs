//! Methods of a server implemented by hand that panic before they return a future.

use std::future::Future;

use ambit::server::Flow;

use super::*;

/// Panics in its methods before they return a future.
struct Abrupt {
    log: Log,
    panics_at_the_end: bool,
}

impl Protocol for Abrupt {
    type Call = ReplyTo<u64>;
    type Cast = ();
    type Subject = Subject<Self>;
    const NAME: &'static str = "Abrupt";
}

impl GenServer for Abrupt {
    type Protocol = Self;
    type Args = Option<(Log, bool)>;
    type Info = ();
    type Continue = ();

    fn init(
        args: Self::Args,
        _: &mut Context<Self>,
    ) -> impl Future<Output = Result<Self, ExitReason>> + Send {
        let (log, panics_at_the_end) = args.expect("a log");
        async move {
            Ok(Self {
                log,
                panics_at_the_end,
            })
        }
    }

    fn handle_call(
        &mut self,
        _: ReplyTo<u64>,
        _: &mut Context<Self>,
    ) -> impl Future<Output = Flow> + Send {
        assert!(self.log.all().is_empty(), "a second call");
        self.log.add("call");
        let before_a_future: fn() = || panic!("before a future");
        before_a_future();
        async { Flow::Continue }
    }

    fn terminate(
        &mut self,
        reason: &ExitReason,
        _: &mut Context<Self>,
    ) -> impl Future<Output = ()> + Send {
        self.log.add(format_args!("terminate {}", is_panic(reason)));
        assert!(!self.panics_at_the_end, "at the end");
        async {}
    }
}

fn is_panic(reason: &ExitReason) -> bool {
    matches!(reason, ExitReason::Panic(_))
}

#[tokio::test]
async fn gs_19_a_panic_before_the_future_of_a_method_counts_like_one_in_it() {
    let (_system, _current) = quiet();
    for panics_at_the_end in [false, true] {
        let log = Log::new();
        let abrupt = ambit::start::<Abrupt>(Some((log.clone(), panics_at_the_end)));
        let abrupt = abrupt.await.unwrap();
        let Err(CallError::Exited { reason, executed }) = abrupt.call(|reply| reply).await else {
            panic!("the call fails with the panic")
        };
        let text = reason.to_string();
        let is_last = text.contains("at the end") == panics_at_the_end;
        assert!(is_panic(&reason) && is_last, "{text}");
        assert_eq!(executed, Executed::Maybe);
        assert_eq!(abrupt.closed().await, reason);
        assert_eq!(log.all(), ["call", "terminate true"]);
    }
    let Err(StartError::Init(reason)) = ambit::start::<Abrupt>(None).await else {
        panic!("the start fails")
    };
    assert!(reason.to_string().contains("a log"), "{reason}");
}
