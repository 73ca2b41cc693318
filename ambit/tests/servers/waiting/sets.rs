//! Waits in sets that are polled again in the poll that has begun them.

use super::*;

async fn until_it_waits_for(process: &PeerSubject, count: usize) {
    while ambit::process_info(process).unwrap().waits_for.len() < count {
        tokio::task::yield_now().await;
    }
}

#[ambit::test]
async fn a_wait_that_enters_a_set_in_the_poll_that_begins_it_closes_a_cycle() {
    for was_in_set in [false, true] {
        let (one, two) = peers().await;
        let waits = one.await_in_a_set(was_in_set).send();
        settle().await;
        let began = Instant::now();
        let pids = [two.pid(), one.pid(), two.pid()];
        assert_eq!(two.ask_back().await, cycle(&pids));
        assert_eq!(began.elapsed(), Duration::ZERO);
        two.answer().await.unwrap();
        assert_eq!(waits.await, Ok(Ok(1)));
    }
}

/// The second process also waits for a third one at first.
#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cycle_that_closes_between_two_blocked_threads_is_found() {
    let (one, two) = peers().await;
    let third = Peer::default().start().await.unwrap();
    let first = one.block_for_answer().into_owned().send();
    until_it_waits_for(&one, 1).await;
    let second = two.block_for_both(third.clone()).into_owned().send();
    until_it_waits_for(&two, 2).await;
    third.answer().await.unwrap();
    let second = second.await.unwrap();
    two.answer().await.unwrap();
    let answers = [first.await.unwrap(), second];
    let is_cycle = |answer: &&Answer| matches!(answer, Err(CallError::Cycle { .. }));
    assert_eq!(answers.iter().filter(is_cycle).count(), 1, "{answers:?}");
}
