//! The life of the program: start, serve, drain, stop.

use std::error::Error;
use std::future::IntoFuture;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use crate::app::{App, AppSubject};
use crate::http;
use crate::settings::Settings;

/// A running tree with a bound port.
#[derive(Debug)]
pub struct Service {
    app: AppSubject,
    listener: TcpListener,
    drain: Duration,
}

impl Service {
    /// Binds the port, then starts the tree.
    ///
    /// # Errors
    /// If the port is in use, or a server does not start.
    pub async fn start(settings: Settings) -> Result<Self, Box<dyn Error>> {
        let listener = TcpListener::bind(settings.listen).await?;
        let links = settings.links;
        let app = App { links }.start().await?;
        Ok(Self {
            app,
            listener,
            drain: Duration::from_secs(settings.drain_seconds),
        })
    }

    /// Returns the address it listens on.
    ///
    /// # Errors
    /// If the operating system does not know it.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Returns the handle of the tree.
    #[must_use]
    pub fn app(&self) -> &AppSubject {
        &self.app
    }

    /// Serves until `stop` completes or the tree ends. Then it accepts no connection, waits for the requests in progress,
    /// and stops the tree.
    ///
    /// # Errors
    /// If the supervisor has given up.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> Result<(), Box<dyn Error>> {
        let (drain, drained) = oneshot::channel::<()>();
        let served = axum::serve(self.listener, http::routes(self.app.clone()))
            .with_graceful_shutdown(async { drained.await.unwrap_or_default() });
        let mut served = pin!(served.into_future());
        let ended = tokio::select! {
            ended = &mut served => return Ok(ended?),
            () = stop => None,
            down = self.app.monitor() => Some(down.reason),
        };
        if let Some(reason) = ended {
            return Err(format!("the supervisor has given up: {reason}").into());
        }
        tracing::info!("draining");
        drop(drain);
        if timeout(self.drain, served).await.is_err() {
            tracing::warn!(after = ?self.drain, "requests in progress are abandoned");
        }
        self.app.stop().await?;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Returns a future that completes at Ctrl-C or SIGTERM. From now on the signals no longer kill the program.
///
/// # Errors
/// If the operating system refuses the signal handlers.
#[cfg(unix)]
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Returns a future that completes at Ctrl-C.
///
/// # Errors
/// Never on this platform.
#[cfg(not(unix))]
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async { tokio::signal::ctrl_c().await.unwrap_or_default() })
}

/// Writes the log to standard error. Crash reports of servers are part of it.
///
/// # Errors
/// If `levels` is no list of levels, or another subscriber is installed.
pub fn log_to_stderr(levels: &str) -> Result<(), Box<dyn Error>> {
    let levels: Targets = levels.parse()?;
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    tracing_subscriber::registry()
        .with(lines)
        .with(levels)
        .try_init()?;
    Ok(())
}
