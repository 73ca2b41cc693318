//! The processes that an application has linked with the process that starts and stops it.

use std::collections::BTreeMap;
use std::future::pending;
use std::pin::pin;
use std::time::Duration;

use ambit::inspect::process_info;
use ambit::prelude::*;
use ambit::process::{InboxEvent, MonitorRef, Pid};

use crate::rt;

/// Returns whether an exit signal is from the controller or the system, so that the receiver has to end.
pub(super) fn asks_to_end(exit: &Exit, controller: Pid) -> bool {
    exit.from == controller || exit.from == Pid::NOBODY
}

/// Ends the processes that are linked with this one, except the controller, and waits for them. They are killed after
/// the time `limit`. Returns the reason if this process was asked to end meanwhile.
pub(super) async fn end_linked(
    inbox: &mut Inbox<()>,
    controller: Pid,
    limit: Option<Duration>,
) -> Option<ExitReason> {
    let own = process_info(inbox.pid())?;
    let linked = own.links.into_iter().filter(|pid| *pid != controller);
    let mut running: BTreeMap<MonitorRef, Pid> =
        linked.map(|pid| (inbox.monitor(pid), pid)).collect();
    end_all(&running, &ExitReason::Shutdown);
    let mut limit = pin!(async {
        match limit {
            Some(limit) => rt::sleep(limit).await,
            None => pending().await,
        }
    });
    let (mut asked, mut is_late) = (None, false);
    while !running.is_empty() {
        tokio::select! {
            biased;
            event = inbox.next() => match event {
                InboxEvent::Down(down) => drop(running.remove(&down.monitor)),
                InboxEvent::Exit(exit) if asks_to_end(&exit, controller) => {
                    asked = Some(exit.reason);
                }
                _ => {}
            },
            () = &mut limit, if !is_late => {
                is_late = true;
                end_all(&running, &ExitReason::Kill);
            }
        }
    }
    asked
}

fn end_all(running: &BTreeMap<MonitorRef, Pid>, reason: &ExitReason) {
    for pid in running.values() {
        ambit::exit(pid, reason.clone());
    }
}
