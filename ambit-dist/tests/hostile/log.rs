//! The log output of the program.

use std::sync::Mutex;

use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata, Subscriber, span};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Returns the source locations of all events so far at `INFO` and above.
pub(crate) fn lines() -> Vec<String> {
    LINES.lock().unwrap().clone()
}

/// Starts recording and clears earlier events.
pub(crate) fn keep() {
    // An earlier test may have set the subscriber.
    tracing::subscriber::set_global_default(Log).ok();
    LINES.lock().unwrap().clear();
}

struct Log;

impl Subscriber for Log {
    fn enabled(&self, of: &Metadata<'_>) -> bool {
        *of.level() <= Level::INFO
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let of = event.metadata();
        let line = format!("{} {}", of.target(), of.name());
        LINES.lock().unwrap().push(line);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
