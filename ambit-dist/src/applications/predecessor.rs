//! The runner of an earlier controller on the same node, which may still be stopping the application.

use ambit::error::RegisterError;
use ambit::prelude::*;
use ambit::process::{InboxEvent, Pid};

use crate::applications::linked::asks_to_end;

/// Waits until the predecessor of this process has ended, and registers this process under their name, which belongs to
/// the only runner of an application on this node.
///
/// # Errors
/// The reason with which this process was asked to end meanwhile. The predecessor has ended in this case too, because
/// nothing of the application may run when its controller ends.
pub(super) async fn succeed(
    inbox: &mut Inbox<()>,
    name: &str,
    controller: Pid,
) -> Result<(), ExitReason> {
    while let Err(RegisterError::AlreadyRegistered { holder }) =
        ambit::register(name, &inbox.subject())
    {
        let predecessor = inbox.monitor(holder);
        let mut asked = None;
        loop {
            match inbox.next().await {
                InboxEvent::Down(down) if down.monitor == predecessor => break,
                InboxEvent::Exit(exit) if asks_to_end(&exit, controller) => {
                    asked.get_or_insert(exit.reason);
                }
                _ => {}
            }
        }
        if let Some(reason) = asked {
            return Err(reason);
        }
    }
    Ok(())
}
