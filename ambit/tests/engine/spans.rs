//! A handler runs in a root span of its own, inline or queued.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tracing::{Metadata, Subscriber, span};

use crate::engine::script::{Log, ask, marked, start};
use crate::support::listening;

/// A created span: its number, its name, and whether it is a root.
type Made = (u64, &'static str, bool);

#[derive(Clone, Default)]
struct Spans {
    next: Arc<AtomicU64>,
    made: Arc<Mutex<Vec<Made>>>,
    /// The numbers of the entered spans, the innermost last.
    entered: Arc<Mutex<Vec<u64>>>,
}

impl Spans {
    /// Returns the names of the entered spans, the innermost last.
    fn inside(&self) -> Vec<&'static str> {
        let made = self.made.lock().unwrap();
        let name = |id: &u64| made.iter().find(|(known, ..)| known == id).unwrap().1;
        self.entered.lock().unwrap().iter().map(name).collect()
    }
}

impl Subscriber for Spans {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let id = self.next.fetch_add(1, Ordering::SeqCst) + 1;
        let made = (id, span.metadata().name(), span.is_root());
        self.made.lock().unwrap().push(made);
        span::Id::from_u64(id)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, _: &tracing::Event<'_>) {}

    fn enter(&self, id: &span::Id) {
        self.entered.lock().unwrap().push(id.into_u64());
    }

    fn exit(&self, _: &span::Id) {
        self.entered.lock().unwrap().pop();
    }
}

async fn check<const W: bool>() {
    let spans = Spans::default();
    let _listening = listening::listen(spans.clone());
    let script = start::<W>(&Log::new()).await;
    let known = spans.clone();
    let inside = marked(ask(&script, move |_, _| known.inside()))
        .await
        .unwrap();
    assert_eq!(inside.last(), Some(&"handle"));
    let made = spans.made.lock().unwrap().clone();
    let handlers: Vec<_> = made
        .iter()
        .filter(|(_, name, _)| *name == "handle")
        .collect();
    assert!(matches!(handlers[..], [(_, _, true)]), "{made:?}");
    assert!(spans.inside().is_empty(), "the span is left");
}

#[tokio::test]
async fn of_an_inline_handler() {
    check::<true>().await;
}

#[tokio::test]
async fn of_a_queued_handler() {
    check::<false>().await;
}
