//! The list of applications behind the handles, and the start of its controller.

use std::sync::OnceLock;

use parking_lot::Mutex;

use crate::error::CallError;
use crate::exit_reason::ExitReason;
use crate::handle::exits::ExitWait;
use crate::handle::subject::Subject;
use crate::otp::application::error::ApplicationError;
use crate::otp::application::graph::Graph;
use crate::otp::application::protocol::ControllerProtocol;
use crate::otp::application::shell::{self, Terminated};
use crate::otp::application::spec::Application;
use crate::process::current_system;
use crate::process::header::ProcessRef;

pub(super) struct Plan {
    pub(super) graph: Graph,
    /// The specs, until the controller starts.
    pub(super) specs: Mutex<Option<Vec<Application>>>,
    controller: OnceLock<Controller>,
    pub(super) terminated: Terminated,
}

pub(super) struct Controller {
    pub(super) subject: Subject<ControllerProtocol>,
    process: ProcessRef,
}

impl Plan {
    pub(super) fn new(graph: Graph, specs: Vec<Application>) -> Self {
        Self {
            graph,
            specs: Mutex::new(Some(specs)),
            controller: OnceLock::new(),
            terminated: Terminated::default(),
        }
    }

    /// Returns the controller, and starts it if necessary.
    pub(super) fn begin(&self) -> Result<&Controller, ApplicationError> {
        if let Some(controller) = self.controller.get() {
            return Ok(controller);
        }
        let system = current_system::current_or_new().ok_or(ApplicationError::NoRuntime)?;
        let runtime = system
            .handle()
            .cloned()
            .ok_or(ApplicationError::NoRuntime)?;
        let mut specs = self.specs.lock();
        Ok(self.controller.get_or_init(|| {
            let specs = specs.take().unwrap_or_default();
            let graph = self.graph.clone();
            let cell = shell::launch(&system, &runtime, graph, specs, self.terminated.clone());
            Controller {
                subject: Subject::fixed(cell.clone()),
                process: cell,
            }
        }))
    }

    pub(super) async fn failed(
        &self,
        controller: &Controller,
        error: &CallError,
    ) -> ApplicationError {
        match ApplicationError::from_call(error) {
            Some(error) => error,
            None => self.end(controller).await,
        }
    }

    /// Waits for the end of the controller.
    pub(super) async fn end(&self, controller: &Controller) -> ApplicationError {
        let reason: ExitReason = ExitWait::watch(&controller.process).await;
        match self.terminated.get() {
            Some((application, reason)) => ApplicationError::Terminated {
                application: application.clone(),
                reason: reason.clone(),
            },
            None => ApplicationError::Ended(reason),
        }
    }
}
