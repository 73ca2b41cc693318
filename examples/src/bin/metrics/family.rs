//! Servers of one kind, one per name, under a supervisor: started when a name first occurs.

use std::collections::BTreeMap;
use std::ops::Deref;

use ambit::prelude::*;
use ambit::server::Startable;

use crate::parser::Name;

/// Returns the child spec of the server of a name.
type Spec<S> = Box<dyn Fn(&Name) -> ChildSpec<S> + Send + Sync>;

/// The servers of one kind, as handles that follow their restarts.
pub(crate) struct Family<S: Startable> {
    supervisor: DynamicSupervisor,
    spec: Spec<S>,
    pub(crate) members: BTreeMap<Name, S::Handle>,
}

impl<S: Startable<Handle: Deref<Target = Process> + 'static>> Family<S> {
    /// Creates a family without members, which `spec` will start.
    pub(crate) fn new(
        supervisor: DynamicSupervisor,
        spec: impl Fn(&Name) -> ChildSpec<S> + Send + Sync + 'static,
    ) -> Self {
        Self {
            supervisor,
            spec: Box::new(spec),
            members: BTreeMap::new(),
        }
    }

    /// Returns the server of a name, which is started if there is none.
    pub(crate) async fn find(&mut self, name: &Name) -> Result<S::Handle, ChildError> {
        if let Some(member) = self.members.get(name) {
            return Ok(member.clone());
        }
        let member = self.supervisor.start_child((self.spec)(name)).await?;
        self.members.insert(name.clone(), member.clone());
        Ok(member)
    }

    /// Stops the server of a name, if there is one and it is not being restarted.
    pub(crate) async fn retire(&mut self, name: &Name) {
        if let Some(member) = self.members.get(name)
            && self.supervisor.terminate_child(member.pid()).await.is_ok()
        {
            self.members.remove(name);
        }
    }
}
