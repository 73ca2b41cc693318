//! A lamp and its supervisor with ambit: the program of `lamp.erl` and `lamp_sup.erl`.

// ANCHOR: program
use std::time::Duration;

use ambit::prelude::*;

struct SwitchOff;

struct Lamp {
    is_on: bool,
    off_after: Duration,
}

#[gen_server]
impl Lamp {
    #[init]
    fn new(ctx: &mut Context<Self>, off_after: Duration) -> Self {
        ctx.continue_with(LampContinue::SelfTest);
        let is_on = true;
        Self { is_on, off_after }
    }

    #[continue_with]
    fn self_test(&mut self) {
        self.is_on = false;
    }

    #[call]
    fn is_on(&self) -> bool {
        self.is_on
    }

    #[call]
    fn connect(&mut self, volts: u32) {
        assert!(volts <= 250, "burst");
    }

    #[cast]
    fn switch_on(&mut self, ctx: &mut Context<Self>) {
        ctx.send_after(self.off_after, SwitchOff);
        self.is_on = true;
    }

    #[info]
    fn switch_off(&mut self, _: SwitchOff) {
        self.is_on = false;
    }
}

struct LampSup;

#[supervisor(strategy = OneForOne, restarts = 3, within = Duration::from_secs(5))]
impl LampSup {
    #[child]
    fn lamp(&self) -> ChildSpec<Lamp> {
        Lamp::child_spec(Duration::from_millis(300)).name("lamp")
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sup = LampSup.start().await?;
    let lamp = LampSubject::named("lamp").when_available();
    println!("on: {}", lamp.is_on().await?);
    lamp.switch_on().await?;
    println!("on: {}", lamp.is_on().await?);
    tokio::time::sleep(Duration::from_millis(900)).await;
    println!("on: {}", lamp.is_on().await?);

    let down = lamp.monitor();
    if lamp.connect(400).await.is_err() {
        println!("no answer");
    }
    if let ExitReason::Panic(panic) = down.await.reason {
        println!("the lamp {}", panic.message());
    }

    println!("on: {} after the restart", lamp.is_on().await?);
    sup.stop().await?;
    let registered = ambit::whereis::<Lamp>("lamp").is_ok();
    println!("registered: {registered}");
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
