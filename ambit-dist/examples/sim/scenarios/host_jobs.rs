//! Code that a scenario runs on the nodes of a cluster, with what each node holds.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;

use ambit_dist::Node;
use ambit_dist::sim::Sim;
use tokio::sync::{mpsc, oneshot};

use super::board::{SECOND, TICK};
use super::roster::{Roster, join};

type Job = Pin<Box<dyn Future<Output = ()>>>;

struct Running<T> {
    state: T,
    jobs: mpsc::UnboundedSender<Job>,
}

/// The running nodes of a cluster, by name, each with its state.
pub(crate) struct HostJobs<T>(Rc<RefCell<BTreeMap<String, Running<T>>>>);

impl<T> Clone for HostJobs<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Adds hosts `n1`, `n2`, .. that join by `n1` and `n2` and run jobs. `state` is called with each node that starts.
pub(crate) fn cluster<T: Clone + 'static>(
    sim: &mut Sim,
    count: usize,
    state: fn(&Node) -> T,
) -> (Roster, HostJobs<T>) {
    let (roster, running) = (Roster::default(), HostJobs(Rc::default()));
    let (views, all) = (roster.clone(), running.clone());
    sim.hosts(count, move |host| {
        let (roster, all) = (views.clone(), all.clone());
        async move {
            let node = join(&host, &roster, &["n1", "n2"]).await;
            let (jobs, mut received) = mpsc::unbounded_channel();
            let state = state(&node);
            let own = Running { state, jobs };
            all.0.borrow_mut().insert(host.name().to_owned(), own);
            // A crash drops the node with its state.
            let _state = RemovedOnDrop(all, host.name().to_owned());
            // The node runs until its host ends.
            while let Some(job) = received.recv().await {
                tokio::task::spawn_local(job);
            }
            std::future::pending::<()>().await;
            drop(node);
        }
    });
    sim.tick(TICK).settles().limit(600 * SECOND);
    (roster, running)
}

/// Removes the state of a host that ends.
struct RemovedOnDrop<T>(HostJobs<T>, String);

impl<T> Drop for RemovedOnDrop<T> {
    fn drop(&mut self) {
        let removed = self.0.0.borrow_mut().remove(&self.1);
        drop(removed);
    }
}

impl<T: Clone + 'static> HostJobs<T> {
    /// Runs code on a host, and returns its result; `None` if the host does not run or crashes meanwhile.
    pub(crate) async fn at<R: 'static>(
        &self,
        host: &str,
        job: impl AsyncFnOnce(T) -> R + 'static,
    ) -> Option<R> {
        let (done, result) = oneshot::channel();
        {
            let all = self.0.borrow();
            let running = all.get(host)?;
            let state = running.state.clone();
            let job = Box::pin(async move {
                done.send(job(state).await).ok();
            });
            running.jobs.send(job).ok()?;
        }
        result.await.ok()
    }

    /// Removes a host that is about to crash.
    pub(crate) fn remove(&self, host: &str) {
        let removed = self.0.borrow_mut().remove(host);
        drop(removed);
    }

    /// Returns the states of all running nodes, by name.
    pub(crate) fn states(&self) -> Vec<(String, T)> {
        let all = self.0.borrow();
        let states = all.iter();
        states
            .map(|(host, running)| (host.clone(), running.state.clone()))
            .collect()
    }
}
