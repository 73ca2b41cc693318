//! Tasks under a task supervisor.

use ambit::error::StartError;
use ambit::task::TaskSupervisor;

use crate::support::log::Log;

use super::*;

async fn supervisor() -> TaskSupervisor {
    TaskSupervisor::builder().start().await.unwrap()
}

async fn room_for(max_children: usize) -> TaskSupervisor {
    let builder = TaskSupervisor::builder().max_children(max_children);
    builder.start().await.unwrap()
}

#[ambit::test]
async fn task_12_a_crash_of_an_unlinked_task_is_seen_only_by_the_await(mut inbox: Inbox<u8>) {
    let supervisor = supervisor().await;
    let reason = ExitReason::error("bad luck");
    let task = supervisor
        .spawn_unlinked(end::<u8>(reason.clone()))
        .await
        .unwrap();
    expect_crash(task.pid());
    inbox.monitor(task.pid());
    assert_eq!(links(inbox.pid()), []);
    assert_eq!(task.await, failed(reason));
    let events = queued(&mut inbox).await;
    assert!(matches!(&events[..], [InboxEvent::Down(_)]), "{events:?}");
    assert_eq!(
        supervisor.children().await,
        Ok(vec![]),
        "it is not restarted"
    );
}

#[ambit::test]
async fn task_12_a_linked_one_ends_its_owner() {
    let supervisor = supervisor().await;
    let tasks = supervisor.clone();
    let owner = ambit::spawn(move |_: Inbox<u8>| async move {
        let task = tasks.spawn(end::<u8>(ExitReason::shutdown_with("bad luck")));
        task.await.unwrap().await.ok();
        unreachable!("the owner is gone");
    });
    assert_eq!(owner.closed().await, ExitReason::shutdown_with("bad luck"));

    let tasks = supervisor.clone();
    let owner = ambit::spawn(move |_: Inbox<u8>| async move {
        tasks.spawn(pending::<u8>()).await.unwrap().await.ok();
    });
    settle().await;
    assert_eq!(supervisor.children().await.unwrap().len(), 1);
    ambit::exit(&owner, ExitReason::Shutdown);
    settle().await;
    assert_eq!(supervisor.children().await, Ok(vec![]));
}

#[ambit::test]
async fn task_13_children_are_listed_limited_and_terminated(mut inbox: Inbox<u8>) {
    let supervisor = room_for(2).await;
    let one = supervisor.spawn(slow(secs(5), 1)).await.unwrap();
    let two = supervisor.spawn(pending::<u8>()).await.unwrap();
    assert_eq!(supervisor.children().await, Ok(vec![one.pid(), two.pid()]));
    assert_eq!(supervisor.count_children().await.unwrap().active, 2);
    let refused = supervisor.spawn(async { 3 }).await;
    assert_eq!(refused.unwrap_err(), ChildError::MaxChildren);

    inbox.trap_exits(true);
    assert_eq!(supervisor.terminate_child(two.pid()).await, Ok(()));
    let again = supervisor.terminate_child(two.pid()).await;
    assert_eq!(again, Err(ChildError::NotFound));
    assert_eq!(two.await, failed(ExitReason::Shutdown));
    assert_eq!(one.await, Ok(1));
    assert_eq!(queued(&mut inbox).await, []);
    assert_eq!(supervisor.children().await, Ok(vec![]));
}

#[ambit::test]
async fn task_13_each_task_is_stopped_as_specified() {
    let supervisor = supervisor().await;
    let deaf = || async {
        task::trap_exits(true).unwrap();
        pending::<u8>().await
    };
    let patient = supervisor
        .spawn_unlinked(deaf())
        .shutdown(secs(3))
        .await
        .unwrap();
    let brutal = supervisor.spawn_unlinked(deaf());
    let brutal = brutal.shutdown(Shutdown::Brutal).await.unwrap();
    settle().await;
    let asked = Instant::now();
    for (task, time) in [(brutal, 0), (patient, 3)] {
        expect_crash(task.pid());
        supervisor.terminate_child(task.pid()).await.unwrap();
        assert_eq!(task.await, failed(ExitReason::Killed));
        assert_eq!(asked.elapsed(), secs(time));
    }
}

