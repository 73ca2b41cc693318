//! The tests on the page "Servers".

// ANCHOR: server
use std::io;
use std::time::Duration;

use ambit::prelude::*;

/// A thermostat with callers, a sensor and a timer.
struct Thermostat {
    degrees: f64,
    readings: u32,
    stale: bool,
}

/// A reading of the sensor.
#[derive(Clone, Copy)]
struct Reading(f64);

/// A message of the timer.
#[derive(Clone)]
struct LookAtTheClock;

#[gen_server(mailbox = 64)]
impl Thermostat {
    /// Creates the state in the new process. The start waits for it.
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

    /// A call: the caller waits for the return value.
    #[call]
    fn degrees(&self) -> f64 {
        self.degrees
    }

    #[call]
    fn is_stale(&self) -> bool {
        self.stale
    }

    /// A cast: the sender does not wait for it. An `Err` ends the server.
    #[cast]
    fn set(&mut self, degrees: f64) -> Result<(), String> {
        if degrees > 90.0 {
            return Err(format!("{degrees} degrees would boil the plants"));
        }
        self.degrees = degrees;
        Ok(())
    }

    /// Infos: one method per message type.
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

    /// Runs at the end of the server.
    #[terminate]
    fn bye(&mut self, reason: &ExitReason) {
        println!("the thermostat ends: {reason}");
    }
}
// ANCHOR_END: server

// ANCHOR: sensor
#[ambit::test]
async fn a_sensor_has_only_a_recipient() -> Result<(), Box<dyn std::error::Error>> {
    let thermostat = Thermostat::start(20.0).await?;
    let to_thermostat: Recipient<Reading> = thermostat.recipient();

    to_thermostat.send(Reading(21.5)).await?;
    assert_eq!(thermostat.degrees().await?, 21.5);

    // The clock of a test is virtual: two minutes take no time.
    tokio::time::sleep(Duration::from_secs(121)).await;
    assert!(thermostat.is_stale().await?);
    Ok(())
}
// ANCHOR_END: sensor

// ANCHOR: plain
#[test]
fn a_server_is_a_plain_struct() {
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
async fn a_failed_start_returns_an_error() {
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
async fn the_ways_in_which_a_server_ends() -> Result<(), StartError> {
    // Stopped by a handle: earlier messages are handled first.
    let stopped = Thermostat::start(20.0).await?;
    assert_eq!(stopped.stop().await, Ok(()));
    assert_eq!(stopped.closed().await, ExitReason::Normal);

    // A cast returns an error. A monitor reports the end to any code.
    let failed = Thermostat::start(20.0).await?;
    ambit::test::expect_crash(&failed);
    let monitor = failed.monitor();
    assert_eq!(failed.set(95.0).await, Ok(()));
    let down = monitor.await;
    assert_eq!(down.reason.to_string(), "95 degrees would boil the plants");

    // Killed: `#[terminate]` does not run.
    let killed = Thermostat::start(20.0).await?;
    ambit::test::expect_crash(&killed);
    ambit::exit(&killed, ExitReason::Kill);
    assert_eq!(killed.closed().await, ExitReason::Killed);

    // The owned handle is dropped. Other handles neither keep a server alive nor end it.
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
async fn a_guard_gets_one_down_per_monitor() -> Result<(), Box<dyn std::error::Error>> {
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
/// Fetches pages and stays responsive.
struct Library {
    pages: Vec<String>,
}

struct Fetched(String);

#[gen_server]
impl Library {
    #[cast]
    fn fetch(&mut self, ctx: &mut Context<Self>, page: String) {
        // Awaiting here would delay every other caller by a second.
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
async fn the_result_of_a_task_arrives_as_an_info() -> Result<(), Box<dyn std::error::Error>> {
    let library = Library { pages: Vec::new() }.start().await?;
    library.fetch("one".into()).await?;
    library.fetch("two".into()).await?;
    assert_eq!(library.pages().await?, 0);
    tokio::time::sleep(Duration::from_millis(1001)).await;
    assert_eq!(library.pages().await?, 2);
    Ok(())
}
// ANCHOR_END: tasks
