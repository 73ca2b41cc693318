//! The report of a supervisor whose restarts are used up: the child, the count, and the reason.

use ambit::prelude::*;
use ambit::supervisor::DynamicSupervisor;
use ambit::test::{expect_crash, settle};

use crate::supervision::support::*;

/// Returns the spec of a child that fails with this error as soon as it runs.
fn failing(id: &str, error: &'static str) -> ChildSpec<Task<()>> {
    ChildSpec::task(id, move || async move {
        expect_crash(ambit::self_pid().unwrap());
        Err::<(), _>(error)
    })
}

#[ambit::test]
async fn a_tree_that_gives_up_names_the_child_its_last_error_and_the_restarts() {
    let supervisor = Supervisor::builder()
        .restarts(2, 5 * SECOND)
        .child(failing("listener", "port 80 is in use"))
        .start()
        .await
        .unwrap();
    let reason = supervisor.closed().await;
    let said = "child `listener` ended again after 2 restarts within 5s, the limit; \
                last error: port 80 is in use";
    assert_eq!(reason, ExitReason::shutdown_with(said));
    assert!(reason.is_clean(), "as `shutdown` is to a parent");
    assert_eq!(reason.to_string(), format!("shutdown: {said}"));
    assert_eq!(format!("{reason:?}"), format!("ShutdownWith({said:?})"));
}

#[ambit::test]
async fn a_dynamic_supervisor_that_gives_up_reports_the_cause() {
    let supervisor = DynamicSupervisor::builder().restarts(1, SECOND).start();
    let supervisor = supervisor.await.unwrap();
    let child = failing("worker", "no route to host");
    supervisor.start_child(child).await.unwrap();
    let said = "child `worker` ended again after 1 restart within 1s, the limit; \
                last error: no route to host";
    assert_eq!(supervisor.closed().await, ExitReason::shutdown_with(said));
}

#[ambit::test]
async fn a_child_that_ends_in_peace_once_too_often_is_named_with_its_reason() {
    let supervisor = Supervisor::builder()
        .restarts(0, SECOND)
        .child(ChildSpec::task("short", || async {}))
        .start()
        .await
        .unwrap();
    let said =
        "child `short` ended again after 0 restarts within 1s, the limit; last reason: normal";
    assert_eq!(supervisor.closed().await, ExitReason::shutdown_with(said));
}

#[ambit::test]
async fn a_restart_that_fails_is_the_last_error() {
    let log = Log::new();
    let role = Role::new("a", &log).starting(&[How::Well, How::Fails, How::Fails]);
    let supervisor = Supervisor::builder()
        .restarts(2, SECOND)
        .child(role.spec())
        .start()
        .await
        .unwrap();
    crash("a").await;
    let reason = supervisor.closed().await.to_string();
    assert!(
        reason.contains("child `a` ended again after 2 restarts"),
        "{reason}"
    );
    assert!(
        reason.ends_with("the server failed to start: no"),
        "{reason}"
    );
}

/// Returns `depth` nested supervisors, each without restarts; `leaf` is the child of the innermost.
fn nested(depth: usize, leaf: ChildSpec<Task<()>>) -> ChildSpec<Supervisor> {
    let leaf = std::sync::Mutex::new(Some(leaf));
    let innermost = move || {
        let leaf = leaf.lock().unwrap().take().unwrap();
        Supervisor::builder()
            .restarts(0, SECOND)
            .child(leaf)
            .start()
    };
    let mut tree = ChildSpec::from_fn(innermost).id(format!("level{depth}"));
    for level in (1..depth).rev() {
        let inner = std::sync::Mutex::new(Some(tree));
        let around = move || {
            let inner = inner.lock().unwrap().take().unwrap();
            Supervisor::builder()
                .restarts(0, SECOND)
                .child(inner)
                .start()
        };
        tree = ChildSpec::from_fn(around).id(format!("level{level}"));
    }
    tree
}

