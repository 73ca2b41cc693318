//! The methods of a server's runner state: the user's state, its context, and a record of its last messages. The type
//! `ServerState` is in `gen_server`, because the types of a server refer to each other.

use std::sync::Arc;

use crate::exit_reason::ExitReason;
use crate::panics;
use crate::process::cell::RetainedMailbox;
use crate::process::cell::RunnerState;
use crate::process::guard::Interrupt;
use crate::process::handler_span::{HandledMessage, HandlerSpan, SpanGuard};
use crate::process::header::ProcessHeader;
use crate::process::process_task;
use crate::process::telemetry::Event;
use crate::process::terminating::TERMINATE;
use crate::rt::Instant;
use crate::server::gen_server::{
    Context, GenServer, Incoming, LoopExit, MessageRecord, ServerCell, ServerState,
};
use crate::server::latency::{self};
use crate::server::run;
use crate::trace::{self, TraceContext};

/// The retained mailbox of a server.
pub(crate) type ServerKept<S> = RetainedMailbox<Incoming<S>, ServerState<S>>;

impl<S: GenServer> Default for ServerState<S> {
    fn default() -> Self {
        Self {
            state: None,
            ctx: None,
            trace: MessageRecord::default(),
            leaving: None,
            latency: None,
        }
    }
}

impl<S: GenServer> ServerState<S> {
    /// Returns true if it needs no action when the queue is empty.
    pub(crate) fn is_plain(&self) -> bool {
        self.ctx.as_ref().is_some_and(Context::is_plain)
    }
}

impl<S: GenServer> RunnerState<Incoming<S>> for ServerState<S> {
    fn spawn(cell: Arc<ServerCell<S>>) {
        if let Some(handle) = cell.core.system.handle().cloned() {
            process_task::resume(&handle, cell.clone(), || run::serve::<S>(cell));
        }
    }

    fn slow_methods(core: &ProcessHeader) -> Vec<&'static str> {
        latency::slow_methods::<S>(&core.system)
    }

    fn end(&mut self) {
        if let Some(mut ctx) = self.ctx.take() {
            let pid = ctx.pid();
            if let Some(question) = ctx.handled() {
                ctx.cell().core.keep_question(question);
            }
            if let Err(report) = panics::try_drop(self.state.take()) {
                tracing::error!(%pid, %report, "the drop of a server's state panicked");
            }
            if let Err(report) = panics::try_drop(ctx) {
                tracing::error!(%pid, %report, "a drop panicked while a process ended");
            }
        }
    }
}

impl LoopExit {
    pub(crate) fn asked(reason: ExitReason) -> Self {
        Self {
            reason,
            terminate: true,
            is_signal: false,
        }
    }

    /// Leaves because the parent has ended, or a task of the server panicked. The panic of a parent leaves the server
    /// itself intact.
    pub(crate) fn requested<S: GenServer>(reason: ExitReason, task_panicked: bool) -> Self {
        Self {
            reason,
            terminate: !task_panicked || S::TERMINATES_AFTER_PANIC,
            is_signal: false,
        }
    }

    pub(crate) fn killed(reason: ExitReason) -> Self {
        Self {
            reason,
            terminate: false,
            is_signal: true,
        }
    }

    /// Leaves after an interrupted handler: a fatal signal skips terminate; a panic runs it, unless the server disables
    /// that.
    pub(crate) fn cut<S: GenServer>(cut: Interrupt) -> Self {
        match cut {
            Interrupt::Fatal(reason) => Self::killed(reason),
            Interrupt::Panic(reason) => Self {
                reason,
                terminate: S::TERMINATES_AFTER_PANIC,
                is_signal: false,
            },
        }
    }
}

