//! Runtimes for the parties, with real time.

use std::future::Future;

use tokio::runtime::Builder;

/// Runs a case on this thread.
pub(crate) fn on_one<F: Future<Output = ()>>(case: F) {
    let one = Builder::new_current_thread().enable_all().build();
    one.unwrap().block_on(case);
}

/// Runs a case whose processes are spread over several threads.
pub(crate) fn on_several<F: Future<Output = ()>>(case: F) {
    let mut several = Builder::new_multi_thread();
    let several = several.worker_threads(4).enable_all().build();
    several.unwrap().block_on(case);
}
