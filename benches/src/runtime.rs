//! The runtimes of the workloads.

use std::future::Future;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};

/// True if the runtimes of this process have one thread; set once, before the first.
static ONE_THREAD: OnceLock<bool> = OnceLock::new();

pub(crate) const WORKERS: usize = 2;

/// Makes the runtimes of this process one-threaded.
pub(crate) fn use_one_thread() {
    let _ = ONE_THREAD.set(true);
}

fn fresh() -> Runtime {
    let mut builder = if *ONE_THREAD.get_or_init(|| false) {
        Builder::new_current_thread()
    } else {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(WORKERS);
        builder
    };
    builder.enable_all().build().expect("a runtime can be made")
}

/// Runs the workload as a task on a worker, not on the blocking thread.
pub(crate) fn run<F>(work: F) -> F::Output
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let runtime = fresh();
    let task = runtime.spawn(work);
    runtime.block_on(task).expect("the workload does not panic")
}
