//! The far process of a run: serves until the near one has ended.

use std::io::{self, BufRead, Write};

use super::ambit::Ambit;
use super::pki::Secrets;
use super::quic::Quinn;
use super::system::{Failure, Id, System};
use super::tcp::Tcp;
use crate::runtime;

/// The first argument of such a process.
pub(crate) const COMMAND: &str = "far";

/// `far SYSTEM`: reads its secrets from its input, prints its address, and ends with its input.
pub(crate) fn main(system: &str) -> Result<(), String> {
    let id = Id::named(system).ok_or_else(|| format!("there is no system `{system}`"))?;
    let result = match id {
        Id::Tcp => serve::<Tcp>(),
        Id::Quinn => serve::<Quinn>(),
        Id::Ambit => serve::<Ambit>(),
        #[cfg(feature = "ractor-cluster")]
        Id::Ractor => serve::<super::ractor::Ractor>(),
        #[cfg(not(feature = "ractor-cluster"))]
        Id::Ractor => Err("built without the feature `ractor-cluster`".into()),
        Id::Kameo => Err("kameo has only rows of three nodes".into()),
        Id::Erlang | Id::ErlangTls => Err("Erlang has its own far side".into()),
    };
    result.map_err(|error| error.to_string())
}

fn serve<S: System>() -> Result<(), Failure> {
    let secrets = Secrets::read(&mut io::stdin().lock())?;
    runtime::run(async move {
        let (far, address) = S::serve(&secrets).await?;
        println!("{address}");
        io::stdout().flush()?;
        tokio::task::spawn_blocking(wait_for_the_end).await?;
        drop(far);
        Ok::<(), Failure>(())
    })?;
    // Ends without waiting for the remaining tasks.
    std::process::exit(0)
}

/// Waits for the end of the input.
pub(crate) fn wait_for_the_end() {
    let mut line = String::new();
    while matches!(io::stdin().lock().read_line(&mut line), Ok(1..)) {
        line.clear();
    }
}
