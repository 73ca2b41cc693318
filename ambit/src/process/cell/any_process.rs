//! A typed process, as those see it that do not know its type.

use std::any::Any;
use std::sync::Arc;
use std::task::Waker;

use crate::engine::mailbox::queue_snapshot::QueueSnapshot;
use crate::engine::mailbox::{Mailbox, Withdrawn};
use crate::engine::queue_ticket::{QueueTicket, TicketOutcome};
use crate::engine::wake::Wake;
use crate::panics;
use crate::process::control_lane::ControlLane;
use crate::process::dead_letter::{Content, LetterKind, Undelivered};
use crate::process::header::{
    AnyProcess, Notice, ProcessHeader, ProcessKind, RemainingQueue, Stage,
};
use crate::process::idle_tasks::ReapOutcome;

use super::unhandled::Unhandled;
use super::{ProcessCell, RunnerState};
use crate::process::mailbox_item::MailboxItem;
use crate::process::system_message::SystemMessage;

impl<M: MailboxItem, L: RunnerState<M>> AnyProcess for ProcessCell<M, L> {
    fn core(&self) -> &ProcessHeader {
        &self.core
    }

    fn notify(&self, notice: Notice) -> (Option<Notice>, Wake) {
        let system = match notice {
            Notice::Exit(exit) if self.core.kind == ProcessKind::DeafMain => {
                self.core.dead_letter(
                    LetterKind::Exit,
                    Undelivered::Unhandled,
                    Content::new(exit.take()),
                );
                return (None, Wake::None);
            }
            Notice::Down(down) if self.core.kind == ProcessKind::DeafMain => {
                self.core
                    .dead_letter(LetterKind::Down, Undelivered::Unhandled, Content::new(down));
                return (None, Wake::None);
            }
            Notice::Exit(exit) => SystemMessage::Exit(Box::new(exit)),
            Notice::Down(down) => SystemMessage::Down(Box::new(down)),
            Notice::Stop(reason) => SystemMessage::Stop(reason.into()),
        };
        let (pushed, wake) = self.cell.push_system(system);
        (pushed.err().and_then(SystemMessage::into_notice), wake)
    }

    fn control(&self, what: &mut dyn FnMut(&mut ControlLane)) {
        let ((), wake) = self.cell.control(|inner| {
            what(&mut inner.control);
            self.core.call_attention();
        });
        self.wake(wake);
    }

    fn wake(&self, wake: Wake) {
        match wake {
            Wake::None => {}
            Wake::Task(task) => task.wake(),
            Wake::Spawn => {
                // It has work, so it has not ended, and a process that has not ended is in the table.
                if let Some(process) = self.core.system.table.get(self.core.pid) {
                    process.spawn();
                }
            }
        }
    }

    fn spawn(self: Arc<Self>) {
        L::spawn(self);
    }

    fn dismiss_task(&self) -> bool {
        self.cell.dismiss_task()
    }

    fn reap(&self) -> ReapOutcome {
        match self.cell.reap() {
            Some(wake) => {
                self.wake(wake);
                ReapOutcome::Over
            }
            None => ReapOutcome::Again,
        }
    }

    fn end_incarnation(&self) -> bool {
        let Some(mut permit) = self.cell.claim() else {
            return false;
        };
        permit.put_back();
        permit.runner_state().end();
        std::mem::forget(permit);
        true
    }

    fn check_control(&self, what: &mut dyn FnMut(&ControlLane)) {
        what(&self.cell.lock().control);
    }

    fn runs_in(&self, task: &Waker) {
        self.cell.runs_in(task);
    }

    fn close(&self) {
        self.core.advance(Stage::Ending);
        let reader = {
            let mut inner = self.cell.lock();
            inner.mailbox.close();
            inner.take_reader()
        };
        if let Some(reader) = reader {
            panics::drop_quietly(reader);
        }
    }

    fn drain(self: Arc<Self>) -> Option<Box<dyn RemainingQueue>> {
        let (rest, asks) = {
            let mut inner = self.cell.lock();
            (inner.mailbox.drain(), inner.control.take_asks())
        };
        if rest.is_none() && asks.is_none() {
            // The usual end; a retained mailbox is dropped with the relations.
            return None;
        }
        Some(Box::new(Unhandled::new(
            self,
            rest.unwrap_or_default(),
            asks.unwrap_or_default(),
        )))
    }

    fn slow_methods(&self) -> Vec<&'static str> {
        L::slow_methods(&self.core)
    }

    fn queue_snapshot(&self) -> QueueSnapshot {
        self.cell.queue_snapshot()
    }

    fn queued(&self) -> usize {
        self.cell.queued()
    }

    fn is_idle(&self) -> bool {
        self.cell.is_idle()
    }

    fn reserve(&self, ticket: &Arc<QueueTicket>) -> Option<u64> {
        let mut reserved = None;
        self.send_dyn(&mut |mailbox| reserved = mailbox.reserve(ticket));
        reserved
    }

    fn return_permit(&self) {
        self.send_dyn(&mut Mailbox::release);
    }

    fn withdraw(&self, id: u64) -> bool {
        // Dropped without the lock, because it is a user value.
        let mut withdrawn = None;
        self.send_dyn(&mut |mailbox| withdrawn = mailbox.withdraw(id));
        let Some(Withdrawn { message, ticket }) = withdrawn else {
            return false;
        };
        if let Some(ticket) = ticket {
            ticket.settle(TicketOutcome::Expired);
        }
        panics::drop_quietly(message);
        true
    }

    #[cfg(feature = "remote")]
    fn watch_call(&self, id: u64, ticket: &Arc<QueueTicket>) -> bool {
        let mut waits = false;
        self.send_dyn(&mut |mailbox| waits = mailbox.watch_call(id, ticket));
        waits
    }

    #[cfg(feature = "test")]
    fn capacity(&self) -> usize {
        self.cell.capacity()
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}
