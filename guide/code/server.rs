//! What the chapter "A server" says, as tests.

// ANCHOR: server
use std::io;
use std::time::Duration;

use ambit::prelude::*;

/// A thermostat: asked by people, fed by a sensor, reminded by a timer.
struct Thermostat {
    degrees: f64,
    readings: u32,
    stale: bool,
}

/// What the sensor sends.
#[derive(Clone, Copy)]
struct Reading(f64);

/// What the timer sends.
#[derive(Clone)]
struct LookAtTheClock;

#[gen_server(mailbox = 64)]
impl Thermostat {
    /// Makes the state. It runs in the server; whoever starts it waits until it is done.
    #[init]
    fn new(ctx: &mut Context<Self>, degrees: f64) -> Result<Self, io::Error> {
        if !degrees.is_finite() {
            return Err(io::Error::other("that is no temperature"));
        }
        ctx.send_every(Duration::from_secs(60), LookAtTheClock);
        Ok(Self {
            degrees,
            readings: 0,
            stale: false,
        })
    }

    /// A question: the caller waits for what is returned.
    #[call]
    fn degrees(&self) -> f64 {
        self.degrees
    }

    #[call]
    fn is_stale(&self) -> bool {
        self.stale
    }

    /// An order: nobody waits for it. An `Err` ends the server.
    #[cast]
    fn set(&mut self, degrees: f64) -> Result<(), String> {
        if degrees > 90.0 {
            return Err(format!("{degrees} degrees would boil the plants"));
        }
        self.degrees = degrees;
        Ok(())
    }

    /// What comes from elsewhere, one method per type.
    #[info]
    fn on_reading(&mut self, reading: Reading) {
        self.degrees = reading.0;
        self.readings += 1;
        self.stale = false;
    }

    #[info]
    fn on_clock(&mut self, _: LookAtTheClock) {
        self.stale = self.readings == 0;
        self.readings = 0;
    }

    /// The last thing it does.
    #[terminate]
    fn bye(&mut self, reason: &ExitReason) {
        println!("the thermostat ends: {reason}");
    }
}
// ANCHOR_END: server

// ANCHOR: sensor
#[ambit::test]
async fn a_sensor_depends_only_on_its_recipient() -> Result<(), Box<dyn std::error::Error>> {
    let thermostat = Thermostat::start(20.0).await?;
    let to_thermostat: Recipient<Reading> = thermostat.recipient();

    to_thermostat.send(Reading(21.5)).await?;
    assert_eq!(thermostat.degrees().await?, 21.5);

    // The clock of a test is virtual: two minutes pass in no time.
    tokio::time::sleep(Duration::from_secs(121)).await;
    assert!(thermostat.is_stale().await?);
    Ok(())
}
// ANCHOR_END: sensor

// ANCHOR: plain
#[test]
fn without_a_runtime_it_is_a_struct() {
    let mut thermostat = Thermostat {
        degrees: 20.0,
        readings: 0,
        stale: false,
    };
    assert!(thermostat.set(95.0).is_err());
    thermostat.on_reading(Reading(18.0));
    assert_eq!(thermostat.degrees(), 18.0);
}
// ANCHOR_END: plain

// ANCHOR: starting
#[ambit::test]
async fn a_failed_start_returns_the_cause() {
    let refused = Thermostat::start(f64::NAN).await;
    let Err(StartError::Init(ExitReason::Error(report))) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(report.to_string(), "that is no temperature");
    assert!(report.downcast_ref::<io::Error>().is_some());

    let first = Thermostat::start(20.0).name("thermostat").await;
    let second = Thermostat::start(30.0).name("thermostat").await;
    let holder = first.map(|first| first.pid()).unwrap_or(Pid::NOBODY);
    assert_eq!(second.err(), Some(StartError::AlreadyRegistered { holder }));
}
// ANCHOR_END: starting

// ANCHOR: ends
#[ambit::test]
async fn a_server_ends_in_one_of_these_ways() -> Result<(), StartError> {
    // Somebody stops it: everything that was sent before is handled first.
    let stopped = Thermostat::start(20.0).await?;
    assert_eq!(stopped.stop().await, Ok(()));
    assert_eq!(stopped.closed().await, ExitReason::Normal);

    // A method returns an error that nobody waits for. A monitor sees the end from anywhere.
    let failed = Thermostat::start(20.0).await?;
    ambit::test::expect_crash(&failed);
    let monitor = failed.monitor();
    assert_eq!(failed.set(95.0).await, Ok(()));
    let down = monitor.await;
    assert_eq!(down.reason.to_string(), "95 degrees would boil the plants");

    // It is killed: no last words.
    let killed = Thermostat::start(20.0).await?;
    ambit::test::expect_crash(&killed);
    ambit::exit(&killed, ExitReason::Kill);
    assert_eq!(killed.closed().await, ExitReason::Killed);

    // The handle that owns it is dropped. Other handles neither keep a server nor end it.
    let owned = Thermostat::start(20.0).owned().await?;
    let handle = owned.clone();
    drop(owned);
    assert_eq!(handle.closed().await, ExitReason::Normal);
    Ok(())
}
// ANCHOR_END: ends

// ANCHOR: watching
struct Guard {
    fallen: Vec<String>,
}

#[gen_server]
impl Guard {
    #[call]
    fn watch(&mut self, ctx: &mut Context<Self>, whom: ThermostatSubject) {
        ctx.monitor(&whom);
    }

    #[call]
    fn fallen(&self) -> Vec<String> {
        self.fallen.clone()
    }

    #[info]
    fn on_down(&mut self, down: Down) {
        self.fallen.push(down.reason.to_string());
    }
}

#[ambit::test]
async fn a_guard_is_notified_of_each_exit_once() -> Result<(), Box<dyn std::error::Error>> {
    let thermostat = Thermostat::start(20.0).await?;
    let guard = Guard { fallen: Vec::new() }.start().await?;
    guard.watch(thermostat.clone()).await?;
    let reason = ExitReason::shutdown_with("summer");
    thermostat.stop_with(reason).await?;
    assert_eq!(guard.fallen().await?, ["shutdown: summer"]);
    Ok(())
}
// ANCHOR_END: watching

// ANCHOR: tasks
/// Fetches pages without ceasing to answer.
struct Library {
    pages: Vec<String>,
}

struct Fetched(String);

#[gen_server]
impl Library {
    #[cast]
    fn fetch(&mut self, ctx: &mut Context<Self>, page: String) {
        // Awaited here, the second would belong to every other caller too.
        ctx.spawn_task(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Fetched(page)
        });
    }

    #[info]
    fn on_fetched(&mut self, fetched: Fetched) {
        self.pages.push(fetched.0);
    }

    #[call]
    fn pages(&self) -> usize {
        self.pages.len()
    }
}

#[ambit::test]
async fn a_task_of_a_server_returns_its_result_as_an_info() -> Result<(), Box<dyn std::error::Error>>
{
    let library = Library { pages: Vec::new() }.start().await?;
    library.fetch("one".into()).await?;
    library.fetch("two".into()).await?;
    assert_eq!(library.pages().await?, 0);
    tokio::time::sleep(Duration::from_millis(1001)).await;
    assert_eq!(library.pages().await?, 2);
    Ok(())
}
// ANCHOR_END: tasks
