//! How a request is sent to the controller.

use std::time::Duration;

use super::Applications;
use super::plan::{Controller, Plan};
use crate::engine::reply::ReplyTo;
use crate::otp::application::core::Command;
use crate::otp::application::error::ApplicationError;
use crate::otp::application::graph::Key;
use crate::otp::application::group::Caller;
use crate::otp::application::protocol::Request;
use crate::supervisor::admin::AdminRequest;

impl Applications {
    pub(super) fn ask<R: Send + 'static>(
        &self,
        name: &str,
        command: fn(Key) -> Command,
        then: fn(Vec<String>) -> R,
    ) -> AdminRequest<Result<R, ApplicationError>> {
        let found = self.plan.clone().and_then(|plan| {
            let unknown = || ApplicationError::Unknown {
                application: name.to_owned(),
            };
            plan.graph.find(name).ok_or_else(unknown)
        });
        self.command(found.map(command), then)
    }

    pub(super) fn command<R: Send + 'static>(
        &self,
        command: Result<Command, ApplicationError>,
        then: fn(Vec<String>) -> R,
    ) -> AdminRequest<Result<R, ApplicationError>> {
        let own = self.clone();
        AdminRequest::new(
            move |timeout| {
                Box::pin(async move {
                    let command = command?;
                    let caller = Caller::current();
                    let request = |answer| Request::Do(command, caller, answer);
                    match own.send(timeout, request).await? {
                        Ok(names) => Ok(then(names)),
                        Err(error) => Err(own.cause(error).await),
                    }
                })
            },
            || Err(ApplicationError::BlocksRuntime),
        )
    }

    pub(super) fn question<A: Send + 'static>(
        &self,
        request: fn(ReplyTo<A>) -> Request,
    ) -> AdminRequest<Result<A, ApplicationError>> {
        let own = self.clone();
        AdminRequest::new(
            move |timeout| Box::pin(async move { own.send(timeout, request).await }),
            || Err(ApplicationError::BlocksRuntime),
        )
    }

    async fn send<A: Send + 'static>(
        &self,
        timeout: Option<Duration>,
        request: impl FnOnce(ReplyTo<A>) -> Request,
    ) -> Result<A, ApplicationError> {
        let (plan, controller) = self.begun()?;
        let call = controller.subject.call(request);
        let answer = match timeout {
            Some(timeout) => call.timeout(timeout).await,
            None => call.no_timeout().await,
        };
        match answer {
            Ok(answer) => Ok(answer),
            Err(error) => Err(plan.failed(controller, &error).await),
        }
    }

    /// Replaces `error` by the end of the application that terminates all others, if there is one. Waits for the
    /// controller to end then.
    async fn cause(&self, error: ApplicationError) -> ApplicationError {
        match self.begun() {
            Ok((plan, controller)) if plan.terminated.get().is_some() => plan.end(controller).await,
            _ => error,
        }
    }

    /// Returns the controller, and starts it if necessary.
    pub(super) fn begun(&self) -> Result<(&Plan, &Controller), ApplicationError> {
        let plan = self.plan.as_ref().map_err(Clone::clone)?;
        Ok((plan, plan.begin()?))
    }
}
