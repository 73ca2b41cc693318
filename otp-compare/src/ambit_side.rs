//! The ambit side: runs a script on a paused clock and records the events. A minute of the script takes milliseconds.
//!
//! It mirrors `erlang/runner.erl` step by step; keep the two in step.

mod above;
mod run;
mod steps;
mod tree;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use ambit::prelude::*;
use ambit::system::System;
use tokio::runtime::Builder;

use self::run::Run;
use crate::script::Script;
use crate::trace::Event;

/// The maximum time of a script, on its own clock.
const LONGEST: Duration = Duration::from_secs(600);

/// Runs the script and returns the events.
///
/// # Panics
/// If no runtime can be created.
pub fn run(script: &Script) -> Vec<Event> {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime of one thread needs nothing");
    let inside = runtime.enter();
    let built = System::builder().quiet_panics(true).build();
    let system = built.expect("there is a runtime");
    let current = system.enter();
    let run = Arc::new(Run::new(script));
    let listening = run::listen(&system, &run);
    runtime.block_on(async {
        let played = run.clone();
        let player = ambit::spawn(|mut inbox: Inbox<()>| async move {
            inbox.trap_exits(true);
            steps::play(&played).await;
        });
        if tokio::time::timeout(LONGEST, player.closed())
            .await
            .is_err()
        {
            run.result("hangs");
        }
        system.stop(Duration::from_secs(1)).await;
    });
    drop((listening, current, inside));
    runtime.shutdown_background();
    run.events()
}