#[ambit::test]
async fn task_13_each_task_is_restarted_as_specified() {
    let supervisor = supervisor().await;
    let log = Log::new();
    for (id, restart) in [
        ("permanent", Restart::Permanent),
        ("transient", Restart::Transient),
        ("temporary", Restart::Temporary),
    ] {
        let log = log.clone();
        // The first run crashes, the second ends, the third keeps running.
        let runs = Log::new();
        let spec = ChildSpec::task(id, move || {
            runs.add(id);
            log.add(format!("{id} {}", runs.all().len()));
            let run = runs.all().len();
            async move {
                match run {
                    1 => ExitReason::error("crash"),
                    2 => ExitReason::Normal,
                    _ => pending().await,
                }
            }
        });
        supervisor.start_child(spec.restart(restart)).await.unwrap();
        settle().await;
    }
    assert_eq!(crashes().len(), 3);
    let runs = [
        "permanent 1",
        "permanent 2",
        "permanent 3",
        "transient 1",
        "transient 2",
        "temporary 1",
    ];
    assert_eq!(log.all(), runs);
    assert_eq!(supervisor.children().await.unwrap().len(), 1);
}

#[ambit::test]
async fn a_task_supervisor_runs_in_a_supervision_tree() {
    let spec = TaskSupervisor::child_spec().name("tasks");
    let tree = Supervisor::builder().child(spec).start().await.unwrap();
    let children = tree.which_children().await.unwrap();
    assert_eq!(children[0].id, "TaskSupervisor");
    let more = TaskSupervisor::builder()
        .max_children(1)
        .restarts(0, secs(1));
    let handle = tree
        .start_child(more.child_spec().id("more"))
        .await
        .unwrap();
    let task = handle.spawn_unlinked(pending::<u8>()).await.unwrap();
    tree.stop().await.unwrap();
    assert_eq!(task.await, failed(ExitReason::Shutdown));
    assert_eq!(
        handle.spawn(async {}).await.unwrap_err(),
        ChildError::NoProcess
    );
}

#[ambit::test]
async fn a_start_that_is_given_up_leaves_no_task() {
    let supervisor = supervisor().await;
    let log = Log::new();
    for polled in [false, true] {
        let ran = log.clone();
        let mut spawn = supervisor.spawn(async move { ran.add("ran") });
        if polled {
            assert!(poll_once(&mut spawn).await.is_pending());
        }
        drop(spawn);
        settle().await;
        assert_eq!(supervisor.children().await, Ok(vec![]));
    }
    assert!(log.is_empty(), "{:?}", log.all());
}

#[ambit::test]
async fn task_20_a_stream_under_a_supervisor() {
    let supervisor = supervisor().await;
    let stream = supervisor.stream([3, 1, 0, 2], |n| async move {
        sleep(secs(n)).await;
        if n == 0 {
            return end(ExitReason::Shutdown).await;
        }
        n
    });
    let outcomes = stream.concurrency(2).unlinked().ordered().collect().await;
    assert_eq!(
        outcomes,
        [Ok(3), Ok(1), failed(ExitReason::Shutdown), Ok(2)]
    );
    assert_eq!(supervisor.children().await, Ok(vec![]));

    let before = holdings();
    let mut stream = supervisor
        .stream([1, 9, 9], |n| slow(secs(n), n))
        .concurrency(3);
    assert_eq!(stream.next().await, Some(Ok(1)));
    assert_eq!(supervisor.children().await.unwrap().len(), 2);
    drop(stream);
    settle().await;
    assert_eq!(supervisor.children().await, Ok(vec![]));
    assert_eq!(holdings(), before);
}

