//! A process that something else can wake, such as a timer, is not blocked by a call.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::oneshot;

use super::*;

/// The call back closes no cycle, because a timer or a channel ends the wait. Afterwards the wait for the answer does.
#[ambit::test]
async fn a_wait_beside_a_timer_or_a_channel_closes_no_cycle() {
    for is_timer in [true, false] {
        let (one, two) = peers().await;
        let (stop, stopped) = oneshot::channel();
        let begun = Instant::now();
        let waits = one.wait_beside((!is_timer).then_some(stopped)).send();
        tokio::time::sleep(ms(8)).await;
        assert_eq!(
            ambit::process_info(&two).unwrap().waits_for,
            [one.pid()],
            "it was not rejected"
        );
        tokio::time::sleep(ms(2)).await;
        drop(stop);
        let answer = waits.await;
        assert_eq!(answer, cycle(&[one.pid(), two.pid(), one.pid()]));
        assert_eq!(begun.elapsed(), ms(10));
        assert_eq!(two.value().await, Ok(7));
    }
}

#[ambit::test]
async fn a_wait_that_is_interrupted_now_and_then_closes_no_cycle() {
    let (one, two) = peers().await;
    let begun = Instant::now();
    assert_eq!(one.wait_with_ticks().await, Ok(()));
    assert_eq!(begun.elapsed(), ms(20));
    assert_eq!(one.await_asked().await, Ok(Ok(7)));
    drop(two);
}

#[ambit::test]
async fn a_handler_that_wakes_itself_is_in_no_cycle() {
    let (one, two) = peers().await;
    assert_eq!(one.wait_and_wake_itself().await, Ok(()));
    assert_eq!(one.await_asked().await, Ok(Ok(7)));
    drop(two);
}

/// The call that would close the cycle is beside one that is polled later in the same poll, and answered.
#[ambit::test]
async fn a_call_beside_one_that_is_answered_closes_no_cycle() {
    for tick in [None, Some(ms(5))] {
        for is_sent in [false, true] {
            let (one, two) = peers().await;
            let third = Peer::default().start().await.unwrap();
            let begun = Instant::now();
            let answer = two.ask_to_ask_both(third, is_sent, tick).await;
            assert_eq!((answer, begun.elapsed()), (Ok(Ok(7)), ms(20)));
            drop(one);
        }
    }
}

/// The checks of its two calls end without a verdict, because the other process awaits a timer too.
#[test]
fn calls_beside_each_other_do_not_check_a_process_that_awaits_a_timer_again_and_again() {
    checks::on_two_threads(async {
        let (one, two) = peers().await;
        let third = Peer::default().start().await.unwrap();
        let polls = two.count_polls_of_three(third, ms(300)).await.unwrap();
        assert!(polls < 100, "{polls} polls");
        drop(one);
    });
}

/// The checks of the two calls would end without a verdict again and again, and time would not pass.
#[ambit::test]
async fn calls_beside_one_that_is_answered_close_the_cycle_after_its_answer() {
    let (one, two) = peers().await;
    let third = Peer::default().start().await.unwrap();
    let begun = Instant::now();
    let answers = two.ask_to_ask_three(third).await.unwrap().unwrap();
    assert_eq!(begun.elapsed(), ms(20));
    let is_cycle = |answer: &Answer| matches!(answer, Err(CallError::Cycle { .. }));
    assert!(
        is_cycle(&answers[0]) && is_cycle(&answers[1]),
        "{answers:?}"
    );
    assert_eq!(answers[2], Ok(7));
    drop(one);
}

/// The call that is given up was checking the processes of the cycle, and the other one had left the verdict to it. That
/// one fails, or the call of the other process.
#[ambit::test]
async fn a_call_finds_its_cycle_after_another_one_that_was_checking_is_given_up() {
    for polls in 0..3 {
        let (one, two) = peers().await;
        let begun = Instant::now();
        let answer = two.ask_to_give_up(polls).await;
        let is_cycle = matches!(answer, Ok(Err(CallError::Cycle { .. })));
        assert!(is_cycle, "{polls}: {answer:?}");
        assert_eq!(begun.elapsed(), ms(10));
        drop(one);
    }
}

#[ambit::test]
async fn a_call_that_was_sent_and_is_awaited_beside_a_ticker_closes_no_cycle() {
    let (one, two) = peers().await;
    assert_eq!(two.ask_to_wait().await, Ok(Ok(())));
    assert_eq!(one.await_stored().await, Ok(Ok(7)));
}

/// Each of the processes would continue after a while, so each check ends without a verdict.
#[test]
fn processes_that_await_timers_too_do_not_check_each_other_again_and_again() {
    checks::on_two_threads(async {
        let mut ring = Vec::new();
        for _ in 0..8 {
            ring.push(Peer::default().start().await.unwrap());
        }
        for (at, peer) in ring.iter().enumerate() {
            peer.meet(ring[(at + 1) % ring.len()].clone())
                .await
                .unwrap();
        }
        let polls = Arc::new(AtomicUsize::new(0));
        let waits = |peer: &PeerSubject| peer.count_polls(polls.clone(), ms(300)).send();
        let waits: Vec<_> = ring.iter().map(waits).collect();
        for wait in waits {
            assert_eq!(wait.await, Ok(false));
        }
        let polls = polls.load(Ordering::Relaxed);
        assert!(polls < 1_000, "{polls} polls");
    });
}

#[test]
fn a_call_that_is_given_up_in_each_handler_closes_no_cycle() {
    checks::on_two_threads(async {
        let (one, two) = peers().await;
        let (done, mut is_done) = oneshot::channel::<()>();
        let gives_up = tokio::spawn(async move {
            while is_done.try_recv() == Err(oneshot::error::TryRecvError::Empty) {
                two.poll_once_and_yield().await.unwrap();
            }
        });
        for _ in 0..8_000 {
            assert_eq!(one.ask_back().await, Ok(Ok(7)));
        }
        drop(done);
        gives_up.await.unwrap();
    });
}
