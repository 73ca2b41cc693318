//! A peak of very many objects at the same time: when they are gone, their memory is given back.

use std::future::{Future, pending, poll_fn};
use std::task::Poll;

use ambit::group::Group;
use ambit::prelude::*;
use ambit::process::Monitor;
use ambit::pubsub::PubSub;
use ambit::test::holdings;

use crate::{held, settles};

const MANY: usize = 20_000;
/// How many more bytes may be held after the peak: a collection keeps capacity for 256 entries, and the wheel of
/// deadlines for 4,096.
const MARGIN: usize = 256 << 10;

/// Answers all its callers at once.
struct Deaf {
    asked: Vec<ReplyTo<()>>,
}

#[gen_server(mailbox = unbounded)]
impl Deaf {
    #[call(deferred)]
    fn ask(&mut self, reply: ReplyTo<()>) {
        self.asked.push(reply);
    }

    #[cast]
    fn answer(&mut self) {
        for reply in std::mem::take(&mut self.asked) {
            reply.send(());
        }
    }
}

fn idle() -> Subject<u8> {
    ambit::spawn(|_: Inbox<u8>| pending::<()>())
}

async fn end(all: Vec<Subject<u8>>) {
    for one in &all {
        ambit::exit(one, ExitReason::Shutdown);
    }
    for one in all {
        one.closed().await;
    }
}

/// Runs `rise`, which ends everything it creates, once with few and once with very many.
async fn peak(what: &str, mut rise: impl AsyncFnMut(usize)) {
    rise(300).await;
    let (relations, before) = (holdings().relations, held());
    rise(MANY).await;
    settles(what, relations, || holdings().relations).await;
    let more = || held().saturating_sub(before);
    // A server gives the memory of its queue back when it rests.
    settles(what, true, || more() <= MARGIN).await;
    eprintln!("{what}: {} bytes more", more());
}

#[ambit::test(real_time)]
async fn memory_of_a_peak_is_given_back(inbox: Inbox<u8>) {
    let _alone = crate::ALONE.lock().await;
    // The table of processes keeps the slots of its peak.
    end((0..MANY).map(|_| idle()).collect()).await;
    names(&inbox).await;
    processes().await;
    waits().await;
}

async fn names(inbox: &Inbox<u8>) {
    let own = inbox.subject();
    peak("local names", async |n| {
        let names: Vec<_> = (0..n).map(|number| format!("peak {number}")).collect();
        for name in &names {
            ambit::register(name, &own).unwrap();
        }
        for name in &names {
            ambit::unregister(name).unwrap();
        }
    })
    .await;
    let keys: Registry<usize, u8> = Registry::unique();
    peak("keys", async |n| {
        for key in 0..n {
            keys.register(key, &own).unwrap();
        }
        for key in 0..n {
            keys.unregister(&key).unwrap();
        }
    })
    .await;
    peak("waits for keys", async |n| {
        let mut waits: Vec<_> = (0..n).map(|key| Box::pin(keys.wait_for(key))).collect();
        // With the budget of one task only the first would begin to wait.
        let all_wait = poll_fn(|cx| {
            let mut waits = waits.iter_mut();
            Poll::Ready(waits.all(|wait| wait.as_mut().poll(cx).is_pending()))
        });
        assert!(tokio::task::unconstrained(all_wait).await);
    })
    .await;
}

async fn processes() {
    let keys: Registry<usize, u8> = Registry::unique();
    let (groups, topic) = (Group::<u8>::new(), PubSub::new().topic::<u8>("peak"));
    peak("processes with names, groups and topics", async |n| {
        let all: Vec<_> = (0..n).map(|_| idle()).collect();
        for (key, one) in all.iter().enumerate() {
            keys.register(key, one).unwrap();
            groups.join("peak", one).unwrap();
            assert!(topic.subscribe(&one.recipient()));
        }
        end(all).await;
    })
    .await;
}

async fn waits() {
    let deaf = Deaf { asked: Vec::new() }.start().await.unwrap();
    peak("calls and monitors of one server", async |n| {
        let calls: Vec<_> = (0..n).map(|_| deaf.ask().no_timeout().send()).collect();
        let _monitors: Vec<Monitor> = (0..n).map(|_| deaf.monitor()).collect();
        deaf.answer().await.unwrap();
        for call in calls {
            call.await.unwrap();
        }
    })
    .await;
    deaf.stop().await.unwrap();
}
