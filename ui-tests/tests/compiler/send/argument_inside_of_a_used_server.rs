// fix: an argument that is `Send`
use std::rc::Rc;

use ambit::prelude::*;

struct Name(Rc<str>);

#[derive(Default)]
struct Door {
    opened: u64,
}

#[gen_server]
impl Door {
    #[cast]
    fn open(&mut self, by: Name) {
        self.opened += by.0.len() as u64;
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let door = Door::default().start().await?;
    door.open(Name("a".into())).await?;
    door.stop().await?;
    Ok(())
}
