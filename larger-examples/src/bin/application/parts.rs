//! The five applications: their dependencies, their start, and their output when they stop.

use std::future::pending;

use ambit::application::{Application, ConfigError};
use ambit::prelude::*;
use ambit::supervisor::{Restart, Supervisor};

use crate::SETTINGS;

/// The articles for sale.
pub(crate) struct Store {
    articles: Vec<String>,
}

#[gen_server]
impl Store {
    #[init]
    fn new() -> Result<Self, ConfigError> {
        let articles = SETTINGS.get()?.store.articles.clone();
        Ok(Self { articles })
    }

    #[call]
    pub(crate) fn articles(&self) -> Vec<String> {
        self.articles.clone()
    }
}

/// Greets the guests.
pub(crate) struct Door;

#[gen_server]
impl Door {
    #[init]
    fn new() -> Self {
        Self
    }

    #[call]
    pub(crate) fn enter(&self, guest: String) -> Result<String, ConfigError> {
        Ok(format!("{}, {guest}", SETTINGS.get()?.greeting))
    }

    #[terminate]
    fn close(&mut self, _: &ExitReason) {
        println!("the door is closed");
    }
}

/// Returns an application that prints when it is up and when it is down.
fn part<F>(name: &'static str, tree: F) -> Application
where
    F: Fn() -> ambit::server::Start<Supervisor> + Send + Sync + 'static,
{
    Application::new(name)
        .on_start(tree)
        .start_phase("announce", move || async move {
            println!("{name} is up");
            Ok::<_, ExitReason>(())
        })
        .on_stop(move || async move { println!("{name} is down") })
}

/// Returns the shop, and the applications it consists of.
pub(crate) fn all(flags: &[String]) -> [Application; 5] {
    let has = |flag: &str| flags.iter().any(|known| known == flag);
    let (stubborn, fragile) = (has("--stubborn"), has("--fragile"));
    let store = || ChildSpec::from_fn(|| Store::start().name("store"));
    let door = || ChildSpec::from_fn(|| Door::start().name("door"));
    let ledger = part("ledger", || Supervisor::builder().start()).on_stop(move || async move {
        println!("ledger is down");
        if stubborn {
            pending::<()>().await;
        }
    });
    let bell = Application::new("bell")
        .restart(Restart::Permanent)
        .on_start(move || async move {
            let life = move |_: Inbox<()>| async move {
                if !fragile {
                    pending::<()>().await;
                }
                ExitReason::shutdown_with("the bell has no power")
            };
            Ok::<_, ExitReason>(ambit::spawn(life))
        });
    [
        part("front", move || Supervisor::builder().child(door()).start())
            .depends_on("store")
            .depends_on("ledger")
            .optionally_depends_on("radio"),
        part("store", move || {
            Supervisor::builder().child(store()).start()
        }),
        ledger.depends_on("store"),
        Application::new("shop")
            .depends_on("front")
            .depends_on("bell"),
        bell,
    ]
}
