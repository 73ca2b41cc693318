//! Slow starts.

use std::time::Duration;

use ambit::prelude::*;

use crate::supervision_proof::spinner::*;

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
