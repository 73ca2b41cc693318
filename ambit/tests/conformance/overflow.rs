//! Design §3.2: the overflow policies of a mailbox whose senders must not wait.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::error::CastError;
use ambit::prelude::*;
use ambit::process::{LetterKind, Undelivered};
use ambit::sys;
use ambit::system::System;

use crate::conformance::common::{dead_letters, idle, poll_once};

/// The handled messages: puts as their value, downs as 100, ticks as 200.
type Log = Arc<Mutex<Vec<u64>>>;

#[derive(Clone)]
struct Tick;

macro_rules! sinks {
    ($($module:ident)*) => { $(
        mod $module {
            use super::{Log, Tick};
            use ambit::prelude::*;

            pub(super) struct Sink(pub(super) Log);

            #[gen_server(mailbox = 2, overflow = $module)]
            impl Sink {
                #[cast]
                pub(super) fn put(&mut self, n: u64) {
                    self.0.lock().unwrap().push(n);
                }
                #[call]
                pub(super) fn ask(&mut self, n: u64) -> u64 {
                    self.0.lock().unwrap().push(n);
                    n
                }
                #[call]
                pub(super) fn watch(&mut self, ctx: &mut Context<Self>, target: Subject<u8>) {
                    ctx.monitor(&target);
                }
                #[info]
                fn on_down(&mut self, _: Down) {
                    self.0.lock().unwrap().push(100);
                }
                #[info]
                fn on_tick(&mut self, _: Tick) {
                    self.0.lock().unwrap().push(200);
                }
            }
        }
    )* };
}

sinks!(reject drop_newest drop_oldest);

macro_rules! suspended {
    ($module:ident) => {{
        let log = Log::default();
        let sink = $module::Sink(log.clone()).start().await.unwrap();
        sys::suspend(&sink).await.unwrap();
        (sink, log)
    }};
}

macro_rules! handled {
    ($sink:ident, $log:ident) => {{
        sys::resume(&$sink).await.unwrap();
        $sink.stop().await.unwrap();
        $log.lock().unwrap().clone()
    }};
}

