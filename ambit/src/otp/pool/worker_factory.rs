//! Starts one more worker from the common spec.

use std::sync::{Arc, OnceLock};

use crate::error::StartError;
use crate::server::startable::{Made, Startable};
use crate::supervisor::child_factory::{ChildFactory, Launching, caught, launching};
use crate::supervisor::core::Rules;
use crate::supervisor::policy::Restart;
use crate::supervisor::spec::ChildSpec;

/// One worker. The pool itself replaces it, so for its supervisor it is temporary.
pub(super) struct WorkerFactory<C: Startable> {
    spec: Arc<ChildSpec<C>>,
    id: Arc<str>,
    begun: BegunStart,
}

/// The process of the start that a factory has begun.
pub(super) type BegunStart = Arc<OnceLock<Made>>;

impl<C: Startable> WorkerFactory<C> {
    pub(super) fn boxed(
        spec: &Arc<ChildSpec<C>>,
        id: &Arc<str>,
        begun: &BegunStart,
    ) -> Box<dyn ChildFactory> {
        Box::new(Self {
            spec: spec.clone(),
            id: id.clone(),
            begun: begun.clone(),
        })
    }

    fn own_rules(&self) -> Rules {
        Rules {
            id: self.id.clone(),
            restart: Restart::Temporary,
            significant: false,
            backoff: None,
            ..self.spec.own_rules()
        }
    }
}

impl<C: Startable> ChildFactory for WorkerFactory<C> {
    fn rules(&self) -> Result<Rules, String> {
        Ok(self.own_rules())
    }

    fn start(
        &mut self,
        label: Option<Arc<str>>,
        made: Made,
    ) -> Result<(Rules, Launching), StartError> {
        self.begun.set(made.clone()).ok();
        let start = caught(|| self.spec.next_start())??;
        Ok((self.own_rules(), launching(start.supervised(label, made))))
    }

    /// The mailbox is not retained: messages for one client's worker must not reach another worker.
    fn dead_letter(&self) {}

    /// The spec is shared by all workers.
    fn let_go(&mut self) {}
}