async fn end_of(depth: usize) -> String {
    let top = Supervisor::builder()
        .restarts(0, SECOND)
        .child(nested(depth, failing("leaf", "the disk is full")))
        .start()
        .await
        .unwrap();
    top.closed().await.to_string()
}

#[ambit::test]
async fn the_reason_of_an_inner_tree_is_inside_that_of_the_outer() {
    assert_eq!(
        end_of(1).await,
        "shutdown: child `level1` ended again after 0 restarts within 1s, the limit; \
         last reason: child `leaf` ended again after 0 restarts within 1s, the limit; \
         last error: the disk is full"
    );
}

#[ambit::test]
async fn a_deep_tree_reports_the_outermost_child_and_the_first_error_in_bounded_length() {
    let said = end_of(40).await;
    assert!(
        said.starts_with("shutdown: child `level1` ended again"),
        "{said}"
    );
    assert!(said.ends_with("last error: the disk is full"), "{said}");
    assert!(said.len() < 1_200, "{}: {said}", said.len());
}

#[ambit::test]
async fn a_transient_tree_that_has_given_up_is_not_restarted() {
    let leaf = failing("leaf", "no");
    let top = Supervisor::builder()
        .child(nested(1, leaf).restart(Restart::Transient))
        .start()
        .await
        .unwrap();
    settle().await;
    assert_eq!(
        state(&top, "level1").await,
        Some(ambit::supervisor::ChildState::Stopped)
    );
}

/// Programs that the tests below run in separate processes.
mod programs {
    use super::*;

    /// A program whose `main` returns the reason of its tree.
    mod returning {
        use super::*;

        #[ambit::main]
        async fn main() -> Result<(), ExitReason> {
            let child = ChildSpec::task("listener", || async { Err::<(), _>("port 80 is in use") });
            let tree = Supervisor::builder().restarts(0, SECOND).child(child);
            Err(tree.start().await.unwrap().closed().await)
        }

        #[test]
        fn program() {
            if crate::support::program::is_run() {
                main().unwrap();
            }
        }
    }

    /// The same in a box, for a typed error with a source.
    mod boxed {
        use super::*;

        #[derive(Debug, thiserror::Error)]
        #[error("the till does not open")]
        struct Stuck(#[source] std::io::Error);

        struct Till;

        #[gen_server]
        impl Till {
            #[init]
            fn open() -> Result<Self, Stuck> {
                Err(Stuck(std::io::Error::other("out of paper")))
            }
        }

        #[ambit::main]
        async fn main() -> Result<(), Box<dyn std::error::Error>> {
            Till::start().await?;
            Ok(())
        }

        #[test]
        fn program() {
            if crate::support::program::is_run() {
                main().unwrap();
            }
        }
    }

    /// The same behind an alias.
    mod aliased {
        use super::*;

        type Outcome = Result<(), StartError>;

        struct Till;

        #[gen_server]
        impl Till {
            #[init]
            fn open() -> Result<Self, std::io::Error> {
                Err(std::io::Error::other("out of paper"))
            }
        }

        #[ambit::main]
        async fn main() -> Outcome {
            Till::start().await.map(drop)
        }

        #[test]
        fn program() {
            if crate::support::program::is_run() {
                main().unwrap();
            }
        }
    }

    /// Other types that `main` can return.
    mod terminations {
        use std::process::{ExitCode, Termination};

        mod opaque {
            #[ambit::main]
            pub(super) async fn main() -> impl super::Termination {
                super::ExitCode::from(4)
            }
        }

        mod exit_code {
            #[ambit::main]
            pub(super) async fn main() -> super::ExitCode {
                super::ExitCode::from(4)
            }
        }

        mod unit {
            #[ambit::main]
            #[allow(clippy::unused_unit, reason = "this is the case")]
            pub(super) async fn main() -> () {}
        }

        #[test]
        fn program() {
            if crate::support::program::is_run() {
                assert_eq!(opaque::main().report(), ExitCode::from(4));
                assert_eq!(exit_code::main(), ExitCode::from(4));
                unit::main();
            }
        }
    }

