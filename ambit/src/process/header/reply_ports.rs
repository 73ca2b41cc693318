//! Calls whose reply ports outlive their handlers: kept by the handler, or dropped unanswered.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::ProcessHeader;
use crate::engine::reply::OpenReply;

impl ProcessHeader {
    /// Records that the process itself has dropped a reply port unanswered; the consequence is decided when its handler
    /// is done.
    pub(crate) fn judge_later(&self, question: Arc<dyn OpenReply>) {
        self.relations.lock().make_rare().dropped.push(question);
        self.has_dropped.store(true, Ordering::Release);
    }

    /// Keeps a question whose handler is done, or will never run: without another answer, the end of the process
    /// answers it.
    #[inline]
    pub(crate) fn keep_question(&self, question: Arc<dyn OpenReply>) {
        if question.is_open() {
            self.observe_question(question);
        }
    }

    #[inline(never)]
    fn observe_question(&self, question: Arc<dyn OpenReply>) {
        let observer = question.clone().observer();
        match self.observe(observer) {
            Ok(key) if question.observed(self.as_server(), key) => {}
            // The caller has gone at this moment.
            Ok(key) => self.unobserve(key),
            Err(reason) => question.observer().exited(&reason),
        }
    }

    /// Returns true if a port was dropped since the last `dropped_ports`.
    pub(crate) fn has_dropped_ports(&self) -> bool {
        self.has_dropped.load(Ordering::Relaxed)
    }

    /// Takes the ports that were dropped since the last call.
    pub(crate) fn dropped_ports(&self) -> Vec<Arc<dyn OpenReply>> {
        if self.has_dropped.load(Ordering::Relaxed)
            && self.has_dropped.swap(false, Ordering::AcqRel)
        {
            let mut relations = self.relations.lock();
            let rare = relations.rare();
            rare.map(|rare| std::mem::take(&mut rare.dropped))
                .unwrap_or_default()
        } else {
            Vec::new()
        }
    }
}
