//! Tasks that a server runs concurrently with its loop.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit_reason::ExitReason;
use crate::process::counted_task::CountedTask;
use crate::process::header::ProcessRef;
use crate::process::owned_task::{OwnedFuture, OwnedTask};
use crate::process::{process_task, signal};
use crate::rt;
use crate::server::context::Context;
use crate::server::gen_server::GenServer;
use crate::server::info_bounds::InfoOf;

impl<S: GenServer> Context<S> {
    /// Runs `future` concurrently with the server; its output is delivered as an info, which needs no capacity in the
    /// mailbox. The end of the server drops the future before its links and monitors are notified; only a poll that is
    /// running on another thread at that moment finishes first. A panic in the future crashes the server.
    pub fn spawn_task<F>(&mut self, future: F)
    where
        F: Future<Output: InfoOf<S> + Send + 'static> + Send + 'static,
    {
        let to = self.recipient::<F::Output>();
        let running = CountedTask::begin(&self.cell().core.system);
        self.spawn_server_task(async move {
            let _running = running;
            let output = future.await;
            let _ = to.item(output);
        });
    }

    /// Runs `future` while the server is running; a panic in it crashes the server. Returns `None` without a runtime.
    pub(super) fn spawn_server_task<F>(&mut self, future: F) -> Option<rt::AbortHandle>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let cell = self.cell().clone();
        let system = &cell.core.system;
        let handle = system.handle()?.clone();
        let quiet = system.settings.quiet_panics;
        let key = cell.core.relations.lock().next_key();
        let is_done = Arc::new(AtomicBool::new(false));
        let noted = RegisteredTask {
            process: cell.clone(),
            key,
            is_done: is_done.clone(),
        };
        let process = cell.clone();
        let future = OwnedFuture::new(Box::pin(async move {
            if let Err(report) = process_task::caught(future, quiet).await {
                signal::leave_after_task_panic(&*process, &ExitReason::Panic(report));
            }
        }));
        let polled = future.clone();
        // Not under the lock of the relations: a runtime that shuts down drops the task at once.
        let task = rt::spawn(&handle, async move {
            let _noted = noted;
            polled.run().await;
        });
        let owned = OwnedTask {
            future,
            task: task.clone(),
        };
        let mut relations = cell.core.relations.lock();
        if !relations.cleaned && !is_done.load(Ordering::Relaxed) {
            relations.make_rare().tasks.insert(key, owned);
        } else {
            drop(relations);
            owned.end();
        }
        Some(task)
    }
}

/// Registers a task with its server, until it is done or dropped.
struct RegisteredTask {
    process: ProcessRef,
    key: u64,
    /// Changed only under the lock of the relations; a task that is done before it is registered is not registered.
    is_done: Arc<AtomicBool>,
}

impl Drop for RegisteredTask {
    fn drop(&mut self) {
        let mut relations = self.process.core().relations.lock();
        self.is_done.store(true, Ordering::Relaxed);
        let owned = relations
            .rare()
            .and_then(|rare| rare.tasks.remove(&self.key));
        drop(relations);
        // A task that was aborted, or whose runtime shuts down, has not dropped its future.
        if let Some(owned) = owned {
            owned.end();
        }
    }
}
