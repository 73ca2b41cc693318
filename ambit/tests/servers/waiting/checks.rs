//! A call that would close a cycle is sent, or fails, only after the processes in the cycle were polled again.

use std::sync::mpsc::Sender;

use ambit::test::expect_crash;

use super::*;

pub(super) fn on_two_threads(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(test);
}

/// Blocks the handler of a peer, which has given up a call in the same poll, until the sender is used.
async fn give_up_and_block(peer: &PeerSubject) -> (Sender<()>, Pending<()>) {
    let (go, wait) = mpsc::channel();
    let blocked = peer.give_up_and_block(Blocker(wait.into()));
    let blocked = blocked.into_owned().send();
    while ambit::process_info(peer).unwrap().waits_for.is_empty() {
        tokio::task::yield_now().await;
    }
    (go, blocked)
}

#[ambit::test]
async fn a_call_in_the_instant_in_which_another_is_given_up_is_answered() {
    for is_in_set in [false, true] {
        let (one, two) = peers().await;
        let sleeps = if is_in_set {
            one.give_up_a_set_and_sleep().into_owned().send()
        } else {
            one.give_up_for_now_and_sleep().into_owned().send()
        };
        tokio::time::sleep(ms(10)).await;
        let asked = two.ask_back().send();
        let (sleeps, asked) = tokio::join!(sleeps, asked);
        assert_eq!((sleeps, asked), (Ok(()), Ok(Ok(7))));
        two.answer().await.unwrap();
    }
}

/// The handler that has waited ends in the instant of the call back, and the next one gives a call up in its first
/// poll: a new one, or the stored one, whose wait begins again.
#[ambit::test]
async fn a_call_that_the_next_handler_gives_up_at_once_closes_no_cycle() {
    for (is_first, is_stored) in [(false, false), (true, false), (false, true), (true, true)] {
        let (one, two) = peers().await;
        let ask_back = || two.ask_back_after(ms(10)).into_owned().send();
        let early = is_first.then(ask_back);
        settle().await;
        let first = one.give_up_for_now().send();
        settle().await;
        let next = if is_stored {
            one.poll_the_stored_and_sleep().into_owned().send()
        } else {
            one.give_up_at_once_and_sleep().into_owned().send()
        };
        let asked = early.unwrap_or_else(ask_back);
        let all = tokio::join!(first, next, asked);
        assert_eq!(all, (Ok(()), Ok(()), Ok(Ok(7))));
        two.answer().await.unwrap();
    }
}

#[ambit::test]
async fn a_wait_that_is_taken_up_again_closes_a_cycle() {
    let (one, two) = peers().await;
    let first = one.give_up_a_set_and_await_it().send();
    tokio::time::sleep(ms(50)).await;
    let began = Instant::now();
    let second = two.ask_back().send();
    let (first, second) = tokio::join!(first, second);
    let pids = vec![one.pid(), two.pid(), one.pid()];
    assert_eq!(first, Ok(Err(CallError::Cycle { pids })));
    assert_eq!(second, Ok(Ok(7)));
    assert!(began.elapsed() <= ms(60));
    two.answer().await.unwrap();
}

#[ambit::test]
async fn a_cycle_is_found_by_waits_whose_waker_is_another_one_in_each_poll() {
    let (one, two) = peers().await;
    let waits = one.await_with_fresh_wakers().send();
    settle().await;
    let began = Instant::now();
    let pids = [two.pid(), one.pid(), two.pid()];
    assert_eq!(two.ask_back().await, cycle(&pids));
    assert_eq!(two.ask_back_with_fresh_wakers().await, cycle(&pids));
    assert_eq!(began.elapsed(), Duration::ZERO);
    two.answer().await.unwrap();
    assert_eq!(waits.await, Ok(Ok(1)));
}

/// The checked process is blocked in its thread, so it is not polled.
#[test]
fn a_call_times_out_while_the_wait_of_another_process_is_checked() {
    on_two_threads(async {
        let (one, two) = peers().await;
        let (go, blocked) = give_up_and_block(&one).await;
        let late = two.ask_back_within(ms(20)).await;
        assert_eq!(late, Ok(Err(CallError::Timeout)));
        go.send(()).unwrap();
        assert_eq!(blocked.await, Ok(()));
        two.answer().await.unwrap();
        assert_eq!(two.ask_back().await, Ok(Ok(7)));
    });
}

#[ambit::test]
async fn a_call_ends_when_a_process_of_its_cycle_is_killed() {
    let (one, two) = peers().await;
    let waits = one.await_lazily().send();
    settle().await;
    expect_crash(&one);
    ambit::exit(&one, ExitReason::Kill);
    let asked = two.ask_back().await.unwrap();
    let is_end = matches!(asked, Err(CallError::NoProcess | CallError::Exited { .. }));
    assert!(is_end, "{asked:?}");
    waits.await.unwrap_err();
}

