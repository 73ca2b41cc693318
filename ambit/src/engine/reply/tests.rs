use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use super::route::named::named;
use super::*;
use crate::error::Executed;
use crate::exit_reason::ExitReason;

/// Counts its drops.
#[derive(Clone)]
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A waker that counts, and wakes the thread that created it.
struct Alarm(AtomicUsize, thread::Thread);

impl Alarm {
    fn new() -> Arc<Self> {
        Arc::new(Self(AtomicUsize::new(0), thread::current()))
    }

    fn rings(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
        self.1.unpark();
    }
}

fn wait<R>(asked: &mut ReplyReceiver<R>) -> Result<R, CallError> {
    let waker = Waker::from(Alarm::new());
    let cx = Context::from_waker(&waker);
    loop {
        match asked.poll(&cx) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => thread::park(),
        }
    }
}

/// Runs on a thread whose pool is still empty.
fn on_a_new_thread(test: impl FnOnce() + Send) {
    thread::scope(|scope| scope.spawn(test).join().expect("the test holds"));
}

#[test]
fn an_answer_is_dropped_exactly_once_whatever_the_order() {
    type Story = fn(ReplyTo<Counted>, ReplyReceiver<Counted>, Counted);
    let stories: [(&str, Story); 7] = [
        ("answered and read", |port, mut asked, value| {
            assert!(port.send(value));
            assert!(matches!(asked.look(), Some(Ok(_))));
            assert!(matches!(asked.look(), Some(Err(CallError::NoReply))));
        }),
        ("answered and never read", |port, asked, value| {
            assert!(port.send(value));
            drop(asked);
        }),
        ("answered and closed twice", |port, mut asked, value| {
            assert!(port.send(value));
            asked.close();
            asked.close();
        }),
        ("answered late", |port, asked, value| {
            drop(asked);
            assert!(port.is_closed());
            assert!(!port.send(value));
        }),
        ("answered after an error", |port, mut asked, value| {
            asked.fail(CallError::Timeout);
            assert!(!port.send(value));
            assert!(matches!(asked.look(), Some(Err(CallError::Timeout))));
        }),
        ("an error after the answer", |port, mut asked, value| {
            assert!(port.send(value));
            asked.fail(CallError::Timeout);
            assert!(matches!(asked.look(), Some(Ok(_))));
        }),
        ("never answered", |port, mut asked, value| {
            drop(port);
            assert!(asked.look().is_none(), "nobody has judged that yet");
            drop(value);
        }),
    ];
    for (name, story) in stories {
        let drops = Arc::new(AtomicUsize::new(0));
        let (port, asked) = question();
        story(port, asked, Counted(drops.clone()));
        assert_eq!(drops.load(Ordering::SeqCst), 1, "{name}");
    }
}

#[test]
fn answers_of_every_size_and_alignment_arrive_whole() {
    fn goes_through<R: Send + PartialEq + fmt::Debug + Clone + 'static>(value: &R) {
        let (port, mut asked) = question();
        assert!(port.send(value.clone()));
        assert_eq!(asked.look().unwrap().as_ref(), Ok(value));
        let (port, asked) = question();
        assert!(port.send(value.clone()));
        drop(asked);
    }
    #[derive(Clone, Debug, PartialEq)]
    #[repr(align(128))]
    struct Aligned(String);

    goes_through(&());
    goes_through(&1_u8);
    goes_through(&u128::MAX);
    goes_through(&[7_u8; 64]);
    goes_through(&[7_u8; 65]);
    goes_through(&[String::from("a"), String::from("b"), String::from("c")]);
    goes_through(&vec![1_u32; 1000]);
    goes_through(&[9_u64; 4096]);
    goes_through(&Aligned("far".into()));
    goes_through(&[Aligned("one".into()), Aligned("two".into())]);
}

#[test]
fn an_answer_without_size_is_dropped_once() {
    static DROPS: AtomicUsize = AtomicUsize::new(0);
    struct Nothing;
    impl Drop for Nothing {
        fn drop(&mut self) {
            DROPS.fetch_add(1, Ordering::SeqCst);
        }
    }
    let (port, mut asked) = question();
    assert!(port.send(Nothing));
    assert_eq!(DROPS.load(Ordering::SeqCst), 0);
    asked.close();
    assert_eq!(DROPS.load(Ordering::SeqCst), 1);
}

#[test]
fn a_drop_that_panics_leaves_slot_and_pool_whole() {
    on_a_new_thread(|| {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("the drop of an answer");
            }
        }
        let (port, asked) = question();
        let slot = Arc::as_ptr(&asked.slot);
        assert!(port.send(Bomb));
        assert!(catch_unwind(AssertUnwindSafe(|| drop(asked))).is_err());

        let (port, mut asked) = question();
        assert_eq!(Arc::as_ptr(&asked.slot), slot, "the slot is used again");
        asked.close();
        assert!(catch_unwind(AssertUnwindSafe(|| port.send(Bomb))).is_err());
        drop(asked);

        let (port, mut asked) = question();
        assert_eq!(Arc::as_ptr(&asked.slot), slot);
        assert!(port.send(5));
        assert_eq!(asked.look(), Some(Ok(5)));
    });
}

