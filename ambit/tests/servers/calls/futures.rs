//! Calls as futures: when they run, where they can be awaited, and what they leave behind.

use super::*;

/// A `Call` that is never polled sends nothing.
#[tokio::test]
async fn a_call_that_is_not_awaited_does_nothing() {
    let script = Script::start(&Log::new()).await.unwrap();
    drop(add(&script, 1));
    drop(add(&script, 1).into_owned());
    drop(script.send(now(|state, _| {
        state.value += 1;
        Flow::Continue
    })));
    assert_eq!(value_of(&script).await, Ok(0));
    drop(add(&script, 1).send());
    assert_eq!(value_of(&script).await, Ok(1), "`.send()` has asked");
}

#[tokio::test]
async fn calls_go_wherever_futures_go() {
    let script = Script::start(&Log::new()).await.unwrap();
    let mut set = tokio::task::JoinSet::new();
    for _ in 0..20 {
        set.spawn(add(&script, 1).into_owned());
        set.spawn(add(&script, 1).send());
    }
    let mut answers: Vec<_> = set
        .join_all()
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    answers.sort_unstable();
    assert_eq!(answers, (1..=40).collect::<Vec<_>>());

    let casts: Vec<_> = (0..3)
        .map(|_| {
            script
                .send(now(|state, _| {
                    state.value += 1;
                    Flow::Continue
                }))
                .into_owned()
        })
        .collect();
    for cast in casts {
        tokio::spawn(cast).await.unwrap().unwrap();
    }
    assert_eq!(value_of(&script).await, Ok(43));

    // All calls in one task, awaited together.
    let mut calls: Vec<_> = (0..5).map(|_| Some(add(&script, 1))).collect();
    let mut answers = vec![0; 5];
    std::future::poll_fn(|cx| {
        for (call, answer) in calls.iter_mut().zip(&mut answers) {
            let Some(waiting) = call else { continue };
            if let std::task::Poll::Ready(value) = std::pin::Pin::new(waiting).poll(cx) {
                *answer = value.unwrap();
                *call = None;
            }
        }
        if calls.iter().all(Option::is_none) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    assert_eq!(answers, [44, 45, 46, 47, 48]);

    tokio::select! {
        biased;
        answer = add(&script, 1) => assert_eq!(answer, Ok(49)),
        () = std::future::pending() => unreachable!(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threads_outside_the_runtime_can_call_too() {
    let script = Script::start(&Log::new()).await.unwrap();
    assert_eq!(add(&script, 1).blocking(), Err(CallError::BlocksRuntime));
    assert_eq!(value_of(&script).await, Ok(0), "nothing was sent");
    let other = script.clone();
    let in_pool = tokio::task::spawn_blocking(move || add(&other, 1).blocking());
    assert_eq!(in_pool.await.unwrap(), Ok(1));
    let other = script.clone();
    let thread = std::thread::spawn(move || {
        let timeout = hang(&other).timeout(ms(5)).blocking();
        (timeout, value_or_dead(&other))
    });
    let joined = tokio::task::spawn_blocking(move || thread.join().unwrap())
        .await
        .unwrap();
    assert_eq!(joined.0, Err(CallError::Timeout));
    assert_eq!(joined.1, Err(CallError::Timeout), "the handler still hangs");
}

fn value_or_dead(script: &Subject<Script>) -> Result<u64, CallError> {
    add(script, 0).timeout(ms(5)).blocking()
}

/// A finished call leaves nothing behind: no wait edge, and no observer that keeps the reply alive.
#[tokio::test(start_paused = true)]
async fn a_finished_call_leaves_nothing_behind() {
    let script = Script::start(&Log::new()).await.unwrap();
    let shared = Arc::new(());
    for _ in 0..3 {
        let inside = shared.clone();
        let call = script.call(move |reply: ReplyTo<Arc<()>>| {
            now(move |state, _| {
                state.any.push(Box::new(reply));
                drop(inside);
                Flow::Continue
            })
        });
        assert_eq!(call.timeout(ms(1)).await.err(), Some(CallError::Timeout));
    }
    assert_eq!(Arc::strong_count(&shared), 1);
    let other = script.clone();
    in_process(|inbox| async move {
        assert_eq!(keep(&other).timeout(ms(5)).await, Err(CallError::Timeout));
        let own = ambit::process_info(inbox.pid()).unwrap();
        assert!(own.waits_for.is_empty());
        let mut waits = keep(&other).send();
        assert!(poll_often(&mut waits).await.is_none());
        let own = ambit::process_info(inbox.pid()).unwrap();
        assert_eq!(own.waits_for, [other.pid()]);
        drop(waits);
        let own = ambit::process_info(inbox.pid()).unwrap();
        assert!(own.waits_for.is_empty());
    })
    .await;
}

/// Two tasks poll a pending call, one after the other.
#[tokio::test]
async fn a_pending_answer_moves_between_tasks() {
    let script = Script::start(&Log::new()).await.unwrap();
    let mut pending: Pending<u64> = keep(&script).send();
    assert!(poll_often(&mut pending).await.is_none());
    let elsewhere = tokio::spawn(pending);
    let answer = now(|state, _| {
        for kept in state.kept.drain(..) {
            assert!(kept.send(4));
        }
        Flow::Continue
    });
    script.send(answer).await.unwrap();
    assert_eq!(elsewhere.await.unwrap(), Ok(4));
}
