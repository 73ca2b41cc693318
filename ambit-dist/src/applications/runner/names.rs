//! The names with which a node shows the others the state of an application.

use std::time::Duration;

use ambit::message::Remote;
use ambit::prelude::*;

use crate::applications::cluster_names::{self, ApplicationKey};
use crate::applications::decision::ClusterView;
use crate::applications::error::DistributedApplicationError;
use crate::applications::runner::Runner;
use crate::applications::timers::Due;
use crate::names::error::RegisterNameError;

/// The time after which a registration that another node has refused is tried again.
const RETRY: Duration = Duration::from_millis(250);

impl<A: Remote> Runner<A> {
    /// Registers the application as running if it runs here and another node was registered, for example after a
    /// partition.
    pub(super) async fn show_running(
        &mut self,
        inbox: &mut Inbox<()>,
        view: &ClusterView,
    ) -> Result<(), ExitReason> {
        let own = Some(self.args.node.name());
        if self.top.is_some()
            && view.holder.as_ref() == own
            && cluster_names::node_of(&self.registry, &ApplicationKey::Running).as_ref() != own
        {
            self.hold(inbox, ApplicationKey::Running, true).await?;
        }
        Ok(())
    }

    /// Registers that this node waits for the one that was lost, so that all controllers know it, also one that has
    /// restarted. The name stays until a node holds the application.
    pub(super) async fn show_awaited(
        &mut self,
        inbox: &mut Inbox<()>,
        view: &ClusterView,
    ) -> Result<(), ExitReason> {
        let waits = !self.args.failover_after.is_zero();
        let awaited = self.decider.awaited(view).filter(|_| waits);
        let awaited = awaited.map(|node| ApplicationKey::Awaited {
            node: node.to_string(),
            by: self.args.node.name().to_string(),
        });
        if awaited == self.awaited || (awaited.is_none() && view.holder.is_none()) {
            return Ok(());
        }
        if let Some(before) = self.awaited.take() {
            self.release(&before);
        }
        if let Some(key) = awaited
            && self.hold(inbox, key.clone(), false).await?
        {
            self.awaited = Some(key);
        }
        Ok(())
    }

    /// Registers the controller under a name, and takes it from another node if `replaces` is set. Returns whether it
    /// has the name.
    pub(super) async fn hold(
        &mut self,
        inbox: &mut Inbox<()>,
        key: ApplicationKey,
        replaces: bool,
    ) -> Result<bool, ExitReason> {
        let (registry, controller) = (self.registry.clone(), self.controller.clone());
        let registration = match replaces {
            true => registry.re_register(key, &controller, ()),
            false => registry.register(key, &controller, ()),
        };
        let priority = self.args.order.priority(self.args.node.name());
        let registration = registration.priority(priority).into_future();
        match self.unless_ended(inbox, registration).await? {
            Ok(()) => Ok(true),
            // The node will not come back. The supervisor of the controller ends it.
            Err(RegisterNameError::Left) => Ok(false),
            // Another node has the name, or has taken it before all members had acknowledged this registration.
            Err(RegisterNameError::Taken { .. } | RegisterNameError::Withdrawn) => {
                // One retry decides anew, whatever the number of refused names.
                if !self.timers.has(Due::Retry) {
                    self.timers.add(RETRY, Due::Retry);
                }
                Ok(false)
            }
            Err(error) => {
                let application = self.args.name.clone();
                let error = DistributedApplicationError::Register { application, error };
                Err(ambit::distribution::error_reason(error))
            }
        }
    }

    /// Releases a name of the controller. A later controller on this node may hold it already.
    pub(super) fn release(&self, key: &ApplicationKey) {
        self.registry.unregister_subject(key, &self.controller);
    }
}