#[test]
fn a_slot_is_reused_only_when_it_is_unreferenced() {
    on_a_new_thread(|| {
        let (port, asked) = question::<u8>();
        let slot = Arc::as_ptr(&asked.slot);
        drop((port, asked));
        let (late_port, asked) = question::<u8>();
        assert_eq!(Arc::as_ptr(&asked.slot), slot);
        let late_question: Arc<dyn OpenReply> = asked.slot();
        drop(asked);

        let (port, mut asked) = question::<u8>();
        assert_ne!(Arc::as_ptr(&asked.slot), slot);
        assert!(!late_port.send(1));
        late_question.fail(CallError::Timeout);
        late_question.taken();
        assert_eq!(asked.look(), None);
        assert!(port.send(2));
        assert_eq!(asked.look(), Some(Ok(2)));
        drop((late_question, asked));

        let _last = question::<u8>();
        let (_port, mut asked) = question::<u8>();
        assert_eq!(Arc::as_ptr(&asked.slot), slot, "after the last, the oldest");
        asked.slot.exited(&ExitReason::Shutdown);
        let untouched = CallError::Exited {
            reason: ExitReason::Shutdown,
            executed: Executed::No,
        };
        assert_eq!(asked.look(), Some(Err(untouched)), "nothing is left of it");
    });
}

#[test]
fn long_held_slots_do_not_prevent_the_reuse_of_others() {
    on_a_new_thread(|| {
        let ports: Vec<_> = (0..200).map(|_| question::<u8>().0).collect();
        for _ in 0..1000 {
            drop(question::<u8>());
        }
        let made = pool::MADE.get();
        assert!(made <= 300, "{made} slots");
        for _ in 0..1000 {
            drop(question::<u8>());
        }
        assert_eq!(pool::MADE.get(), made, "no more than there are now");
        drop(ports);
    });
}

#[test]
fn the_last_waker_is_woken_once() {
    let alarms = [Alarm::new(), Alarm::new()];
    let (port, mut asked) = question();
    for alarm in &alarms {
        let waker = Waker::from(alarm.clone());
        for _ in 0..2 {
            assert!(asked.poll(&Context::from_waker(&waker)).is_pending());
        }
    }
    assert_eq!(Arc::strong_count(&alarms[0]), 1, "the first is let go");
    assert!(port.send(3));
    assert_eq!(alarms.each_ref().map(|alarm| alarm.rings()), [0, 1]);
    assert_eq!(wait(&mut asked), Ok(3));
}

#[derive(Default)]
struct Owner(Mutex<Vec<Arc<dyn OpenReply>>>, Mutex<Vec<u64>>);

impl Replier for Owner {
    fn unobserve(&self, key: u64) {
        self.1.lock().expect("nobody panics with it").push(key);
    }

    fn port_dropped(&self, question: Arc<dyn OpenReply>) {
        self.0.lock().expect("nobody panics with it").push(question);
    }
}

#[test]
fn the_server_of_a_question_judges_the_drop_of_its_port() {
    let (first, second) = (Arc::new(Owner::default()), Arc::new(Owner::default()));
    let (port, mut asked) = question::<u8>();
    asked.sent_to(named(&first), None);
    asked.slot().carried_to(named(&second));
    drop(port);
    assert_eq!(asked.look(), None);
    second
        .0
        .lock()
        .unwrap()
        .pop()
        .unwrap()
        .fail(CallError::NoReply);
    assert!(first.0.lock().unwrap().is_empty());
    assert_eq!(asked.look(), Some(Err(CallError::NoReply)));
}

#[test]
fn a_port_dropped_before_its_server_is_known_is_judged_when_it_is() {
    let server = Arc::new(Owner::default());
    let (port, mut asked) = question::<u8>();
    drop(port);
    asked.sent_to(named(&server), None);
    let judged = server.0.lock().unwrap().pop();
    judged.expect("it was asked").fail(CallError::NoReply);
    assert_eq!(asked.look(), Some(Err(CallError::NoReply)));
}

#[test]
fn a_closed_request_keeps_no_waker_and_notifies_no_server() {
    let (server, alarm) = (Arc::new(Owner::default()), Alarm::new());
    let waker = Waker::from(alarm.clone());
    let (port, mut asked) = question::<u8>();
    asked.sent_to(named(&server), None);
    assert!(asked.poll(&Context::from_waker(&waker)).is_pending());
    drop(waker);
    let late = asked.slot();
    asked.close();
    late.carried_to(named(&server));
    assert_eq!(Arc::strong_count(&alarm), 1);
    drop(port);
    assert!(server.0.lock().unwrap().is_empty(), "no waiter to notify");
}

