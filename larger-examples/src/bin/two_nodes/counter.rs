//! A counter that other nodes can use: all it needs is a wire name.

use ambit::prelude::*;

pub(crate) struct Counter {
    value: u64,
    /// The pending calls, each with its goal.
    waiting: Vec<(u64, ReplyTo<u64>)>,
}

#[gen_server(remote = "two_nodes.counter")]
impl Counter {
    #[init]
    fn new(value: u64) -> Self {
        let waiting = Vec::new();
        Self { value, waiting }
    }

    #[call]
    pub(crate) fn get(&self) -> u64 {
        self.value
    }

    #[call]
    pub(crate) fn add(&mut self, by: u64) -> u64 {
        self.value = self.value.saturating_add(by);
        self.tell();
        self.value
    }

    #[cast]
    pub(crate) fn set(&mut self, value: u64) {
        self.value = value;
        self.tell();
    }

    /// Replies when the value has reached the goal.
    #[call(deferred)]
    pub(crate) fn reaches(&mut self, goal: u64, reply: ReplyTo<u64>) {
        self.waiting.push((goal, reply));
        self.tell();
    }
}

impl Counter {
    /// Replies to all calls whose goal has been reached.
    fn tell(&mut self) {
        let reached = |(goal, _): &mut (u64, ReplyTo<u64>)| *goal <= self.value;
        for (_, reply) in self.waiting.extract_if(.., reached) {
            reply.send(self.value);
        }
    }
}
