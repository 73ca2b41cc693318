//! Async methods that take, hold and return closures behind an alias.

use std::future::ready;
use std::sync::Mutex;

use ambit::prelude::*;

type Job = Box<dyn FnOnce(&mut Worker) + Send>;
type Rename = Box<dyn for<'a> Fn(&'a str) -> &'a str + Send>;
type Map = fn(&str) -> &str;

struct Worker {
    done: u64,
    queued: Vec<Job>,
}

struct Finish(Job);

#[gen_server]
impl Worker {
    #[init]
    async fn new(first: Job) -> Self {
        let mut worker = Self {
            done: 0,
            queued: Vec::new(),
        };
        ready(()).await;
        first(&mut worker);
        worker
    }

    #[cast]
    async fn run(&mut self, job: Job) {
        ready(()).await;
        job(self);
    }

    #[cast]
    fn queue(&mut self, job: Job) {
        self.queued.push(job);
    }

    #[call]
    async fn run_queued(&mut self, ctx: &mut Context<Self>) -> u64 {
        for job in std::mem::take(&mut self.queued) {
            ready(()).await;
            job(self);
        }
        let last: Job = Box::new(|worker| worker.done += 100);
        ctx.continue_with(WorkerContinue::Last { job: last });
        self.done
    }

    #[call]
    async fn adding(&mut self, by: u64) -> Option<Job> {
        Some(Box::new(move |worker| worker.done += by))
    }

    #[call(deferred)]
    async fn later(&mut self, map: Mutex<Option<Map>>, reply: ReplyTo<Result<Rename, Map>>) {
        let map = map.into_inner().ok().flatten();
        ready(()).await;
        reply.send(match map {
            Some(map) => Ok(Box::new(map)),
            None => Err(|text| text),
        });
    }

    #[info]
    async fn finish(&mut self, message: Finish) {
        (message.0)(self);
    }

    #[info]
    async fn on_job(&mut self, job: Job) {
        job(self);
    }

    #[continue_with]
    async fn last(&mut self, job: Job) {
        job(self);
    }
}

#[ambit::test]
async fn async_methods_run_closures_behind_an_alias() {
    let worker = Worker::start(Box::new(|worker| worker.done = 1))
        .await
        .unwrap();
    worker
        .run(Box::new(|worker| worker.done += 2))
        .await
        .unwrap();
    worker
        .queue(Box::new(|worker| worker.done += 4))
        .await
        .unwrap();
    assert_eq!(worker.run_queued().await, Ok(7));
    let adding = worker.adding(8).await.unwrap().unwrap();
    worker.run(adding).await.unwrap();
    worker
        .recipient::<Job>()
        .send(Box::new(|worker| worker.done += 16))
        .await
        .unwrap();
    let finish = Finish(Box::new(|worker| worker.done += 32));
    worker.recipient::<Finish>().send(finish).await.unwrap();
    assert_eq!(worker.run_queued().await, Ok(163));
    let trim: Map = |text| text.trim();
    let trimmed = worker.later(Mutex::new(Some(trim))).await.unwrap();
    assert_eq!(trimmed.map(|trim| trim(" a ").len()).ok(), Some(1));
}

struct Sign {
    text: String,
    rename: Option<Rename>,
}

#[state_machine(states = [Shown, Hidden])]
impl Sign {
    #[init]
    fn new(text: String) -> Self {
        Self { text, rename: None }
    }

    #[cast]
    async fn rename(&mut self, rename: Rename) {
        ready(()).await;
        self.text = rename(&self.text).to_owned();
        self.rename = Some(rename);
    }

    #[call(_ => Hidden | stay)]
    async fn hide(&mut self, when: Rename) -> (SignHideTo, Option<Rename>) {
        let target = match when(&self.text) {
            "" => SignHideTo::Stay,
            _ => SignHideTo::Hidden,
        };
        (target, self.rename.take())
    }

    #[exit(Shown)]
    async fn leave(&mut self) {
        let undo: Rename = Box::new(|text| text);
        ready(()).await;
        self.rename = Some(undo);
    }
}

#[ambit::test]
async fn async_methods_of_a_machine_run_closures_behind_an_alias() {
    let sign = Sign::start("open ".to_owned()).await.unwrap();
    sign.rename(Box::new(|text| text.trim())).await.unwrap();
    let rename = sign.hide(Box::new(|text| text)).await.unwrap().unwrap();
    assert_eq!(rename(" a "), "a");
}
