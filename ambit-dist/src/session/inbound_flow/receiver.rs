//! The receiver of one process of this node: its window, and the messages of the other node that wait for it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ambit::distribution::{AgreedProtocol, MethodEncoding, ProtocolBinding};
use parking_lot::Mutex;

use super::growth::{GrowingWindow, Growth};
use super::message::{ReceivedMessage, WaitingMessage};
use crate::remote_processes::exports::ExportedSink;
use crate::wire::{Limits, ProcessAddress as Address};

pub(crate) struct Receiver {
    pub(super) to: Address,
    /// The sink of the first message; recipients of the same process have other sinks.
    pub(super) sink: ExportedSink,
    /// Whether messages for the process need credits.
    pub(super) is_counted: bool,
    /// Whether the process has ended.
    pub(super) is_over: AtomicBool,
    pub(super) inbox: Mutex<ReceiveQueue>,
}

pub(super) struct ReceiveQueue {
    pub(super) window: GrowingWindow,
    /// Those that wait in the mailbox, except the first one, which a task has taken.
    pub(super) waiting: VecDeque<WaitingMessage>,
    /// Whether a task follows the waiting messages.
    pub(super) has_waiting: bool,
    /// Whether the session has ended and its waiting messages were withdrawn: later messages must not be delivered.
    pub(super) refuses: bool,
    /// Whether the other node was notified that the process has ended: its credit window there is closed, so messages
    /// are not counted.
    pub(super) is_closed: bool,
    /// The agreement with the program that wrote the last message; most messages come from one program.
    pub(super) agreed: Option<AgreedProtocol>,
}

impl ReceiveQueue {
    /// Returns the encoding that was agreed with the program that wrote a message.
    pub(super) fn terms(
        &mut self,
        ours: &Arc<ProtocolBinding>,
        message: &ReceivedMessage<'_>,
    ) -> MethodEncoding {
        let known = self.agreed.take();
        let known = known.filter(|agreed| Arc::ptr_eq(agreed.theirs(), message.theirs));
        let agreed =
            known.unwrap_or_else(|| AgreedProtocol::new(ours.clone(), message.theirs.clone()));
        self.agreed.insert(agreed).terms(message.method)
    }
}

impl Receiver {
    pub(crate) fn new(
        to: Address,
        sink: ExportedSink,
        limits: &Limits,
        growth: &Arc<Growth>,
    ) -> Arc<Self> {
        Self::made(to, sink, limits, growth, true)
    }

    /// Creates the receiver of the node itself, which needs no credits; unfinished requests to it are counted.
    pub(crate) fn uncounted(
        to: Address,
        sink: ExportedSink,
        limits: &Limits,
        growth: &Arc<Growth>,
    ) -> Arc<Self> {
        Self::made(to, sink, limits, growth, false)
    }

    fn made(
        to: Address,
        sink: ExportedSink,
        limits: &Limits,
        growth: &Arc<Growth>,
        is_counted: bool,
    ) -> Arc<Self> {
        Arc::new(Self {
            to,
            sink,
            is_counted,
            is_over: AtomicBool::new(false),
            inbox: Mutex::new(ReceiveQueue {
                window: GrowingWindow::new(limits, growth.clone()),
                waiting: VecDeque::new(),
                has_waiting: false,
                refuses: false,
                is_closed: false,
                agreed: None,
            }),
        })
    }
}
