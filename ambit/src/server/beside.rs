//! What a server runs beside its loop.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit_reason::ExitReason;
use crate::process::core::ProcRef;
use crate::process::tasks::Running;
use crate::process::{drive, signal};
use crate::rt;
use crate::server::context::Context;
use crate::server::gen_server::GenServer;
use crate::server::handles::InfoOf;

impl<S: GenServer> Context<S> {
    /// Runs `future` beside the loop; its output comes back as an info. It is cancelled when the server ends, and a
    /// panic in it is the server's crash.
    pub fn spawn_task<F>(&mut self, future: F)
    where
        F: Future<Output: InfoOf<S> + Send + 'static> + Send + 'static,
    {
        let to = self.recipient::<F::Output>();
        let running = Running::begin(&self.body().core.world);
        self.run_beside(async move {
            let _running = running;
            let output = future.await;
            let _ = to.item(output);
        });
    }

    /// Runs `future` as long as the server lives, whose crash its panic is. None where the runtime has gone.
    pub(super) fn run_beside<F>(&mut self, future: F) -> Option<rt::AbortHandle>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let body = self.body().clone();
        let world = &body.core.world;
        let handle = world.handle()?.clone();
        let quiet = world.settings.quiet_panics;
        let key = body.core.relations.lock().next_key();
        let is_done = Arc::new(AtomicBool::new(false));
        let noted = Noted {
            process: body.clone(),
            key,
            is_done: is_done.clone(),
        };
        // Not under the lock of the relations: a runtime that is going away drops the future, which is the user's, at once.
        let future = rt::whole(future);
        let task = rt::spawn(&handle, async move {
            if let Err(report) = drive::caught(future, quiet).await {
                signal::leave(&*noted.process, &ExitReason::Panic(report));
            }
        });
        let mut relations = body.core.relations.lock();
        let has_ended = relations.cleaned;
        if !has_ended && !is_done.load(Ordering::Relaxed) {
            relations.make_rare().tasks.insert(key, task.clone());
        }
        drop(relations);
        if has_ended {
            task.abort();
        }
        Some(task)
    }
}

/// A task is noted with its server, until it is done or dropped.
struct Noted {
    process: ProcRef,
    key: u64,
    /// Changed under the lock of the relations only; a task that is done before it is noted is not noted.
    is_done: Arc<AtomicBool>,
}

impl Drop for Noted {
    fn drop(&mut self) {
        let mut relations = self.process.core().relations.lock();
        self.is_done.store(true, Ordering::Relaxed);
        if let Some(rare) = relations.rare() {
            rare.tasks.remove(&self.key);
        }
    }
}