#[test]
fn an_observer_is_taken_back_with_the_question_that_it_is_for() {
    let server = Arc::<Owner>::default();
    let (port, mut asked) = question::<u8>();
    asked.sent_to(named(&server), None);
    assert!(asked.slot().observed(named(&server), 7));
    asked.close();
    assert_eq!(*server.1.lock().unwrap(), [7]);
    assert!(
        !asked.slot().observed(named(&server), 8),
        "whoever comes later takes it back himself"
    );
    drop((port, asked));
    assert_eq!(*server.1.lock().unwrap(), [7]);
}

#[test]
fn a_refused_request_returns_its_error_once() {
    let mut asked = refused::<u8>(CallError::Full);
    assert_eq!(wait(&mut asked), Err(CallError::Full));
    assert_eq!(wait(&mut asked), Err(CallError::NoReply));
}

/// Many callers and many servers on recycled slots; each answer carries the number of its question.
#[test]
#[expect(clippy::too_many_lines, reason = "one scenario")]
fn used_slots_never_mix_up_two_questions() {
    const ROUNDS: usize = if cfg!(miri) {
        100
    } else if cfg!(debug_assertions) {
        2_000
    } else {
        50_000
    };
    let drops = Arc::new(AtomicUsize::new(0));
    type Sent = (ReplyTo<(usize, Counted)>, Arc<dyn OpenReply>, usize);
    let serve = |questions: mpsc::Receiver<Sent>, drops: Arc<AtomicUsize>| {
        let mut late: Vec<Arc<dyn OpenReply>> = Vec::new();
        for (port, question, number) in questions {
            if number % 7 == 0 {
                drop(port);
                question.fail(CallError::NoReply);
            } else {
                port.send((number, Counted(drops.clone())));
            }
            late.push(question);
            if late.len() > number % 5 {
                late.drain(..)
                    .for_each(|question| question.fail(CallError::Timeout));
            }
        }
    };
    let answered: usize = thread::scope(|scope| {
        let servers: Vec<_> = (0..2)
            .map(|_| {
                let (to, questions) = mpsc::channel();
                let drops = drops.clone();
                scope.spawn(move || serve(questions, drops));
                to
            })
            .collect();
        let callers: Vec<_> = (0..3)
            .map(|caller| {
                let servers = servers.clone();
                scope.spawn(move || {
                    let mut answered = 0;
                    for round in 0..ROUNDS {
                        let number = round * 3 + caller;
                        let (port, mut asked) = question();
                        let sent = (port, asked.slot() as Arc<dyn OpenReply>, number);
                        servers[round % 2].send(sent).unwrap();
                        if number % 3 == 0 {
                            continue;
                        }
                        match wait(&mut asked) {
                            Ok((answer, _)) => assert_eq!(answer, number),
                            // Only dropped questions end like this.
                            Err(error) => {
                                assert_eq!(error, CallError::NoReply);
                                assert_eq!(number % 7, 0);
                            }
                        }
                        answered += usize::from(number % 7 != 0);
                    }
                    answered
                })
            })
            .collect();
        drop(servers);
        callers
            .into_iter()
            .map(|caller| caller.join().unwrap())
            .sum()
    });
    assert!(answered > 0);
    let sent = (0..ROUNDS * 3).filter(|number| number % 7 != 0).count();
    assert_eq!(drops.load(Ordering::SeqCst), sent, "each answer once");
}

#[test]
fn ports_go_where_their_answers_may_go() {
    fn goes<T: Send + Sync + Unpin>() {}
    // Asks the compiler whether `$t` is `$bound`: if it is, two impls match and inference fails.
    macro_rules! never {
        ($t:ty, $bound:path) => {{
            trait Never<A> {
                fn holds() {}
            }
            impl<T: ?Sized> Never<()> for T {}
            impl<T: ?Sized + $bound> Never<u8> for T {}
            <$t as Never<_>>::holds();
        }};
    }
    goes::<ReplyTo<std::cell::Cell<u8>>>();
    goes::<ReplyReceiver<std::cell::Cell<u8>>>();
    never!(ReplyTo<std::rc::Rc<u8>>, Send);
    never!(ReplyTo<std::rc::Rc<u8>>, Sync);
    never!(ReplyReceiver<std::rc::Rc<u8>>, Send);
    never!(ReplyReceiver<std::rc::Rc<u8>>, Sync);
    assert_eq!(size_of::<ReplyTo<[u8; 100]>>(), size_of::<usize>());
    let counted = size_of::<count::OpenCount>();
    assert_eq!(
        size_of::<ReplyReceiver<[u8; 100]>>(),
        size_of::<usize>() + counted
    );
}