#[ambit::test]
async fn a_call_by_name_is_checked_like_one_by_pid() {
    let (one, two) = peers().await;
    let asked = async || {
        let (by_name, available) = (two.ask_by_name().await, two.ask_when_available().await);
        [by_name, available]
    };
    ambit::register("peer", &one).unwrap();
    let sleeps = one.give_up_a_set_and_sleep().into_owned().send();
    tokio::time::sleep(ms(50)).await;
    assert_eq!(asked().await, [Ok(Ok(7)), Ok(Ok(7))]);
    assert_eq!(sleeps.await, Ok(()));
    let waits = one.await_lazily().send();
    settle().await;
    let began = Instant::now();
    let pids = [two.pid(), one.pid(), two.pid()];
    assert_eq!(asked().await, [cycle(&pids), cycle(&pids)]);
    assert_eq!(began.elapsed(), Duration::ZERO);
    two.answer().await.unwrap();
    assert_eq!(waits.await, Ok(Ok(1)));
}

/// The check of the process that had the name is forgotten: the call goes to the one that has it now.
#[test]
fn a_checked_call_by_name_follows_the_name_to_another_process() {
    on_two_threads(async {
        let (one, two) = peers().await;
        let three = Peer::default().start().await.unwrap();
        ambit::register("peer", &one).unwrap();
        let (go, blocked) = give_up_and_block(&one).await;
        let asked = two.ask_by_name().into_owned().send();
        while ambit::process_info(&two).unwrap().waits_for != [one.pid()] {
            tokio::task::yield_now().await;
        }
        ambit::unregister("peer").unwrap();
        ambit::register("peer", &three).unwrap();
        ambit::exit(&three, ExitReason::Kill);
        three.closed().await;
        go.send(()).unwrap();
        assert_eq!(asked.await, Ok(Err(CallError::NoProcess)));
        assert_eq!(blocked.await, Ok(()));
        two.answer().await.unwrap();
    });
}

/// Each of the two may find the cycle, and also both at once: then one of them goes on.
#[test]
fn of_two_servers_that_call_each_other_at_once_only_one_call_fails() {
    on_two_threads(async {
        let (one, two) = peers().await;
        let mut cycles = 0;
        for _ in 0..2_000 {
            let first = one.ask_back_within(ms(20_000)).into_owned().send();
            let second = two.ask_back_within(ms(20_000)).into_owned().send();
            let answers = [first.await.unwrap(), second.await.unwrap()];
            let failed = answers.iter().filter(|answer| **answer != Ok(7));
            let failed: Vec<_> = failed.collect();
            let is_right = match failed[..] {
                [] => true,
                [failed] => matches!(failed, Err(CallError::Cycle { .. })),
                _ => false,
            };
            assert!(is_right, "{failed:?}");
            cycles += failed.len();
        }
        assert!(cycles > 0, "the calls meet");
    });
}

/// The first call is being executed when the other one is made, and also sent.
#[test]
fn a_call_back_fails_and_never_the_call_that_is_executed() {
    on_two_threads(async {
        let (one, two) = peers().await;
        for round in 0..1_200 {
            let is_slow = round % 600 >= 500;
            let poll = Duration::from_micros(if is_slow { 500 } else { 0 });
            let answer = one.ask_to_be_asked(poll, round >= 600).await.unwrap();
            let pids = vec![two.pid(), one.pid(), two.pid()];
            assert_eq!(answer, Ok(Err(CallError::Cycle { pids })));
        }
        assert_eq!(ambit::test::holdings().waits, 0);
    });
}

/// The process that is checked blocks its thread within one poll, so the poll does not end.
#[ambit::test(flavor = "multi_thread")]
async fn a_wait_that_blocks_its_thread_closes_a_cycle() {
    for way in 0..3 {
        let (one, two) = peers().await;
        let waits = match way {
            0 => one.block_for_answer().send(),
            1 => one.block_for_answer_and_sleep().send(),
            _ => one.block_beside_another_wait().send(),
        };
        let edges = 1 + usize::from(way == 2);
        while ambit::process_info(&one).unwrap().waits_for.len() < edges {
            tokio::task::yield_now().await;
        }
        while two.unanswered().await != Ok(edges) {
            tokio::task::yield_now().await;
        }
        let began = Instant::now();
        let pids = [two.pid(), one.pid(), two.pid()];
        assert_eq!(two.ask_back().await, cycle(&pids));
        assert_eq!(two.ask_back().await, cycle(&pids), "once more");
        assert!(began.elapsed() < ms(2_000));
        two.answer().await.unwrap();
        assert_eq!(waits.await, Ok(Ok(1)));
        assert_eq!(two.ask_back().await, Ok(Ok(7)));
        assert_eq!(ambit::test::holdings().waits, 0);
    }
}

/// Each checks the other one, and neither poll ends.
#[ambit::test(flavor = "multi_thread", worker_threads = 3)]
async fn of_two_calls_that_block_their_threads_at_once_only_one_fails() {
    let (one, two) = peers().await;
    let mut cycles = 0;
    for _ in 0..200 {
        let first = one.block_and_ask_back().into_owned().send();
        let second = two.block_and_ask_back().into_owned().send();
        let answers = [first.await.unwrap(), second.await.unwrap()];
        let failed = answers.iter().filter(|answer| **answer != Ok(7));
        let failed: Vec<_> = failed.collect();
        assert!(
            matches!(failed[..], [] | [Err(CallError::Cycle { .. })]),
            "{failed:?}"
        );
        cycles += failed.len();
    }
    assert!(cycles > 0, "the calls meet");
}
