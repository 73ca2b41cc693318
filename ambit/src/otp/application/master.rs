//! The internal processes of an application: the master, which runs its start and to which its tree is linked, and the
//! process that runs `on_stop`.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::exit_reason::ExitReason;
use crate::handle::exits::ExitWait;
use crate::handle::protocol::Message;
use crate::otp::application::core::{Event, StartId};
use crate::otp::application::graph::Key;
use crate::otp::application::group::Group;
use crate::otp::application::protocol::{ControllerItem, ControllerSender};
use crate::otp::application::spec::{Application, OnStart, OnStop, Phase};
use crate::pid::Pid;
use crate::plain::inbox::Inbox;
use crate::plain::inbox_event::InboxEvent as Heard;
use crate::plain::spawn;
use crate::process::header::ProcessRef;
use crate::process::{adopt, current, process_task};

/// The name of the master of an application in listings; it receives no messages.
#[derive(Debug)]
enum ApplicationMaster {}

impl Message for ApplicationMaster {}

/// The name of the process that runs `on_stop` in listings.
#[derive(Debug)]
enum ApplicationStop {}

impl Message for ApplicationStop {}

/// The input of a master.
pub(super) struct Orders {
    pub(super) key: Key,
    pub(super) start_id: StartId,
    pub(super) group: Group,
    pub(super) teller: ControllerSender,
    name: Arc<str>,
    on_start: Option<OnStart>,
    phases: Vec<(Arc<str>, Phase)>,
}

impl Orders {
    pub(super) fn new(
        of: &Application,
        key: Key,
        start_id: StartId,
        group: Group,
        teller: ControllerSender,
    ) -> Self {
        Self {
            key,
            start_id,
            group,
            teller,
            name: of.declared.name.clone(),
            on_start: of.on_start.clone(),
            phases: of.phases.clone(),
        }
    }
}

/// Starts the master of an application, linked to the controller.
pub(super) fn launch(controller: &ProcessRef, orders: Orders) -> ProcessRef {
    let boss = controller.core().pid;
    let body = move |mut inbox: Inbox<ApplicationMaster>| async move {
        orders.group.enter();
        inbox.label(&orders.name);
        // Linked processes may end: only the end of the tree ends the application.
        inbox.trap_exits(true);
        let (key, start_id) = (orders.key, orders.start_id);
        let mut start = pin!(start(&orders));
        let outcome = poll_fn(|cx| match poll_asked_to_end(&mut inbox, boss, cx) {
            Poll::Ready(reason) => Poll::Ready(Err(reason)),
            Poll::Pending => start.as_mut().poll(cx).map(Ok),
        });
        match outcome.await {
            Ok(Ok(())) => orders
                .teller
                .tell(ControllerItem::Event(Event::Started(key, start_id))),
            Ok(Err(reason)) => orders
                .teller
                .tell(ControllerItem::Event(Event::Failed(key, start_id, reason))),
            Err(reason) => return reason,
        }
        poll_fn(|cx| poll_asked_to_end(&mut inbox, boss, cx)).await
    };
    spawn::linked_process::<ApplicationMaster, _, _>(controller, body)
}

/// Runs `on_stop` in a process linked to the controller.
pub(super) fn call(
    controller: &ProcessRef,
    name: &Arc<str>,
    group: Group,
    stop: OnStop,
) -> ProcessRef {
    let label = name.clone();
    let body = move |mut inbox: Inbox<ApplicationStop>| async move {
        group.enter();
        inbox.label(&label);
        stop().await;
    };
    spawn::linked_process::<ApplicationStop, _, _>(controller, body)
}

/// Ready when the controller or the system sends an exit signal, or the controller has ended.
fn poll_asked_to_end(
    inbox: &mut Inbox<ApplicationMaster>,
    boss: Pid,
    cx: &mut Context<'_>,
) -> Poll<ExitReason> {
    loop {
        if let Heard::Exit(exit) = std::task::ready!(inbox.poll_next(cx))
            && (exit.from == boss || exit.from == Pid::NOBODY)
        {
            return Poll::Ready(exit.reason);
        }
    }
}

/// Runs `on_start`, then the phases. A panic in them is the reason of the failed start.
async fn start(orders: &Orders) -> Result<(), ExitReason> {
    let top = match &orders.on_start {
        Some(on_start) => Some(caught(async { on_start().await }).await?),
        None => None,
    };
    if let Some(top) = &top {
        must_be_alive(top).await?;
        adopt::adopt(top);
    }
    orders
        .teller
        .tell(ControllerItem::Up(orders.key, orders.start_id, top.clone()));
    for (name, phase) in &orders.phases {
        let done = caught(async { phase().await }).await;
        done.inspect_err(|reason| tracing::debug!(application = %orders.name, phase = %name, %reason, "a start phase failed"))?;
    }
    match &top {
        Some(top) => must_be_alive(top).await,
        None => Ok(()),
    }
}

/// Fails with the exit reason of a process that has ended or is ending.
async fn must_be_alive(top: &ProcessRef) -> Result<(), ExitReason> {
    if top.core().is_alive() {
        return Ok(());
    }
    Err(ExitWait::watch(top).await)
}

async fn caught<T>(user: impl Future<Output = Result<T, ExitReason>>) -> Result<T, ExitReason> {
    let quiet = current::panic_settings().unwrap_or_default();
    let outcome = process_task::caught(user, quiet).await;
    outcome.unwrap_or_else(|report| Err(ExitReason::Panic(report)))
}
