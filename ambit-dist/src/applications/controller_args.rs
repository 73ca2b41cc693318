//! What the controller of an application knows about it.

use std::sync::Arc;
use std::time::Duration;

use ambit::prelude::*;
use ambit::process::Process;

use crate::applications::node_order::NodeOrder;
use crate::applications::start_type::StartType;
use crate::node::Node;
use crate::transport::BoxFuture;

pub(super) type OnStart =
    Arc<dyn Fn(StartType) -> BoxFuture<'static, Result<Process, ExitReason>> + Send + Sync>;
pub(super) type OnStop = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

#[derive(Clone)]
pub(super) struct ControllerArgs {
    pub(super) node: Node,
    pub(super) name: String,
    pub(super) order: NodeOrder,
    pub(super) failover_after: Duration,
    pub(super) sync_timeout: Duration,
    pub(super) overlaps: bool,
    pub(super) shutdown_timeout: Option<Duration>,
    pub(super) on_start: OnStart,
    pub(super) on_stop: OnStop,
}
