//! The other workloads with ambit.

use ambit::prelude::*;

use crate::workload::TEN;

/// Implements the workloads with the servers of `$module`.
macro_rules! others {
    ($peer:ident, $module:ident) => {
        const _: () = {
            use std::sync::Arc;
            use std::time::Duration;

            use super::{FanOut, Named, Ring, Skynet, Supervised, Timers, Via, Waiting};
            use crate::latch::Latch;
            use crate::workload::echo_end;

            impl Ring for $peer {
                type Node = $module::NodeSubject;

                async fn node(done: Arc<Latch>) -> Self::Node {
                    let node = $module::Node { next: None, done };
                    node.start().await.expect("it starts")
                }
                async fn join(node: &Self::Node, next: Self::Node) {
                    node.join(next).await.expect("it runs");
                }
                async fn token(node: &Self::Node, hops: u64) {
                    node.token(hops).await.expect("it runs");
                }
            }

            impl Skynet for $peer {
                async fn skynet(leaves: u64) -> u64 {
                    more::skynet(leaves).await
                }
            }

            impl Named for $peer {
                async fn start_as(name: &str) -> Self::Counter {
                    let start = $module::Counter::start(None).name(name);
                    start.await.expect("the name is free")
                }
                fn look_up(name: &str) -> Option<Self::Counter> {
                    ambit::whereis::<$module::Counter>(name).ok()
                }
            }

            impl Via for $peer {
                type Followers = Vec<Self::Counter>;

                async fn followers(names: &[String]) -> Self::Followers {
                    let registry: Registry<String, $module::Counter> = Registry::unique();
                    for name in names {
                        let start = $module::Counter::start(None).via(&registry, name.as_str());
                        start.await.expect("the key is free");
                    }
                    names
                        .iter()
                        .map(|name| registry.via(name.as_str()))
                        .collect()
                }
                async fn get_via(followers: &Self::Followers, index: usize) -> u64 {
                    Self::get(&followers[index]).await
                }
            }

            impl Supervised for $peer {
                type Tree = ($module::TreeSubject, $module::MortalSubject);

                async fn tree() -> Self::Tree {
                    let tree = $module::Tree.start().await.expect("it starts");
                    let mortal = tree.mortal().when_available();
                    (tree, mortal)
                }
                async fn crash((_, mortal): &Self::Tree) {
                    mortal.crash().await.expect_err("it panics");
                    mortal.get().await.expect("the replacement answers");
                }
            }

            impl FanOut for $peer {
                type Topic = Registry<String, $module::Listener>;

                async fn topic(subscribers: usize, heard: &Arc<Latch>) -> Self::Topic {
                    let topic = Registry::duplicate();
                    for _ in 0..subscribers {
                        let listener = $module::Listener(heard.clone());
                        let listener = listener.start().await.expect("it starts");
                        topic.register("news", &listener).expect("it runs");
                    }
                    topic
                }
                async fn publish(topic: &Self::Topic) {
                    topic.dispatch("news", |listener| {
                        listener.hear(1).now().expect("there is room");
                    });
                }
            }

            impl Timers for $peer {
                async fn arm_and_cancel(timers: u64, after: Duration) {
                    let clock = ambit::spawn(|mut inbox: Inbox<u64>| async move {
                        while inbox.recv().await.is_some() {}
                    });
                    let clock = clock.recipient();
                    let arm = |number| ambit::send_after(&clock, after, number);
                    let armed: Vec<Timer> = (0..timers).map(arm).collect();
                    for timer in armed {
                        timer.cancel().expect("it was cancelled in time");
                    }
                }
            }

            impl Waiting for $peer {
                type Proxy = $module::ProxySubject;

                async fn proxy() -> Self::Proxy {
                    $module::Proxy(echo_end()).start().await.expect("it starts")
                }
                async fn ask(proxy: &Self::Proxy) -> usize {
                    proxy.ask().await.expect("it answers")
                }
            }
        };
    };
}

pub(super) use others;

/// Plain processes, as in Erlang: each spawns ten, adds up their results, and sends the sum on.
pub(super) async fn skynet(leaves: u64) -> u64 {
    let (sender, sum) = tokio::sync::oneshot::channel();
    ambit::spawn(move |mut inbox: Inbox<u64>| async move {
        sky(0, leaves, inbox.subject());
        let _ = sender.send(inbox.recv().await.expect("the sum comes"));
    });
    sum.await.expect("the root ends with a sum")
}

fn sky(first: u64, size: u64, parent: Subject<u64>) {
    ambit::spawn(move |mut inbox: Inbox<u64>| async move {
        let mut sum = first;
        if size > 1 {
            sum = 0;
            for child in 0..TEN {
                let size = size / TEN;
                sky(first + child * size, size, inbox.subject());
            }
            for _ in 0..TEN {
                sum += inbox.recv().await.expect("nobody stops it");
            }
        }
        parent.send(sum).await.expect("the parent waits");
    });
}
