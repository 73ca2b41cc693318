//! Three applications that depend on each other, configured by a file and the environment, with ordered start and stop.
//!
//! `--forever` runs until SIGTERM or Ctrl-C. `SHOP__GREETING=hello` changes the greeting, and `SHOP__GREETNIG=hello` is
//! rejected. `--stubborn` adds a part that never stops: a second signal kills it. `--fragile` adds one that ends by
//! itself.
#![forbid(unsafe_code)]

mod parts;

use std::error::Error;
use std::time::Duration;

use ambit::application::{Applications, Config};
use serde::Deserialize;

use crate::parts::{DoorSubject, StoreSubject};

#[derive(Debug, Deserialize)]
struct Settings {
    greeting: String,
    store: Articles,
}

#[derive(Debug, Deserialize)]
struct Articles {
    articles: Vec<String>,
}

static SETTINGS: Config<Settings> = Config::new();

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let flags: Vec<_> = std::env::args().skip(1).collect();
    let settings = Config::loader()
        .text("shop.toml", include_str!("shop.toml"))
        .environment("SHOP")
        .validate(|settings: &Settings| match settings.store.articles.len() {
            0 => Err("a shop needs articles"),
            _ => Ok(()),
        });
    let apps = Applications::new(parts::all(&flags)).with_config(&SETTINGS, settings);
    if flags.iter().any(|flag| flag == "--forever") {
        return Ok(apps.run("shop").await?);
    }
    let started = apps.ensure_all_started("shop").await?;
    println!("started: {}", started.join(", "));
    let greeting = DoorSubject::named("door").enter("Ada".into()).await??;
    println!(
        "{greeting}: {}",
        StoreSubject::named("store").articles().await?.join(" and ")
    );
    apps.stop_all().timeout(Duration::from_secs(5)).await?;
    println!("running: {}", apps.running().await?.len());
    Ok(())
}
