// fix: an argument that is `Send`
use std::rc::Rc;

use ambit::prelude::*;

struct Counter(u64);

#[gen_server]
impl Counter {
    #[init]
    fn init(first: Rc<u64>, step: u64) -> Self {
        Self(*first + step)
    }

    #[call]
    fn get(&mut self) -> u64 {
        self.0
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let counter = Counter::start(Rc::new(1), 2).await?;
    counter.get().await?;
    let child = Counter::child_spec(Rc::new(1), 2);
    Supervisor::builder().child(child).start().await?;
    Ok(())
}
