// fix: a reply that is `Send`
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
    fn name(&mut self) -> Rc<str> {
        "a".into()
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let registry = Registry::<String, Counter>::unique();
    let counter = Counter::default().start().via(&registry, "one").await?;
    counter.name().await?;
    let found = registry.lookup("one").ok_or("not found")?;
    found.name().timeout(std::time::Duration::from_secs(1)).await?;
    found.name().send().await?;
    found.get().await?;
    Ok(())
}