#[ambit::test]
async fn task_20_the_next_element_starts_before_an_outcome_is_returned() {
    let supervisor = supervisor().await;
    let stream = supervisor.stream([0, 8], |n| slow(secs(n), n));
    let mut stream = stream.concurrency(1);
    assert_eq!(stream.next().await, Some(Ok(0)));
    assert_eq!(supervisor.children().await.unwrap().len(), 1);
}

#[ambit::test]
async fn x74_the_callers_are_the_requesting_processes_not_the_supervisor(inbox: Inbox<u8>) {
    let supervisor = supervisor().await;
    let tasks = supervisor.clone();
    let outer = supervisor.spawn(async move {
        let inner = tasks
            .spawn_unlinked(async { task::callers() })
            .await
            .unwrap();
        inner.await.unwrap()
    });
    let outer = outer.await.unwrap();
    let pid = outer.pid();
    assert_eq!(outer.await.unwrap(), [pid, inbox.pid()]);
}

#[ambit::test]
async fn x77_a_stream_without_capacity_stops_its_started_tasks() {
    let supervisor = room_for(1).await;
    let before = holdings();
    let mut stream = supervisor
        .stream(1..=4, |n| slow(secs(n), n))
        .concurrency(4);
    let refused = Err(TaskError::Start(ChildError::MaxChildren));
    assert_eq!(stream.next().await, Some(refused));
    settle().await;
    assert_eq!(supervisor.children().await, Ok(vec![]));
    assert_eq!(stream.next().await, None);
    drop(stream);
    assert_eq!(holdings(), before);
    // A concurrency within the limit of the supervisor is never refused.
    let fitting = supervisor.stream([1, 1, 1], |n| slow(secs(n), n));
    let outcomes = fitting.concurrency(1).collect().await;
    assert_eq!(outcomes, [Ok(1), Ok(1), Ok(1)]);
}

#[ambit::test]
async fn a_task_that_has_timed_out_leaves_its_place_to_the_next_element() {
    let supervisor = room_for(2).await;
    let before = holdings();
    for ordered in [false, true] {
        let stream = supervisor.stream([9, 1, 9, 9, 1, 1], |n| slow(secs(n), n));
        let stream = stream.concurrency(2).timeout(secs(5)).kill_on_timeout();
        let stream = if ordered { stream.ordered() } else { stream };
        let outcomes = stream.collect().await;
        // The second element is the first to end.
        assert_eq!(outcomes[usize::from(ordered)], Ok(1));
        let late = outcomes
            .iter()
            .filter(|one| **one == Err(TaskError::Timeout));
        let in_time = outcomes.iter().filter(|one| **one == Ok(1));
        assert_eq!((late.count(), in_time.count()), (3, 3), "{outcomes:?}");
        assert_eq!(supervisor.children().await, Ok(vec![]));
    }
    assert_eq!(holdings(), before);
}

#[ambit::test]
async fn a_dropped_stream_ends_a_task_that_has_timed_out() {
    let supervisor = room_for(1).await;
    let before = holdings();
    let stream = supervisor.stream([9, 9], |n| slow(secs(n), n));
    let mut stream = stream.concurrency(1).timeout(secs(5)).kill_on_timeout();
    assert_eq!(stream.next().await, Some(Err(TaskError::Timeout)));
    drop(stream);
    settle().await;
    assert_eq!(supervisor.children().await, Ok(vec![]));
    assert_eq!(holdings(), before);
}

#[ambit::test]
async fn a_supervisor_that_is_refused_its_name_does_not_start() {
    let _first = TaskSupervisor::builder()
        .start()
        .name("tasks")
        .await
        .unwrap();
    let second = TaskSupervisor::builder().start().name("tasks").await;
    assert!(matches!(second, Err(StartError::AlreadyRegistered { .. })));
}
