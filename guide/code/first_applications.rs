//! The first program of the page "Applications".

// ANCHOR: program
use std::error::Error;

use ambit::application::{Application, Applications};
use ambit::prelude::*;
use ambit::supervisor::Supervisor;

struct Orders(u32);

#[gen_server]
impl Orders {
    #[call]
    fn next(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }
}

fn store() -> Application {
    Application::new("store")
        .on_start(|| {
            let orders = Orders::child_spec(|| Orders(0)).name("orders");
            Supervisor::builder().child(orders).start()
        })
        .on_stop(|| async { println!("the store is down") })
}

fn web() -> Application {
    Application::new("web")
        .depends_on("store")
        .on_start(|| async {
            let first = OrdersSubject::named("orders").next().await?;
            println!("web begins with order {first}");
            Supervisor::builder()
                .start()
                .await
                .map_err(Box::<dyn Error + Send + Sync>::from)
        })
        .on_stop(|| async { println!("the web is down") })
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let apps = Applications::new([web(), store()]);
    let refused = apps.start("web").await;
    println!("{}", refused.err().ok_or("it needs the store")?);

    println!("started: {:?}", apps.ensure_all_started("web").await?);
    apps.stop_all().await?;
    println!("running: {:?}", apps.running().await?);
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
