//! The deadlines of calls.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_never_seen() {
    let script = Script::start(&Log::new()).await.unwrap();
    let (told, tell) = oneshot::channel();
    let began = Instant::now();
    let slow = script.call(|reply| {
        later(move |_, _| {
            Box::pin(async move {
                tokio::time::sleep(ms(100)).await;
                told.send((reply.is_closed(), reply.send(1))).ok();
                Flow::Continue
            })
        })
    });
    let mut slow = slow.timeout(ms(50));
    assert_eq!((&mut slow).await, Err(CallError::Timeout));
    about(ms(50), began.elapsed());
    assert_eq!(
        tell.await,
        Ok((true, false)),
        "the server learns that nobody waits"
    );
    assert_eq!(add(&script, 5).await, Ok(5), "and is not harmed");

    let mut timed_out = keep(&script).timeout(ms(10)).send();
    assert_eq!((&mut timed_out).await, Err(CallError::Timeout));
    let answered = script.call(|reply| {
        now(move |state, ctx| {
            let seen: Vec<_> = state.kept.drain(..).map(|kept| kept.send(9)).collect();
            ctx.answer(reply, seen);
            Flow::Continue
        })
    });
    assert_eq!(answered.await, Ok(vec![false]));
    assert_ne!(timed_out.await, Ok(9));

    // A dropped call is detected too.
    drop(keep(&script).send());
    let closed = script.call(|reply| {
        now(move |state, ctx| {
            let closed = state.kept.iter().all(ReplyTo::is_closed) && state.kept.len() == 1;
            ctx.answer(reply, closed);
            Flow::Continue
        })
    });
    assert_eq!(closed.await, Ok(true));
}

/// A timeout cancels nothing on the server: the request is executed.
#[tokio::test(start_paused = true)]
async fn a_timed_out_request_is_still_executed() {
    let script = Script::start(&Log::new()).await.unwrap();
    let gate = block(&script).await;
    assert_eq!(
        add(&script, 3).timeout(ms(5)).await,
        Err(CallError::Timeout)
    );
    gate.open();
    assert_eq!(value_of(&script).await, Ok(3));
}

struct Slow;

#[gen_server]
impl Slow {
    #[call]
    async fn plain(&self) {
        std::future::pending().await
    }

    #[call(timeout = Duration::from_millis(300))]
    async fn quick(&self) {
        std::future::pending().await
    }
}

async fn takes(call: impl Future<Output = Result<(), CallError>>) -> Duration {
    let began = Instant::now();
    assert_eq!(call.await, Err(CallError::Timeout));
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn the_nearest_timeout_counts() {
    let slow = Slow.start().await.unwrap();
    about(Duration::from_secs(5), takes(slow.plain()).await);
    about(ms(300), takes(slow.quick()).await);
    let handle = slow.with_timeout(ms(700));
    about(ms(700), takes(handle.plain()).await);
    about(ms(700), takes(handle.quick()).await);
    about(ms(20), takes(handle.quick().timeout(ms(20))).await);
    about(ms(20), takes(slow.plain().timeout(ms(20))).await);
    about(
        ms(20),
        takes(slow.plain().no_timeout().timeout(ms(20))).await,
    );
    about(ms(20), takes(slow.plain().timeout(ms(20)).send()).await);
    about(
        ms(20),
        takes(slow.plain().timeout(ms(20)).now().unwrap()).await,
    );
    about(
        Duration::ZERO,
        takes(slow.plain().timeout(Duration::ZERO)).await,
    );
    let day = Duration::from_secs(86_400);
    let endless = tokio::time::timeout(day, handle.quick().no_timeout()).await;
    assert!(endless.is_err(), "no timeout of its own");
    let endless = tokio::time::timeout(day, slow.plain().timeout(Duration::MAX)).await;
    assert!(endless.is_err());
}

/// The deadline of a call runs from its first poll, that of `.send()` from the send.
#[tokio::test(start_paused = true)]
async fn deadlines_run_from_the_asking() {
    let slow = Slow.start().await.unwrap();
    let (asked, not_asked) = (
        slow.plain().timeout(ms(50)).send(),
        slow.plain().timeout(ms(50)),
    );
    tokio::time::sleep(ms(200)).await;
    about(Duration::ZERO, takes(asked).await);
    about(ms(50), takes(not_asked).await);
}
