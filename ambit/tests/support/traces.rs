//! A `tracing` subscriber that records the spans of handlers and messages, and the events next to them.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::{DefaultGuard, Interest};
use tracing::{Event, Level, Metadata, Subscriber, span};

use super::listening;

/// The fields of one span or event; the text of an event is its `message`.
pub(crate) type Fields = BTreeMap<&'static str, String>;

/// Records all of ambit's spans and events from a level on.
#[derive(Clone)]
pub(crate) struct Traces {
    level: Level,
    seen: Arc<Mutex<Vec<Fields>>>,
}

impl Traces {
    /// Subscribes on this thread, until the guard is dropped.
    pub(crate) fn listen(level: Level) -> (Self, DefaultGuard) {
        let traces = Self {
            level,
            seen: Arc::default(),
        };
        let guard = listening::listen(traces.clone());
        (traces, guard)
    }

    /// Returns all records with this value, in order.
    pub(crate) fn with(&self, field: &str, value: &str) -> Vec<Fields> {
        let seen = self.seen.lock().unwrap();
        let is_one = |fields: &&Fields| fields.get(field).is_some_and(|known| known == value);
        seen.iter().filter(is_one).cloned().collect()
    }

    /// Returns the last run of this method. A caller that starts an async method inline and hands it back to the
    /// server's task also records a run.
    pub(crate) fn handled(&self, method: &str) -> Fields {
        let mut runs = self.with("method", method);
        runs.retain(|fields| fields.contains_key("server"));
        let run = runs.pop();
        run.unwrap_or_else(|| panic!("no run of {method}"))
    }

    /// Asserts that these handlers are one chain in one trace, each caused by the previous one.
    pub(crate) fn is_chain(&self, trace_id: &str, first_parent: Option<&str>, methods: &[&str]) {
        let mut parent = first_parent.map(str::to_owned);
        for method in methods {
            let handled = self.handled(method);
            assert_eq!(handled["trace_id"], trace_id, "{method}");
            assert_eq!(handled.get("parent_id"), parent.as_ref(), "{method}");
            assert_ne!(Some(&handled["span_id"]), parent.as_ref(), "{method}");
            parent = Some(handled["span_id"].clone());
        }
    }
}

struct Reader<'a>(&'a mut Fields);

impl Visit for Reader<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl Subscriber for Traces {
    /// Never cached: other tests subscribe on other threads.
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level.into())
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.level && metadata.target().starts_with("ambit")
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let mut fields = Fields::new();
        span.record(&mut Reader(&mut fields));
        let mut seen = self.seen.lock().unwrap();
        seen.push(fields);
        span::Id::from_u64(seen.len() as u64)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Reader(&mut fields));
        self.seen.lock().unwrap().push(fields);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
