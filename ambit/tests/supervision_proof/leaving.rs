//! The stop of a tree with children that do not end.

use std::time::{Duration, Instant};

use ambit::error::StopError;
use ambit::inspect::Status;
use ambit::prelude::*;
use ambit::test::expect_crash;

use crate::supervision_proof::spinner::*;

/// The margin for a busy machine. Twenty grace periods, one after the other, would exceed it.
const SPARE: Duration = Duration::from_secs(15);

/// Stops a supervisor whose children need `budget`, and checks the time.
async fn stop(
    supervisor: &Supervisor,
    asked: ExitReason,
    budget: Duration,
) -> Result<(), StopError> {
    let began = Instant::now();
    let answer = supervisor.stop_with(asked).await;
    let took = began.elapsed();
    assert!(took < budget + SPARE, "{took:?} instead of {budget:?}");
    answer
}

fn stuck(ids: &str) -> Result<(), StopError> {
    let reason = ExitReason::shutdown_with(format!("stuck: {ids}"));
    Err(StopError::Exited(reason))
}

/// Returns the line of a process in the output of `ambit::tree`.
fn line(pid: Pid) -> String {
    let (tree, pid) = (ambit::inspect::tree().to_string(), format!("{pid} "));
    let line = tree.lines().find(|line| line.contains(&pid));
    line.unwrap_or_default().to_owned()
}

/// Returns the spec of a supervisor with a child that blocks its thread, between two others.
fn inner(hold: &Hold, none: &Hold) -> ChildSpec<Supervisor> {
    let (hold, none) = (hold.inside(), none.inside());
    let spec = |inside: &Inside, id: &str| {
        Spinner::child_spec(inside.clone())
            .id(id)
            .shutdown(ASKED)
            .name(id)
    };
    let start = move || {
        let before = spec(&none, "before");
        let all = Supervisor::builder()
            .child(before)
            .child(spec(&hold, "lost"));
        all.child(spec(&none, "behind")).start()
    };
    ChildSpec::from_fn(start).id("inner")
}

#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_nested_tree_stops_in_time_and_names_its_stuck_children() {
    for asked in [
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::error("enough"),
    ] {
        let (hold, none) = (Hold::new(), Hold::new());
        let root = Supervisor::builder()
            .child(spinner("first", &none))
            .child(inner(&hold, &none))
            .child(spinner("last", &none));
        let root = root.start().await.unwrap();
        let lost = SpinnerSubject::named("lost");
        let pid = lost.pid();
        lost.spin().await.unwrap();
        hold.holds().await;
        assert!(
            line(pid).starts_with("    "),
            "below the inner supervisor: {:?}",
            line(pid)
        );

        // The child has its shutdown time, is killed, and has a grace period; then its supervisor has another.
        let answer = stop(&root, asked, ASKED + 2 * GRACE).await;
        assert_eq!(answer, stuck("inner/lost"));
        let left: Vec<_> = ambit::inspect::processes()
            .iter()
            .map(|info| info.pid)
            .collect();
        assert_eq!(left, [ambit::self_pid().unwrap(), pid]);
        assert_eq!(ambit::process_info(pid).unwrap().status, Status::Stuck);
        let line = line(pid);
        assert!(
            line.starts_with("Spinner") && line.contains(" detached"),
            "{line}"
        );
        assert_eq!(lost.pid(), pid, "its name is not free either");

        hold.release();
        until("it ends", || ambit::inspect::processes().len() == 1).await;
        assert!(!ambit::is_alive(pid));
        assert_eq!(lost.pid(), Pid::NOBODY);
    }
}

#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_that_ends_within_the_last_second_is_not_named() {
    let (hold, none) = (Hold::new(), Hold::new());
    let reported = Reported::listen();
    let root = Supervisor::builder()
        .child(spinner("other", &none))
        .start()
        .await
        .unwrap();
    let slow = root.start_child(spinner("slow", &hold)).await.unwrap();
    slow.spin().await.unwrap();
    hold.holds().await;
    let ending = tokio::spawn(async move { root.stop().await });
    until("it is stuck", || reported.all() == ["slow"]).await;
    hold.release();
    assert_eq!(ending.await.unwrap(), Ok(()));
}

