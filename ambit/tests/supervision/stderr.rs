//! Without a `tracing` subscriber crashes are printed to standard error, once each: programs that their tests run.

use ambit::prelude::*;
use ambit::system::{System, SystemBuilder};
use tracing::span;

use crate::support::program;

struct Till;

#[gen_server]
impl Till {
    #[call]
    fn open(&mut self) -> u8 {
        panic!("the drawer is stuck")
    }

    #[cast]
    fn jam(&mut self) -> Flow {
        Flow::Stop(ExitReason::error("no change"))
    }
}

/// Runs `what` in a system of this kind, if this is the program of a test.
fn in_program<F: Future<Output = ()>>(builder: SystemBuilder, what: impl FnOnce() -> F) {
    if !program::is_run() {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    let system = builder.build().unwrap();
    let _current = system.enter();
    runtime.block_on(what());
}

async fn crash_both_ways() {
    let till = Till.start().name("till").await.unwrap();
    till.open().await.unwrap_err();
    let till = Till.start().await.unwrap();
    let end = till.monitor();
    till.jam().await.unwrap();
    end.await;
}

mod programs {
    use super::*;

    #[test]
    fn plain() {
        in_program(System::builder(), crash_both_ways);
    }

    #[test]
    fn silent() {
        in_program(System::builder().stderr_reports(false), crash_both_ways);
    }

    #[test]
    fn quiet() {
        in_program(System::builder().quiet_panics(true), crash_both_ways);
    }

    #[test]
    fn listening() {
        if program::is_run() {
            tracing::subscriber::set_global_default(Deaf).unwrap();
        }
        in_program(System::builder(), crash_both_ways);
    }

    /// The subscriber belongs to the main thread, and the servers run on others.
    #[test]
    fn elsewhere() {
        let _only_here = program::is_run().then(|| tracing::subscriber::set_default(Deaf));
        in_program(System::builder(), crash_both_ways);
    }

    /// The subscriber belongs to code that is over.
    #[test]
    fn earlier() {
        if program::is_run() {
            tracing::subscriber::with_default(Deaf, || tracing::info!("the program starts"));
        }
        in_program(System::builder(), crash_both_ways);
    }

    mod of_main {
        #[ambit::main]
        async fn main() {
            super::super::crash_both_ways().await;
        }

        #[test]
        fn program() {
            if crate::support::program::is_run() {
                main();
            }
        }
    }

    mod of_silent_main {
        #[ambit::main(stderr_reports = false)]
        async fn main() {
            super::super::crash_both_ways().await;
        }

        #[test]
        fn program() {
            if crate::support::program::is_run() {
                main();
            }
        }
    }

    #[test]
    fn of_a_tree() {
        in_program(System::builder(), || async {
            let child = ChildSpec::task("listener", || async { Err::<(), _>("port 80 is in use") });
            let tree = Supervisor::builder().restarts(1, std::time::Duration::from_secs(5));
            tree.child(child).start().await.unwrap().closed().await;
        });
    }
}

/// A subscriber that is interested in nothing.
struct Deaf;

impl tracing::Subscriber for Deaf {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        false
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, _: &tracing::Event<'_>) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// Returns the lines that ambit has printed.
fn reports(program: &str) -> Vec<String> {
    let (code, printed) = program::run(module_path!(), &format!("programs::{program}"));
    assert_eq!(code, Some(0), "{printed}");
    let lines = printed.lines().filter(|line| line.starts_with("ambit: "));
    lines.map(str::to_owned).collect()
}

#[test]
fn without_a_subscriber_each_crash_is_written_once() {
    let [panic, error] = &reports("plain")[..] else {
        panic!("{:?}", reports("plain"));
    };
    assert!(panic.starts_with("ambit: Till#"), "{panic}");
    assert!(panic.contains("\"till\" ended: panicked at "), "{panic}");
    assert!(panic.contains("the drawer is stuck; in `open`"), "{panic}");
    assert!(error.contains(" ended: no change; in `jam`"), "{error}");
}

#[test]
fn one_builder_word_switches_that_off() {
    assert_eq!(reports("silent"), Vec::<String>::new());
}

#[test]
fn main_also_logs_crashes_unless_configured_otherwise() {
    assert_eq!(reports("of_main::program").len(), 2);
    assert_eq!(reports("of_silent_main::program"), Vec::<String>::new());
}

#[test]
fn a_quiet_system_writes_nothing() {
    assert_eq!(reports("quiet"), Vec::<String>::new());
}

#[test]
fn with_a_subscriber_nothing_is_written() {
    assert_eq!(reports("listening"), Vec::<String>::new());
}

#[test]
fn a_subscriber_of_other_code_hides_no_crash() {
    assert_eq!(reports("elsewhere").len(), 2);
    assert_eq!(reports("earlier").len(), 2);
}

#[test]
fn a_supervisor_that_gives_up_is_written_too() {
    let reports = reports("of_a_tree");
    assert_eq!(reports.len(), 3, "two crashes and the end: {reports:?}");
    let last = &reports[2];
    assert!(last.starts_with("ambit: supervisor #"), "{last}");
    let said = "gives up: child `listener` ended again after 1 restart within 5s, the limit; \
                last error: port 80 is in use";
    assert!(last.ends_with(said), "{last}");
}
