//! The content of crash reports, and which exits produce one.

use std::cell::Cell;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::prelude::*;
use ambit::system::{System, SystemGuard};
use tracing::field::Field;
use tracing::{Level, Metadata, Subscriber, span};

use crate::support::crashes::{Reports, crashes, only};
use crate::support::listening;

/// A type without `Debug`.
#[derive(Clone, Default)]
struct Opaque;

/// A type whose `Debug` panics.
struct Unshowable;

impl Debug for Unshowable {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("an argument that panics when it is shown")
    }
}

struct Counter {
    value: u64,
}

#[gen_server]
impl Counter {
    #[init]
    fn new() -> Self {
        Self { value: 0 }
    }

    #[call]
    fn add(&mut self, by: u64) -> u64 {
        self.value = self.value.checked_add(by).expect("room for it");
        self.value
    }

    #[call]
    fn rest(&mut self, ctx: &mut Context<Self>) {
        ctx.idle_timeout(Duration::from_secs(1_000));
    }

    #[info]
    fn idle(&mut self, _: IdleTimeout) {}

    #[call]
    async fn child(&mut self) -> CounterSubject {
        Self::start().link().await.unwrap()
    }

    #[call(deferred)]
    fn later(&mut self, r#type: Option<u8>, formatter: Opaque, port: ReplyTo<Opaque>) {
        let _ = (r#type, formatter, port);
    }

    #[cast]
    fn reset(&mut self) {
        self.value = 0;
    }

    #[cast]
    async fn put(&mut self, text: String, opaque: Opaque, nested: Vec<Option<Opaque>>) {
        assert!(
            text.is_empty(),
            "{opaque_count}",
            opaque_count = nested.len()
        );
        let _ = opaque;
    }

    #[cast]
    fn show(&mut self, what: Unshowable) {
        let _ = what;
    }

    #[cast]
    fn fail(&mut self, with: &'static str) -> Result<(), &'static str> {
        Err(with)
    }

    #[cast]
    fn end(&mut self, ctx: &mut Context<Self>, with: ExitReason) {
        ctx.stop(with);
        ctx.continue_with(CounterContinue::Report { added: 1 });
    }

    #[info]
    fn on_number(&mut self, number: u64) {
        self.value = number;
    }

    #[info]
    fn on_cell(&mut self, _: Cell<Opaque>) {
        panic!("an info");
    }

    #[continue_with]
    fn report(&self, added: u64) {
        let _ = added;
    }
}

struct Cache<K, V> {
    last: Option<(K, V)>,
}

#[gen_server]
impl<K: Debug, V> Cache<K, V> {
    #[call]
    fn put(&mut self, key: K, value: V, both: Vec<(K, V)>) -> Option<(K, V)> {
        drop(both);
        self.last.replace((key, value))
    }
}

/// Creates a system of its own, and collects its reports.
fn system(arguments: bool) -> (System, SystemGuard, Reports) {
    let builder = System::builder().quiet_panics(true);
    let system = builder.report_arguments(arguments).build().unwrap();
    let entered = system.enter();
    let (listening, reports) = crashes(&system);
    std::mem::forget(listening);
    (system, entered, reports)
}

#[test]
fn messages_show_the_arguments_that_can_be_shown() {
    let text = String::from("text");
    let (opaque, nested) = (Opaque, vec![None]);
    let put = CounterCast::Put {
        text,
        opaque,
        nested,
    };
    assert_eq!(
        format!("{put:?}"),
        r#"Put { text: "text", opaque: _, nested: _ }"#
    );
    assert_eq!(format!("{:?}", CounterCast::Reset), "Reset");
    assert_eq!(format!("{:?}", CounterInfo::OnNumber(7)), "OnNumber(7)");
    let cell = CounterInfo::OnCell(Cell::new(Opaque));
    assert_eq!(format!("{cell:?}"), "OnCell(_)");
    let report = CounterContinue::Report { added: 1 };
    assert_eq!(format!("{report:?}"), "Report { added: 1 }");
}

#[tokio::test]
async fn a_report_has_at_most_a_hundred_links() {
    let (_system, _entered, reports) = system(true);
    let hub = Counter::start().await.unwrap();
    let mut linked = Vec::new();
    for _ in 0..150 {
        linked.push(hub.child().await.unwrap());
    }
    hub.add(u64::MAX).await.unwrap();
    hub.add(1).await.unwrap_err();
    for process in &linked {
        process.closed().await;
    }
    let reports = std::mem::take(&mut *reports.lock().unwrap());
    let report = reports.iter().find(|report| report.pid == hub.pid());
    assert_eq!(report.unwrap().links.len(), 100);
}

#[tokio::test]
async fn a_report_names_methods_arguments_links_and_ancestors() {
    let (_system, _entered, reports) = system(true);
    let parent = Counter::start().await.unwrap();
    let counter = parent.child().await.unwrap();
    counter.reset().await.unwrap();
    counter.add(1).await.unwrap();
    let grandchild = counter.child().await.unwrap();
    counter.add(u64::MAX - 1).await.unwrap();
    counter.add(5).await.unwrap_err();
    for process in [&counter, &parent, &grandchild] {
        process.closed().await;
    }
    let reports = std::mem::take(&mut *reports.lock().unwrap());
    assert_eq!(reports.len(), 3, "its neighbours end as well: {reports:?}");
    let report = &reports[0];
    assert_eq!((report.pid, report.type_name), (counter.pid(), "Counter"));
    assert_eq!(report.methods, ["add", "add", "child"]);
    assert_eq!(report.arguments.as_deref(), Some("Add { by: 5, .. }"));
    assert_eq!(report.ancestors, [parent.pid()]);
    let mut links = report.links.clone();
    links.sort_unstable();
    let mut expected = [parent.pid(), grandchild.pid()];
    expected.sort_unstable();
    assert_eq!(links, expected);
    let text = report.to_string();
    assert!(
        text.ends_with("; in `add` with Add { by: 5, .. }"),
        "{text}"
    );
}

#[tokio::test]
async fn a_report_names_the_nearest_sixteen_ancestors() {
    let (_system, _entered, reports) = system(false);
    let mut chain = vec![Counter::start().await.unwrap()];
    for generation in 0..17 {
        let child = chain[generation].child().await.unwrap();
        chain.push(child);
    }
    let pids: Vec<_> = chain.iter().rev().map(|counter| counter.pid()).collect();
    chain[17].fail("out of paper").await.unwrap();
    chain[0].closed().await;
    let report = reports.lock().unwrap()[0].clone();
    assert_eq!(report.pid, pids[0]);
    assert_eq!(report.ancestors, pids[1..17]);
}

/// Records the errors of one thread.
#[derive(Clone, Default)]
struct Errors(Arc<Mutex<Vec<String>>>);

impl Subscriber for Errors {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = String::new();
        event.record(&mut |field: &Field, value: &dyn Debug| {
            text += &format!("{field}={value:?} ");
        });
        self.0.lock().unwrap().push(text);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn a_crash_is_one_error_event_unless_the_system_is_quiet() {
    for quiet in [false, true] {
        let errors = Errors::default();
        let _listening = listening::listen(errors.clone());
        let system = System::builder().quiet_panics(quiet).build().unwrap();
        let _entered = system.enter();
        let counter = Counter::start().await.unwrap();
        counter.fail("out of paper").await.unwrap();
        counter.closed().await;
        let errors = std::mem::take(&mut *errors.0.lock().unwrap());
        if quiet {
            assert_eq!(errors, [""; 0]);
            continue;
        }
        let [error] = &errors[..] else {
            panic!("one event, not {errors:?}")
        };
        assert!(error.contains("out of paper"), "{error}");
        assert!(error.contains(&format!("pid={}", counter.pid())), "{error}");
    }
}

#[tokio::test]
async fn an_exit_in_several_batches_is_no_error_event() {
    let errors = Errors::default();
    let _listening = listening::listen(errors.clone());
    let process = ambit::spawn(|mut inbox: Inbox<u32>| async move {
        inbox.recv().await;
    });
    for n in 0..1_000 {
        process.send(n).now().unwrap();
    }
    process.closed().await;
    assert_eq!(*errors.0.lock().unwrap(), [""; 0]);
}

/// An error with a source.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the page")]
struct Unreadable(#[source] std::io::Error);

#[tokio::test]
async fn a_supervisor_that_gives_up_reports_the_chain_down_to_the_root_cause() {
    let none = Duration::from_secs(5);
    let leaf = || {
        ChildSpec::task("leaf", || async {
            Err(Unreadable(std::io::Error::other("out of paper")))
        })
    };
    let errors = Errors::default();
    let _listening = listening::listen(errors.clone());
    let system = System::builder().build().unwrap();
    let _entered = system.enter();
    let inner = move || {
        Supervisor::builder()
            .restarts(0, none)
            .child(leaf())
            .start()
    };
    let outer = Supervisor::builder()
        .restarts(0, none)
        .child(ChildSpec::from_fn(inner).id("inner"));
    outer.start().await.unwrap().closed().await;
    let errors = std::mem::take(&mut *errors.0.lock().unwrap());
    let [crash, inner, outer] = &errors[..] else {
        panic!("three events, not {errors:#?}")
    };
    let cause = "cannot read the page: out of paper";
    assert!(crash.contains(cause), "{crash}");
    assert!(inner.contains(&format!("reason={cause} ")), "{inner}");
    let chain = format!(
        "reason=shutdown: child `leaf` ended again after 0 restarts within {none:?}, the limit; last error: {cause} "
    );
    assert!(outer.contains(&chain), "{outer}");
}

#[tokio::test]
async fn every_kind_of_message_has_arguments() {
    let (_system, _entered, reports) = system(true);
    let counter = Counter::start().await.unwrap();
    let put = counter.put("text".into(), Opaque, Vec::new());
    put.await.unwrap();
    counter.closed().await;
    let report = only(&reports);
    assert_eq!(report.methods, ["put"]);
    let shown = r#"Put { text: "text", opaque: _, nested: _ }"#;
    assert_eq!(report.arguments.as_deref(), Some(shown));

    let counter = Counter::start().await.unwrap();
    let cells = counter.recipient();
    cells.send(Cell::new(Opaque)).await.unwrap();
    counter.closed().await;
    let report = only(&reports);
    assert_eq!(report.methods, ["on_cell"]);
    assert_eq!(report.arguments.as_deref(), Some("OnCell(_)"));

    let counter = Counter::start().await.unwrap();
    let (held, _) = (
        counter.later(Some(1), Opaque).send(),
        counter.fail("x").now(),
    );
    counter.closed().await;
    assert!(held.await.is_err());
    assert_eq!(only(&reports).methods, ["fail", "later"]);

    let cache = Cache { last: None };
    let cache: CacheSubject<u8, Opaque> = cache.start().await.unwrap();
    cache.put(1, Opaque, Vec::new()).await.unwrap();
    ambit::exit(&cache, ExitReason::error("told so"));
    cache.closed().await;
    let shown = "Put { key: 1, value: _, both: _, .. }";
    assert_eq!(only(&reports).arguments.as_deref(), Some(shown));
}

#[tokio::test]
async fn an_argument_with_a_panicking_debug_impl_is_harmless() {
    let (_system, _entered, reports) = system(true);
    let counter = Counter::start().await.unwrap();
    counter.show(Unshowable).await.unwrap();
    assert_eq!(counter.add(1).await, Ok(1));
    assert!(reports.lock().unwrap().is_empty());
}

#[tokio::test]
async fn arguments_are_shown_only_on_request() {
    let (_system, _entered, reports) = system(false);
    let counter = Counter::start().await.unwrap();
    counter.show(Unshowable).await.unwrap();
    counter.fail("on purpose").await.unwrap();
    counter.closed().await;
    let report = only(&reports);
    assert_eq!(report.methods, ["fail", "show"]);
    assert_eq!(report.crashed_method, Some("fail"));
    assert_eq!(report.arguments, None);
    assert!(report.to_string().ends_with("; in `fail`"), "{report}");
}

#[tokio::test]
async fn the_report_of_an_idle_server_that_is_killed_says_what_it_did_last() {
    let (_system, _entered, reports) = system(false);
    let counter = Counter::start().await.unwrap();
    assert_eq!(counter.add(1).await, Ok(1));
    ambit::exit(&counter, ExitReason::Kill);
    counter.closed().await;
    let report = only(&reports).to_string();
    assert!(
        report.ends_with(" ended: killed; last method `add`"),
        "{report}"
    );
}

#[tokio::test]
async fn a_reason_after_a_handler_that_set_an_idle_timeout_is_attributed_to_no_method() {
    let (_system, _entered, reports) = system(false);
    let counter = Counter::start().await.unwrap();
    counter.rest().await.unwrap();
    ambit::exit(&counter, ExitReason::error("pushed"));
    counter.closed().await;
    assert_eq!(only(&reports).crashed_method, None);
}

#[tokio::test]
async fn a_reason_that_comes_from_another_process_is_attributed_to_no_method() {
    let (_system, _entered, reports) = system(false);
    let counter = Counter::start().await.unwrap();
    assert_eq!(counter.add(1).await, Ok(1));
    ambit::exit(&counter, ExitReason::error("pushed"));
    counter.closed().await;
    let report = only(&reports);
    assert_eq!(report.crashed_method, None);
    let report = report.to_string();
    assert!(
        report.ends_with(" ended: pushed; last method `add`"),
        "{report}"
    );
}

#[tokio::test]
async fn one_report_for_an_abnormal_end_and_none_for_a_clean_one() {
    let (_system, _entered, reports) = system(true);
    let clean = [
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::shutdown_with("done"),
    ];
    for reason in clean {
        let counter = Counter::start().await.unwrap();
        counter.end(reason.clone()).await.unwrap();
        assert_eq!(counter.closed().await, reason);
        let counter = Counter::start().await.unwrap();
        counter.stop().await.unwrap();
        assert!(counter.closed().await.is_clean());
        assert!(reports.lock().unwrap().is_empty(), "{reason} is no crash");
    }

    let counter = Counter::start().await.unwrap();
    counter.fail("an error").await.unwrap();
    counter.closed().await;
    assert_eq!(only(&reports).methods, ["fail"]);

    let counter = Counter::start().await.unwrap();
    counter.end(ExitReason::error("told so")).await.unwrap();
    counter.closed().await;
    assert_eq!(only(&reports).reason, ExitReason::error("told so"));

    let counter = Counter::start().await.unwrap();
    ambit::exit(&counter, ExitReason::Kill);
    counter.closed().await;
    assert_eq!(only(&reports).reason, ExitReason::Killed);
}
