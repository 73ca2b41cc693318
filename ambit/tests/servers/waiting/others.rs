//! A process that something else can wake, such as a timer, is not blocked by a call.

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
