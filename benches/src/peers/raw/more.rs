//! The other workloads by hand.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot, watch};

use super::{Message, Raw};
use crate::latch::Latch;
use crate::peers::{FanOut, Named, Peer, Ring, Skynet, Supervised, Timers, Via, Waiting};
use crate::workload::{CRASH, TEN, echo_end};

pub(crate) enum Pass {
    Next(mpsc::UnboundedSender<Self>),
    Token(u64),
}

impl Ring for Raw {
    type Node = mpsc::UnboundedSender<Pass>;

    async fn node(done: Arc<Latch>) -> Self::Node {
        let (sender, mut queue) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut next: Option<Self::Node> = None;
            while let Some(message) = queue.recv().await {
                match message {
                    Pass::Next(node) => next = Some(node),
                    Pass::Token(0) => done.hit(),
                    Pass::Token(hops) => {
                        let next = next.as_ref().expect("the ring is closed");
                        assert!(next.send(Pass::Token(hops - 1)).is_ok());
                    }
                }
            }
        });
        sender
    }
    async fn join(node: &Self::Node, next: Self::Node) {
        assert!(node.send(Pass::Next(next)).is_ok());
    }
    async fn token(node: &Self::Node, hops: u64) {
        assert!(node.send(Pass::Token(hops)).is_ok());
    }
}

fn sky(
    first: u64,
    size: u64,
    parent: mpsc::UnboundedSender<u64>,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let mut sum = first;
        if size > 1 {
            let (sender, mut sums) = mpsc::unbounded_channel();
            for child in 0..TEN {
                let size = size / TEN;
                tokio::spawn(sky(first + child * size, size, sender.clone()));
            }
            drop(sender);
            sum = 0;
            while let Some(part) = sums.recv().await {
                sum += part;
            }
        }
        assert!(parent.send(sum).is_ok());
    })
}

impl Skynet for Raw {
    async fn skynet(leaves: u64) -> u64 {
        let (sender, mut sums) = mpsc::unbounded_channel();
        tokio::spawn(sky(0, leaves, sender));
        sums.recv().await.expect("the sum comes")
    }
}

type Names = RwLock<HashMap<String, mpsc::UnboundedSender<Message>>>;

fn names() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(RwLock::default)
}

impl Named for Raw {
    async fn start_as(name: &str) -> Self::Counter {
        let counter = Self::start(None).await;
        let mut names = names().write().unwrap_or_else(PoisonError::into_inner);
        names.insert(name.to_owned(), counter.clone());
        counter
    }
    fn look_up(name: &str) -> Option<Self::Counter> {
        let names = names().read().unwrap_or_else(PoisonError::into_inner);
        names.get(name).cloned()
    }
}

impl Via for Raw {
    type Followers = Vec<String>;

    async fn followers(names: &[String]) -> Vec<String> {
        for name in names {
            Self::start_as(name).await;
        }
        names.to_vec()
    }
    async fn get_via(followers: &Vec<String>, index: usize) -> u64 {
        let counter = Self::look_up(&followers[index]).expect("it has been started");
        Self::get(&counter).await
    }
}

pub(crate) enum Life {
    Get(oneshot::Sender<u64>),
    Crash,
}

/// Starts a task that ends with a panic, and then another one.
pub(crate) struct Keeper(watch::Receiver<mpsc::UnboundedSender<Life>>);

async fn live(mut queue: mpsc::UnboundedReceiver<Life>) {
    while let Some(message) = queue.recv().await {
        match message {
            Life::Get(reply) => drop(reply.send(0)),
            Life::Crash => panic!("{CRASH}"),
        }
    }
}

impl Supervised for Raw {
    type Tree = Keeper;

    async fn tree() -> Keeper {
        let (sender, queue) = mpsc::unbounded_channel();
        let mut life = tokio::spawn(live(queue));
        let (publish, current) = watch::channel(sender);
        tokio::spawn(async move {
            while life.await.is_err() {
                let (sender, queue) = mpsc::unbounded_channel();
                life = tokio::spawn(live(queue));
                if publish.send(sender).is_err() {
                    break;
                }
            }
        });
        Keeper(current)
    }

    async fn crash(tree: &Keeper) {
        let mut current = tree.0.clone();
        let server = current.borrow_and_update().clone();
        assert!(server.send(Life::Crash).is_ok());
        current.changed().await.expect("the keeper lives");
        let (reply, answer) = oneshot::channel();
        let server = current.borrow().clone();
        assert!(server.send(Life::Get(reply)).is_ok());
        answer.await.expect("the replacement answers");
    }
}

impl FanOut for Raw {
    type Topic = Vec<mpsc::UnboundedSender<u64>>;

    async fn topic(subscribers: usize, heard: &Arc<Latch>) -> Self::Topic {
        let subscribe = |_| {
            let (sender, mut queue) = mpsc::unbounded_channel();
            let heard = heard.clone();
            tokio::spawn(async move {
                while queue.recv().await.is_some() {
                    heard.hit();
                }
            });
            sender
        };
        (0..subscribers).map(subscribe).collect()
    }
    async fn publish(topic: &Self::Topic) {
        for subscriber in topic {
            assert!(subscriber.send(1).is_ok());
        }
    }
}

impl Timers for Raw {
    async fn arm_and_cancel(timers: u64, after: Duration) {
        let server = Self::start(None).await;
        let arm = |_| {
            let server = server.clone();
            tokio::spawn(async move {
                tokio::time::sleep(after).await;
                drop(server.send(Message::Add(1)));
            })
        };
        let armed: Vec<_> = (0..timers).map(arm).collect();
        for timer in &armed {
            timer.abort();
        }
        for timer in armed {
            assert!(timer.await.is_err(), "it was cancelled in time");
        }
    }
}

impl Waiting for Raw {
    type Proxy = mpsc::UnboundedSender<oneshot::Sender<usize>>;

    async fn proxy() -> Self::Proxy {
        let (sender, mut queue) = mpsc::unbounded_channel::<oneshot::Sender<usize>>();
        let mut stream = echo_end();
        tokio::spawn(async move {
            let mut bytes = [0; 16];
            while let Some(reply) = queue.recv().await {
                stream.write_all(&bytes).await.expect("the echo reads");
                stream.read_exact(&mut bytes).await.expect("it answers");
                let _ = reply.send(bytes.len());
            }
        });
        sender
    }
    async fn ask(proxy: &Self::Proxy) -> usize {
        let (reply, answer) = oneshot::channel();
        assert!(proxy.send(reply).is_ok());
        answer.await.expect("the server answers")
    }
}
