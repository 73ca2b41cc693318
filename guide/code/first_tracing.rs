//! The first program of the page "Tracing and metrics".

// ANCHOR: program
use std::error::Error;

use ambit::prelude::*;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

struct Oven;

#[gen_server]
impl Oven {
    #[call]
    fn heat(&mut self, degrees: u32) {
        tracing::info!(degrees, "heating");
        assert!(degrees < 300, "too hot");
    }
}

struct Kitchen;

#[supervisor]
impl Kitchen {
    #[child]
    fn oven(&self) -> ChildSpec<Oven> {
        Oven::child_spec(|| Oven).name("oven")
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let levels = Targets::new().with_default(LevelFilter::INFO);
    let to_stdout = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .without_time() // so that the guide can show it
        .with_target(false)
        .with_writer(std::io::stdout);
    tracing_subscriber::registry()
        .with(to_stdout.with_filter(levels))
        .init();

    let kitchen = Kitchen.start().await?;
    let oven = OvenSubject::named("oven").when_available();
    oven.heat(180).await?;
    oven.heat(900).await.ok(); // it crashes
    oven.heat(200).await?;
    kitchen.stop().await?;
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
