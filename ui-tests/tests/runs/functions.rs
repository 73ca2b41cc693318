//! Function pointers and closures in messages, each written in full and as an alias.

use std::sync::Arc;

use ambit::prelude::*;

type Map = fn(&u8) -> u8;
type Result<T> = std::result::Result<T, String>;
type Job = Box<dyn FnOnce(&u8) -> u8 + Send>;
type Shared = Arc<dyn Fn(&u8) -> u8 + Send + Sync>;

fn twice(value: &u8) -> u8 {
    value * 2
}

struct Mapped(u8);

#[gen_server]
impl Mapped {
    #[init]
    fn new(start: fn(&u8) -> u8, map: Map, _then: Option<fn(&u8) -> u8>) -> Self {
        Self(start(&1) + map(&1))
    }

    #[cast]
    fn map(&mut self, map: fn(&u8) -> u8) {
        self.0 = map(&self.0);
    }

    #[cast]
    fn map_as(&mut self, map: Map, shared: Shared) {
        self.0 = map(&shared(&self.0));
    }

    #[cast]
    fn map_shared(&mut self, map: Arc<dyn Fn(&u8) -> u8 + Send + Sync>) {
        self.0 = map(&self.0);
    }

    #[call]
    fn swap(&mut self, maps: Vec<fn(&u8) -> u8>) -> Option<Map> {
        maps.last().copied()
    }

    #[call]
    fn checked(&self) -> Result<fn(&u8) -> u8> {
        Ok(twice)
    }

    #[call]
    fn checked_as(&self) -> Result<Map> {
        Err(self.0.to_string())
    }

    #[info]
    fn on_map(&mut self, map: Option<fn(&u8) -> u8>) {
        self.0 += map.map_or(0, |map| map(&1));
    }

    #[call]
    fn get(&self) -> u8 {
        self.0
    }
}

#[ambit::test]
async fn function_pointers_are_sent() {
    let mapped = Mapped::start(twice, twice, None).await.unwrap();
    let cast = MappedCast::Map { map: twice };
    mapped.send(cast.clone()).await.unwrap();
    mapped.send(cast).await.unwrap();
    mapped.map_as(twice, Arc::new(twice)).await.unwrap();
    mapped
        .map_shared(Arc::new(|value| value + 1))
        .await
        .unwrap();
    assert_eq!(mapped.get().await, Ok(65));
    let last = mapped.swap(vec![twice]).await.unwrap().unwrap();
    assert_eq!(last(&3), 6);
    mapped.recipient().send(Some(twice as Map)).await.unwrap();
    assert_eq!(mapped.get().await, Ok(67));
    let child = Mapped::child_spec(twice, twice, Some(twice));
    let tree = Supervisor::builder().child(child).start().await.unwrap();
    tree.stop().await.unwrap();
}

struct Jobs(u8);

#[gen_server]
impl Jobs {
    #[cast]
    fn run(&mut self, job: Box<dyn FnOnce(&u8) -> u8 + Send>) {
        self.0 = job(&self.0);
    }

    #[call]
    fn finish(&mut self, job: Job) -> u8 {
        job(&self.0)
    }

    #[cast]
    fn both(&mut self, first: Job, second: Box<dyn FnOnce(&u8) -> u8 + Send>) {
        self.0 = first(&self.0);
        self.0 = second(&self.0);
    }
}

#[ambit::test]
async fn closures_are_sent() {
    let jobs = Jobs(1).start().await.unwrap();
    jobs.run(Box::new(|value| value + 1)).await.unwrap();
    let second: Job = Box::new(|value| value + 2);
    jobs.both(Box::new(twice), second).await.unwrap();
    assert_eq!(jobs.finish(Box::new(twice)).await, Ok(12));
}
