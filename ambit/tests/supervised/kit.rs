//! The test kit's view of supervision.

use ambit::supervisor::{Backoff, ChildState};
use std::time::Duration;

use ambit::prelude::*;
use ambit::test::{
    Probe, assert_restarted, assert_tree, await_restart, crash, expect_crash, hang, settle,
    start_supervised, stop_supervised,
};
use tokio::time::Instant;

struct Worker {
    ended: Option<Recipient<String>>,
}

#[gen_server]
impl Worker {
    #[call]
    fn ping(&self) -> u8 {
        1
    }
    #[cast]
    fn boom(&mut self) {
        panic!("boom");
    }
    #[terminate]
    fn bye(&mut self, reason: &ExitReason) {
        if let Some(ended) = &self.ended {
            ended.send(reason.to_string()).now().ok();
        }
    }
}

fn worker() -> ChildSpec<Worker> {
    ChildSpec::from_fn(|| Worker { ended: None }.start())
}

#[ambit::test]
async fn a_supervised_child_of_a_test_is_restarted_and_its_handle_follows() {
    let one = start_supervised(worker().id("one")).await;
    let two = start_supervised(worker().id("two")).await;
    let other = two.pid();
    expect_crash(&one);
    let new = assert_restarted!(one, one.boom().await.unwrap());
    assert_eq!((one.pid(), two.pid()), (new, other));
    assert_eq!(one.ping().await, Ok(1));
}

#[ambit::test]
async fn stop_supervised_stops_as_specified_and_frees_the_id() {
    let mut probe = Probe::new();
    let ended = probe.recipient();
    let spec = || {
        let ended = ended.clone();
        ChildSpec::from_fn(move || {
            let ended = Some(ended.clone());
            Worker { ended }.start()
        })
    };
    let one = start_supervised(spec().id("one")).await;
    stop_supervised("one").await;
    assert_eq!(probe.expect().await, "shutdown");
    assert!(!one.is_alive());
    start_supervised(spec().id("one").restart(Restart::Temporary)).await;
    stop_supervised("one").await;
    assert_eq!(probe.expect().await, "shutdown");
    start_supervised(worker().id("one")).await;
}

#[ambit::test]
#[should_panic(expected = "`one` was not started: the child runs")]
async fn a_second_child_of_one_id_is_refused() {
    start_supervised(worker().id("one")).await;
    start_supervised(worker().id("one")).await;
}

#[ambit::test]
#[should_panic(expected = "was not restarted within 5s")]
async fn waiting_for_a_child_that_is_not_restarted_fails() {
    let one = start_supervised(worker().restart(Restart::Temporary)).await;
    let old = one.pid();
    expect_crash(&one);
    crash(&one).await;
    await_restart(&one, old).await;
}

#[ambit::test]
async fn await_restart_takes_the_time_of_the_back_off_and_no_more() {
    let delay = Duration::from_secs(3);
    let one = start_supervised(worker().backoff(Backoff::constant(delay))).await;
    let (old, began) = (one.pid(), Instant::now());
    expect_crash(&one);
    crash(&one).await;
    await_restart(&one, old).await;
    assert!((delay..delay + Duration::from_millis(20)).contains(&began.elapsed()));
    assert_eq!(await_restart(&one, old).await, one.pid());
}

fn rooms() -> ChildSpec<Supervisor> {
    let lobby = || ChildSpec::task("lobby", std::future::pending::<()>);
    ChildSpec::from_fn(move || Supervisor::builder().child(lobby()).child(worker()).start())
        .id("rooms")
}

#[ambit::test]
async fn a_tree_is_compared_with_all_its_floors_and_states() {
    let sessions = DynamicSupervisor::child_spec().id("sessions");
    let once = ChildSpec::task("once", || async {}).restart(Restart::Transient);
    let app = Supervisor::builder()
        .child(rooms())
        .child(sessions)
        .child(once)
        .start()
        .await
        .unwrap();
    settle().await;
    assert_tree!(
        app,
        "
        rooms
          lobby
          Worker
        sessions
        once (stopped)
        "
    );
    app.terminate_child("rooms").await.unwrap();
    assert_tree!(app, "rooms (stopped)\nsessions\nonce (stopped)");
}

#[ambit::test]
#[should_panic(expected = "the tree is\nWorker\n\nand should be\nWorker (stopped)\n")]
async fn a_tree_of_another_shape_fails_with_both_pictures() {
    let app = Supervisor::builder().child(worker()).start().await.unwrap();
    assert_tree!(app, "Worker (stopped)");
}

#[ambit::test]
#[should_panic(expected = "is no supervisor")]
async fn a_tree_of_a_worker_is_refused() {
    let one = start_supervised(worker()).await;
    assert_tree!(one, "");
}

#[ambit::test]
#[should_panic(expected = "did not answer: no answer within the deadline")]
async fn a_tree_with_a_supervisor_that_does_not_answer_is_refused() {
    let app = Supervisor::builder().child(rooms()).start().await.unwrap();
    let ChildState::Running(rooms) = app.which_children().await.unwrap()[0].state else {
        panic!("the rooms do not run");
    };
    hang(rooms);
    assert_tree!(app, "rooms");
}

#[ambit::test]
#[should_panic(expected = "has ended")]
async fn a_tree_of_an_ended_supervisor_is_refused() {
    let app = Supervisor::builder().start().await.unwrap();
    app.stop().await.unwrap();
    assert_tree!(app, "");
}
