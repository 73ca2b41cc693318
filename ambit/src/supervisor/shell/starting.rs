//! The starts in progress. Many may be in progress at once, so only those that were woken are polled.

use std::collections::BTreeMap;
use std::task::{Context, Poll};

use crate::engine::join_set::JoinSet;
use crate::error::StartError;
use crate::exit_reason::ExitReason;
use crate::panics;
use crate::process::header::ProcessRef;
use crate::server::startable::Made;
use crate::supervisor::child_factory::Launching;
use crate::supervisor::core::Key;

/// A start in progress.
struct Starting {
    made: Made,
    launching: Launching,
}

/// The starts in progress, by child.
#[derive(Default)]
pub(super) struct Starts {
    all: BTreeMap<Key, Starting>,
    waits: JoinSet,
}

impl Starts {
    pub(super) fn add(&mut self, key: Key, made: Made, launching: Launching) {
        self.all.insert(key, Starting { made, launching });
        self.waits.add(key.0);
    }

    pub(super) fn contains(&self, key: Key) -> bool {
        self.all.contains_key(&key)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Returns the process of a start that has created one.
    pub(super) fn process(&self, key: Key) -> Option<&ProcessRef> {
        self.all.get(&key)?.made.get()
    }

    /// Drops a start.
    pub(super) fn remove(&mut self, key: Key) {
        self.waits.remove(key.0);
        panics::drop_quietly(self.all.remove(&key));
    }

    /// Polls the starts that were woken. Returns those that are done, and drops them.
    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Vec<(Key, Result<ProcessRef, StartError>)> {
        let all = &mut self.all;
        let done = self.waits.poll_woken(cx, |number, cx| {
            let Some(start) = all.get_mut(&Key(number)) else {
                return Poll::Pending;
            };
            // The start runs user code.
            panics::catch(|| start.launching.as_mut().poll(cx)).unwrap_or_else(|report| {
                Poll::Ready(Err(StartError::Init(ExitReason::Panic(report))))
            })
        });
        let done = done.into_iter().map(|(number, outcome)| {
            let key = Key(number);
            panics::drop_quietly(all.remove(&key));
            (key, outcome)
        });
        done.collect()
    }

    /// Drops all starts.
    pub(super) fn clear(&mut self) {
        self.waits = JoinSet::default();
        panics::drop_each_quietly(std::mem::take(&mut self.all).into_values());
    }
}
