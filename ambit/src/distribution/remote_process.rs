//! A process of another node, as an implementation of the process interface.

use std::any::Any;
use std::sync::Arc;
use std::task::Waker;

use crate::distribution::remote_sink::RemoteSink;
use crate::engine::mailbox::queue_snapshot::QueueSnapshot;
use crate::engine::queue_ticket::QueueTicket;
use crate::engine::reply::{OpenReply, Replier};
use crate::engine::wake::Wake;
use crate::error::CallError;
use crate::message::Codec;
use crate::process::control_lane::ControlLane;
use crate::process::header::{AnyProcess, Notice, ProcessHeader, RemainingQueue};
use crate::process::idle_tasks::ReapOutcome;

impl<P: ?Sized + 'static, C: Codec> AnyProcess for RemoteSink<P, C> {
    fn core(&self) -> &ProcessHeader {
        &self.proxy.core
    }

    /// Forwards a request to stop; everything else is sent as a signal.
    fn notify(&self, notice: Notice) -> (Option<Notice>, Wake) {
        let refused = match notice {
            Notice::Stop(reason) => {
                self.proxy.stop(reason.take());
                None
            }
            Notice::Exit(_) | Notice::Down(_) => Some(notice),
        };
        (refused, Wake::None)
    }

    fn wake(&self, _: Wake) {}

    fn spawn(self: Arc<Self>) {}

    fn dismiss_task(&self) -> bool {
        true
    }

    fn reap(&self) -> ReapOutcome {
        ReapOutcome::Over
    }

    fn end_incarnation(&self) -> bool {
        true
    }

    /// Its control lane is on its own node.
    fn control(&self, _: &mut dyn FnMut(&mut ControlLane)) {}

    fn check_control(&self, what: &mut dyn FnMut(&ControlLane)) {
        what(&ControlLane::default());
    }

    fn runs_in(&self, _: &Waker) {}

    fn close(&self) {}

    fn drain(self: Arc<Self>) -> Option<Box<dyn RemainingQueue>> {
        None
    }

    fn queue_snapshot(&self) -> QueueSnapshot {
        QueueSnapshot {
            queued: self.proxy.waiting(),
            ..QueueSnapshot::default()
        }
    }

    fn queued(&self) -> usize {
        self.proxy.waiting()
    }

    fn slow_methods(&self) -> Vec<&'static str> {
        Vec::new()
    }

    fn is_idle(&self) -> bool {
        true
    }

    fn reserve(&self, ticket: &Arc<QueueTicket>) -> Option<u64> {
        self.reserve_slot(ticket)
    }

    fn return_permit(&self) {
        self.proxy.release();
    }

    fn withdraw(&self, id: u64) -> bool {
        self.take_back(id)
    }

    /// A message for another node waits for the credits of that node, and is not watched.
    fn watch_call(&self, _: u64, _: &Arc<QueueTicket>) -> bool {
        false
    }

    #[cfg(feature = "test")]
    fn capacity(&self) -> usize {
        self.proxy.queued().1 as usize
    }

    fn is_awaited(&self) {
        self.proxy.watch();
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl<P: ?Sized, C: Codec> Replier for RemoteSink<P, C> {
    fn unobserve(&self, key: u64) {
        self.proxy.core.unobserve(key);
    }

    /// Fails the call: the answer could not be read.
    fn port_dropped(&self, question: Arc<dyn OpenReply>) {
        question.fail(CallError::NoReply);
    }
}
