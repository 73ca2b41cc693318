//! The first program of the page "Configuration".

// ANCHOR: program
use std::error::Error;

use ambit::application::Config;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Settings {
    host: String,
    #[serde(default = "usual_port")]
    port: u16,
}

fn usual_port() -> u16 {
    8080
}

static SETTINGS: Config<Settings> = Config::new();

fn main() -> Result<(), Box<dyn Error>> {
    let settings = Config::loader()
        .text("shop.toml", "host = \"localhost\"")
        .environment("SHOP")
        .load()?;
    SETTINGS.set(settings)?;
    let settings = SETTINGS.get()?;
    println!("{}:{}", settings.host, settings.port);

    let slip = Config::<Settings>::loader()
        .text("shop.toml", "host = \"localhost\"\nprot = 80")
        .load();
    println!("{}", slip.err().ok_or("there is no such key")?);
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