impl MessageRecord {
    /// Returns the method of the current message, or of the last one.
    pub(crate) fn method(&self) -> &'static str {
        self.methods[0]
    }

    /// Begins a message; returns true if details of it are needed.
    #[inline(always)]
    pub(crate) fn begin<S: GenServer>(
        &mut self,
        core: &ProcessHeader,
        message: &Incoming<S>,
    ) -> bool {
        self.handling = Some(message.kind());
        self.begin_method(core, message, S::method_of(message))
    }

    /// Begins a message whose method is known.
    #[inline(always)]
    pub(crate) fn begin_method<S: GenServer>(
        &mut self,
        core: &ProcessHeader,
        message: &Incoming<S>,
        method: &'static str,
    ) -> bool {
        self.handling = Some(message.kind());
        self.methods = [method, self.methods[0], self.methods[1]];
        let spans = trace::is_on();
        if spans || core.system.telemetry.is_curious() {
            self.begin_more(core, message, spans);
        }
        self.more.is_some()
    }

    #[cold]
    fn begin_more<S: GenServer>(
        &mut self,
        core: &ProcessHeader,
        message: &Incoming<S>,
        spans: bool,
    ) {
        let (system, method, kind) = (&core.system, self.method(), message.kind());
        let more = self.more.get_or_insert_default();
        if system.settings.report_arguments {
            more.arguments = panics::catch(|| S::arguments_of(message)).ok().flatten();
        }
        more.began = system.telemetry.is_listening().then(|| system.now());
        let origin = match message {
            Incoming::Continue(_) => more.before.take(),
            _ => more.origin.take(),
        };
        if spans {
            // Inline, the origin is the caller; in a task, no other code runs before the handler.
            let origin = origin.or_else(TraceContext::current);
            let handled = HandledMessage {
                server: core.type_name(),
                pid: core.pid,
                method,
                kind,
            };
            more.span = Some(HandlerSpan::begin(system, origin, &handled));
        }
    }

    /// Records the start of an async method, if its run is timed.
    pub(crate) fn time(&mut self, began: Option<Instant>) {
        if let Some(more) = &mut self.more {
            more.timed = began;
        } else if began.is_some() {
            self.more.get_or_insert_default().timed = began;
        }
    }

    pub(crate) fn timed(&mut self) -> Option<Instant> {
        self.more.as_mut()?.timed.take()
    }

    /// Sets the trace of the next message.
    pub(crate) fn comes_from(&mut self, origin: Option<TraceContext>) {
        self.more.get_or_insert_default().origin = origin;
    }

    /// Enters the span of the message until the guard is dropped.
    pub(crate) fn enter(&self) -> Option<SpanGuard<'_>> {
        let span = self.more.as_ref()?.span.as_ref()?;
        Some(span.enter())
    }

    /// Ends the handler; the message counts as handled once it is known that the server continues.
    #[inline(always)]
    pub(crate) fn end(&mut self, core: &ProcessHeader) {
        if self.more.is_some() {
            self.end_more(core);
        }
    }

    #[cold]
    fn end_more(&mut self, core: &ProcessHeader) {
        let method = self.method();
        let Some(more) = &mut self.more else { return };
        more.origin = None;
        more.before = more.span.take().map(|span| span.context());
        if let Some(began) = more.began.take() {
            let took = core.system.now().saturating_duration_since(began);
            core.system.telemetry.emit(&Event::Handled {
                pid: core.pid,
                type_name: core.type_name(),
                method,
                took,
            });
        }
    }

    /// Undoes `begin`: the message was returned.
    pub(crate) fn undo(&mut self) {
        self.methods = [self.methods[1], self.methods[2], ""];
        self.handling = None;
        self.more = None;
    }

    pub(crate) fn survived(&mut self) {
        self.handling = None;
    }

    /// Records the last methods when the server crashed, and whether the last one did.
    pub(crate) fn record(&mut self, core: &ProcessHeader, is_signal: bool) {
        let mut relations = core.relations.lock();
        let known = self.methods.iter().filter(|method| !method.is_empty());
        let rare = relations.make_rare();
        rare.methods = known.copied().collect();
        rare.crashed_method = self.handling.is_some() && !is_signal;
        rare.arguments = self.more.take().and_then(|more| more.arguments);
        if rare.kept.is_some() {
            rare.crashed_in = self.handling;
        }
    }

    /// Records that terminate crashed, as the last method.
    pub(crate) fn record_terminate(&self, core: &ProcessHeader) {
        let methods = [TERMINATE].into_iter().chain(self.methods);
        let methods = methods.filter(|method| !method.is_empty());
        let mut relations = core.relations.lock();
        let rare = relations.make_rare();
        rare.methods = methods.take(self.methods.len()).collect();
        rare.crashed_method = true;
        rare.arguments = None;
    }
}
