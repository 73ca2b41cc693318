//! Reads the settings, and serves until Ctrl-C or SIGTERM.
#![forbid(unsafe_code)]

use std::error::Error;
use std::path::PathBuf;

use service::run::{Service, log_to_stderr, stop_signal};
use service::settings;

/// An argument is the path of a configuration file, which must exist. Without one, `service.toml` is read if it is
/// there.
#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).map(PathBuf::from);
    let settings = settings::load(file)?;
    log_to_stderr(&settings.log)?;
    let stop = stop_signal()?;
    let service = Service::start(settings).await?;
    tracing::info!(address = %service.address()?, "listening");
    service.run_until(stop).await
}
