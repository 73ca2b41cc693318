//! A server without infos and continuations leaves the names of their enums to the user.

use ambit::prelude::*;

/// The properties of a worker that a caller can ask for.
#[derive(Clone, Debug, PartialEq)]
struct WorkerInfo {
    jobs: u64,
}

/// Whether a worker takes another job.
#[derive(Clone, Copy, Debug, PartialEq)]
enum WorkerContinue {
    Yes,
    No,
}

struct Worker<T> {
    jobs: Vec<T>,
}

#[gen_server]
impl<T: Send + 'static> Worker<T> {
    #[call]
    fn info(&self) -> WorkerInfo {
        WorkerInfo {
            jobs: self.jobs.len().try_into().unwrap_or(u64::MAX),
        }
    }

    #[call]
    async fn work(&mut self, job: T) -> WorkerContinue {
        self.jobs.push(job);
        if self.jobs.len() < 2 {
            WorkerContinue::Yes
        } else {
            WorkerContinue::No
        }
    }
}

#[ambit::test]
async fn a_type_may_have_the_name_of_an_enum_that_the_server_does_not_need() {
    let Ok(worker) = (Worker { jobs: Vec::new() }).start().await else {
        unreachable!()
    };
    assert_eq!(worker.work("sweep").await, Ok(WorkerContinue::Yes));
    assert_eq!(worker.work("paint").await, Ok(WorkerContinue::No));
    assert_eq!(worker.info().await, Ok(WorkerInfo { jobs: 2 }));
}