    /// A value that is not an `Error` is left to the standard library.
    mod other {
        #[ambit::main]
        async fn main() -> Result<(), String> {
            Err("a text".into())
        }

        #[test]
        fn program() {
            if crate::support::program::is_run() {
                assert_eq!(main(), Err("a text".to_owned()));
            }
        }
    }

    #[test]
    fn linked() {
        if !crate::support::program::is_run() {
            return;
        }
        #[ambit::main]
        async fn run() {
            let child = ChildSpec::task("listener", || async { Err::<(), _>("port 80 is in use") });
            let tree = Supervisor::builder().restarts(0, SECOND).child(child);
            tree.start().link().await.unwrap();
            std::future::pending::<()>().await;
        }
        run();
    }

    #[derive(Debug, thiserror::Error)]
    #[error("the prices cannot be read")]
    struct Unreadable(#[source] std::io::Error);

    struct Shop;

    #[gen_server]
    impl Shop {
        #[cast]
        fn load(&mut self) -> Result<(), Unreadable> {
            Err(Unreadable(std::io::Error::other("out of paper")))
        }
    }

    #[test]
    fn linked_to_a_server() {
        if !crate::support::program::is_run() {
            return;
        }
        #[ambit::main]
        async fn run() {
            let shop = Shop.start().link().await.unwrap();
            shop.load().await.unwrap();
            std::future::pending::<()>().await;
        }
        run();
    }
}

#[test]
fn a_main_that_ends_with_its_server_prints_the_cause_of_the_error() {
    let path = "programs::linked_to_a_server";
    let (code, printed) = crate::support::program::run(module_path!(), path);
    assert_eq!(code, Some(1), "{printed}");
    let said = "error: the main process ended: the prices cannot be read: out of paper";
    assert!(printed.contains(said), "{printed}");
}

#[test]
fn a_main_that_returns_the_reason_of_its_tree_prints_it() {
    let path = "programs::returning::program";
    let (code, printed) = crate::support::program::run(module_path!(), path);
    assert_eq!(code, Some(1), "{printed}");
    let said = "\nError: shutdown: child `listener` ended again after 0 restarts within 1s, the limit; \
                last error: port 80 is in use\n";
    assert!(printed.contains(said), "{printed}");
}

#[test]
fn a_main_that_returns_an_error_prints_its_sentence_with_its_causes() {
    let path = "programs::boxed::program";
    let (code, printed) = crate::support::program::run(module_path!(), path);
    assert_eq!(code, Some(1), "{printed}");
    let said = "Error: the server failed to start: the till does not open: out of paper\n";
    assert!(printed.contains(said), "{printed}");
}

#[test]
fn a_main_that_returns_an_alias_of_a_result_prints_its_error() {
    let path = "programs::aliased::program";
    let (code, printed) = crate::support::program::run(module_path!(), path);
    assert_eq!(code, Some(1), "{printed}");
    let said = "Error: the server failed to start: out of paper\n";
    assert!(printed.contains(said), "{printed}");
}

#[test]
fn a_main_can_return_any_termination() {
    let path = "programs::terminations::program";
    let (code, printed) = crate::support::program::run(module_path!(), path);
    assert_eq!(code, Some(0), "{printed}");
}

#[test]
fn a_main_that_returns_no_error_is_left_alone() {
    let path = "programs::other::program";
    let (code, printed) = crate::support::program::run(module_path!(), path);
    assert_eq!(code, Some(0), "{printed}");
}

#[test]
fn a_main_that_ends_with_its_tree_prints_why() {
    let (code, printed) = crate::support::program::run(module_path!(), "programs::linked");
    assert_eq!(code, Some(1), "{printed}");
    let said = "error: the main process ended: shutdown: child `listener` ended again after 0 restarts within 1s, \
                the limit; last error: port 80 is in use";
    assert!(printed.contains(said), "{printed}");
}
