//! Creation of plain processes, which have an inbox.

use std::any::TypeId;
use std::sync::Arc;

use crate::engine::mailbox::DEFAULT_CAPACITY;
use crate::engine::mailbox::overflow::Overflow;
use crate::handle::protocol::Message;
use crate::handle::sink::PlainMessage;
use crate::pid::Pid;
use crate::process::cell::ProcessCell;
use crate::process::header::{ProcessHeader, ProcessKind, ProcessRef, TypeName};
use crate::process::system_inner::SystemInner;
use crate::process::{current, current_system, panic_hook};

/// The message type of a `main` or a test without an inbox; it has no values.
#[derive(Debug)]
pub enum NoMessage {}

impl Message for NoMessage {}

/// Creates a plain process with a pid and a mailbox, but without a task.
pub(super) fn make_plain<M: Message>(
    parent: Option<&ProcessRef>,
    type_name: TypeName,
) -> Arc<ProcessCell<PlainMessage<M>>> {
    panic_hook::install();
    // `System::within` takes precedence over the system of the parent.
    let of_parent = || parent.map(|parent| parent.core().system.clone());
    let system = current_system::said().or_else(of_parent);
    let system = system.or_else(current_system::current_or_new);
    let system = system.unwrap_or_else(SystemInner::nowhere);
    let ancestor = parent.map_or(Pid::NOBODY, |parent| parent.core().pid);
    let pid = system.table.reserve();
    make(ProcessHeader::new(
        pid,
        system,
        type_name,
        ProcessKind::Plain,
        ancestor,
        current::group(),
    ))
}

/// Creates the process of `main` or a test.
pub(crate) fn make_main<M: Message>(system: Arc<SystemInner>) -> Arc<ProcessCell<PlainMessage<M>>> {
    let pid = system.table.reserve();
    let kind = if TypeId::of::<M>() == TypeId::of::<NoMessage>() {
        ProcessKind::DeafMain
    } else {
        ProcessKind::Main
    };
    make(ProcessHeader::new(
        pid,
        system,
        || "main",
        kind,
        Pid::NOBODY,
        current::group(),
    ))
}

/// Creates a process without a task: the reader of its inbox acts for it.
pub(crate) fn make_side<M: Message>(
    system: Arc<SystemInner>,
    type_name: Option<TypeName>,
) -> Arc<ProcessCell<PlainMessage<M>>> {
    let pid = system.table.reserve();
    let type_name = type_name.unwrap_or(short_name::<M>);
    make(ProcessHeader::new(
        pid,
        system,
        type_name,
        ProcessKind::Side,
        current::pid(),
        current::group(),
    ))
}

fn make<M: Message>(core: ProcessHeader) -> Arc<ProcessCell<PlainMessage<M>>> {
    let pid = core.pid;
    let child = Arc::new(ProcessCell::new(core, DEFAULT_CAPACITY, Overflow::Wait));
    child.core.system.table.fill(pid, child.clone());
    child
}

/// Returns the name in listings of a process whose messages are `M`: the last part of the type's path.
pub(crate) fn short_name<M>() -> &'static str {
    let full = std::any::type_name::<M>();
    let head = full.split('<').next().unwrap_or(full);
    head.rsplit("::").next().unwrap_or(head)
}
