// fix: an argument that is `Send`
use std::rc::Rc;

use ambit::prelude::*;

#[protocol]
trait Store {
    #[call]
    fn put(&mut self, value: Rc<str>);

    #[call]
    fn len(&mut self) -> usize;
}

struct Memory;

#[gen_server(protocol = Store)]
impl Memory {
    #[call]
    fn put(&mut self, _value: Rc<str>) {}

    #[call]
    fn len(&mut self) -> usize {
        0
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store: StoreSubject = Memory.start().await?;
    store.put("a".into()).await?;
    store.len().await?;
    Ok(())
}
