//! A state machine is a server: names, monitors, suspension, introspection, infos, type parameters.

use std::fmt::Debug;
use std::time::Duration;

use ambit::prelude::*;
use ambit::sys;
use ambit::test::settle;

use super::SECOND;
use crate::support::log::Log;

/// Monitors a process, and has a button with one method per state.
#[derive(Clone)]
struct Watch {
    log: Log,
}

#[derive(Clone)]
struct Tick(u32);

#[state_machine(states = [Off, On], mailbox = 8)]
impl Watch {
    #[init(On)]
    fn new(ctx: &mut Context<Self>, log: Log, on: bool) -> Self {
        if on {
            ctx.start_in(WatchState::On);
        }
        Self { log }
    }

    #[cast(Off => On, event = press)]
    fn switch_on(&mut self, hard: bool) {
        self.log.add(format!("on {hard}"));
    }

    #[cast(On => Off | stay, event = press)]
    fn switch_off(&mut self, hard: bool) -> WatchSwitchOffTo {
        self.log.add(format!("off {hard}"));
        if hard {
            WatchSwitchOffTo::Off
        } else {
            WatchSwitchOffTo::Stay
        }
    }

    #[call]
    fn follow(&mut self, ctx: &mut Context<Self>, other: Process) {
        ctx.monitor(&other);
    }

    #[call]
    fn tick_after(&mut self, ctx: &mut Context<Self>, time: Duration) {
        ctx.send_after(time, Tick(1));
    }

    #[info(_ => Off)]
    fn on_down(&mut self, down: Down) {
        self.log.add(format!("down: {}", down.reason));
    }

    #[info(On => stay, Off => postpone)]
    fn on_tick(&mut self, tick: Tick) {
        self.log.add(format!("tick {}", tick.0));
    }
}

#[ambit::test]
async fn two_methods_can_handle_one_event() {
    let log = Log::new();
    let watch = Watch::start(log.clone(), false).await.unwrap();
    watch.press(false).await.unwrap();
    watch.press(false).await.unwrap();
    watch.press(true).await.unwrap();
    watch.press(true).await.unwrap();
    settle().await;
    assert_eq!(log.take(), ["on false", "off false", "off true", "on true"]);
}

#[ambit::test]
async fn infos_are_events() {
    let log = Log::new();
    let watch = Watch::start(log.clone(), true).await.unwrap();
    let other = ambit::spawn(|mut inbox: Inbox<()>| async move {
        inbox.recv().await;
    });
    let process: &Process = &other;
    watch.follow(process.clone()).await.unwrap();
    watch.tick_after(SECOND).await.unwrap();
    watch.recipient::<Tick>().send(Tick(2)).await.unwrap();
    tokio::time::sleep(2 * SECOND).await;
    assert_eq!(log.take(), ["tick 2", "tick 1"]);
    other.send(()).await.unwrap();
    settle().await;
    watch.recipient::<Tick>().send(Tick(3)).await.unwrap();
    settle().await;
    assert_eq!(log.take(), ["down: normal"]);
    watch.press(true).await.unwrap();
    settle().await;
    assert_eq!(log.take(), ["on true", "tick 3"]);
}

#[ambit::test]
async fn a_machine_has_names_and_can_be_suspended() {
    let watches: Registry<String, Watch> = Registry::unique();
    let log = Log::new();
    let start = Watch::start(log.clone(), false).via(&watches, "first");
    let watch = start.name("watch").await.unwrap();
    assert_eq!(ambit::whereis::<Watch>("watch").unwrap(), watch);
    let same = watches.lookup("first").unwrap();
    sys::suspend(&watch).await.unwrap();
    same.press(true).await.unwrap();
    settle().await;
    assert!(log.is_empty());
    sys::resume(&watch).await.unwrap();
    settle().await;
    assert_eq!(log.take(), ["on true"]);
    assert!(sys::state_of::<Watch>(&watch).await.is_ok());
    assert_eq!(
        format!("{watch:?}"),
        format!("Watch{} \"watch\"", watch.pid())
    );
}

/// A machine with type parameters, and no message that uses one.
struct Buffer<T> {
    items: Vec<T>,
}

#[state_machine(states = [Empty, Filled])]
impl<T: Debug + Clone> Buffer<T> {
    #[cast(_ => Filled)]
    fn put(&mut self, item: T) {
        self.items.push(item);
    }

    #[call(Empty => postpone, Filled => Empty | stay)]
    fn take(&mut self) -> (BufferTakeTo, Option<T>) {
        let item = self.items.pop();
        let next = if self.items.is_empty() {
            BufferTakeTo::Empty
        } else {
            BufferTakeTo::Stay
        };
        (next, item)
    }
}

#[ambit::test]
async fn a_machine_can_have_type_parameters() {
    let items = Vec::new();
    let buffer = Buffer::<String> { items }.start().await.unwrap();
    let first = buffer.take().send();
    settle().await;
    buffer.put("one".into()).await.unwrap();
    assert_eq!(first.await, Ok(Some("one".into())));
}
