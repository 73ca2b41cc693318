//! Work that is done here for another node.

use ambit::{CallError, Executed, ExitReason, Inbox, Subject, System};
use tokio::sync::oneshot;

/// Work for another node, in a process of its own; it ends when nobody waits for it.
pub(crate) struct Running<T> {
    process: Subject<()>,
    outcome: oneshot::Receiver<T>,
}

impl<T: Send + 'static> Running<T> {
    /// Begins it; a span is named by the protocol and the method.
    pub(crate) fn begin(
        system: &System,
        protocol: &'static str,
        method: &'static str,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Self {
        let (sender, outcome) = oneshot::channel();
        let work = ambit::node::handled(protocol, method, work);
        let process = system.within(|| {
            ambit::spawn(move |_: Inbox<()>| async move {
                sender.send(work.await).ok();
            })
        });
        Self { process, outcome }
    }

    /// What came of it, or why there is nothing.
    pub(crate) async fn end(mut self) -> Result<T, CallError> {
        if let Ok(value) = (&mut self.outcome).await {
            return Ok(value);
        }
        let reason = self.process.closed().await;
        Err(CallError::Exited {
            reason,
            executed: Executed::Maybe,
        })
    }
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        ambit::exit(&self.process, ExitReason::Kill);
    }
}