#[tokio::test(start_paused = true)]
async fn reject_answers_full_at_once_and_keeps_what_is_queued() {
    let (sink, log) = suspended!(reject);
    let (_guard, letters) = dead_letters(|reject::SinkCast::Put { n }| *n);
    sink.put(1).await.unwrap();
    sink.put(2).await.unwrap();
    let began = tokio::time::Instant::now();
    assert_eq!(sink.put(3).await, Err(CastError::Full));
    assert_eq!(sink.put(4).now(), Err(CastError::Full));
    assert_eq!(sink.ask(5).await, Err(CallError::Full));
    assert_eq!(sink.ask(6).send().await, Err(CallError::Full));
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(letters.lock().unwrap().len(), 0, "the senders were told");
    assert_eq!(handled!(sink, log), [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn drop_newest_answers_full_and_reports_what_it_dropped() {
    let (sink, log) = suspended!(drop_newest);
    let (_guard, letters) = dead_letters(|drop_newest::SinkCast::Put { n }| *n);
    let before = System::current().unwrap().dead_letters();
    sink.put(1).await.unwrap();
    sink.put(2).await.unwrap();
    assert_eq!(sink.put(3).await, Err(CastError::Full));
    assert_eq!(sink.put(4).now(), Err(CastError::Full));
    let returned = sink.put(5).now_or_return().unwrap_err();
    assert!(matches!(
        returned,
        (CastError::Full, drop_newest::SinkCast::Put { n: 5 })
    ));
    let overflow = |n| (LetterKind::Cast, Undelivered::Overflow, n);
    assert_eq!(*letters.lock().unwrap(), [overflow(3), overflow(4)]);
    drop(_guard);
    assert_eq!(sink.ask(6).await, Err(CallError::Full));
    assert_eq!(
        System::current().unwrap().dead_letters(),
        before + 3,
        "they are counted"
    );
    assert_eq!(handled!(sink, log), [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn drop_oldest_frees_capacity_and_reports_the_dropped_messages() {
    let (sink, log) = suspended!(drop_oldest);
    let (_guard, letters) = dead_letters(|drop_oldest::SinkCast::Put { n }| *n);
    sink.put(1).await.unwrap();
    sink.put(2).await.unwrap();
    sink.put(3).await.unwrap();
    sink.put(4).now().unwrap();
    let overflow = |n| (LetterKind::Cast, Undelivered::Overflow, n);
    assert_eq!(*letters.lock().unwrap(), [overflow(1), overflow(2)]);
    assert_eq!(handled!(sink, log), [3, 4]);
}

#[tokio::test(start_paused = true)]
async fn drop_oldest_replaces_a_message_while_a_reservation_waits() {
    let (sink, log) = suspended!(drop_oldest);
    let (_guard, letters) = dead_letters(|drop_oldest::SinkCast::Put { n }| *n);
    let subject: &Subject<drop_oldest::Sink> = sink.as_ref();
    sink.put(1).await.unwrap();
    sink.put(2).await.unwrap();
    let mut reserving = subject.reserve();
    assert!(poll_once(&mut reserving).await.is_pending());
    sink.put(3).now().unwrap();
    sink.put(4).await.unwrap();
    let overflow = |n| (LetterKind::Cast, Undelivered::Overflow, n);
    assert_eq!(*letters.lock().unwrap(), [overflow(1), overflow(2)]);
    sys::resume(&sink).await.unwrap();
    reserving
        .await
        .unwrap()
        .send(drop_oldest::SinkCast::Put { n: 5 });
    assert_eq!(handled!(sink, log), [3, 4, 5]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_pushed_out_answers_full_at_once() {
    let (sink, log) = suspended!(drop_oldest);
    let asked = sink.ask(1).send();
    sink.put(2).await.unwrap();
    let before = System::current().unwrap().dead_letters();
    sink.put(3).await.unwrap();
    assert_eq!(asked.await, Err(CallError::Full));
    assert_eq!(System::current().unwrap().dead_letters(), before + 1);
    assert_eq!(handled!(sink, log), [2, 3]);
}

#[tokio::test(start_paused = true)]
async fn only_user_messages_are_dropped() {
    let (sink, log) = suspended!(drop_oldest);
    sys::resume(&sink).await.unwrap();
    let target = idle();
    sink.watch(target.clone()).await.unwrap();
    sys::suspend(&sink).await.unwrap();
    sink.put(1).await.unwrap();
    target.stop().await.unwrap();
    let every = Duration::from_millis(10);
    let ticks = ambit::send_every(&sink.recipient::<Tick>(), every, Tick);
    tokio::time::sleep(every * 9 / 2).await;
    for n in 2..10 {
        sink.put(n).await.unwrap();
    }
    assert_eq!(
        ticks.skipped(),
        3,
        "one tick at a time, whatever the policy"
    );
    assert_eq!(handled!(sink, log), [100, 200, 8, 9]);
}

macro_rules! a_permit_is_kept {
    ($($module:ident)*) => { $({
        let (sink, log) = suspended!($module);
        let subject: &Subject<$module::Sink> = sink.as_ref();
        let permits = [
            subject.reserve().await.unwrap(),
            subject.reserve().await.unwrap(),
        ];
        let refused = sink.put(9).await;
        assert_eq!(refused, Err(CastError::Full), "there is nothing to push out");
        for (n, permit) in permits.into_iter().enumerate() {
            permit.send($module::SinkCast::Put { n: n as u64 });
        }
        assert_eq!(handled!(sink, log), [0, 1], "{}", stringify!($module));
    })* };
}

#[tokio::test(start_paused = true)]
async fn for_each_policy_a_permit_is_kept() {
    a_permit_is_kept!(reject drop_newest drop_oldest);
}
