//! The process that represents a distributed application on its node.

use std::sync::{Arc, OnceLock};

use ambit::prelude::*;
use ambit::process::Process;

use crate::applications::controller_args::ControllerArgs;
use crate::applications::error::DistributedApplicationError;
use crate::applications::runner::Runner;

/// The process that controls a distributed application on its node, from
/// [`DistributedApplication::child_spec`](crate::DistributedApplication::child_spec). When the controller ends, the
/// application has stopped on this node. If the controller is killed, the application is still shut down in order: a
/// restarted controller waits for this, but another node may start the application before the shutdown is complete.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::supervisor::ChildSpec;
/// use ambit_dist::{ApplicationController, DistributedApplication};
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let (stopped, has_stopped) = tokio::sync::watch::channel(false);
/// let billing = DistributedApplication::new(&node, "billing", |_| async { Agent::start(|| 0).await })
///     .nodes(["a"])
///     .on_stop(move || { stopped.send_replace(true); async {} });
/// let controller: ChildSpec<ApplicationController> = billing.child_spec();
/// let supervisor = Supervisor::builder().child(controller).start().await?;
/// billing.running().await;
/// supervisor.stop().await?;
/// assert!(*has_stopped.borrow(), "the application has ended with its controller");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ApplicationController {
    runner: Process,
    /// The reason why the runner has ended by itself.
    outcome: Arc<OnceLock<ExitReason>>,
}

#[gen_server(remote = "ambit.application_controller")]
impl ApplicationController {
    #[init]
    pub(super) fn new(
        ctx: &mut Context<Self>,
        args: Arc<ControllerArgs>,
    ) -> Result<Self, DistributedApplicationError> {
        // The end of the runner arrives as a message, because its reason is in the outcome.
        ctx.trap_exits(true);
        let (application, node) = (args.name.clone(), args.node.name().clone());
        if !args.order.contains(&node) {
            return Err(DistributedApplicationError::NotListed { application, node });
        }
        let local_name = format!("controller of the application {application} on {node}");
        if ambit::register(&local_name, &ctx.subject()).is_err() {
            return Err(DistributedApplicationError::AlreadyStarted { application, node });
        }
        let outcome = Arc::<OnceLock<ExitReason>>::default();
        let runner = Runner::<Self>::new(args, ctx.subject().into(), outcome.clone());
        let runner = ctx.spawn_link(move |inbox| runner.run(inbox));
        let runner = runner
            .map_err(|_| DistributedApplicationError::AlreadyStarted { application, node })?;
        Ok(Self {
            runner: runner.into(),
            outcome,
        })
    }

    #[info]
    fn exited(&mut self, ctx: &mut Context<Self>, exit: Exit) {
        if exit.from == self.runner.pid() {
            let outcome = self.outcome.get().cloned();
            ctx.stop(outcome.unwrap_or(exit.reason));
        }
    }

    #[terminate]
    async fn terminate(&mut self, _: &ExitReason) {
        ambit::exit(&self.runner, ExitReason::Shutdown);
        self.runner.closed().await;
    }
}
