//! The nodes of a script as ambit's own supervisors and child specs.

use std::sync::Arc;
use std::time::Duration;

use ambit::server::{Start, Startable};
use ambit::supervisor::{ChildSpec, DynamicSupervisor, Supervisor};

use crate::ambit_side::run::{Run, name};
use crate::ambit_side::worker::{plain, trapping};
use crate::script::{AutoShutdown, Id, Kind, Node, Restart, Shutdown, Strategy};
use crate::trace::Life;

/// Starts this node, which is a dynamic supervisor.
fn dynamic(run: &Arc<Run>, id: Id, restarts: u32, within: Duration) -> Start<DynamicSupervisor> {
    let attempt = run.attempt(id);
    run.life(id, attempt, Life::Started);
    let builder = DynamicSupervisor::builder().restarts(restarts, within);
    builder.start().name(name(id, attempt))
}

/// Starts this node, which is a supervisor.
pub(super) fn supervisor(run: &Arc<Run>, id: Id) -> Start<Supervisor> {
    let attempt = run.attempt(id);
    run.life(id, attempt, Life::Started);
    let mut builder = Supervisor::builder();
    if let Kind::Supervisor {
        strategy,
        intensity,
        period,
        auto_shutdown,
    } = run.script.node(id).kind
    {
        builder = builder
            .strategy(strategy.into())
            .restarts(intensity, Duration::from_secs(period.into()))
            .auto_shutdown(auto_shutdown.into());
    }
    for node in run.script.children(id).filter(|node| node.initial) {
        builder = match Spec::of(run, node) {
            Spec::Plain(spec) => builder.child(spec),
            Spec::Trapping(spec) => builder.child(spec),
            Spec::Supervisor(spec) => builder.child(spec),
            Spec::Dynamic(spec) => builder.child(spec),
        };
    }
    builder.start().name(name(id, attempt))
}

/// The child spec of a node.
pub(super) enum Spec {
    Plain(ChildSpec<super::worker::Plain>),
    Trapping(ChildSpec<super::worker::Trapping>),
    Supervisor(ChildSpec<Supervisor>),
    Dynamic(ChildSpec<DynamicSupervisor>),
}

impl Spec {
    pub(super) fn of(run: &Arc<Run>, node: &Node) -> Self {
        let id = node.id;
        match node.kind {
            Kind::Worker { traps: false, .. } => {
                Self::Plain(spec(run, node, move |run| plain(run, id)))
            }
            Kind::Worker { lingers, .. } => {
                let lingers = Duration::from_millis(lingers.into());
                Self::Trapping(spec(run, node, move |run| trapping(run, id, lingers)))
            }
            Kind::Supervisor { .. } => {
                Self::Supervisor(spec(run, node, move |run| supervisor(run, id)))
            }
            Kind::Dynamic {
                intensity, period, ..
            } => {
                let period = Duration::from_secs(period.into());
                Self::Dynamic(spec(run, node, move |run| {
                    dynamic(run, id, intensity, period)
                }))
            }
        }
    }
}

fn spec<C: Startable>(
    run: &Arc<Run>,
    node: &Node,
    start: impl Fn(&Arc<Run>) -> Start<C> + Send + Sync + 'static,
) -> ChildSpec<C> {
    let run = run.clone();
    ChildSpec::from_fn(move || start(&run))
        .id(node.id.to_string())
        .restart(node.restart.into())
        .shutdown(node.shutdown)
        .significant(node.significant)
}

impl From<Strategy> for ambit::supervisor::Strategy {
    fn from(strategy: Strategy) -> Self {
        match strategy {
            Strategy::OneForOne => Self::OneForOne,
            Strategy::OneForAll => Self::OneForAll,
            Strategy::RestForOne => Self::RestForOne,
        }
    }
}

impl From<Restart> for ambit::supervisor::Restart {
    fn from(restart: Restart) -> Self {
        match restart {
            Restart::Permanent => Self::Permanent,
            Restart::Transient => Self::Transient,
            Restart::Temporary => Self::Temporary,
        }
    }
}

impl From<Shutdown> for ambit::supervisor::Shutdown {
    fn from(shutdown: Shutdown) -> Self {
        match shutdown {
            Shutdown::Brutal => Self::Brutal,
            Shutdown::Millis(millis) => Self::After(Duration::from_millis(millis.into())),
            Shutdown::Infinity => Self::Infinity,
        }
    }
}

impl From<AutoShutdown> for ambit::supervisor::AutoShutdown {
    fn from(auto_shutdown: AutoShutdown) -> Self {
        match auto_shutdown {
            AutoShutdown::Never => Self::Never,
            AutoShutdown::Any => Self::Any,
            AutoShutdown::All => Self::All,
        }
    }
}
