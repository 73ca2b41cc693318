//! Slow starts.

use std::time::Duration;

use ambit::prelude::*;

use crate::supervision_proof::spinner::*;

/// Starts another child of its own supervisor, `below` levels deep.
struct Branch;

#[gen_server]
impl Branch {
    #[init]
    async fn new(below: usize) -> Result<Self, ExitReason> {
        if below > 0 {
            let sessions = DynamicSupervisor::named("sessions");
            let start = move || Self::start(below - 1);
            let twig = sessions.start_child(ChildSpec::from_fn(start));
            // The same from a task, and from the child of a supervisor.
            let task = Task::spawn(async move {
                let sessions = DynamicSupervisor::named("sessions");
                sessions.start_child(ChildSpec::from_fn(start)).await
            });
            let nested = Supervisor::builder().child(ChildSpec::from_fn(start));
            twig.await.map_err(ExitReason::error)?;
            let twig = task.await.map_err(ExitReason::error)?;
            twig.map_err(ExitReason::error)?;
            if below > 1 {
                nested.start().await.map_err(ExitReason::error)?;
            }
        }
        Ok(Self)
    }

    #[call]
    fn ping(&self) {}
}

/// The limit of concurrent starts; further ones wait.
const STARTS: usize = 16;

#[ambit::test]
async fn starts_that_hang_hold_up_further_starts_only() {
    let (hold, none) = (Hold::new(), Hold::new());
    let sessions = DynamicSupervisor::builder().start().await.unwrap();
    let running = sessions
        .start_child(spinner("running", &none))
        .await
        .unwrap();
    hold.next(&[Init::Hangs; STARTS]);
    let mut starting = Vec::new();
    for n in 0..STARTS {
        let start = sessions.start_child(spinner(&n.to_string(), &hold));
        starting.push(tokio::spawn(start));
    }
    until("all of them hang", || hold.inits_left() == 0).await;
    let further = sessions
        .start_child(spinner("further", &none))
        .timeout(GRACE);
    assert_eq!(further.await.unwrap_err(), ChildError::Timeout);

    assert_eq!(sessions.count_children().await.unwrap().active, 1);
    let old = running.pid();
    ambit::test::crash(&running).await;
    let new = ambit::test::await_restart(&running, old).await;
    assert_eq!(sessions.terminate_child(new).await, Ok(()));
    let began = tokio::time::Instant::now();
    sessions.stop().await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
    for start in starting {
        assert_eq!(start.await.unwrap().unwrap_err(), ChildError::NoProcess);
    }
}

#[ambit::test]
async fn starts_that_wait_for_starts_of_their_own_supervisor_do_not_hang() {
    let sessions = DynamicSupervisor::builder().start();
    let sessions = sessions.name("sessions").await.unwrap();
    let mut starting = Vec::new();
    for _ in 0..3 * STARTS {
        let branch = sessions.start_child(ChildSpec::from_fn(|| Branch::start(2)));
        starting.push(tokio::spawn(branch.timeout(PATIENCE)));
    }
    for start in starting {
        assert_eq!(start.await.unwrap().unwrap().ping().await, Ok(()));
    }
    // Each branch has two children, each of which has two; the child of its supervisor has two more.
    let counts = sessions.count_children().await.unwrap();
    assert_eq!(counts.active, 3 * STARTS * (1 + 2 + 4 + 2));
}
