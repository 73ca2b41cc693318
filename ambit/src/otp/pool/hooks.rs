//! Hooks: user code that checks workers.

use std::sync::Arc;

use crate::exit_reason::ExitReason;
use crate::otp::pool::core::Hook;
use crate::process::process_task;
use crate::rt::BoxFuture;
use crate::server::gen_server::Flow;
use crate::server::glue::IntoFlow;
use crate::server::startable::Startable;

type Look<C> = Arc<dyn Fn(<C as Startable>::Handle) -> BoxFuture<'static, Flow> + Send + Sync>;

/// The hook of each occasion.
pub(super) struct Hooks<C: Startable> {
    pub(super) checkout: Option<Look<C>>,
    pub(super) checkin: Option<Look<C>>,
    pub(super) ping: Option<Look<C>>,
}

impl<C: Startable> Default for Hooks<C> {
    fn default() -> Self {
        Self {
            checkout: None,
            checkin: None,
            ping: None,
        }
    }
}

impl<C: Startable> Clone for Hooks<C> {
    fn clone(&self) -> Self {
        Self {
            checkout: self.checkout.clone(),
            checkin: self.checkin.clone(),
            ping: self.ping.clone(),
        }
    }
}

impl<C: Startable> Hooks<C> {
    /// Runs the hook of this occasion; returns the reason if the worker is to end. A panic is such a reason.
    pub(super) async fn run(
        self,
        hook: Hook,
        worker: C::Handle,
        quiet: bool,
    ) -> Result<(), ExitReason> {
        let look = match hook {
            Hook::Checkout => self.checkout,
            Hook::Checkin => self.checkin,
            Hook::Ping => self.ping,
        };
        let Some(look) = look else {
            return Ok(());
        };
        match process_task::caught(async move { look(worker).await }, quiet).await {
            Ok(Flow::Continue) => Ok(()),
            Ok(Flow::Stop(reason)) => Err(reason),
            Err(report) => Err(ExitReason::Panic(report)),
        }
    }
}

/// Boxes the user's closure.
pub(super) fn look<C, F, Fut>(hook: F) -> Look<C>
where
    C: Startable,
    F: Fn(C::Handle) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoFlow> + Send + 'static,
{
    Arc::new(move |worker| {
        let looking = hook(worker);
        Box::pin(async move { looking.await.into_flow() })
    })
}
