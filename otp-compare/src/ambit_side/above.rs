//! Requests to a supervisor about its children, for both kinds of supervisor.

use std::sync::Arc;

use ambit::error::{ChildError, StartError};
use ambit::process::Pid;
use ambit::supervisor::{
    AdminRequest, ChildCounts, ChildInfo, ChildState, DynamicSupervisor, Supervisor,
};

use crate::ambit_side::run::Run;
use crate::ambit_side::tree::Spec;
use crate::script::{Admin, Id, Kind};

/// A supervisor of either kind.
#[derive(Clone)]
pub(super) enum Above {
    Fixed(Supervisor),
    Dynamic(DynamicSupervisor),
}

impl Above {
    /// Returns the last supervisor that was started for this node.
    pub(super) fn last(run: &Run, id: Id) -> Self {
        let name = run.name(id);
        match run.script.node(id).kind {
            Kind::Dynamic { .. } => Self::Dynamic(DynamicSupervisor::named(&name)),
            _ => Self::Fixed(Supervisor::named(&name)),
        }
    }

    pub(super) async fn which_children(&self) -> Vec<ChildInfo> {
        let children = match self {
            Self::Fixed(above) => above.which_children().await,
            Self::Dynamic(above) => above.which_children().await,
        };
        children.unwrap_or_default()
    }

    pub(super) async fn count_children(&self) -> Option<ChildCounts> {
        let counts = match self {
            Self::Fixed(above) => above.count_children().await,
            Self::Dynamic(above) => above.count_children().await,
        };
        counts.ok()
    }

    async fn start(&self, spec: Spec) -> Result<(), ChildError> {
        match (self, spec) {
            (Self::Fixed(above), Spec::Plain(spec)) => started(above.start_child(spec)).await,
            (Self::Fixed(above), Spec::Trapping(spec)) => started(above.start_child(spec)).await,
            (Self::Fixed(above), Spec::Supervisor(spec)) => started(above.start_child(spec)).await,
            (Self::Fixed(above), Spec::Dynamic(spec)) => started(above.start_child(spec)).await,
            (Self::Dynamic(above), Spec::Plain(spec)) => started(above.start_child(spec)).await,
            (Self::Dynamic(above), Spec::Trapping(spec)) => started(above.start_child(spec)).await,
            (Self::Dynamic(_), _) => Err(ChildError::BadSpec("not a worker".into())),
        }
    }
}

/// Sends a request about a child to a supervisor; returns the reply in the words of both sides.
pub(super) async fn admin(run: &Arc<Run>, above: &Above, admin: Admin, id: Id) -> &'static str {
    let spec = Spec::of(run, run.script.node(id));
    let child = id.to_string();
    let done = match (admin, above) {
        (Admin::Terminate, Above::Fixed(above)) => above.terminate_child(&child).await,
        (Admin::Restart, Above::Fixed(above)) => above.restart_child(&child).await.map(drop),
        (Admin::Delete, Above::Fixed(above)) => above.delete_child(&child).await,
        (Admin::Start, Above::Fixed(_)) => above.start(spec).await,
        // A child of a dynamic supervisor has no id in OTP, so there may be any number of it; here there is only one.
        (Admin::Terminate, Above::Dynamic(supervisor)) => {
            let own = ambit::self_pid().unwrap_or(Pid::NOBODY);
            let whom = listed(run, above, id).await.and_then(pid).unwrap_or(own);
            supervisor.terminate_child(whom).await
        }
        (Admin::Start, Above::Dynamic(_)) => match listed(run, above, id).await {
            None => above.start(spec).await,
            Some(_) => Err(ChildError::Running),
        },
        (Admin::Restart | Admin::Delete, Above::Dynamic(_)) => Err(ChildError::NotFound),
    };
    in_words(&done)
}

/// Returns the state with which this child is listed.
pub(super) async fn listed(run: &Run, above: &Above, id: Id) -> Option<ChildState> {
    let children = above.which_children().await.into_iter();
    let mut states = children.map(|child| (run.listed_as(above, &child), child.state));
    states
        .find(|(name, _)| *name == id.to_string())
        .map(|(_, state)| state)
}

pub(super) fn pid(state: ChildState) -> Option<Pid> {
    match state {
        ChildState::Running(pid) => Some(pid),
        _ => None,
    }
}

fn in_words(done: &Result<(), ChildError>) -> &'static str {
    match done {
        Ok(()) => "ok",
        Err(ChildError::NotFound) => "not_found",
        Err(ChildError::Restarting) => "restarting",
        Err(ChildError::Running) => "running",
        Err(ChildError::AlreadyPresent) => "already_present",
        Err(ChildError::BadSpec(_)) => "bad_spec",
        Err(ChildError::Start(StartError::Ignored)) => "ignored",
        Err(ChildError::Start(_)) => "failed",
        Err(ChildError::NoProcess) => "gone",
        Err(_) => "another_error",
    }
}

async fn started<H>(start: AdminRequest<Result<H, ChildError>>) -> Result<(), ChildError> {
    start.await.map(drop)
}
