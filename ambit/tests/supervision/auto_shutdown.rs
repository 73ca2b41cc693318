//! Supervisors that stop when their significant children have ended.
use ambit::supervisor::{AutoShutdown, Backoff};

use ambit::prelude::*;
use ambit::supervisor::{ChildState, SupervisorBuilder};
use ambit::test::settle;
use tokio::time::sleep;

use crate::supervision::support::*;

const MODES: [AutoShutdown; 2] = [AutoShutdown::Any, AutoShutdown::All];

fn with(auto_shutdown: AutoShutdown) -> SupervisorBuilder {
    Supervisor::builder().auto_shutdown(auto_shutdown)
}

fn significant(id: &'static str, log: &Log, restart: Restart) -> ChildSpec<Part> {
    let spec = Role::new(id, log).spec().restart(restart);
    spec.significant(true)
}

#[ambit::test]
async fn sup_45_any_end_of_a_significant_temporary_child_shuts_down() {
    for how in End::ALL {
        let log = Log::new();
        let supervisor = with(AutoShutdown::Any)
            .child(Role::new("a", &log).spec())
            .child(significant("b", &log, Restart::Temporary))
            .child(Role::new("c", &log).ending_after(SECOND).spec())
            .child(significant("d", &log, Restart::Temporary))
            .start()
            .await
            .unwrap();
        log.take();
        end(&part("b"), how).await;
        assert_eq!(supervisor.closed().await, ExitReason::Shutdown, "{how:?}");
        let log = log.take();
        let others = log.iter().filter(|line| !line.starts_with("-b"));
        assert!(others.eq(["-d: shutdown", "-c: shutdown", "-a: shutdown"]));
    }
}

#[ambit::test]
async fn a_significant_transient_child_shuts_down_by_its_clean_end_only() {
    for mode in MODES {
        for how in End::ALL {
            let log = Log::new();
            let spec = significant("a", &log, Restart::Transient);
            let supervisor = with(mode).child(spec).start().await.unwrap();
            end(&part("a"), how).await;
            assert_eq!(supervisor.is_alive(), !how.is_clean(), "{mode:?} {how:?}");
            if supervisor.is_alive() {
                running(state(&supervisor, "a").await);
                end(&part("a"), End::Normal).await;
            }
            assert_eq!(supervisor.closed().await, ExitReason::Shutdown);
        }
    }
}

#[ambit::test]
async fn sup_46_the_last_significant_child_shuts_down_the_first_does_not() {
    for restart in [Restart::Temporary, Restart::Transient] {
        let log = Log::new();
        let supervisor = with(AutoShutdown::All)
            .child(significant("a", &log, restart))
            .child(Role::new("other", &log).spec())
            .child(significant("b", &log, restart))
            .start()
            .await
            .unwrap();
        log.take();
        end(&part("a"), End::Normal).await;
        assert!(supervisor.is_alive());
        assert_eq!(log.take(), ["-a: normal"]);
        end(&part("b"), End::Normal).await;
        assert_eq!(supervisor.closed().await, ExitReason::Shutdown);
        assert_eq!(log.take(), ["-b: normal", "-other: shutdown"]);
    }
}

/// A child that waits for its restart has not ended; a terminated one has.
#[ambit::test]
async fn the_last_significant_child_is_the_last_one_running_or_awaiting_a_restart() {
    let log = Log::new();
    let late = significant("late", &log, Restart::Transient);
    let supervisor = with(AutoShutdown::All)
        .child(significant("a", &log, Restart::Transient))
        .child(late.backoff(Backoff::constant(10 * SECOND)))
        .child(significant("gone", &log, Restart::Transient))
        .start()
        .await
        .unwrap();
    crash("late").await;
    supervisor.terminate_child("gone").await.unwrap();
    end(&part("a"), End::Normal).await;
    assert!(supervisor.is_alive(), "one will be back");
    sleep(11 * SECOND).await;
    assert!(part("late").is_alive());
    end(&part("late"), End::Shutdown).await;
    assert_eq!(supervisor.closed().await, ExitReason::Shutdown);
}

#[ambit::test]
async fn sup_47_a_significant_child_that_is_taken_down_triggers_nothing() {
    for mode in MODES {
        for restart in [Restart::Temporary, Restart::Transient] {
            let log = Log::new();
            let supervisor = with(mode)
                .strategy(Strategy::OneForAll)
                .child(significant("a", &log, restart))
                .child(Role::new("b", &log).spec())
                .start()
                .await
                .unwrap();
            // It is stopped with its group.
            crash("b").await;
            assert!(supervisor.is_alive(), "{mode:?} {restart:?}");
            let a = state(&supervisor, "a").await;
            assert_eq!(a.is_some(), restart == Restart::Transient);
            if a.is_none() {
                let again = significant("a", &log, restart);
                supervisor.start_child(again).await.unwrap();
            }
            // It is terminated on request.
            supervisor.terminate_child("a").await.unwrap();
            settle().await;
            assert!(supervisor.is_alive(), "{mode:?} {restart:?}");
            assert!(part("b").is_alive());
            supervisor.stop().await.unwrap();
        }
    }
}

#[ambit::test]
async fn sup_48_an_automatic_shutdown_climbs_through_significant_supervisors() {
    for climbs in [true, false] {
        let log = Log::new();
        let inside = log.clone();
        let inner = ChildSpec::from_fn(move || {
            let leaf = significant("leaf", &inside, Restart::Transient);
            with(AutoShutdown::Any).child(leaf).start()
        });
        let inner = inner.id("inner").restart(Restart::Transient);
        let top = with(AutoShutdown::Any)
            .child(Role::new("other", &log).spec())
            .child(inner.significant(climbs))
            .start()
            .await
            .unwrap();
        end(&part("leaf"), End::Normal).await;
        assert_eq!(top.is_alive(), !climbs);
        if climbs {
            assert_eq!(top.closed().await, ExitReason::Shutdown);
        } else {
            assert_eq!(state(&top, "inner").await, Some(ChildState::Stopped));
            assert!(part("other").is_alive());
            top.stop().await.unwrap();
        }
    }
}

#[ambit::test]
async fn x35_the_ends_of_insignificant_children_shut_nothing_down() {
    for mode in [AutoShutdown::Never, AutoShutdown::Any, AutoShutdown::All] {
        let log = Log::new();
        let supervisor = with(mode).restarts(100, SECOND);
        let supervisor = supervisor.start().await.unwrap();
        for restart in [Restart::Temporary, Restart::Transient] {
            for how in End::ALL {
                let spec = Role::new("a", &log).spec().restart(restart);
                let child = supervisor.start_child(spec).await.unwrap();
                end(&child, how).await;
                assert!(supervisor.is_alive(), "{mode:?} {restart:?} {how:?}");
                drop(supervisor.terminate_child("a").await);
                drop(supervisor.delete_child("a").await);
            }
        }
    }
}
