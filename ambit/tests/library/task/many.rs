//! Waiting for several tasks.

use ambit::task::OnTimeout;

use super::*;

/// Starts tasks that return their number after the given seconds.
fn after<const N: usize>(times: [u64; N]) -> [Task<usize>; N] {
    let mut number = 0;
    times.map(|time| {
        number += 1;
        Task::spawn(slow(secs(time), number))
    })
}

#[ambit::test]
async fn task_06_values_come_in_the_order_of_the_tasks(mut inbox: Inbox<u8>) {
    inbox.subject().send(9).await.unwrap();
    let before = holdings();
    let asked = Instant::now();
    assert_eq!(task::await_many(after([3, 1, 2])).await, Ok(vec![1, 2, 3]));
    assert_eq!(asked.elapsed(), secs(3), "they run at the same time");
    assert_eq!(task::await_many(Vec::<Task<u8>>::new()).await, Ok(vec![]));
    assert_eq!(holdings(), before);
    assert_eq!(queued(&mut inbox).await, [InboxEvent::Message(9)]);
}

#[ambit::test]
async fn task_06_the_first_failure_ends_the_wait_at_once() {
    let before = holdings();
    let quick = Task::<usize>::spawn_unlinked(async {
        sleep(secs(1)).await;
        end(ExitReason::error("the second to begin")).await
    });
    let later = Task::<usize>::spawn_unlinked(async {
        sleep(secs(2)).await;
        end(ExitReason::error("too late")).await
    });
    let [one, two] = after([60, 60]);
    let (first, second) = (one.pid(), two.pid());
    expect_crash(quick.pid());
    expect_crash(later.pid());
    let asked = Instant::now();
    let outcome = task::await_many([one, later, quick, two]).await;
    let reason = ExitReason::error("the second to begin");
    assert_eq!(outcome, failed(reason));
    assert_eq!(asked.elapsed(), secs(1));
    for pid in [first, second] {
        assert!(ambit::is_alive(pid), "the others go on");
    }
    // Left are the links of these two to the owner, counted at both ends, and a hook each.
    sleep(secs(2)).await;
    assert_eq!(holdings().relations, before.relations + 6);
}

#[ambit::test]
async fn task_06_all_share_one_deadline() {
    let asked = Instant::now();
    let tasks = after([1, 3, 2]);
    let outcome = task::await_many(tasks).timeout(secs(2)).await;
    assert_eq!(outcome, Err(TaskError::Timeout));
    assert_eq!(asked.elapsed(), secs(2));
}

#[ambit::test]
async fn task_08_each_task_has_its_outcome() {
    let bad = Task::<usize>::spawn_unlinked(end(ExitReason::Shutdown));
    let [one, two] = after([1, 5]);
    let mut tasks = [two, bad, one];
    let outcomes = task::yield_many(&mut tasks, secs(2)).await;
    let ended = failed(ExitReason::Shutdown);
    assert_eq!(outcomes, [Ok(None), ended, Ok(Some(1))]);
    // The pending task continues; the finished ones have no further outcome.
    let asked = Instant::now();
    let outcomes = task::yield_many(&mut tasks, secs(9)).await;
    assert_eq!(outcomes, [Ok(Some(2)), Ok(None), Ok(None)]);
    assert_eq!(asked.elapsed(), secs(3));
    assert_eq!(task::yield_many(&mut tasks, secs(9)).await.len(), 3);
    assert_eq!(asked.elapsed(), secs(3));
}

#[ambit::test]
async fn task_08_a_limit_returns_as_soon_as_so_many_are_done() {
    let mut tasks = after([3, 1, 2]);
    let asked = Instant::now();
    let outcomes = task::yield_many(&mut tasks, secs(9)).limit(2).await;
    assert_eq!(asked.elapsed(), secs(2));
    assert_eq!(outcomes, [Ok(None), Ok(Some(2)), Ok(Some(3))]);
    let [last, ..] = tasks;
    assert_eq!(last.await, Ok(1));
}

#[ambit::test]
async fn task_08_ignored_tasks_go_on_alone(inbox: Inbox<u8>) {
    let mut tasks = after([1, 9]);
    let pid = tasks[1].pid();
    let outcomes = task::yield_many(&mut tasks, secs(2))
        .on_timeout(OnTimeout::Ignore)
        .await;
    assert_eq!(outcomes, [Ok(Some(1)), Ok(None)]);
    assert_eq!(links(inbox.pid()), []);
    assert!(ambit::is_alive(pid));
}

#[ambit::test]
async fn task_08_killed_tasks_have_exited_when_yield_many_returns() {
    let mut tasks = after([1, 9, 9]);
    let pids = [tasks[1].pid(), tasks[2].pid()];
    let outcomes = task::yield_many(&mut tasks, secs(2))
        .on_timeout(OnTimeout::Kill)
        .await;
    assert_eq!(outcomes, [Ok(Some(1)), Ok(None), Ok(None)]);
    assert!(!pids.into_iter().any(ambit::is_alive));
    assert!(crashes().is_empty());

    // Tasks that are pending when the limit is reached are killed too.
    let mut tasks = after([1, 9]);
    let left = tasks[1].pid();
    let wait = task::yield_many(&mut tasks, secs(99)).limit(1);
    let outcomes = wait.on_timeout(OnTimeout::Kill).await;
    assert_eq!(outcomes, [Ok(Some(1)), Ok(None)]);
    assert!(!ambit::is_alive(left));
}