/// Stops a supervisor while one of its children is started for the first time.
async fn stop_at_boot(init: Init, hold: &Hold) -> Result<(), StopError> {
    hold.next(&[init]);
    let none = Hold::new();
    let start = Supervisor::builder()
        .child(spinner("first", &none))
        .child(spinner("begins", hold))
        .start()
        .name("root");
    let starting = tokio::spawn(start);
    until("the second one begins", || hold.inits_left() == 0).await;
    let answer = stop(&Supervisor::named("root"), ExitReason::Shutdown, 2 * GRACE).await;
    assert!(starting.await.unwrap().is_err(), "it has not started");
    answer
}

#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hanging_init_does_not_delay_a_stop() {
    let hold = Hold::new();
    assert_eq!(stop_at_boot(Init::Hangs, &hold).await, Ok(()));
    assert_eq!(ambit::inspect::processes().len(), 1);
}

#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_init_that_never_suspends_is_named() {
    let (hold, reported) = (Hold::new(), Reported::listen());
    assert_eq!(stop_at_boot(Init::Spins, &hold).await, stuck("begins"));
    assert_eq!(reported.all(), ["begins"]);
    let [_, left] = &ambit::inspect::processes()[..] else {
        panic!("{}", ambit::inspect::tree())
    };
    assert_eq!(left.status, Status::Stuck);
    assert!(line(left.pid).contains(" detached"), "{}", line(left.pid));
    hold.release();
    until("it ends", || ambit::inspect::processes().len() == 1).await;
}

/// Stops a supervisor while one of its children is restarted.
async fn stop_at_restart(init: Init, hold: &Hold) -> Result<(), StopError> {
    let none = Hold::new();
    let root = Supervisor::builder()
        .child(spinner("first", &none))
        .start()
        .await
        .unwrap();
    let child = root.start_child(spinner("begins", hold)).await.unwrap();
    hold.next(&[init]);
    expect_crash(&child);
    child.crash().await.unwrap();
    until("it begins again", || hold.inits_left() == 0).await;
    stop(&root, ExitReason::Normal, 2 * GRACE).await
}

#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_of_the_init_of_a_restart() {
    let hold = Hold::new();
    assert_eq!(stop_at_restart(Init::Hangs, &hold).await, Ok(()));
    assert_eq!(ambit::inspect::processes().len(), 1);
    assert_eq!(stop_at_restart(Init::Spins, &hold).await, stuck("begins"));
    hold.release();
    until("it ends", || ambit::inspect::processes().len() == 1).await;
}

#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_dynamic_supervisor_names_all_of_its_stuck_children() {
    let (hold, none) = (Hold::new(), Hold::new());
    let sessions = DynamicSupervisor::builder().start().await.unwrap();
    let mut lost = Vec::new();
    for n in 0..2 {
        let session = sessions
            .start_child(spinner(&format!("lost {n}"), &hold))
            .await
            .unwrap();
        session.spin().await.unwrap();
        lost.push(session);
    }
    for n in 0..20 {
        sessions
            .start_child(spinner(&n.to_string(), &none))
            .await
            .unwrap();
    }
    hold.holds_at_least(2).await;
    let began = Instant::now();
    assert_eq!(sessions.stop().await, stuck("lost 0, lost 1"));
    assert!(
        began.elapsed() < ASKED + 2 * GRACE + SPARE,
        "{:?}",
        began.elapsed()
    );
    assert_eq!(ambit::inspect::processes().len(), 3);
    hold.release();
    until("they end", || ambit::inspect::processes().len() == 1).await;
}

struct LastWords(Inside);

#[gen_server]
impl LastWords {
    #[terminate]
    fn terminate(&mut self, _reason: &ExitReason) {
        self.0.spin();
    }
}

#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_that_is_stuck_in_its_last_words_is_listed_until_it_ends() {
    let hold = Hold::new();
    let inside = hold.inside();
    let spec = LastWords::child_spec(move || LastWords(inside.clone()));
    let root = Supervisor::builder()
        .child(spec.shutdown(ASKED))
        .start()
        .await
        .unwrap();
    assert_eq!(
        stop(&root, ExitReason::Normal, ASKED + 2 * GRACE).await,
        stuck("LastWords")
    );
    let [_, left] = &ambit::inspect::processes()[..] else {
        panic!("{}", ambit::inspect::tree())
    };
    assert_eq!(left.status, Status::Stuck);
    assert_eq!(ambit::process_info(left.pid).unwrap().status, Status::Stuck);
    assert!(line(left.pid).contains(" detached"), "{}", line(left.pid));
    hold.release();
    until("it ends", || ambit::inspect::processes().len() == 1).await;
}
