//! Starting a pool: the supervisor of its workers, and the manager.

use std::task::Context;

use crate::error::StartError;
use crate::handle::child_ref::{ChildKind, ChildRef};
use crate::handle::subject::Subject;
use crate::otp::pool::builder::{Config, PoolBuilder};
use crate::otp::pool::manager::{Manager, ManagerArgs};
use crate::otp::pool::{MANAGER, Pool};
use crate::server::start::start;
use crate::server::startable::{Launch, Settings, Startable};
use crate::supervisor::admin::Admin;
use crate::supervisor::builder::launch_plan;
use crate::supervisor::child_factory::ChildFactory;
use crate::supervisor::child_of::child_of;
use crate::supervisor::core::Flags;
use crate::supervisor::dynamic::DynamicSupervisor;
use crate::supervisor::handle::follow;
use crate::supervisor::policy::Strategy;
use crate::supervisor::shell::Plan;
use crate::supervisor::spec::ChildSpec;

/// The ids of a pool's children.
const WORKERS: &str = "workers";

impl<C: Startable> Startable for Pool<C> {
    type Handle = Self;
    type Args = PoolBuilder<C>;

    const __KIND: ChildKind = ChildKind::Supervisor;

    fn __launch(
        args: PoolBuilder<C>,
        settings: Settings<Self>,
        _: Option<&mut Context<'_>>,
    ) -> Launch<Self> {
        let config = args.into_config();
        match config.check() {
            Ok(()) => launch_plan(settings, || "Pool", |own| plan(own, config), Self::from),
            Err(text) => Launch::Done(Err(StartError::BadSpec(text))),
        }
    }

    fn __follow(child: ChildRef) -> Self {
        follow(child).into()
    }
}

/// The children of a pool. Neither can run without the other, and the manager's knowledge of the clients is lost with
/// it: if one of them ends, so does the pool.
fn plan<C: Startable>(own: &Subject<Admin>, config: Config<C>) -> Plan {
    let workers = DynamicSupervisor::child_spec().id(WORKERS);
    let found = DynamicSupervisor::__follow(child_of(own, WORKERS));
    let manager = ChildSpec::<Manager<C>>::from_fn(move || {
        start(ManagerArgs {
            config: config.clone(),
            workers: found.clone(),
        })
    });
    let children: [Box<dyn ChildFactory>; 2] = [Box::new(workers), Box::new(manager.id(MANAGER))];
    Plan {
        flags: Flags {
            strategy: Strategy::OneForAll,
            restarts: 0,
            ..Flags::default()
        },
        dynamic: None,
        children: children.into(),
    }
}
