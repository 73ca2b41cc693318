//! Runs applications until a signal of the operating system.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use crate::otp::application::controller::Applications;
use crate::otp::application::error::ApplicationError;
use crate::rt::signals::StopSignals;

/// The event that came first.
enum First<T> {
    Signal,
    Done(T),
}

impl Applications {
    /// Starts the application `name` with all its dependencies, and runs until SIGTERM or Ctrl-C. It then stops all
    /// applications in reverse start order, and returns `Ok` when they have stopped. A second signal kills all
    /// processes that have not stopped. (Erlang: a release handles SIGTERM in the same way.)
    ///
    /// From the first call on, ambit handles these signals, and they no longer end the program. On Windows it handles
    /// Ctrl-C, Ctrl-Break and the closing of the console window.
    ///
    /// # Errors
    /// - The errors of [`ensure_all_started`](Self::ensure_all_started).
    /// - `Terminated` if a `Permanent` application has ended by itself, or a `Transient` one with an abnormal reason.
    /// - `Ended` if the controller has ended for another reason, such as a stop of the system.
    /// - `Killed` after a second signal.
    /// - `Stuck` if a process of an application never suspends, so that it cannot be stopped.
    /// - `Signals` if the signals cannot be handled. Nothing was started.
    /// - `CallsItself` if called by a process of an application.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll starts nothing. Dropping it later leaves the applications in their
    /// current state: running, starting or stopping. The signals then have no effect until the next call.
    ///
    /// ```no_run
    /// use ambit::application::{Application, Applications};
    /// #[ambit::main]
    /// async fn main() -> Result<(), ambit::application::ApplicationError> {
    ///     Applications::new([Application::new("web")]).run("web").await
    /// }
    /// ```
    pub async fn run(&self, name: &str) -> Result<(), ApplicationError> {
        self.check()?;
        let mut signals = listen()?;
        match first(&mut signals, self.ensure_all_started(name)).await {
            First::Done(started) => drop(started?),
            First::Signal => return self.stop_or_kill(&mut signals).await,
        }
        self.until_signal(&mut signals).await
    }

    /// Waits for a signal and then stops the applications, like [`run`](Self::run), without starting an application
    /// first.
    ///
    /// # Errors
    /// The errors of [`run`](Self::run), except those of a start.
    ///
    /// # Cancel safety
    /// The same as for [`run`](Self::run).
    ///
    /// ```no_run
    /// use ambit::application::{Application, ApplicationError, Applications};
    /// #[ambit::main]
    /// async fn main() -> Result<(), ApplicationError> {
    ///     let apps = Applications::new([Application::new("db"), Application::new("web")]);
    ///     apps.start("db").await?;
    ///     apps.start("web").await?;
    ///     apps.run_until_signal().await
    /// }
    /// ```
    pub async fn run_until_signal(&self) -> Result<(), ApplicationError> {
        self.check()?;
        self.until_signal(&mut listen()?).await
    }

    async fn until_signal(&self, signals: &mut StopSignals) -> Result<(), ApplicationError> {
        match first(signals, self.closed()).await {
            First::Done(error) => Err(error),
            First::Signal => self.stop_or_kill(signals).await,
        }
    }

    async fn stop_or_kill(&self, signals: &mut StopSignals) -> Result<(), ApplicationError> {
        let mut stopping = self.stop_all();
        match first(signals, &mut stopping).await {
            First::Done(stopped) => stopped,
            First::Signal => {
                self.hurry().await?;
                stopping.await?;
                Err(ApplicationError::Killed)
            }
        }
    }
}

fn listen() -> Result<StopSignals, ApplicationError> {
    StopSignals::listen().map_err(|error| ApplicationError::Signals(error.to_string()))
}

/// Waits for `what`, or for a signal.
async fn first<F: Future>(signals: &mut StopSignals, what: F) -> First<F::Output> {
    let mut what = pin!(what);
    poll_fn(|cx| match signals.poll(cx) {
        Poll::Ready(()) => Poll::Ready(First::Signal),
        Poll::Pending => what.as_mut().poll(cx).map(First::Done),
    })
    .await
}
