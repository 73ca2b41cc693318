//! What the page "Applications" says, as tests.

// ANCHOR: imports
use std::future::pending;
use std::time::Duration;

use ambit::application::{Application, ApplicationError, Applications};
use ambit::prelude::*;
use ambit::test::expect_crash;
// ANCHOR_END: imports

use std::error::Error;

use ambit::test::settle;

// ANCHOR: idle
fn idle(name: &str) -> Application {
    Application::new(name).on_start(|| Supervisor::builder().start())
}
// ANCHOR_END: idle

#[ambit::test]
async fn a_failed_start_leaves_nothing() {
    // ANCHOR: roll_back
    let apps = Applications::new([
        idle("disk"),
        idle("store").depends_on("disk"),
        Application::new("web")
            .depends_on("store")
            .on_start(|| async { Err::<Supervisor, _>("the port is taken") }),
    ]);
    let failed = apps.ensure_all_started("web").await.unwrap_err();
    assert_eq!(
        failed.to_string(),
        "application `web` did not start: the port is taken"
    );
    assert!(apps.running().await.unwrap().is_empty());
    // ANCHOR_END: roll_back
}

#[ambit::test]
async fn phases_and_optional_dependencies() {
    // ANCHOR: phases
    let web = idle("web")
        .optionally_depends_on("metrics")
        .start_phase("warm the cache", || async { Ok::<_, ExitReason>(()) })
        .start_phase("open the port", || async { Ok::<_, ExitReason>(()) });
    // ANCHOR_END: phases
    let apps = Applications::new([web]);
    assert_eq!(apps.ensure_all_started("web").await.unwrap(), ["web"]);
}

#[ambit::test]
async fn a_permanent_application_ends_all_others() {
    // ANCHOR: restart
    let apps = Applications::new([
        idle("store"),
        Application::new("clock")
            .restart(Restart::Permanent)
            .on_start(|| async {
                let life = |_: Inbox<()>| async { ExitReason::shutdown_with("midnight") };
                Ok::<_, ExitReason>(ambit::spawn(life))
            }),
        Application::new("all")
            .depends_on("store")
            .depends_on("clock"),
    ]);
    drop(apps.ensure_all_started("all").await);
    let ApplicationError::Terminated {
        application,
        reason,
    } = apps.closed().await
    else {
        panic!("the clock has ended");
    };
    assert_eq!(
        (&*application, reason.to_string()),
        ("clock", "shutdown: midnight".into())
    );
    // ANCHOR_END: restart
}

#[ambit::test]
async fn processes_outside_of_the_tree_end_too() -> Result<(), Box<dyn Error>> {
    // ANCHOR: beside
    let web = Application::new("web").on_start(|| async {
        ambit::spawn(|_: Inbox<()>| pending::<()>());
        Supervisor::builder().start().await
    });
    let before = ambit::inspect::processes().len();
    let apps = Applications::new([web]);
    apps.start("web").await?;
    apps.stop("web").await?;
    // One more: the controller behind `apps`.
    assert_eq!(ambit::inspect::processes().len(), before + 1);
    // ANCHOR_END: beside
    Ok(())
}

#[ambit::test]
async fn a_stop_has_a_time_limit() -> Result<(), Box<dyn Error>> {
    // ANCHOR: timeout
    let slow = idle("slow")
        .shutdown_timeout(Duration::from_secs(2))
        .on_stop(|| async {
            expect_crash(ambit::self_pid().unwrap_or(Pid::NOBODY));
            pending::<()>().await;
        });
    let apps = Applications::new([slow]);
    apps.start("slow").await?;
    apps.stop("slow").await?;
    // ANCHOR_END: timeout
    settle().await;
    Ok(())
}
