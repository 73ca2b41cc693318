//! ambit with its defaults: a mailbox of 1024, five seconds for each call. One variant is unchanged, and one sends
//! every call through the queue.

mod more;

use ambit::prelude::*;

use super::Peer;
use crate::latch::Hit;

pub(crate) struct Ambit;
/// The same servers with `in_place = never`.
pub(crate) struct AmbitQueued;

/// The servers, and their use in the workloads: the same for both variants, except for the attribute.
macro_rules! servers {
    ($peer:ident, $module:ident, $attribute:meta) => {
        pub(crate) mod $module {
            use std::sync::Arc;

            use ambit::prelude::*;
            use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

            use crate::latch::{Hit, Latch};
            use crate::workload;

            #[derive(Default)]
            pub(crate) struct Counter {
                pub(crate) value: u64,
                pub(crate) _gone: Option<Hit>,
            }

            #[$attribute]
            impl Counter {
                #[init]
                pub(crate) fn init(gone: Option<Hit>) -> Self {
                    Self {
                        value: 0,
                        _gone: gone,
                    }
                }
                #[call]
                pub(crate) fn get(&self) -> u64 {
                    self.value
                }
                #[cast]
                pub(crate) fn add(&mut self, by: u64) {
                    self.value += by;
                }
                #[call]
                pub(crate) fn echo(&mut self, bytes: Vec<u8>) -> Vec<u8> {
                    bytes
                }
                #[call]
                pub(crate) fn crunch(&mut self, steps: u64) -> u64 {
                    workload::crunch(steps)
                }
            }

            pub(crate) struct Mortal;

            #[$attribute]
            impl Mortal {
                #[init]
                pub(crate) fn init() -> Self {
                    Self
                }
                #[call]
                pub(crate) fn get(&self) -> u64 {
                    0
                }
                #[call]
                pub(crate) fn crash(&mut self) -> u64 {
                    panic!("{}", workload::CRASH)
                }
            }

            pub(crate) struct Tree;

            #[supervisor(restarts = 1_000_000, within = std::time::Duration::from_secs(1))]
            impl Tree {
                #[child]
                pub(crate) fn mortal(&self) -> ChildSpec<Mortal> {
                    Mortal::child_spec()
                }
            }

            pub(crate) struct Node {
                pub(crate) next: Option<NodeSubject>,
                pub(crate) done: Arc<Latch>,
            }

            #[$attribute]
            impl Node {
                #[cast]
                pub(crate) fn join(&mut self, next: NodeSubject) {
                    self.next = Some(next);
                }
                #[cast]
                pub(crate) fn token(&mut self, hops: u64) {
                    match (&self.next, hops) {
                        (Some(next), 1..) => next.token(hops - 1).now().expect("there is room"),
                        _ => self.done.hit(),
                    }
                }
            }

            pub(crate) struct Listener(pub(crate) Arc<Latch>);

            #[$attribute]
            impl Listener {
                #[cast]
                pub(crate) fn hear(&mut self, _number: u64) {
                    self.0.hit();
                }
            }

            pub(crate) struct Proxy(pub(crate) DuplexStream);

            #[$attribute]
            impl Proxy {
                #[call]
                pub(crate) async fn ask(&mut self) -> usize {
                    let mut bytes = [0; 16];
                    self.0.write_all(&bytes).await.expect("the echo reads");
                    self.0.read_exact(&mut bytes).await.expect("it answers");
                    bytes.len()
                }
            }
        }

        impl Peer for $peer {
            type Counter = $module::CounterSubject;

            async fn start(gone: Option<Hit>) -> Self::Counter {
                $module::Counter::start(gone).await.expect("it starts")
            }
            async fn stop(counter: Self::Counter) {
                ambit::exit(&counter, ExitReason::Shutdown);
            }
            async fn get(counter: &Self::Counter) -> u64 {
                counter.get().await.expect("it answers")
            }
            async fn add(counter: &Self::Counter, by: u64) {
                counter.add(by).await.expect("it runs");
            }
            async fn echo(counter: &Self::Counter, bytes: Vec<u8>) -> Vec<u8> {
                counter.echo(bytes).await.expect("it answers")
            }
            async fn crunch(counter: &Self::Counter, steps: u64) -> u64 {
                counter.crunch(steps).await.expect("it answers")
            }
        }

        more::others!($peer, $module);
    };
}

servers!(Ambit, plain, gen_server);
servers!(AmbitQueued, queued, gen_server(in_place = never));
