//! Applications, watchers and retries with hostile values.

use std::sync::Mutex;

use ambit::application::{Application, ApplicationError, Applications, Config, ConfigError};
use ambit::inspect::{FindingChange, Lag, Watcher, add_lag_source, snapshot};
use ambit::process::Process;
use ambit::retry::Retry;
use ambit::supervisor::Supervisor;

use super::*;
use crate::support::hostile::HostileCopy;

/// Returns the captured values of a closure that an application stores.
fn kept(back: &Back) -> (Hostile, Hostile) {
    (back.value(1), back.value(2))
}

#[test]
fn callbacks_of_applications_may_use_them() {
    must_not_hang(|| async {
        let back = Back::new();
        let (up, phase, down) = (kept(&back), kept(&back), kept(&back));
        let fails = kept(&back);
        let good = Application::new("good")
            .on_start(move || {
                drop(up.clone());
                Supervisor::builder().start()
            })
            .start_phase("first", move || {
                let value = phase.0.clone();
                async move {
                    drop(value);
                    Ok::<_, Hostile>(())
                }
            })
            .on_stop(move || {
                let value = down.1.clone();
                async move { drop(value) }
            });
        let bad = Application::new("bad").on_start(move || {
            let error = fails.0.clone();
            async move { Err::<Process, _>(error) }
        });
        let apps = Applications::new([good, bad]);
        let inside = apps.clone();
        back.arm(move || {
            drop((inside.check(), format!("{inside:?}"), snapshot()));
            // Each request is sent, and no task waits for the reply.
            let mut running = Box::pin(inside.running().into_future());
            let waker = std::task::Waker::noop();
            let mut cx = std::task::Context::from_waker(waker);
            drop(running.as_mut().poll(&mut cx));
        });
        for _ in 0..3 {
            soon(apps.start("good")).await.unwrap();
            let refused = soon(apps.start("bad")).await.unwrap_err();
            assert!(
                matches!(refused, ApplicationError::Start { .. }),
                "{refused:?}"
            );
            assert!(refused.to_string().contains("hostile 1"), "{refused}");
            assert_eq!(soon(apps.running()).await.unwrap(), ["good"]);
            soon(apps.stop("good")).await.unwrap();
        }
        soon(apps.stop_all()).await.unwrap();
        drop(apps);
        back.disarm();
        all_of(&back, &[Code::Clone, Code::Drop, Code::Display]);
    });
}

#[test]
fn values_of_a_configuration_may_use_it() {
    must_not_hang(|| async {
        let back = Back::new();
        let config = Arc::new(Config::<Hostile>::new());
        let inside = config.clone();
        back.arm(move || drop(inside.get().map(|value| value.n)));
        config.set(back.value(1)).unwrap();
        assert_eq!(config.set(back.value(2)), Err(ConfigError::AlreadySet));
        assert_eq!(config.get().unwrap().clone().n, 1);
        back.disarm();
        all_of(&back, &[Code::Clone, Code::Drop]);
    });
}

/// Receives the findings of a watcher, and clones its value.
struct Alarms {
    value: Hostile,
    heard: Arc<Mutex<Vec<FindingChange>>>,
}

#[gen_server]
impl Alarms {
    #[info]
    fn news(&mut self, news: FindingChange) {
        drop(self.value.clone());
        self.heard.lock().unwrap().push(news);
    }
}

#[test]
fn sources_and_recipients_of_a_watcher_may_use_it() {
    must_not_hang(|| async {
        let back = Back::new();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let alarms = Alarms {
            value: back.value(1),
            heard: heard.clone(),
        };
        let alarms = alarms.start().await.unwrap();
        let watcher = Watcher::builder().every(Duration::from_millis(5));
        let watcher = watcher.tell(alarms.recipient()).start().await.unwrap();
        let (state, pid): (HostileCopy, _) = (back.copy(3), watcher.pid());
        let (own, here) = (back.clone(), alarms.pid());
        let source = move || {
            let value = own.value(4);
            let source = format!("{value:?} {state:?}");
            let kept = Arc::new(value.clone());
            assert_eq!(kept.n, value.n);
            vec![Lag {
                source,
                pid: here,
                behind: 5_000,
            }]
        };
        let (inside, asked) = (alarms.clone(), Mutex::new(None));
        back.arm(move || {
            drop((snapshot(), process_info(pid), inside.is_alive()));
            // Another source, whose values are also dropped here.
            let other = add_lag_source(Vec::new).unwrap();
            let before = asked.lock().unwrap().replace(other);
            drop(before);
        });
        let guard = add_lag_source(source).unwrap();
        while heard.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        drop(guard);
        while heard.lock().unwrap().len() < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let heard = heard.lock().unwrap().clone();
        assert!(
            matches!(
                heard[..2],
                [FindingChange::Found(_), FindingChange::Over(_)]
            ),
            "{heard:?}"
        );
        soon(watcher.stop()).await.unwrap();
        soon(alarms.stop()).await.unwrap();
        back.disarm();
        all_of(&back, &[Code::Clone, Code::Drop, Code::Debug]);
    });
}

#[test]
fn a_retried_operation_may_retry_itself() {
    must_not_hang(|| async {
        let back = Back::new();
        let inside = Retry::times(2).every(Duration::ZERO);
        back.arm(move || {
            let mut again = Box::pin(inside.run(|| async { Err::<(), _>("no") }).into_future());
            let waker = std::task::Waker::noop();
            let mut cx = std::task::Context::from_waker(waker);
            drop(again.as_mut().poll(&mut cx));
            drop(snapshot());
        });
        let (own, policy) = (
            back.clone(),
            Retry::times(3).every(Duration::from_millis(1)),
        );
        let failed = policy.run(|| {
            let error = own.value(3);
            async move { Err::<Hostile, _>(error) }
        });
        let failed = soon(failed.when(|error| error.clone().n == 3)).await;
        let error = failed.unwrap_err();
        assert_eq!((error.error.n, error.attempts), (3, 3));
        assert!(error.to_string().contains("hostile 3") && error == error.clone());
        assert!(format!("{error:?}").contains("Hostile(3)"));
        let value = policy.run(|| {
            let value = own.value(4);
            async move { Ok::<_, Hostile>(value) }
        });
        assert_eq!(soon(value).await.unwrap().n, 4);
        drop(error);
        back.disarm();
        let used = [
            Code::Clone,
            Code::Drop,
            Code::Debug,
            Code::Display,
            Code::Eq,
        ];
        all_of(&back, &used);
    });
}
