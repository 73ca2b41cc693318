// fix: an argument that is `Send`

use std::rc::Rc;

use ambit::prelude::*;

#[derive(Default)]
struct Counter(u64);

#[gen_server]
impl Counter {
    #[call]
    fn get(&mut self) -> u64 {
        self.0
    }

    #[call]
    fn put(&mut self, value: Rc<u64>) -> u64 {
        self.0 = *value;
        self.0
    }

    #[cast]
    fn add(&mut self, value: u64) {
        self.0 += value;
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let counter = Counter::default().start().name("counter").await?;
    counter.add(4).await?;
    counter.put(Rc::new(1)).await?;
    let pending = counter.get().send();
    pending.await?;
    Supervisor::builder()
        .child(Counter::child_spec(Counter::default))
        .start()
        .await?;
    counter.stop().await?;
    Ok(())
}
