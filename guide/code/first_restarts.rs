//! The first program of the page "Restarts, and what happens to messages".

// ANCHOR: program
use std::error::Error;

use ambit::prelude::*;

struct Oven {
    baked: u32,
}

#[gen_server]
impl Oven {
    #[call]
    fn bake(&mut self, what: String) -> u32 {
        assert_ne!(what, "fireworks");
        self.baked += 1;
        self.baked
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let spec = Oven::child_spec(|| Oven { baked: 0 });
    let kitchen = Supervisor::builder().start().await?;
    let oven = kitchen.start_child(spec).await?;
    println!("bread: {:?}", oven.bake("bread".into()).await);

    // Two requests are queued when the first of them ends the oven.
    ambit::sys::suspend(&oven).await?;
    let fireworks = oven.bake("fireworks".into()).send();
    let cake = oven.bake("cake".into()).send();
    ambit::sys::resume(&oven).await?;
    for (what, answer) in [("fireworks", fireworks.await), ("cake", cake.await)] {
        if let Err(CallError::Exited { executed, .. }) = answer {
            println!("{what}: executed: {executed:?}");
        }
    }

    // The next oven has no orders. The cake can be ordered again.
    let cake = oven.when_available().bake("cake".into()).await;
    println!("cake: {cake:?}");
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
