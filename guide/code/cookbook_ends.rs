//! The recipes on stopping.

// ANCHOR: imports
use std::collections::BTreeMap;
use std::error::Error;
use std::future::Future;
use std::time::Duration;

use ambit::error::StopError;
use ambit::prelude::*;
use ambit::system::System;
use ambit::test::{Probe, crash, expect_crash, settle};

const SECOND: Duration = Duration::from_secs(1);
// ANCHOR_END: imports

// ANCHOR: clock
/// Counts its calls.
struct Clock {
    asked: u32,
}

#[gen_server]
impl Clock {
    #[call]
    fn ask(&mut self) -> u32 {
        self.asked += 1;
        self.asked
    }
}
// ANCHOR_END: clock

// ANCHOR: app
struct App;

#[supervisor]
impl App {
    #[child]
    fn clock(&self) -> ChildSpec<Clock> {
        Clock::child_spec(|| Clock { asked: 0 })
    }
}
// ANCHOR_END: app

// ANCHOR: clean_up
/// Rents rooms, and takes them back when a guest has ended.
struct Hotel {
    free: u32,
    guests: BTreeMap<MonitorRef, Pid>,
}

#[gen_server]
impl Hotel {
    #[call]
    fn check_in(&mut self, ctx: &mut Context<Self>, guest: Process) -> bool {
        if self.free == 0 {
            return false;
        }
        self.free -= 1;
        self.guests.insert(ctx.monitor(&guest), guest.pid());
        true
    }
    #[info]
    fn on_down(&mut self, down: Down) {
        self.guests.remove(&down.monitor);
        self.free += 1;
    }
}

#[ambit::test]
async fn a_guest_that_ended_needs_no_room() -> Result<(), Box<dyn Error>> {
    let guests = BTreeMap::new();
    let hotel = Hotel { free: 1, guests }.start().await?;
    let guest = || ambit::spawn(|_: Inbox<()>| std::future::pending::<()>());
    let (ann, bob) = (guest(), guest());
    assert!(hotel.check_in(ann.clone().into()).await?);
    assert!(!hotel.check_in(bob.clone().into()).await?);
    ambit::exit(&ann, ExitReason::Shutdown);
    settle().await;
    assert!(hotel.check_in(bob.clone().into()).await?);
    Ok(())
}
// ANCHOR_END: clean_up

// ANCHOR: signal
/// In a program: `serve(app, tokio::signal::ctrl_c()).await`.
async fn serve(app: AppSubject, signal: impl Future) -> Result<(), StopError> {
    tokio::select! {
        biased;
        _ = signal => app.stop().await, // in reverse order, each child within its shutdown time
        reason = app.closed() => Err(StopError::Exited(reason)), // it has given up
    }
}

#[ambit::test]
async fn a_signal_stops_the_tree() -> Result<(), Box<dyn Error>> {
    let app = App.start().await?;
    let clock = app.clock().monitor();
    serve(app, tokio::time::sleep(SECOND)).await?;
    assert_eq!(clock.await.reason, ExitReason::Shutdown);
    Ok(())
}
// ANCHOR_END: signal

// ANCHOR: drain
struct Outbox {
    waiting: Vec<String>,
    disk: Recipient<Vec<String>>,
}

#[gen_server]
impl Outbox {
    #[cast]
    fn put(&mut self, letter: String) {
        self.waiting.push(letter);
    }
    /// Runs for `stop()`, for the end of its supervisor, and after a panic; not after a kill.
    #[terminate]
    async fn save(&mut self, _reason: &ExitReason) {
        self.disk.send(std::mem::take(&mut self.waiting)).await.ok();
    }
}

#[ambit::test]
async fn messages_before_the_stop_are_saved() -> Result<(), Box<dyn Error>> {
    let mut disk = Probe::<Vec<String>>::new();
    let outbox = Outbox {
        waiting: Vec::new(),
        disk: disk.recipient(),
    };
    let outbox = outbox.start().await?;
    outbox.put("one".into()).await?;
    outbox.put("two".into()).await?;
    outbox.stop().await?; // is handled after both
    assert_eq!(disk.expect().await, ["one", "two"]);
    Ok(())
}
// ANCHOR_END: drain

// ANCHOR: owned
/// Owns a clock. Dropping the watch stops the clock.
struct Watch {
    clock: Owned<ClockSubject>,
}

#[ambit::test]
async fn a_server_ends_with_its_value() -> Result<(), Box<dyn Error>> {
    let clock = Clock { asked: 0 }.start().owned().await?;
    let watch = Watch { clock };
    assert_eq!(watch.clock.ask().await?, 1);
    let end = watch.clock.monitor();
    drop(watch);
    end.await;
    Ok(())
}
// ANCHOR_END: owned

// ANCHOR: helper
/// Starts two helpers.
struct Host {
    owned: Owned<ClockSubject>,
    linked: ClockSubject,
}

#[gen_server]
impl Host {
    #[init]
    async fn new() -> Result<Self, StartError> {
        Ok(Self {
            owned: Clock { asked: 0 }.start().owned().await?,
            linked: Clock { asked: 0 }.start().link().await?,
        })
    }

    #[call]
    fn helpers(&self) -> (ClockSubject, ClockSubject) {
        (self.owned.clone(), self.linked.clone())
    }
}

#[ambit::test]
async fn helpers_and_the_end_of_their_server() -> Result<(), Box<dyn Error>> {
    let host = Host::start().await?;
    let (owned, linked) = host.helpers().await?;
    host.stop().await?; // with `Normal`, which as an exit signal ends no process
    settle().await;
    assert_eq!((owned.is_alive(), linked.is_alive()), (false, true));

    let host = Host::start().await?;
    let (owned, linked) = host.helpers().await?;
    expect_crash(&linked);
    crash(&host).await;
    settle().await;
    assert_eq!((owned.is_alive(), linked.is_alive()), (false, false));
    Ok(())
}
// ANCHOR_END: helper

// ANCHOR: systems
/// One runtime, one system: systems do not share names.
fn system(asked: u32) -> Result<u32, Box<dyn Error + Send + Sync>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let _inside = runtime.enter();
    let system = System::builder().build()?;
    let _current = system.enter();
    runtime.block_on(async {
        Clock { asked }.start().name("clock").await?;
        let asked = ClockSubject::named("clock").ask().await?;
        system.stop(SECOND).await;
        Ok(asked)
    })
}

#[test]
fn two_systems_in_one_program() {
    let systems = [10, 20].map(|asked| std::thread::spawn(move || system(asked)));
    let asked = systems.map(|thread| thread.join().expect("no panic").expect("it runs"));
    assert_eq!(asked, [11, 21]);
}
// ANCHOR_END: systems
